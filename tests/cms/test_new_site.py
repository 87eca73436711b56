"""`manage.py start_site`: an empty website where there was only the welcome page."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.models import Page, Site

from cms.models import HomePage
from tests.cms.editing import make_home

pytestmark = pytest.mark.django_db


def start(title: str) -> str:
    out = StringIO()
    call_command("start_site", title, stdout=out)
    return out.getvalue()


def test_a_new_website_has_a_published_home_page_and_a_name(client: Client) -> None:
    assert start("  Notes &\nmargins ") == "“Notes & margins” has a home page now.\n"
    home = HomePage.objects.get()
    assert (home.live, home.title) == (True, "Notes & margins")
    assert Site.objects.get().root_page_id == home.pk
    assert list(Page.objects.filter(depth=2)) == [home.page_ptr]
    document = client.get("/api/v1/content/resolve?path=/").json()["data"]
    assert document["title"] == "Notes & margins"
    assert client.get("/api/v1/content/site").json()["data"]["brand"]["name"] == "Notes & margins"


def test_a_second_run_changes_nothing() -> None:
    start("Notes")
    assert start("Other") == "The default site has a home page already: “Notes”.\n"
    assert [page.title for page in HomePage.objects.all()] == ["Notes"]
    assert HomePage.objects.get().revisions.count() == 1


def test_a_website_in_use_is_left_alone() -> None:
    home = make_home()
    assert start("Other") == "The default site has a home page already: “Home”.\n"
    assert Site.objects.get().root_page_id == home.pk


@pytest.mark.parametrize("title", ["", "  ", "x" * 101])
def test_a_name_that_cannot_be_is_refused(title: str) -> None:
    with pytest.raises(CommandError, match="1 to 100 characters") as refused:
        start(title)
    assert refused.value.returncode == 2
    assert not HomePage.objects.exists()
