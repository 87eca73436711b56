"""Items that cannot be imported, or not as they are: told, and the rest goes on."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from wagtail.models import Page

from cms.importing import pages
from cms.importing.content import Change, Note, Skipped
from cms.models import BlogPostPage, Category, ImportedItem, StandardPage
from delivery.models import Document
from tests.cms.importing.shelf import (
    HOST,
    bring_in,
    codes,
    image,
    item,
    picture,
    post,
    report,
    text,
)
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


def test_an_item_that_the_adapter_could_not_read_is_told(tmp_path):
    Website()
    broken = post("bad", notes=(Note(Change.FAILED, "front-matter-broken", "Line 3."),))
    comment = Skipped(key="c1", kind="comment", where="line 9", title="Hi", reason="No comments.")
    run = bring_in([broken, post("good"), comment], tmp_path)
    assert run.counts == {"post": {"failed": 1, "imported": 1}, "comment": {"skipped": 1}}
    assert codes(tmp_path, "bad") == ["front-matter-broken"]


def test_a_failure_inside_a_batch_costs_one_item_only(tmp_path, monkeypatch):
    Website()
    check = pages.check_fields

    def refuse(page: Any) -> None:
        if page.slug == "p3":
            raise RuntimeError("it has a hole")
        check(page)

    monkeypatch.setattr(pages, "check_fields", refuse)
    run = bring_in([post(f"p{n}", n + 1) for n in range(6)], tmp_path)
    assert run.counts["post"] == {"imported": 5, "failed": 1}
    assert report(tmp_path)["items"]["p3"]["notes"][-1]["message"] == "RuntimeError: it has a hole"
    assert Page.objects.filter(slug="p3").count() == 0
    assert ImportedItem.objects.filter(kind="post").count() == 5
    assert Document.objects.filter(type="blog-posts").count() == 5
    assert Page.find_problems() == ([], [], [], [], [])
    monkeypatch.undo()
    assert bring_in([post(f"p{n}", n + 1) for n in range(6)], tmp_path).counts["post"] == {
        "imported": 1,
        "unchanged": 5,
    }


def test_slugs_titles_and_keys_that_do_not_fit(tmp_path):
    Website()
    things = [
        post("a", slug="same"),
        post("b", slug="same"),
        post("c", slug="Ünïcode & more/than.this"),
        post("d", slug="", title="?!"),
        post("e", title="L" * 400),
        post("f", slug="s" * 400),
        post("k" * 600),
        post("a", 2),
        item("page", "fr", slug="fr"),
    ]
    run = bring_in(things, tmp_path)
    assert run.counts["post"] == {"imported": 6, "failed": 2}
    slugs = {row.key: row.page.slug for row in ImportedItem.objects.filter(kind="post")}
    assert (slugs["a"], slugs["b"], slugs["d"]) == ("same", "same-2", "post")
    assert slugs["c"] == "ünïcode-more-than-this"
    assert len(slugs["f"]) == 200
    assert "text-cut" in codes(tmp_path, "e")
    assert codes(tmp_path, "k" * 600) == ["key-unfit"]
    assert StandardPage.objects.get().slug == "fr-2"
    for page in Page.objects.filter(depth__gt=2).specific():
        page.full_clean()


def test_control_characters_and_half_characters_are_left_out(tmp_path):
    Website()
    bad = "a\x00b\x08c\ud800d"
    bring_in([post("one", title=bad, body=text(f"<p>{bad}</p>"), tags=(bad,))], tmp_path)
    page = BlogPostPage.objects.get()
    assert (page.title, page.body[0].value.source) == ("abcd", "<p>abcd</p>")
    assert codes(tmp_path, "one") == ["control-characters"]


def test_scripts_and_handlers_do_not_come_in(tmp_path):
    Website()
    html = (
        '<p onclick="x()">a<script>alert(1)</script> <a href="javascript:alert(1)">b</a>'
        '<a href="data:text/html,x">c</a><embed embedtype="image" id="1"/>'
        '<a linktype="page" id="1">d</a><iframe src="//x"></iframe></p>'
    )
    bring_in([post("one", body=text(html))], tmp_path)
    source = str(BlogPostPage.objects.get().body[0].value.source)
    assert source == "<p>a bcd</p>"


def test_circles_of_parents_are_broken_once(tmp_path):
    Website()
    things = [
        item("page", k, parent=p) for k, p in (("a", "c"), ("b", "a"), ("c", "b"), ("s", "s"))
    ]
    things += [item("category", "x", parent="y"), item("category", "y", parent="x")]
    run = bring_in(things, tmp_path)
    assert run.counts == {"page": {"imported": 4}, "category": {"imported": 2}}
    assert {p.slug: p.get_parent().slug for p in StandardPage.objects.all()} == {
        "a": "site",
        "b": "a",
        "c": "b",
        "s": "site",
    }
    assert [c.slug for c in Category.objects.filter(parent=None)] == ["x"]
    assert codes(tmp_path, "a") == ["parent-cycle"]
    assert codes(tmp_path, "b") == []


def test_a_very_deep_tree_ends_at_a_level_that_wagtail_can_hold(tmp_path):
    Website()
    things = [item("page", "p0")] + [
        item("page", f"p{n}", parent=f"p{n - 1}") for n in range(1, 80)
    ]
    run = bring_in(things, tmp_path)
    assert run.counts == {"page": {"imported": 80}}
    assert max(Page.objects.values_list("depth", flat=True)) == 43
    assert codes(tmp_path, "p79") == ["too-deep"]


def test_a_picture_that_announces_too_much_is_replaced_by_a_placeholder(tmp_path, settings):
    Website()
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 1000
    data = BytesIO()
    Image.new("RGB", (400, 400)).save(data, "PNG")
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(data.getvalue())
    things = [image("bomb", bomb), image("gone", tmp_path / "gone.png")]
    run = bring_in([*things, post("one", cover="/files/bomb.png")], tmp_path)
    assert run.counts["image"] == {"imported": 2}
    assert list(ImportedItem.objects.filter(is_placeholder=True).values_list("key", flat=True)) == [
        *("bomb", "gone")
    ]
    assert codes(tmp_path, "bomb") == ["image-refused"]
    assert BlogPostPage.objects.get().cover_image.title == "Bomb"


def test_dead_links_and_unknown_blocks_are_told(tmp_path):
    Website()
    body = (
        {"type": "rich_text", "value": '<p><a href="/nowhere/">x</a><img src="/none.png"></p>'},
        {"type": "marquee", "value": "?"},
        {"type": "embed", "value": {"url": "data:text/html,x", "caption": ""}},
        {"type": "heading", "value": {"text": "H" * 300, "level": "h9", "anchor": "A b"}},
        {"type": "code", "value": {"language": "klingon", "code": "x", "caption": ""}},
        {"type": "call_to_action", "value": {"title": "T", "text": "", "label": "L", "url": ""}},
    )
    bring_in([post("one", body=body)], tmp_path)
    page = BlogPostPage.objects.get()
    assert [block.block_type for block in page.body] == [
        "rich_text",
        "heading",
        "code",
        "rich_text",
    ]
    assert f'href="https://{HOST}/nowhere/"' in page.body[0].value.source
    assert (page.body[1].value["anchor"], page.body[2].value["language"]) == ("a-b", "text")
    assert set(codes(tmp_path, "one")) == {
        *("link-to-nowhere", "block-unknown", "embed-unfit", "text-cut"),
        "anchor-changed",
    }
    page.full_clean()
    page.body.stream_block.clean(page.body)


def test_old_addresses_lead_to_the_page_but_never_hide_one(tmp_path, client):
    Website()
    things = [
        post("one", addresses=(f"https://{HOST}/2015/one.html", "/old/one/", "/about/", "/?p=7")),
        item("page", "about", addresses=(f"https://{HOST}/about/",)),
        image("cat", picture(tmp_path)),
    ]
    bring_in(things, tmp_path)
    for path in ("/2015/one.html", "/old/one", "/old/one/"):
        answer = client.get(f"/api/v1/content/resolve?path={path}")
        assert answer.json() == {"redirect": {"to": "/blog/one/", "status": 301}}, path
    answer = client.get("/api/v1/content/resolve?path=/about/")
    assert answer.json()["data"]["title"] == "About"
