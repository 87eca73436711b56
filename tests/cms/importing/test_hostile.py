"""What a stranger's file can do: nothing but end up in the report.

Each case goes through the commands as a person would run them, and is judged by what is in the
tree, in the report and in the API's answers afterwards.
"""

import re
import tracemalloc
from pathlib import Path

import pytest
from django.test import Client
from wagtail.models import Page

from cms.importing.addresses import AddressReader
from cms.importing.options import Silent
from cms.importing.reading import spool
from cms.importing.scratch import Scratch
from cms.importing.sources.wordpress.source import WordPressSource
from cms.models import BlogPostPage, ImportRun, StandardPage
from media.interface import CustomDocument, CustomImage
from outbox.interface import LedgerEvent
from tests.cms.importing.exports import (
    HEAD,
    SITE,
    Done,
    entry,
    export,
    import_export,
    last_run,
    public_documents,
)
from tests.cms.importing.harm import all_html
from tests.factories.cms import Website

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GOOD = entry(1)


@pytest.fixture(autouse=True)
def website() -> None:
    Website()


def state() -> tuple[int, ...]:
    """How much there is of what an import may write."""
    models = (Page, CustomImage, CustomDocument, LedgerEvent)
    return tuple(model.objects.count() for model in models)


def refused(done: Done, *words: str) -> None:
    """Nothing of a broken source came in, and the report and the command say why."""
    assert done.returncode == 1
    for word in words:
        assert word in done.words
        assert word in done.report["error"]
    assert done.report["items"] == []
    assert last_run().status == ImportRun.Status.FAILED
    assert "Traceback" not in done.words


# --- a source that is broken as a whole ----------------------------------------------------------


@pytest.mark.parametrize("end", [0.3, 0.6, 0.95, 0.999])
def test_a_file_that_is_cut_off_imports_nothing(tmp_path: Path, end: float) -> None:
    whole = export(entry(number) for number in range(1, 40))
    before = state()
    refused(import_export(tmp_path, whole[: int(len(whole) * end)]), "Line ")
    assert state() == before


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        f'<!DOCTYPE rss [<!ENTITY l9 "{"ha" * 100_000}">]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declaration: str) -> None:
    text = export([GOOD, entry(2, "x")]).replace("<rss", f"{declaration}<rss", 1)
    text = text.replace("<title>Old</title>", "<title>&l9;</title>")
    before = state()
    refused(import_export(tmp_path, text), "Line ")
    assert state() == before
    assert not BlogPostPage.objects.filter(title__contains="root:").exists()


@pytest.mark.parametrize(
    "data",
    [
        export([GOOD]).encode("latin-1").replace(b"Words", b"W\xf6rter"),
        export([GOOD]).encode().replace(b'encoding="UTF-8"', b'encoding="x-unknown"'),
        export([GOOD]).encode().replace(b'encoding="UTF-8"', b'encoding="UTF-16"'),
        b"\x1f\x8b\x08" + b"\0" * 50,
        b"PK\x03\x04" + b"\0" * 50,
        b"\0" * 5000,
        b"",
        b"   \n",
        b"<html><body>Log in</body></html>",
        b"<rss><channel><item><title>A feed</title></item></channel></rss>",
        b"{}",
    ],
)
def test_what_is_no_readable_export_is_refused(tmp_path: Path, data: bytes) -> None:
    before = state()
    done = import_export(tmp_path, data)
    assert done.returncode == 1
    assert "Nothing was imported" in done.words
    assert "Traceback" not in done.words
    assert state() == before


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "<item>" + "<a>" * 20_000,
        HEAD + "<item " + "a='" + "x" * 40_000_000,
        HEAD + "<wp:author>" + "<wp:author_id>" * 5_000,
    ],
    ids=["nesting", "one endless tag", "nested names"],
)
def test_what_only_grows_is_ended(tmp_path: Path, text: str) -> None:
    before = state()
    refused(import_export(tmp_path, text), "Line ")
    assert state() == before


# --- items that are broken ------------------------------------------------------------------------


def test_a_broken_item_is_told_and_the_rest_comes_in(tmp_path: Path) -> None:
    media = entry(3, type="attachment", extra="<wp:attachment_url></wp:attachment_url>")
    done = import_export(tmp_path, export([GOOD, entry(2, number_of="x"), media]))
    assert done.returncode == 0
    assert done.item("attachment:3")["outcome"] == "failed"
    assert sorted(BlogPostPage.objects.values_list("title", flat=True)) == ["Post 1", "Post 2"]
    assert last_run().status == ImportRun.Status.FINISHED


@pytest.mark.parametrize(
    "date", ["2020-02-30 10:00:00", "0000-00-00 00:00:00", "9999-99-99", "yesterday", "", "-1"]
)
def test_a_date_that_does_not_exist_is_told(tmp_path: Path, date: str) -> None:
    done = import_export(tmp_path, export([entry(1, date=date)]))
    assert done.returncode == 0
    item = done.item("post 1")
    assert item["outcome"] == "imported"
    assert any("date" in note["code"] for note in item["notes"])
    assert BlogPostPage.objects.get().title == "Post 1"


def test_pages_below_themselves_go_to_the_top(tmp_path: Path) -> None:
    pages = [
        entry(1, type="page", parent=2),
        entry(2, type="page", parent=3),
        entry(3, type="page", parent=1),
        entry(4, type="page", parent=4),
        entry(5, type="page", parent=99),
        entry(6, type="page", parent=2),
    ]
    done = import_export(tmp_path, export(pages))
    assert done.returncode == 0
    assert done.report["counts"]["page"]["imported"] == 6
    assert {"parent-cycle", "parent-missing"} <= done.codes()
    depths = dict(StandardPage.objects.values_list("title", "depth"))
    top = min(depths.values())
    assert depths["Post 4"] == depths["Post 5"] == top
    assert sorted(depths[f"Post {number}"] - top for number in (1, 2, 3)) == [0, 1, 2]
    assert Page.find_problems() == ([], [], [], [], [])


def test_slugs_that_are_the_same_or_unfit_are_made_to_differ(tmp_path: Path) -> None:
    slugs = ["same", "same", "SAME", "../../etc/passwd", "a/b", "", "%00", "x" * 900, "日本語"]
    posts = [entry(number, slug=slug) for number, slug in enumerate(slugs, 1)]
    done = import_export(tmp_path, export(posts))
    assert done.report["counts"]["post"]["imported"] == len(slugs)
    made = list(BlogPostPage.objects.values_list("slug", flat=True))
    assert len(set(made)) == len(slugs)
    assert all(slug and not re.search(r"[/.%\0\s]", slug) for slug in made)
    assert "slug-changed" in done.codes()


def test_two_items_with_one_id_do_not_overwrite_each_other(tmp_path: Path) -> None:
    done = import_export(tmp_path, export([entry(1, title="First"), entry(1, title="Second")]))
    assert done.returncode == 0
    assert [item["outcome"] for item in done.report["items"] if item["kind"] == "post"] == [
        "imported",
        "skipped",
    ]
    assert BlogPostPage.objects.get().title == "First"


def test_links_to_nowhere_stay_addresses_of_the_old_site(tmp_path: Path, client: Client) -> None:
    body = f'<a href="{SITE}/gone/">gone</a> <a href="/also/">also</a> <a href="#none">none</a>'
    done = import_export(tmp_path, export([entry(1, body)]))
    assert "link-to-nowhere" in {note["code"] for note in done.item("post 1")["notes"]}
    found = " ".join(html for document in public_documents(client) for html in all_html(document))
    assert f'href="{SITE}/gone/"' in found
    assert f'href="{SITE}/also/"' in found


def test_control_characters_and_half_characters_are_left_out(
    tmp_path: Path, client: Client
) -> None:
    body = "A\u202eB\x08\x0c &#8; &#xFFFF; &#8238;C"
    done = import_export(tmp_path, export([entry(1, body, title="T\u202e\u2066itle")]))
    assert done.returncode == 0
    assert done.report["counts"]["post"]["imported"] == 1
    text = str(public_documents(client))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 50_000,
        "<b><i>" * 20_000 + "x",
        "[caption]" * 20_000,
        "[gallery ids='" + ",".join(map(str, range(50_000))) + "']",
        "<!-- wp:group -->" * 20_000,
        '<!-- wp:image {"id":' + "[" * 50_000 + " -->",
        "<" * 200_000,
        "&" * 200_000,
        "<table>" + "<tr>" + "<td>x" * 30_000,
        '<td colspan="100000000" rowspan="100000000">x',
        "\n\n".join("<p>" for _ in range(50_000)),
        "[" * 100_000,
        "<!--" * 50_000,
    ],
    ids=lambda body: body[:14],
)
def test_a_body_made_to_be_slow_ends(tmp_path: Path, body: str) -> None:
    done = import_export(tmp_path, export([entry(1, body), entry(2)]))
    assert done.returncode == 0
    assert done.report["counts"]["post"]["found"] == 2
    assert BlogPostPage.objects.filter(title="Post 2").exists()


def peak_of_reading(tmp_path: Path, count: int) -> int:
    """Bytes of memory at the most while an export of so many posts is read and kept on disk."""
    file = tmp_path / f"{count}.xml"
    body = "<p>" + "A paragraph of a long post. " * 200 + "</p>"
    file.write_text(export(entry(number, body) for number in range(1, count + 1)))
    source = WordPressSource(file)
    tracemalloc.start()
    with Scratch() as scratch:
        spool(source, scratch, AddressReader(source.hosts, source.base_url), Silent())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    source.close()
    return peak


def test_an_export_ten_times_as_long_takes_no_more_memory(tmp_path: Path) -> None:
    peak_of_reading(tmp_path, 20)  # what is made once
    short = peak_of_reading(tmp_path, 100)
    assert (tmp_path / "100.xml").stat().st_size > 500_000
    assert peak_of_reading(tmp_path, 1000) < short + 1_000_000
