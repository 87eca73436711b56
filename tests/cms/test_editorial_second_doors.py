"""Nothing unreviewed becomes public by a side door: translation, copies, moves, privacy, banners."""

from typing import Any

import pytest
from wagtail.models import Locale, Page, PageViewRestriction, Site

from accounts.interface import User
from cms.models import Banner, HomePage, StandardPage
from tests.cms.editing import make_draft, make_home
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(editorial_setup: None) -> HomePage:
    home = make_home()
    home.save_revision().publish()
    return HomePage.objects.get(pk=home.pk)


@pytest.fixture
def live_page(home: HomePage, moderator: User) -> StandardPage:
    page = make_draft(home, moderator, "Public")
    page.save_revision().publish()
    return StandardPage.objects.get(pk=page.pk)


@pytest.fixture
def french(editorial_setup: None) -> Locale:
    return Locale.objects.get(language_code="fr")


def live_pages() -> set[tuple[str, str]]:
    pages = Page.objects.filter(live=True, depth__gt=1)
    return set(pages.values_list("url_path", "locale__language_code"))


def test_a_translated_banner_is_a_draft(home: HomePage, editor: User, french: Locale) -> None:
    banner = Banner.objects.create(site=Site.objects.get(), text="Approved.", locale=home.locale)
    banner.save_revision().publish()
    banner.text = "Not approved."
    banner.save_revision(user=editor)
    url = f"/admin/translation/submit/snippet/cms/banner/{banner.pk}/"
    assert client_of(editor).post(url, {"locales": [french.pk]}).status_code == 302
    copy = Banner.objects.get(locale=french)
    assert (copy.text, copy.live, copy.live_revision) == ("Not approved.", False, None)
    assert list(Banner.objects.filter(live=True)) == [banner]


def test_an_editor_does_not_publish_a_banner(home: HomePage, editor: User) -> None:
    banner = Banner.objects.create(
        site=Site.objects.get(), text="A draft.", locale=home.locale, live=False
    )
    form = {"site": banner.site_id, "text": "Mine.", "kind": "info", "action-publish": "on"}
    client_of(editor).post(f"/admin/snippets/cms/banner/edit/{banner.pk}/", form)
    banner.refresh_from_db()
    assert banner.live is False


@pytest.mark.parametrize("options", [{"alias": "on"}, {"publish_copies": "on"}, {}])
def test_an_editors_copy_is_a_draft(
    options: dict[str, str], home: HomePage, live_page: StandardPage, editor: User
) -> None:
    before = live_pages()
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": home.pk} | options
    client_of(editor).post(f"/admin/pages/{live_page.pk}/copy/", form)
    assert Page.objects.filter(slug="copy").exists()
    assert live_pages() == before


def test_an_editors_translation_is_a_draft(
    home: HomePage, live_page: StandardPage, editor: User, french: Locale
) -> None:
    before = live_pages()
    form = {"locales": [french.pk], "include_subtree": "on"}
    url = f"/admin/translation/submit/page/{home.pk}/"
    assert client_of(editor).post(url, form).status_code == 302
    assert Page.objects.filter(locale=french).count() == 2
    assert live_pages() == before


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("move/{home}/confirm/", {}),
        ("privacy/", {"restriction_type": "login"}),
        ("unpublish/", {}),
        ("delete/", {}),
        ("convert_alias/", {}),
        ("lock/", {}),
    ],
)
def test_an_editor_leaves_what_is_public_where_it_is(
    path: str, form: dict[str, Any], home: HomePage, live_page: StandardPage, editor: User
) -> None:
    target = make_draft(home, editor, "Elsewhere")
    before = live_pages()
    url = f"/admin/pages/{live_page.pk}/{path.format(home=target.pk)}"
    client_of(editor).post(url, form)
    assert live_pages() == before
    assert PageViewRestriction.objects.count() == 0
    assert Page.objects.get(pk=live_page.pk).locked is False


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
def test_bulk_actions_leave_it_too(
    action: str, home: HomePage, live_page: StandardPage, editor: User
) -> None:
    draft = make_draft(home, editor, "Mine")
    before = live_pages()
    pages = f"id={live_page.pk}&id={draft.pk}"
    form = {"chooser": home.pk, "include_descendants": "on"}
    client_of(editor).post(f"/admin/bulk/wagtailcore/page/{action}/?{pages}", form)
    assert live_pages() == before
