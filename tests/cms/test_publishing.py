"""What each edit does to the documents, through Wagtail's own actions."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.contrib.redirects.models import Redirect as EditedRedirect
from wagtail.models import Page, PageViewRestriction

from cms.document_builders.context import page_document_id
from cms.edits import page_published
from cms.models import Category
from core.interface import NotInTransaction, utc_now
from delivery.models import DeliverySite, Document, DocumentVersion, Redirect
from tests.cms.documents import document, events_since, last_sequence
from tests.factories.cms import Website, edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def website() -> Website:
    return Website()


def test_a_draft_has_no_document_and_no_event(website):
    before = last_sequence()
    post = website.post("Secret", is_published=False, tags=["hidden-tag"])
    assert document(post) is None
    assert events_since(before) == []
    assert not Document.objects.filter(type="tags").exists()


def test_publishing_writes_document_version_and_one_event(website):
    before = last_sequence()
    post = website.post("Hello", intro="First words.")
    row = document(post)
    assert row is not None
    assert (row.type, row.path, row.locale, row.version) == ("blog-posts", "/blog/hello/", "en", 1)
    assert json.loads(row.head)["summary"] == "First words."
    assert events_since(before) == [("content.published", "/blog/hello/")]
    version = DocumentVersion.objects.get(document_id=row.id)
    assert (version.version, version.valid_to, version.head) == (1, None, row.head)


def test_a_draft_edit_of_a_live_page_changes_nothing_until_it_is_published(website):
    post = website.post("Hello")
    before = last_sequence()
    post.title = "Changed in a draft"
    revision = post.save_revision()
    assert events_since(before) == []
    assert document(post).title == "Hello"
    revision.publish()
    assert document(post).title == "Changed in a draft"
    assert events_since(before) == [("content.updated", "/blog/hello/")]


def test_publishing_the_same_again_changes_the_revision_only(website):
    post = website.post("Hello")
    head = document(post).head
    edit(post)
    assert document(post).head == head
    assert document(post).revision == post.live_revision_id


def test_unpublishing_removes_the_document_and_closes_its_history(website):
    post = website.post("Hello")
    before = last_sequence()
    post.unpublish()
    assert document(post) is None
    assert events_since(before) == [("content.unpublished", "/blog/hello/")]
    assert list(DocumentVersion.objects.filter(valid_to__isnull=True, slug="hello")) == []


def test_publishing_again_goes_on_counting_versions(website):
    post = website.post("Hello")
    post.unpublish()
    edit(post)
    assert document(post).version == 2


def test_a_new_slug_moves_the_page_and_all_below_it_and_leaves_redirects(website):
    post = website.post("Hello")
    before = last_sequence()
    edit(website.blog, slug="journal")
    assert document(website.blog).path == "/journal/"
    assert document(post).path == "/journal/hello/"
    assert sorted(events_since(before)) == [
        ("content.moved", "/journal/"),
        ("content.moved", "/journal/hello/"),
        ("site.redirects_changed", ""),
        ("site.redirects_changed", ""),
    ]
    assert set(Redirect.objects.values_list("path", "document_id")) == {
        ("/blog", page_document_id(website.blog.pk)),
        ("/blog/hello", page_document_id(post.pk)),
    }
    assert set(EditedRedirect.objects.values_list("old_path", flat=True)) == {
        "/blog",
        "/blog/hello",
    }


def test_a_moved_page_takes_its_children_along(website):
    about = website.standard("About")
    team = website.add(about, type(about)(title="Team"))
    other = website.standard("Other")
    MovePageAction(about, other, pos="last-child").execute(skip_permission_checks=True)
    assert document(about).path == "/other/about/"
    assert document(team).path == "/other/about/team/"
    assert json.loads(document(about).head)["parent"] == str(page_document_id(other.pk))


def test_a_page_that_moves_to_another_site_leaves_its_redirect_where_it_was(website):
    other = Website("other.example.com", slug="other", is_default=False)
    about = website.standard("About")
    before = last_sequence()
    MovePageAction(about, other.home, pos="last-child").execute(skip_permission_checks=True)
    row = document(about)
    # At the same path, and yet elsewhere.
    assert (row.site_id, row.path) == (other.site.pk, "/about/")
    assert ("content.moved", "/about/") in events_since(before)
    assert list(Redirect.objects.values_list("site_id", "path", "document_id")) == [
        (website.site.pk, "/about", row.id)
    ]


def restrict(page: Page) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def test_moving_under_a_private_parent_removes_the_documents(website):
    about = website.standard("About")
    team = website.add(about, type(about)(title="Team"))
    private = website.standard("Private")
    restrict(private)
    MovePageAction(about, private, pos="last-child").execute(skip_permission_checks=True)
    assert document(about) is None
    assert document(team) is None
    about.refresh_from_db()
    MovePageAction(about, website.home, pos="last-child").execute(skip_permission_checks=True)
    assert document(team).path == "/about/team/"


def test_a_view_restriction_hides_the_subtree_and_its_end_shows_it(website):
    post = website.post("Hello")
    before = last_sequence()
    restriction = restrict(website.blog)
    assert (document(website.blog), document(post)) == (None, None)
    assert sorted(events_since(before)) == [
        ("content.unpublished", "/blog/"),
        ("content.unpublished", "/blog/hello/"),
    ]
    restriction.delete()
    assert document(post).path == "/blog/hello/"


def test_publishing_below_a_restriction_writes_nothing(website):
    restrict(website.blog)
    before = last_sequence()
    post = website.post("Members only", tags=["inner"])
    assert document(post) is None
    assert events_since(before) == []


def test_deleting_a_page_deletes_the_documents_below_it(website):
    post = website.post("Hello")
    before = last_sequence()
    website.blog.delete()
    assert document(post) is None
    assert sorted(events_since(before)) == [
        ("content.deleted", "/blog/"),
        ("content.deleted", "/blog/hello/"),
    ]


def test_deleting_an_author_rebuilds_the_posts_that_name_her(website):
    ada, grace = website.profile("Ada"), website.profile("Grace")
    post = website.post("Hello", authors=[ada, grace])
    ada.delete()
    assert json.loads(document(post).head)["authors"] == [str(page_document_id(grace.pk))]


def test_renaming_an_author_changes_her_document_alone(website):
    ada = website.profile("Ada")
    posts = [website.post(f"Post {n}", authors=[ada]) for n in range(3)]
    before = last_sequence()
    edit(ada, title="Ada King")
    assert events_since(before) == [("content.updated", "/people/ada/")]
    assert [document(post).version for post in posts] == [1, 1, 1]


def test_an_alias_is_public_from_its_birth_and_follows_its_source(website):
    about = website.standard("About", intro="One.")
    alias = CreatePageAliasAction(about, update_slug="about-too").execute(
        skip_permission_checks=True
    )
    assert document(alias).path == "/about-too/"
    assert json.loads(document(alias).head)["summary"] == "One."
    edit(about, intro="Two.")
    assert json.loads(document(alias).head)["summary"] == "Two."
    about.unpublish()
    assert document(alias) is None


def test_an_alias_of_a_post_has_its_authors_tags_and_categories(website):
    ada = website.profile("Ada")
    category = Category.objects.create(name="Craft", slug="craft", locale=website.english)
    post = website.post("Hello", authors=[ada], tags=["x"])
    edit(post, categories=[category])
    alias = CreatePageAliasAction(post, update_slug="copy").execute(skip_permission_checks=True)
    head, original = json.loads(document(alias).head), json.loads(document(post).head)
    assert [head[name] for name in ("authors", "tags", "categories")] == [
        original[name] for name in ("authors", "tags", "categories")
    ]


def test_a_live_copy_is_public_and_a_copied_restriction_hides_it(website):
    about = website.standard("About")
    twin = about.copy(update_attrs={"slug": "twin"}, keep_live=True)
    assert document(twin).path == "/twin/"
    restrict(about)
    hidden = about.copy(update_attrs={"slug": "hidden"}, keep_live=True)
    assert document(hidden) is None


def test_a_translation_is_public_under_its_languages_prefix(website):
    about = website.standard("About")
    CopyPageForTranslationAction(website.home, website.french).execute(skip_permission_checks=True)
    home = website.home.get_translation(website.french)
    home.save_revision().publish()
    french = CopyPageForTranslationAction(about, website.french).execute(
        skip_permission_checks=True
    )
    assert document(french) is None
    french.title, french.slug = "À propos", "a-propos"
    french.save_revision().publish()
    row = document(french)
    assert (row.path, row.locale) == ("/fr/a-propos/", "fr")
    assert row.translation_key == document(about).translation_key
    assert DeliverySite.objects.get().locales == ["en", "fr"]


def test_an_alias_for_translation_is_public_with_its_source(website):
    CopyPageForTranslationAction(website.home, website.french, alias=True).execute(
        skip_permission_checks=True
    )
    home = website.home.get_translation(website.french)
    assert document(home).path == "/fr/"


def test_scheduled_publication_and_expiry(website):
    post = website.post("Later", is_published=False)
    post.go_live_at = utc_now() + timedelta(hours=1)
    post.expire_at = utc_now() + timedelta(hours=2)
    post.save_revision().publish()
    assert document(post) is None
    with time_at(hours=1, minutes=1):
        call_command("publish_scheduled")
        assert document(post).path == "/blog/later/"
    with time_at(hours=2, minutes=1):
        call_command("publish_scheduled")
    assert document(post) is None


def time_at(**delta):
    return time_machine.travel(utc_now() + timedelta(**delta), tick=True)


def test_nothing_of_the_account_behind_a_profile_is_public(website, django_user_model):
    user = django_user_model.objects.create_user("canary@example.com", "pw", name="Canary Name")
    ada = website.profile("Ada", user=user)
    row = document(ada)
    assert "canary" not in (row.head + row.content).lower()


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_publishing_commits_page_document_and_event_together(self, website):
        post = website.post("Hello")
        before = last_sequence()
        post.title = "Never"
        revision = post.save_revision()

        @transaction.atomic
        def publish_and_fail() -> None:
            revision.publish()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            publish_and_fail()
        post.refresh_from_db()
        assert (post.title, document(post).title) == ("Hello", "Hello")
        assert events_since(before) == []

    def test_a_failed_document_undoes_the_publication(self, website, monkeypatch):
        post = website.post("Hello")
        post.title = "Never"
        revision = post.save_revision()
        monkeypatch.setattr("cms.edits.publish_page", lambda page: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            revision.publish()
        post.refresh_from_db()
        assert post.title == "Hello"

    def test_a_bare_unpublish_action_still_removes_the_document(self, website):
        post = website.post("Hello")
        UnpublishPageAction(post).execute(skip_permission_checks=True)
        assert document(post) is None

    def test_a_publication_outside_a_transaction_is_refused(self, website):
        post = website.post("Hello")
        Document.objects.filter(id=page_document_id(post.pk)).delete()
        with pytest.raises(NotInTransaction):
            page_published(post)
        assert document(post) is None

    def test_reconciling_closes_what_went_behind_wagtails_back(self, website, capsys):
        shown, hidden = website.post("Shown"), website.post("Hidden")
        Document.objects.filter(id=page_document_id(shown.pk)).delete()
        Page.objects.filter(pk=hidden.pk).update(live=False)
        with pytest.raises(CommandError, match="gaps"):
            call_command("reconcile_documents", "--check")
        call_command("reconcile_documents")
        assert document(shown).path == "/blog/shown/"
        assert document(hidden) is None
        call_command("reconcile_documents", "--check")
