"""The admin's pages beside a store that is private."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.images.exceptions import InvalidFilterSpecError

from accounts.interface import User
from media.interface import CustomRendition
from tests.media.pictures import save_image
from tests.media.test_documents import save_document
from tests.people import client_of

pytestmark = pytest.mark.django_db


def test_edit_page_links_to_the_original_without_making_it_public(
    admin: User, client: Client
) -> None:
    image = save_image("harbour.jpg", (900, 700))

    page = client_of(admin).get(reverse("wagtailimages:edit", args=[image.pk])).content.decode()

    link = re.search(r'href="(/media/private/[^"]+)"', page)
    assert link is not None
    original = client.get(link.group(1))
    assert original.headers["Content-Type"] == "image/jpeg"
    with image.file.open("rb") as file:
        assert original.getvalue() == file.read()
    shown = re.search(r'src="(/media/images/[0-9a-f]{32}\.jpg)"', page)
    assert shown is not None
    assert client.get(shown.group(1)).status_code == 200
    assert set(CustomRendition.objects.values_list("filter_spec", flat=True)) == {"max-800x600"}


@pytest.mark.parametrize(
    "name",
    [
        "wagtailimages:index",
        "wagtailimages_chooser:choose",
        "wagtaildocs:index",
        "wagtaildocs_chooser:choose",
    ],
)
def test_lists_show_what_is_there(admin: User, name: str) -> None:
    save_image("harbour.jpg", (900, 700))
    save_document("Price list.pdf")

    page = client_of(admin).get(reverse(name))

    assert page.status_code == 200
    assert "Harbour" in page.content.decode() or "Prices" in page.content.decode()


def test_document_page_links_to_the_file_under_its_own_name(admin: User) -> None:
    document = save_document("Price list.pdf")
    browser = client_of(admin)

    page = browser.get(reverse("wagtaildocs:edit", args=[document.pk])).content.decode()

    assert f'href="/documents/{document.pk}/Price%20list.pdf"' in page
    assert browser.get(f"/documents/{document.pk}/Price%20list.pdf").getvalue().startswith(b"%PDF")


@pytest.mark.parametrize("spec", ["width-99999", "scale-5000", "max-801x600", "fill-9000x9000"])
def test_no_other_size_is_made(spec: str) -> None:
    image = save_image()

    with pytest.raises(InvalidFilterSpecError):
        image.get_rendition(spec)
    with pytest.raises(InvalidFilterSpecError):
        image.get_renditions(spec, "max-165x165")

    assert image.renditions.count() == 0


def test_sizes_on_demand_have_no_address(admin: User) -> None:
    image = save_image()

    for path in (
        f"/images/signature/{image.pk}/width-99999/",
        f"/media/images/{image.pk}/width-10/",
    ):
        assert client_of(admin).get(path).status_code == 404
