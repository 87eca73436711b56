"""A rehearsal writes nothing and tells what the import will tell."""

from typing import Any

import pytest
from django.conf import settings

from cms.importing import pages
from cms.models import ImportRun, ImportSource
from tests.cms.importing.shelf import HOST, bring_in, day, item, post, report, text
from tests.cms.importing.test_second_runs import everything, state
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


def difficult(folder) -> list[Any]:
    """Things of which something is noted, for each reason that there is."""
    return [
        *everything(folder),
        post("twin", 5, slug="one", addresses=()),
        post("no-section", 6, tags=("t" * 200,), title="L" * 300, summary="s" * 600),
        post("no-section", 7),
        post("lost", 8, authors=("nobody",), categories=("nothing",), cover="/files/none.png"),
        post("undated", published_at=None),
        item("page", "child", parent="nowhere"),
        item("page", "loop-a", parent="loop-b"),
        item("page", "loop-b", parent="loop-a"),
        item("page", "secret-page", status="private"),
        item("page", "under-secret", parent="secret-page"),
        item("page", "in-blog", parent="notes", body=text('<p><a href="/late/">l</a></p>')),
        post("late", 30, body=text('<p><img src="https://cdn.example.com/x.png">a</p>')),
        item("post", "broken", body=({"type": "code", "value": 5}, {"type": "what", "value": 1})),
        post("over", status="scheduled", published_at=day(1)),
        item("page", "en", locale="xx", addresses=(f"https://{HOST}/en",)),
    ]


def outcomes(folder) -> dict[str, Any]:
    """What is told of each thing, but for the keys that only real pages have."""
    return {
        key: {name: value for name, value in entry.items() if name != "page_id"}
        for key, entry in report(folder)["items"].items()
    }


def files_below(folder) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def test_it_writes_nothing_and_tells_the_same(tmp_path):
    Website()
    things = difficult(tmp_path)
    before, files = state(), files_below(settings.VAR_DIR)
    rehearsed = bring_in(things, tmp_path / "1", is_dry_run=True)
    assert state() == before
    assert not ImportRun.objects.exists()
    assert not ImportSource.objects.exists()
    assert files_below(settings.VAR_DIR) == files
    done = bring_in(things, tmp_path / "2")
    assert rehearsed.counts == done.counts
    assert outcomes(tmp_path / "1") == outcomes(tmp_path / "2")
    noted = {n["code"] for e in outcomes(tmp_path / "2").values() for n in e["notes"]}
    assert len(noted) >= 14, sorted(noted)


def test_it_tells_the_same_of_a_second_run(tmp_path):
    Website()
    things = difficult(tmp_path)
    bring_in(things, tmp_path / "1")
    things[7] = post("two", 2, title="Changed")
    things[1] = item("category", "news", title="Changed too")
    before = state()
    rehearsed = bring_in(things, tmp_path / "2", is_dry_run=True)
    assert state() == before
    done = bring_in(things, tmp_path / "3")
    assert rehearsed.counts == done.counts
    assert done.counts["post"]["updated"] == 1
    assert outcomes(tmp_path / "2") == outcomes(tmp_path / "3")


def test_the_comparison_can_fail(tmp_path, monkeypatch):
    Website()
    monkeypatch.setattr(pages, "_tell_hidden", lambda draft: None)
    bring_in(difficult(tmp_path), tmp_path / "1", is_dry_run=True)
    monkeypatch.undo()
    bring_in(difficult(tmp_path), tmp_path / "2")
    assert outcomes(tmp_path / "1") != outcomes(tmp_path / "2")
