"""What a second run does: nothing, or exactly what changed at the source."""

from typing import Any

import pytest
from django.db import connection
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Revision

from cms.models import (
    BlogPostPage,
    Category,
    ImportedItem,
    NavigationMenu,
    ProfilePage,
    StandardPage,
)
from delivery.models import Document, DocumentVersion
from media.interface import CustomImage
from outbox.models import LedgerEvent
from tests.cms.importing.shelf import (
    HOST,
    Shelf,
    bring_in,
    codes,
    day,
    image,
    item,
    picture,
    post,
    report,
    text,
)
from tests.factories.cms import Website, edit

pytestmark = pytest.mark.django_db


def everything(folder) -> list[Any]:
    """One of each kind, naming each other backwards and forwards."""
    return [
        item("menu", "main", details={"menu": "main", "items": [{"label": "A", "url": "/about/"}]}),
        item("category", "news"),
        item("category", "local", parent="news", details={"description": "Near."}),
        item("profile", "ada", details={"bio": "<p>Wrote.</p>", "photo": "/files/cat.png"}),
        image("cat", picture(folder)),
        item("section", "notes", addresses=(f"https://{HOST}/notes/",)),
        post("one", 1, parent="notes", body=text('<p><a href="/two/">2</a></p>'), tags=("x",)),
        post("two", 2, authors=("ada",), categories=("local",), cover="/files/cat.png"),
        post("draft", 3, status="draft"),
        post("secret", 4, status="private"),
        post("later", status="scheduled", published_at=day(1).replace(year=2999)),
        item("page", "about", addresses=(f"https://{HOST}/about/", "/old-about")),
        item("page", "team", parent="about", body=text('<p><a href="/gone/">?</a></p>')),
    ]


def state() -> dict[str, Any]:
    """All that a run could write, but its own row and report."""
    models = [
        *(Page, Revision, Document, DocumentVersion, LedgerEvent, Redirect, ImportedItem),
        *(Category, NavigationMenu, CustomImage),
    ]
    rows = {model.__name__: sorted(map(repr, model.objects.values_list())) for model in models}
    with connection.cursor() as cursor:
        for table in ("wagtailcore_referenceindex", "wagtailsearch_indexentry"):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            rows[table] = cursor.fetchone()
    return rows


def test_a_second_run_of_the_same_writes_nothing(tmp_path):
    Website()
    things = everything(tmp_path)
    first = bring_in(things, tmp_path / "1")
    assert {o for counts in first.counts.values() for o in counts} == {"imported"}
    before = state()
    second = bring_in(things, tmp_path / "2")
    assert state() == before
    assert {o for counts in second.counts.values() for o in counts} == {"unchanged"}
    assert sum(sum(counts.values()) for counts in second.counts.values()) == len(things)


def test_a_change_upstream_updates_just_that(tmp_path):
    Website()
    things = everything(tmp_path)
    bring_in(things, tmp_path / "1")
    sequence = LedgerEvent.objects.order_by("-sequence")[0].sequence
    versions = {page.pk: page.latest_revision_id for page in Page.objects.all()}
    things[7] = post(
        "two", 2, title="Second", authors=("ada",), categories=("news",), updated_at=day(9)
    )
    run = bring_in(things, tmp_path / "2")
    assert run.counts["post"] == {"unchanged": 4, "updated": 1}
    page = BlogPostPage.objects.get(slug="two")
    changed = {p.pk for p in Page.objects.all() if versions[p.pk] != p.latest_revision_id}
    assert changed == {page.pk}
    assert (page.title, page.cover_image, page.last_published_at) == ("Second", None, day(9))
    assert page.revisions.count() == 2
    assert page.live_revision_id == page.latest_revision_id
    assert not page.has_unpublished_changes
    assert [category.name for category in page.categories.all()] == ["News"]
    kinds = set(LedgerEvent.objects.filter(sequence__gt=sequence).values_list("type", flat=True))
    assert kinds == {"content.updated", "content.unpublished"}  # the category that nothing shows
    assert Document.objects.get(slug="two").title == "Second"


def test_what_an_editor_changed_stays_unless_the_run_overwrites(tmp_path):
    Website()
    bring_in([post("one")], tmp_path / "1")
    page = edit(BlogPostPage.objects.get(), title="By an editor")
    changed = [post("one", title="Upstream")]
    run = bring_in(changed, tmp_path / "2")
    page.refresh_from_db()
    assert (page.title, run.counts) == ("By an editor", {"post": {"skipped": 1}})
    assert codes(tmp_path / "2", "one") == ["edited-here"]
    run = bring_in(changed, tmp_path / "3", overwrites=True)
    page.refresh_from_db()
    assert (page.title, run.counts) == ("Upstream", {"post": {"updated": 1}})


def test_an_edited_page_that_did_not_change_upstream_is_unchanged(tmp_path):
    Website()
    bring_in([post("one")], tmp_path / "1")
    edit(BlogPostPage.objects.get(), title="By an editor")
    run = bring_in([post("one")], tmp_path / "2")
    assert run.counts == {"post": {"unchanged": 1}}
    assert BlogPostPage.objects.get().title == "By an editor"


def test_what_was_deleted_here_stays_deleted(tmp_path):
    Website()
    things = [post("one"), post("two")]
    bring_in(things, tmp_path / "1")
    BlogPostPage.objects.get(slug="one").delete()
    run = bring_in([post("one", title="New"), post("two")], tmp_path / "2")
    assert run.counts == {"post": {"skipped": 1, "unchanged": 1}}
    assert codes(tmp_path / "2", "one") == ["deleted-here"]
    assert not BlogPostPage.objects.filter(slug="one").exists()


def test_what_left_the_source_is_told_and_left_alone(tmp_path):
    Website()
    bring_in([post("one"), post("two")], tmp_path / "1")
    run = bring_in([post("two")], tmp_path / "2")
    assert run.counts == {"post": {"unchanged": 1}, "gone": {"skipped": 1}}
    assert report(tmp_path / "2")["items"]["one"]["notes"][0]["code"] == "gone-from-source"
    assert BlogPostPage.objects.filter(slug="one", live=True).exists()


def test_a_line_that_moved_is_no_change(tmp_path):
    Website()
    bring_in([post("one", where="line 3")], tmp_path / "1")
    run = bring_in([post("one", where="line 9")], tmp_path / "2")
    assert run.counts == {"post": {"unchanged": 1}}


def test_a_link_is_mended_when_its_target_comes_later(tmp_path):
    Website()
    source = post("one", body=text('<p><a href="/two/">2</a></p>'))
    bring_in([source], tmp_path / "1")
    assert codes(tmp_path / "1", "one") == ["link-to-nowhere"]
    page = BlogPostPage.objects.get()
    assert f'href="https://{HOST}/two/"' in page.body[0].value.source
    run = bring_in([source, post("two", 2)], tmp_path / "2")
    page.refresh_from_db()
    two = BlogPostPage.objects.get(slug="two")
    assert f'id="{two.pk}"' in page.body[0].value.source
    assert run.counts == {"post": {"updated": 1, "imported": 1}}
    assert str(page.body[0].value.source) in str(
        page.get_latest_revision().content["body"]
    ).replace('\\"', '"')


@pytest.mark.parametrize(
    ("before", "after", "is_public"),
    [("draft", "published", True), ("published", "draft", False), ("published", "private", False)],
)
def test_a_status_that_changed_upstream_changes_here(tmp_path, before, after, is_public):
    Website()
    bring_in([post("one", status=before)], tmp_path / "1")
    run = bring_in([post("one", status=after)], tmp_path / "2")
    assert run.counts == {"post": {"updated": 1}}
    assert Document.objects.filter(slug="one").exists() is is_public
    third = bring_in([post("one", status=after)], tmp_path / "3")
    assert third.counts == {"post": {"unchanged": 1}}


def test_a_page_that_moved_upstream_moves_with_all_below_it(tmp_path):
    Website()
    things = [item("page", "a"), item("page", "b"), item("page", "c", parent="a")]
    things.append(item("page", "d", parent="c"))
    bring_in(things, tmp_path / "1")
    things[2] = item("page", "c", parent="b")
    run = bring_in(things, tmp_path / "2")
    assert run.counts == {"page": {"unchanged": 3, "updated": 1}}
    assert Document.objects.get(slug="d").path == "/b/c/d/"
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_that_an_editor_moved_stays_there(tmp_path):
    website = Website()
    things = [item("page", "a"), item("page", "b", parent="a")]
    bring_in(things, tmp_path / "1")
    StandardPage.objects.get(slug="b").move(website.home, pos="last-child")
    things[1] = item("page", "b", parent="a", title="New title")
    bring_in(things, tmp_path / "2", overwrites=True)
    page = StandardPage.objects.get(slug="b")
    assert (page.title, page.get_parent().specific) == ("New title", website.home)


def test_profiles_images_categories_and_menus_are_updated_too(tmp_path):
    Website()
    things = everything(tmp_path)
    bring_in(things, tmp_path / "1")
    picture(tmp_path, colour=10)
    things[0] = item(
        "menu", "main", details={"menu": "main", "items": [{"label": "B", "url": "/about/"}]}
    )
    things[1] = item("category", "news", title="Latest")
    things[3] = item("profile", "ada", details={"role": "Writer", "photo": "/files/cat.png"})
    old_hash = CustomImage.objects.get().file_hash
    run = bring_in(things, tmp_path / "2")
    assert [
        run.counts[kind].get("updated") for kind in ("menu", "category", "profile", "image")
    ] == [*(1, 1, 1, 1)]
    assert NavigationMenu.objects.get().items[0].value["label"] == "B"
    assert Category.objects.get(slug="news").name == "Latest"
    assert ProfilePage.objects.get().role == "Writer"
    assert CustomImage.objects.get().file_hash != old_hash


def test_two_websites_may_have_the_same_source(tmp_path):
    Website()
    other = Website("other.example.com", slug="other", is_default=False)
    bring_in([post("one")], tmp_path / "1")
    run = bring_in([post("one")], tmp_path / "2", site=other.site)
    assert run.counts == {"post": {"imported": 1}}
    assert BlogPostPage.objects.descendant_of(other.home).count() == 1


def test_a_source_that_breaks_brings_nothing(tmp_path):
    Website()
    before = state()
    run = bring_in(Shelf([post("one"), post("two")], broken_after=1), tmp_path)
    assert (run.status, run.error) == ("failed", "thing 1: the shelf ends here")
    assert state() == before
    assert report(tmp_path)["error"] == "thing 1: the shelf ends here"
