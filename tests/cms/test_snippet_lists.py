"""The lists of categories, menus and banners."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from cms.models import Banner, Category, NavigationMenu
from tests.factories.cms import Website
from tests.people import client_of

pytestmark = pytest.mark.django_db

# Wagtail asks for each row whether it may be translated still, and whether it is scheduled.
WAGTAILS = (
    'SELECT 1 AS "a" FROM "wagtailcore_locale" WHERE NOT',
    'SELECT "wagtailcore_revision"."id"',
)
LISTS = ("category", "navigationmenu", "banner")


@pytest.fixture
def website(editorial_setup: None) -> Website:
    website = Website()
    wider = Category.objects.create(name="Craft", slug="craft", locale=website.english)
    Category.objects.create(name="Print", slug="print", locale=website.english, parent=wider)
    NavigationMenu.objects.create(name="main", site=website.site, locale=website.english)
    Banner.objects.create(
        text="Two places left",
        kind=Banner.Kind.WARNING,
        site=website.site,
        locale=website.english,
        expire_at=datetime(2031, 3, 4, tzinfo=UTC),
    )
    return website


def rows(user: User, name: str, query: str = "") -> list[str]:
    """The words of each row."""
    response = client_of(user).get(f"/admin/snippets/cms/{name}/{query}")
    assert response.status_code == 200
    listing = response.content.decode().partition('id="listing-results"')[2]
    body = listing.partition("<tbody")[2].partition("</tbody>")[0]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row))
        for row in body.split("</tr>")
        if "<td" in row
    ]


def test_rows_say_what_tells_one_from_another(website: Website, moderator: User) -> None:
    wide, narrow = rows(moderator, "category")
    assert "Craft" in wide
    assert "Print" in narrow
    assert "Craft" in narrow
    assert "English" in narrow
    (menu,) = rows(moderator, "navigationmenu")
    assert "main" in menu
    assert "Test [default]" in menu
    assert "English" in menu
    (banner,) = rows(moderator, "banner")
    for words in (
        "Two places left",
        "Warning",
        "Test [default]",
        "March 4, 2031",
        "English",
        "live",
    ):
        assert words in banner


def test_banners_of_a_kind_are_found(website: Website, moderator: User) -> None:
    assert len(rows(moderator, "banner", "?kind=warning")) == 1
    assert rows(moderator, "banner", "?kind=info") == []


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_with_many_rows(
    website: Website, moderator: User, name: str
) -> None:
    numbers = []
    for number in range(2):
        rows(moderator, name)
        with CaptureQueriesContext(connection) as queries:
            rows(moderator, name)
        ours = [query for query in queries if not query["sql"].startswith(WAGTAILS)]
        numbers.append(len(ours))
        for more in range(3 * (1 - number)):
            place = {"site": website.site, "locale": website.english}
            wider = Category.objects.create(name="W", slug=f"w{more}", locale=website.english)
            Category.objects.create(name="N", slug=f"n{more}", locale=website.english, parent=wider)
            NavigationMenu.objects.create(name=f"menu-{more}", **place)
            Banner.objects.create(text="More", **place)
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("name", ["navigationmenu", "banner"])
def test_what_is_new_is_for_the_only_website(website: Website, moderator: User, name: str) -> None:
    chosen = f'<option value="{website.site.pk}" selected>'
    address = f"/admin/snippets/cms/{name}/add/"

    assert chosen in client_of(moderator).get(address).content.decode()
    Website("other.example.com", slug="other", is_default=False)
    assert chosen not in client_of(moderator).get(address).content.decode()


def test_the_slug_of_a_category_follows_its_name(website: Website, moderator: User) -> None:
    form = client_of(moderator).get("/admin/snippets/cms/category/add/").content.decode()

    name = re.search(r'<input[^>]*name="name"[^>]*>', form)
    slug = re.search(r'<input[^>]*name="slug"[^>]*>', form)
    assert name is not None
    assert slug is not None
    assert 'data-w-sync-target-value="#id_slug"' in name.group()
    assert "w-slug" in slug.group()
