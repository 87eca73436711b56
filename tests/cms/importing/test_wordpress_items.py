"""Posts, pages, uploads, terms and comments of an export as items."""

import io
import json
from datetime import UTC, datetime

import pytest

from cms.importing.content import ItemKind, Skipped, Status
from cms.importing.sources.wordpress.source import WordPressSource
from tests.cms.importing.wxr_file import (
    BASE,
    attachment,
    author,
    category,
    codes_of,
    comment,
    entry,
    item,
    read,
    read_item,
    term,
    write,
)


def test_a_post_with_everything(tmp_path):
    parts = [
        author("ann", "Ann & Co", "ann@example.com"),
        category("news", "News"),
        item(
            42,
            "Text",
            title="Hello &amp; <b>bye</b>",
            post_name="hello",
            creator="ann",
            excerpt="Short",
            is_sticky=1,
            post_modified_gmt="2020-03-01 08:00:00",
            terms=[
                ("category", "news", "News"),
                ("post_tag", "red-thing", "Red thing"),
                ("post_format", "post-format-aside", "Aside"),
            ],
            meta=[("_thumbnail_id", "7"), ("_wp_old_slug", "hallo"), ("_edit_last", "1")],
        ),
        attachment(7, parent=42),
    ]
    found = read_item(tmp_path, *parts, key="post:42")
    assert (found.kind, found.title, found.slug, found.status) == (
        *(ItemKind.POST, "Hello & bye", "hello"),
        Status.PUBLISHED,
    )
    assert (found.parent, found.authors, found.categories) == (
        *("section:blog", ("author:ann",)),
        ("category:news",),
    )
    assert found.tags == ("Red thing", "format-aside")
    assert found.published_at == datetime(2020, 1, 5, 9, 30, tzinfo=UTC)
    assert found.updated_at == datetime(2020, 3, 1, 8, tzinfo=UTC)
    assert (found.summary, found.is_featured) == ("Short", True)
    assert found.cover == f"{BASE}/wp-content/uploads/2020/01/picture-7.jpg"
    assert found.addresses == (
        f"{BASE}/hello/",
        f"{BASE}/?p=42",
        "wp:post:42",
        f"{BASE}/hallo/",
        f"{BASE}/attachment-7/",
        f"{BASE}/?attachment_id=7",
    )
    assert found.where.startswith("line ")
    assert found.where.endswith(", post 42")
    assert codes_of(found) == ["title-format", "post-format"]


@pytest.mark.parametrize(
    ("status", "password", "expected", "codes"),
    [
        ("publish", "", Status.PUBLISHED, []),
        ("draft", "", Status.DRAFT, []),
        ("pending", "", Status.DRAFT, ["status-pending"]),
        ("future", "", Status.SCHEDULED, []),
        ("private", "", Status.PRIVATE, []),
        ("publish", "secret", Status.PRIVATE, ["password"]),
        ("future", "secret", Status.DRAFT, ["password"]),
        ("draft", "secret", Status.DRAFT, ["password"]),
        ("in-review", "", Status.DRAFT, ["status-unknown"]),
    ],
)
def test_statuses(tmp_path, status, password, expected, codes):
    found = read_item(tmp_path, item(1, "x", status=status, post_password=password), key="post:1")
    assert found.status is expected
    assert codes_of(found) == codes
    assert "secret" not in repr(found)


@pytest.mark.parametrize("status", ["trash", "auto-draft", "inherit"])
def test_what_is_no_content_is_skipped_with_a_reason(tmp_path, status):
    (found,) = [
        thing
        for thing in read(tmp_path, item(1, "x", status=status)).values()
        if isinstance(thing, Skipped)
    ]
    assert found.where.endswith("post 1")
    assert found.reason


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("revision", "older version"),
        ("wp_block", "reusable"),
        ("wp_navigation", "menu"),
        ("wp_template", "template"),
        ("custom_css", "Styles"),
        ("product", "“product”"),
    ],
)
def test_other_kinds_are_skipped_with_a_reason(tmp_path, kind, words):
    found = read(tmp_path, item(1, "x", kind=kind))
    skipped = [thing for thing in found.values() if isinstance(thing, Skipped)]
    assert [(thing.kind, words in thing.reason) for thing in skipped] == [(kind, True)]


@pytest.mark.parametrize(
    ("fields", "expected", "codes"),
    [
        (
            {"post_date_gmt": "0000-00-00 00:00:00"},
            datetime(2020, 1, 5, 10, 30, tzinfo=UTC),
            ["date-zone"],
        ),
        (
            {"post_date_gmt": "2020-02-30 00:00:00"},
            datetime(2020, 1, 5, 10, 30, tzinfo=UTC),
            ["date-zone", "date-invalid"],
        ),
        (
            {"post_date_gmt": "yesterday", "post_date": "0000-00-00 00:00:00"},
            datetime(2020, 1, 5, 9, 30, tzinfo=UTC),
            ["date-invalid"],
        ),
        ({"post_date_gmt": None, "post_date": None}, datetime(2020, 1, 5, 9, 30, tzinfo=UTC), []),
    ],
)
def test_dates_that_do_not_exist(tmp_path, fields, expected, codes):
    found = read_item(tmp_path, item(1, "x", **fields), key="post:1")
    assert found.published_at == expected
    assert sorted(codes_of(found)) == sorted(codes)


def test_pages_form_a_tree_whichever_comes_first(tmp_path):
    parts = [
        item(3, kind="page", post_parent=2),
        item(2, kind="page", post_parent=0),
        item(4, kind="page", post_parent=99, menu_order=3, meta={"_wp_page_template": "wide.php"}),
        item(5, kind="page", post_parent=6),
        item(6, kind="page", status="trash"),
    ]
    found = read(tmp_path, *parts)
    assert [found[f"page:{number}"].parent for number in (2, 3, 4, 5)] == [
        None,
        "page:2",
        None,
        None,
    ]
    assert codes_of(found["page:4"]) == ["page-template", "menu-order", "parent-missing"]
    assert f"{BASE}/?page_id=3" in found["page:3"].addresses
    assert (found["page:2"].categories, found["page:2"].tags) == ((), ())


def test_categories_lie_within_each_other_and_may_come_later(tmp_path):
    parts = [
        item(1, terms=[("category", "deep", "Deep"), ("category", "loose", "Loose")]),
        category("deep", "Deep", parent="wide", number=5),
        category("wide", "Wide &amp; high", number=4),
    ]
    found = read(tmp_path, *parts)
    assert found["category:deep"].parent == "category:wide"
    assert found["category:wide"].title == "Wide & high"
    assert found["category:loose"].title == "Loose"
    assert found["post:1"].categories == ("category:deep", "category:loose")
    addresses = found["section:blog"].addresses
    assert f"{BASE}/category/wide/deep/" in addresses
    assert f"{BASE}/category/deep/" in addresses
    assert f"{BASE}/?cat=5" in addresses


def test_authors_are_profiles_also_those_that_only_posts_name(tmp_path):
    parts = [
        item(1, creator="bob"),
        item(2, creator="ann"),
        author("ann", "Ann", "a@example.com", 7),
    ]
    found = read(tmp_path, *parts)
    assert found["author:ann"].title == "Ann"
    assert found["author:ann"].details["email"] == "a@example.com"
    assert found["author:ann"].addresses == (f"{BASE}/author/ann/", f"{BASE}/?author=7")
    assert found["author:bob"].title == "bob"
    assert found["post:1"].authors == ("author:bob",)


def test_uploads_are_images_or_files(tmp_path):
    parts = [
        attachment(7, "2020/01/My%20cat.JPG", alt="A cat", excerpt="Sleeps", title="Cat"),
        attachment(8, "2020/01/paper.pdf", content="Long story"),
        item(9, kind="attachment", status="inherit", guid=""),
    ]
    found = read(tmp_path, *parts)
    cat = found["attachment:7"]
    assert (cat.kind, cat.title) == (ItemKind.IMAGE, "Cat")
    url = f"{BASE}/wp-content/uploads/2020/01/My%20cat.JPG"
    assert cat.addresses == (url, "wp:attachment:7")
    assert cat.details == {
        "alt": "A cat",
        "caption": "Sleeps",
        "credit": "",
        "filename": "My cat.JPG",
        "urls": [url],
    }
    assert found["attachment:8"].kind == ItemKind.FILE
    assert codes_of(found["attachment:8"]) == ["media-description"]
    assert [note.change.value for note in found["attachment:9"].notes] == ["failed"]
    assert f"{BASE}/?attachment_id=7" in found["section:blog"].addresses


def test_custom_fields_are_named_and_words_for_search_engines_kept(tmp_path):
    meta = [
        ("price", "12"),
        ("price", "13"),
        ("colour", "red"),
        ("empty", ""),
        ("_edit_lock", "1:1"),
        ("_yoast_wpseo_title", "Find me"),
        ("_yoast_wpseo_metadesc", "Really"),
        ("_yoast_wpseo_meta-robots-noindex", "1"),
        ("enclosure", "https://x.example/a.mp3\n123\naudio/mpeg"),
    ]
    found = read_item(tmp_path, item(1, "x", meta=meta), key="post:1")
    assert (found.seo_title, found.description, found.noindex) == ("Find me", "Really", True)
    assert [(note.code, note.message) for note in found.notes] == [
        ("enclosure", "Files that feeds offered with it (enclosures): https://x.example/a.mp3"),
        ("custom-fields", "Custom fields without a place here: colour, price (2)."),
    ]
    template = item(1, "x", meta={"_yoast_wpseo_title": "%%title%% %%sep%% %%sitename%%"})
    assert read_item(tmp_path, template, key="post:1").seo_title == ""


def test_a_featured_image_that_is_not_there_is_said(tmp_path):
    found = read_item(tmp_path, item(1, "x", meta={"_thumbnail_id": "7"}), key="post:1")
    assert (found.cover, codes_of(found)) == (None, ["featured-image-missing"])
    parts = [item(1, "x", kind="page", meta={"_thumbnail_id": "7"}), attachment(7)]
    page = read_item(tmp_path, *parts, key="page:1")
    assert (page.cover, codes_of(page)) == (None, ["featured-image-of-page"])


@pytest.mark.parametrize(
    ("content", "excerpt", "title"),
    [
        ("Some words.", "", "Some words."),
        ("", "Told", "Told"),
        ("", "", "Untitled 1"),
        ("<h2>Head</h2>", "", "Head"),
    ],
)
def test_an_item_without_a_title_gets_one(tmp_path, content, excerpt, title):
    found = read_item(tmp_path, item(1, content, excerpt=excerpt, title=""), key="post:1")
    assert found.title == title
    assert codes_of(found) == ["title-missing"]


def test_letters_of_other_alphabets_in_slugs(tmp_path):
    slug = "%ce%b5%cf%80%ce%af-2"
    found = read_item(tmp_path, item(1, "x", post_name=slug), key="post:1")
    assert found.slug == "\u03b5\u03c0\u03af-2"


def test_an_item_that_stands_twice_counts_once(tmp_path):
    found = read(tmp_path, item(1, "first"), item(1, "again"))
    assert found["post:1"].body[0]["value"] == "<p>first</p>"
    (twice,) = [thing for thing in found.values() if isinstance(thing, Skipped)]
    assert "twice" in twice.reason


def test_terms_of_plug_ins_are_named(tmp_path):
    parts = [term("genre", "jazz", "Jazz"), item(1, "x", terms=[("genre", "jazz", "Jazz")])]
    found = read(tmp_path, *parts)
    assert codes_of(found["post:1"]) == ["taxonomy-unknown"]
    assert isinstance(found["taxonomy:genre"], Skipped)


def test_comments_are_counted_and_written_without_private_data(tmp_path):
    parts = [item(1, "x", comments=comment(5) + comment(6, "Reply", parent=5, kind="pingback"))]
    found = read(tmp_path, *parts)
    assert codes_of(found["post:1"]) == ["comments"]
    assert [key for key, thing in found.items() if isinstance(thing, Skipped)] == [
        "comment:5",
        "comment:6",
    ]
    source = WordPressSource(write(tmp_path, *parts))
    written = io.StringIO()
    source.write_comments(written)
    source.close()
    assert "private.example" not in written.getvalue()
    assert "203.0.113" not in written.getvalue()
    assert json.loads(written.getvalue())["comments"] == [
        {
            "id": number,
            "parent": parent,
            "post": {"key": "post:1", "title": "Post 1", "address": f"{BASE}/post-1/"},
            "kind": kind,
            "status": "approved",
            "author": "Ann",
            "author_url": "https://ann.example/",
            "date": "2020-02-01T10:00:00Z",
            "text": text,
        }
        for number, parent, kind, text in (
            ("5", None, "comment", "Well said."),
            ("6", "5", "pingback", "Reply"),
        )
    ]


def test_the_size_is_the_number_of_things(tmp_path):
    parts = [
        author("ann"),
        category("a"),
        item(1, comments=comment(1)),
        attachment(7),
        entry(3, "m", title="A", url="/a/"),
        entry(4, "", title="B", url="/b/"),
        item(9, kind="product"),
        term("genre", "jazz"),
    ]
    source = WordPressSource(write(tmp_path, *parts))
    assert source.size() == len(list(source.items())) == 10
    source.close()
