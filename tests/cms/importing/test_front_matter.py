"""The heads of files: three formats, and what is wrong with them in words that help."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cms.importing.content import Note
from cms.importing.sources.markdown.dates import date_in, moment_of, zone_named
from cms.importing.sources.markdown.front_matter import FrontMatterBroken, split


def test_toml() -> None:
    parts = split('+++\ntitle = "A"\ndate = 2020-01-02\n[extra]\nx = 1\n+++\n\nBody\n')
    assert parts.values == {"title": "A", "date": date(2020, 1, 2), "extra": {"x": 1}}
    assert (parts.body, parts.body_line, parts.format) == ("\nBody\n", 7, "toml")


def test_yaml() -> None:
    parts = split("---\ntitle: 'A: b'\ntags: [x, y]\ndraft: yes\n---\nBody\n--- \nmore")
    assert parts.values == {"title": "A: b", "tags": ["x", "y"], "draft": True}
    assert (parts.body, parts.body_line, parts.format) == ("Body\n--- \nmore", 6, "yaml")


def test_json() -> None:
    parts = split('{\n "title": "A",\n "tags": ["x"]\n}\n\nBody {x}')
    assert parts.values == {"title": "A", "tags": ["x"]}
    assert (parts.body, parts.body_line, parts.format) == ("Body {x}", 6, "json")


@pytest.mark.parametrize(
    "text", ["", "Just words", "---\n\nwords below a line", "{{ shortcode() }}", "{x} words"]
)
def test_a_file_without_a_head_is_all_text(text: str) -> None:
    parts = split(text)
    assert (parts.values, parts.body, parts.body_line, parts.format) == ({}, text, 1, "")


def test_an_empty_head_has_no_fields() -> None:
    assert split("---\n---\nBody").values == {}
    assert split("+++\n+++\nBody").body == "Body"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('+++\ntitle = "A"\nx = \n+++\n', "line 3: Invalid value"),
        ("+++\ntitle = 'A'\n", "line 1: the head that +++ opens is never closed"),
        ("---\ntitle: A\nx: [1, 2\n---\n", "line 4: "),
        ("---\n- a\n- b\n---\n", "line 2: the head holds no fields"),
        ('{"title":\n}\n', "line 2: the head is no JSON"),
        ("---\nx: !!python/object/apply:os.system ['true']\n---\n", "line 2: could not determine"),
        ("---\nx: " + "[" * 60 + "]" * 60 + "\n---\n", "it is nested deeper than 50 levels"),
        ("---\nx: " + "a" * 300_000 + "\n---\n", "it is longer than 262144 characters"),
        ("+++\nx = " + "[" * 5000 + "]" * 5000 + "\n+++\n", "line 2: "),
    ],
)
def test_a_broken_head_is_told_by_its_line(text: str, said: str) -> None:
    with pytest.raises(FrontMatterBroken) as refusal:
        split(text)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("line ")


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    with pytest.raises(FrontMatterBroken, match="more than 100 aliases"):
        split("---\n" + "\n".join(lines) + "\n---\n")
    assert split("---\na: &a x\nb: *a\n---\n").values == {"a": "x", "b": "x"}


@pytest.mark.parametrize(
    "head", ["+++\ndate = 2015-02-30\n+++", "---\ndate: 2015-02-30\n---", '{"date": "2015-02-30"}']
)
def test_a_day_that_does_not_exist_becomes_the_last_of_its_month(head: str) -> None:
    notes: list[Note] = []
    assert moment_of(split(head).values["date"], UTC, notes) == datetime(2015, 2, 28, tzinfo=UTC)
    assert [(note.change.value, note.code) for note in notes] == [("guessed", "date-impossible")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2020, 1, 2), datetime(2020, 1, 2, tzinfo=UTC)),
        ("2020-01-02", datetime(2020, 1, 2, tzinfo=UTC)),
        ("2020/1/2", datetime(2020, 1, 2, tzinfo=UTC)),
        ("2020-01-02 03:04", datetime(2020, 1, 2, 3, 4, tzinfo=UTC)),
        ("2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02 03:04:05 +0200", datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("January 2, 2020", datetime(2020, 1, 2, tzinfo=UTC)),
        ("2 Jan 2020", datetime(2020, 1, 2, tzinfo=UTC)),
        ("2020-13-02", None),
        ("2020-01-00", None),
        ("2020-01-02 25:00", None),
        ("soon", None),
        (["x"], None),
    ],
)
def test_dates_as_people_write_them(value: object, expected: datetime | None) -> None:
    notes: list[Note] = []
    assert moment_of(value, UTC, notes) == expected
    assert bool(notes) is (expected is None)


def test_a_moment_without_a_zone_is_in_the_sites() -> None:
    zone = zone_named("Europe/Zurich")
    found = moment_of("2020-07-01 12:00", zone, [])
    assert found == datetime(2020, 7, 1, 12, tzinfo=ZoneInfo("Europe/Zurich"))
    assert zone_named("Nowhere/At-all") is UTC


@pytest.mark.parametrize(
    "path", ["2015/01/09/Rust-1.0-alpha", "posts/2015-01-09-x.md", "2015-01-09_x", "a/2015/1/9"]
)
def test_dates_in_paths(path: str) -> None:
    assert date_in(path, UTC, []) == datetime(2015, 1, 9, tzinfo=UTC)
    assert date_in("release-2015", UTC, []) is None
