"""The two files of a fidelity report: what they say, and what they never do."""

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import sync_playwright

from cms.importing.content import Change, Note
from cms.importing.report import LISTED_ITEMS, LISTED_NOTES, Outcome, ReportItem, ReportWriter
from tests.conftest import browser_path

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(2)</script>",
    "</title><svg onload=alert(3)>",
    "' autofocus onfocus=alert(4) x='",
    "{{ admin_url }}{% include 'x' %}",
    "&lt;b&gt; &#x3c;script>",
    "\u202egnp.exe\u2066 \ud800 \x00 \x1b[31m",
)


def open_writer(folder: Path, **changes: Any) -> ReportWriter:
    about: dict[str, Any] = {
        "source_name": "wordpress",
        "identity": "https://margins.example",
        "is_dry_run": False,
        "admin_url": "https://cms.example/admin/",
    }
    return ReportWriter(folder, **(about | changes))


def an_item(number: int = 1, **changes: Any) -> ReportItem:
    values: dict[str, Any] = {
        "kind": "post",
        "key": f"post-{number}",
        "where": f"line {number}",
        "title": f"Post {number}",
        "outcome": Outcome.IMPORTED,
        "page_id": 7,
        "old_address": "https://margins.example/?p=1",
        "new_path": "/blog/post/",
    }
    return ReportItem(**(values | changes))


def a_note(change: Change = Change.DROPPED, code: str = "shortcode-unknown") -> Note:
    return Note(change, code, f"Said of {code}.", "line 9")


class Structure(HTMLParser):
    """The elements, attributes and texts of a page, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def test_the_json_holds_every_item_and_every_number(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.add(an_item(1, notes=(a_note(), a_note(Change.GUESSED, "date-guessed"))))
    writer.add(an_item(2, outcome=Outcome.UNCHANGED))
    writer.add(an_item(3, kind="comment", outcome=Outcome.SKIPPED, notes=(a_note(),)))
    assert not (tmp_path / "report.json").exists()
    assert writer.finish() == tmp_path / "report.html"

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["source"] == "wordpress"
    assert report["identity"] == "https://margins.example"
    assert report["error"] is None
    assert [item["key"] for item in report["items"]] == ["post-1", "post-2", "post-3"]
    assert report["items"][0] == {
        "kind": "post",
        "key": "post-1",
        "where": "line 1",
        "title": "Post 1",
        "outcome": "imported",
        "page_id": 7,
        "old_address": "https://margins.example/?p=1",
        "new_path": "/blog/post/",
        "notes": [
            {"change": change, "code": code, "message": f"Said of {code}.", "where": "line 9"}
            for change, code in (("dropped", "shortcode-unknown"), ("guessed", "date-guessed"))
        ],
    }
    assert report["counts"] == {
        "post": {
            "found": 2,
            "imported": 1,
            "updated": 0,
            "unchanged": 1,
            "skipped": 0,
            "failed": 0,
        },
        "comment": {
            "found": 1,
            "imported": 0,
            "updated": 0,
            "unchanged": 0,
            "skipped": 1,
            "failed": 0,
        },
    }
    assert [(note["code"], note["count"]) for note in report["notes"]] == [
        ("shortcode-unknown", 2),
        ("date-guessed", 1),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_the_page_lists_what_needs_a_look_and_where_it_is(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.add(an_item(1))
    writer.add(an_item(2, title="Kept aside", notes=(a_note(Change.CHANGED, "table-flat"),)))
    writer.add(an_item(3, title="Edited here", outcome=Outcome.SKIPPED))
    page = Structure(writer.finish().read_text())
    assert page.tags["h4"] == 2
    assert "Kept aside" in page.text
    assert "Edited here" in page.text
    assert "Post 1 " not in page.text
    assert ("href", "https://cms.example/admin/pages/7/edit/") in page.attributes
    assert ("href", "https://margins.example/?p=1") in page.attributes
    assert "line 9" in page.text


def test_a_source_that_broke_says_so_and_a_rehearsal_too(tmp_path: Path) -> None:
    page = open_writer(tmp_path, is_dry_run=True).finish("Line 812: the file ends within a post.")
    text = Structure(page.read_text()).text
    assert "Line 812: the file ends within a post." in text
    assert "Nothing was written." in text
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["error"] == "Line 812: the file ends within a post."
    assert report["is_dry_run"] is True


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_the_source_becomes_markup(tmp_path: Path, text: str) -> None:
    plain = open_writer(tmp_path / "plain", identity="x")
    plain.add(an_item(title="x", key="x", where="x", new_path="x", notes=(a_note(code="x"),)))
    expected = Structure(plain.finish().read_text())

    writer = open_writer(tmp_path / "hostile", identity=text)
    note = Note(Change.DROPPED, text, text, text)
    writer.add(an_item(title=text, key=text, where=text, new_path=text, notes=(note,)))
    html = writer.finish().read_text()
    found = Structure(html)
    assert found.tags == expected.tags
    assert {name for name, _ in found.attributes} == {name for name, _ in expected.attributes}
    assert html.count("</style>") == 1
    json.loads((tmp_path / "hostile" / "report.json").read_text())


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/relative/", ""]
)
def test_only_an_address_of_the_web_becomes_a_link(tmp_path: Path, address: str) -> None:
    writer = open_writer(tmp_path)
    writer.add(an_item(old_address=address, page_id=None, notes=(a_note(),)))
    links = [
        value for name, value in Structure(writer.finish().read_text()).attributes if name == "href"
    ]
    assert links == ["#item-1"]


def test_items_without_number_take_no_memory_and_the_page_says_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    writer = open_writer(tmp_path)
    notes = tuple(a_note(code=f"code-{number}") for number in range(LISTED_NOTES + 3))
    writer.add(an_item(0, notes=notes))
    for number in range(1, LISTED_ITEMS):
        writer.add(an_item(number, notes=(a_note(),)))
    tracemalloc.start()
    for number in range(LISTED_ITEMS, 20_000):
        writer.add(an_item(number, notes=(a_note(),)))
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 200_000
    html = writer.finish().read_text()
    page = Structure(html)
    assert page.tags["h4"] == LISTED_ITEMS
    assert "15,000 more items to go through" in page.text
    assert "and 3 more, in" in page.text
    assert len(html) < 12_000_000
    assert (tmp_path / "report.json").read_text().count('"key"') == 20_000


def test_a_report_that_was_cut_short_leaves_no_final_file(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.add(an_item())
    writer.abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["report.json.part"]
    assert (
        json.loads((open_writer(tmp_path).finish().parent / "report.json").read_text())["items"]
        == []
    )


@pytest.fixture(scope="module")
def browser_page() -> Iterator[BrowserPage]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.chromium
def test_the_page_filters_without_scripts(tmp_path: Path, browser_page: BrowserPage) -> None:
    writer = open_writer(tmp_path)
    writer.add(an_item(1, title="Lost", notes=(a_note(), a_note(Change.GUESSED, "date-guessed"))))
    writer.add(an_item(2, title="Lost too", notes=(a_note(code="comment"),)))
    writer.add(an_item(3, kind="image", title="Gone", notes=(a_note(Change.MISSING, "not-there"),)))
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.goto(writer.finish().as_uri())

    def shown(choice: str) -> list[str]:
        browser_page.get_by_label("Show").select_option(choice)
        return [
            heading.inner_text().split("\n")[0].removesuffix(" imported")
            for heading in browser_page.locator("h3, h4").all()
            if heading.is_visible()
        ]

    assert shown("everything") == ["Posts", "Lost", "Lost too", "Images", "Gone"]
    assert shown("all-dropped") == ["Posts", "Lost", "Lost too"]
    assert shown("all-missing") == ["Images", "Gone"]
    comment = browser_page.locator("option", has_text="comment (1)").get_attribute("value")
    assert shown(comment or "") == ["Posts", "Lost too"]
    assert said == []
