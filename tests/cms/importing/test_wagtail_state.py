"""A page that was imported is in the state in which Wagtail's own publishing leaves one."""

import json
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from taggit.models import Tag
from wagtail.models import (
    Page,
    PageLogEntry,
    PageViewRestriction,
    ReferenceIndex,
    Revision,
)

from cms.importing import pages
from cms.models import (
    BlogPostAuthor,
    BlogPostPage,
    Category,
    ImportedItem,
    ProfilePage,
    StandardPage,
)
from cms.rebuilding import Gaps, find_gaps, rebuild_documents
from delivery.models import Document
from media.interface import CustomImage
from tests.cms.importing.shelf import HOST, bring_in, day, image, item, picture, post, text
from tests.cms.test_rebuild import difference, snapshot
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db

# What two pages differ in because they are two, and when they were made.
OWN = {
    *("pk", "id", "page_ptr", "path", "translation_key", "slug", "url_path", "draft_title"),
    *("latest_revision", "live_revision", "latest_revision_created_at", "title"),
}
BODY = (
    {"type": "heading", "value": {"text": "A heading", "level": "h3", "anchor": "a"}},
    {"type": "rich_text", "value": '<p>See <a href="/about/">us</a> and <b>more</b>.</p>'},
    {"type": "image", "value": {"image": "/files/cat.png", "alt": "A cat", "caption": ""}},
    {"type": "code", "value": {"language": "python", "code": "print(1)\n", "caption": ""}},
    {"type": "gallery", "value": {"images": [{"image": "/files/cat.png", "alt": "G"}]}},
    {"type": "table", "value": {"columns": ["A"], "rows": [["1"], ["<b>2</b>"]]}},
)


def library(tmp_path) -> list[Any]:
    return [
        image("cat", picture(tmp_path)),
        item("category", "news"),
        item("profile", "ada", title="Ada Lovelace"),
        item("page", "about", addresses=(f"https://{HOST}/about/",), body=text("<p>We.</p>")),
    ]


def full_post(key: str, **fields: Any) -> Any:
    return post(
        key,
        3,
        body=BODY,
        authors=("ada",),
        categories=("news",),
        tags=("red", "blue"),
        cover="/files/cat.png",
        summary="In short.",
        seo_title="For machines",
        description="Described.",
        **fields,
    )


def by_wagtail(imported: BlogPostPage, website: Website) -> BlogPostPage:
    """The same post, made with Wagtail's own calls."""
    page = BlogPostPage(
        title="Twin",
        slug="twin",
        live=False,
        date=imported.date,
        intro=imported.intro,
        cover_image=imported.cover_image,
        seo_title=imported.seo_title,
        search_description=imported.search_description,
        first_published_at=imported.first_published_at,
    )
    body: Any = json.dumps(imported.body.stream_block.get_prep_value(imported.body))
    page.body = body
    page.post_authors = [BlogPostAuthor(profile=ProfilePage.objects.get(), sort_order=0)]
    page.tags.add("red", "blue")
    page.categories = [Category.objects.get()]
    website.blog.refresh_from_db()
    website.blog.add_child(instance=page)
    page.save_revision().publish()
    twin = BlogPostPage.objects.get(pk=page.pk)
    Page.objects.filter(pk=page.pk).update(last_published_at=imported.last_published_at)
    twin.refresh_from_db()
    return twin


def row(page: Any) -> dict[str, Any]:
    fields = [f for f in page._meta.concrete_fields if f.name not in OWN]
    return {f.name: f.value_to_string(page) for f in fields}


def content(page: Any) -> dict[str, Any]:
    """The latest revision, without the keys of rows and what differs between two pages."""
    values = Revision.objects.get(pk=page.latest_revision_id).content
    values = {name: value for name, value in values.items() if name not in OWN}
    for name in ("post_authors", "tagged_items"):
        for child in values[name]:
            child.pop("pk")
            child.pop({"post_authors": "post", "tagged_items": "content_object"}[name])
    return values


def references(page: Any) -> set[tuple[Any, ...]]:
    rows = ReferenceIndex.get_references_for_object(page).values_list(
        "to_content_type", "to_object_id", "model_path"
    )
    return set(rows)


def test_a_published_post_equals_one_that_wagtail_published(tmp_path):
    website = Website()
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    imported = BlogPostPage.objects.get(slug="first")
    twin = by_wagtail(imported, website)
    assert row(imported) == row(twin)
    # A revision is of the time before the publication, and says so in fields that are not read.
    unread = {"live", "has_unpublished_changes", "first_published_at", "last_published_at"}
    mine, theirs = content(imported), content(twin)
    assert {k: v for k, v in mine.items() if k not in unread} == {
        k: v for k, v in theirs.items() if k not in unread
    }
    assert references(imported) == references(twin)
    assert len(references(imported)) >= 5
    website.blog.refresh_from_db()
    assert website.blog.numchild == 2
    assert Page.find_problems() == ([], [], [], [], [])


def test_the_latest_revision_is_what_the_row_says(tmp_path):
    Website()
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    for model in (BlogPostPage, ProfilePage, StandardPage):
        page = model.objects.get()
        values = Revision.objects.get(pk=page.latest_revision_id).content
        unread = {"latest_revision", "live_revision", "latest_revision_created_at"}
        stored = json.loads(json.dumps(page.serializable_data(), cls=DjangoJSONEncoder))
        # PostgreSQL keeps the keys of a stream's blocks in an order of its own.
        for kept in (values, stored):
            if "body" in kept:
                kept["body"] = json.loads(kept["body"])
        assert {k: v for k, v in values.items() if k not in unread} == {
            k: v for k, v in stored.items() if k not in unread
        }


def test_what_was_imported_passes_the_editor_s_own_checks(tmp_path):
    Website()
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    for page in Page.objects.filter(depth__gt=2).specific():
        page.full_clean()
        if hasattr(page, "body"):
            page.body.stream_block.clean(page.body)


def test_the_admin_finds_it_and_knows_what_it_uses(tmp_path):
    Website()
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    assert [page.slug for page in Page.objects.search("heading")] == ["first"]
    used = ReferenceIndex.get_references_to(CustomImage.objects.get())
    kind = ContentType.objects.get_for_model(Page)
    assert {(r.base_content_type_id, r.object_id) for r in used} == {
        (kind.pk, str(BlogPostPage.objects.get().pk))
    }
    entry = PageLogEntry.objects.get(page=BlogPostPage.objects.get().pk)
    assert (entry.action, str(entry.message)) == ("galley.import", "Imported")


def test_documents_equal_a_rebuild_from_nothing(tmp_path):
    Website()
    things = [
        *library(tmp_path),
        full_post("first"),
        post("draft", status="draft"),
        post("secret", status="private"),
        item("page", "below", parent="about"),
    ]
    bring_in(things, tmp_path)
    incremental = snapshot()
    assert find_gaps() == Gaps((), (), (), 0)
    Document.objects.all().delete()
    rebuild_documents(restart=True)
    rebuilt = snapshot()
    assert incremental == rebuilt, difference(incremental, rebuilt)


def test_the_comparison_with_a_rebuild_can_fail(tmp_path, monkeypatch):
    Website()
    monkeypatch.setattr(pages, "sync_pages", lambda pks: 0)
    bring_in([post("first")], tmp_path)
    assert find_gaps().missing == (BlogPostPage.objects.get().pk,)


def test_the_comparison_with_wagtail_can_fail(tmp_path, monkeypatch):
    website = Website()
    monkeypatch.setattr(ReferenceIndex, "create_or_update_for_object", lambda page: None)
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    monkeypatch.undo()
    imported = BlogPostPage.objects.get(slug="first")
    assert references(imported) != references(by_wagtail(imported, website))


@pytest.mark.parametrize("status", ["draft", "scheduled", "private"])
def test_what_is_not_public_has_no_document(tmp_path, status):
    Website()
    moment = day(1).replace(year=2999) if status == "scheduled" else day(1)
    before = Document.objects.count()
    things = [*library(tmp_path), full_post("hidden", status=status)]
    things[-1] = full_post("hidden", status=status)
    object.__setattr__(things[-1], "published_at", moment)
    bring_in(things, tmp_path)
    assert not Document.objects.filter(slug="hidden").exists()
    assert Document.objects.count() == before + 2  # the profile and the page
    assert Tag.objects.count() == 2
    page = BlogPostPage.objects.get()
    assert page.live is (status == "private")
    assert page.has_unpublished_changes is (status != "private")
    assert page.go_live_at == (moment if status == "scheduled" else None)
    scheduled = Revision.objects.filter(approved_go_live_at=moment).count()
    assert scheduled == (1 if status == "scheduled" else 0)
    restrictions = list(PageViewRestriction.objects.values_list("page", "restriction_type"))
    assert restrictions == ([(page.pk, "login")] if status == "private" else [])


def test_a_scheduled_post_goes_live_by_wagtail_s_own_clock(tmp_path):
    Website()
    moment = day(1).replace(year=2999)
    bring_in([post("later", status="scheduled", published_at=moment)], tmp_path)
    page = BlogPostPage.objects.get()
    assert page.approved_schedule is True
    Page.objects.filter(pk=page.pk).update(go_live_at=day(1))
    revision = page.get_latest_revision()
    content = revision.content | {"go_live_at": day(1).isoformat()}
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=day(1), content=content)
    Revision.objects.get(pk=revision.pk).publish()
    assert Document.objects.filter(slug="later").exists()


def test_an_editor_can_change_and_publish_it(tmp_path, client, admin):
    Website()
    bring_in([*library(tmp_path), full_post("first")], tmp_path)
    page = BlogPostPage.objects.get()
    client.force_login(admin)
    answer = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert answer.status_code == 200
    fresh = page.get_latest_revision_as_object()
    fresh.title = "Another title"
    fresh.save_revision(user=admin).publish()
    page.refresh_from_db()
    assert (page.title, page.live, page.revisions.count()) == ("Another title", True, 2)
    assert Document.objects.get(slug="first").title == "Another title"
    assert [author.profile.title for author in page.post_authors.all()] == ["Ada Lovelace"]
    assert {tag.name for tag in page.tags.all()} == {"red", "blue"}
    assert ImportedItem.objects.get(key="first").revision_id != page.latest_revision_id
