"""A page's editor leads to the same page as websites get it."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.interface import User
from cms.admin.api_link import api_view_buttons
from cms.models import HomePage, StandardPage
from delivery.interface import document_id_for
from tests.cms.editing import edit_url, make_draft, make_home, save
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(editorial_setup: None) -> HomePage:
    home = make_home()
    home.save_revision().publish()
    return HomePage.objects.get(pk=home.pk)


@pytest.fixture
def page(home: HomePage, editor: User) -> StandardPage:
    return make_draft(home, editor, "About")


def link_in_editor(user: User, page: StandardPage) -> str | None:
    body = client_of(user).get(edit_url(page)).content.decode()
    found = re.search(r'<a[^>]*href="([^"]*/api/v1/content/[^"]*)"', body)
    return found[1] if found else None


def test_a_live_page_links_to_its_document(
    page: StandardPage, editor: User, moderator: User
) -> None:
    assert link_in_editor(editor, page) is None
    save(client_of(moderator), page, "publish")
    link = link_in_editor(editor, page)
    document_id = document_id_for("page", page.pk)
    assert link == f"/api/v1/content/pages/{document_id}"
    answer = client_of(editor).get(link)
    assert answer.status_code == 200
    assert answer.json()["data"]["id"] == str(document_id)
    client_of(moderator).post(f"/admin/pages/{page.pk}/unpublish/")
    assert link_in_editor(editor, page) is None


def test_the_link_leads_to_the_apis_own_host(
    page: StandardPage, moderator: User, settings: Settings
) -> None:
    settings.API_BASE_URL = "https://api.example.com"
    save(client_of(moderator), page, "publish")
    link = link_in_editor(moderator, page) or ""
    assert link.startswith("https://api.example.com/api/v1/content/pages/")


def test_it_costs_one_select(
    page: StandardPage, moderator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert list(api_view_buttons(page)) == []
    save(client_of(moderator), page, "publish")
    page = StandardPage.objects.get(pk=page.pk)
    with django_assert_num_queries(1):
        assert len(list(api_view_buttons(page))) == 1
