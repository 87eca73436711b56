"""What the public is told of images and files when they change behind a published page."""

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction, Page

from accounts.interface import User
from delivery.models import Document
from media.interface import CustomImage
from tests.cms.documents import document
from tests.factories.cms import Website
from tests.media.pictures import picture_bytes, save_image
from tests.media.test_documents import save_document
from tests.people import client_of

pytestmark = pytest.mark.django_db


def head_of_image() -> dict[str, Any]:
    head: dict[str, Any] = json.loads(Document.objects.get(type="images").head)
    return head


def offered_file(page: Page) -> dict[str, Any] | None:
    row = document(page)
    assert row is not None
    offered: dict[str, Any] | None = json.loads(row.content)["body"][0]["value"]["file"]
    return offered


def replace_in_admin(admin: User, image: CustomImage, content: bytes) -> None:
    form = {
        "title": "Harbour",
        "collection": image.collection_id,
        "file": SimpleUploadedFile("new.jpg", content),
    }
    url = reverse("wagtailimages:edit", args=[image.pk])
    assert client_of(admin).post(url, form).status_code == 302


def replace_in_code(admin: User, image: CustomImage, content: bytes) -> None:
    image.file = ContentFile(content, name="new.jpg")  # type: ignore[assignment]
    image.save()


@pytest.mark.parametrize("replace", [replace_in_admin, replace_in_code])
def test_new_file_of_a_published_image_is_public_at_once(
    admin: User, client: Client, replace: Any
) -> None:
    image = save_image("old.jpg", (700, 350))
    Website().post("Hello", cover_image=image)
    before = head_of_image()

    replace(admin, image, picture_bytes("jpg", (1500, 500)))

    after = head_of_image()
    assert (after["width"], after["height"]) == (1500, 500)
    assert {source["url"] for source in before["sources"]}.isdisjoint(
        source["url"] for source in after["sources"]
    )
    for url in (after["src"], *(source["url"] for source in after["sources"])):
        assert client.get(url).status_code == 200


def test_image_that_cannot_be_read_does_not_hold_up_a_text() -> None:
    image = save_image("a.jpg", (700, 350))
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(b"\xff\xd8\xff" + b"\0" * 100)

    post = Website().post("Hello", cover_image=image)

    row = document(post)
    assert row is not None
    assert row.title == "Hello"


def test_file_of_a_private_collection_is_not_even_named() -> None:
    collection = Collection.get_first_root_node().add_child(name="Members")
    below = collection.add_child(name="Below")
    file = save_document("prices.pdf", collection=below)
    post = Website().post("Hello", body=[("file", {"document": file, "title": ""})])
    offered = offered_file(post)
    assert offered is not None
    assert (offered["title"], offered["filename"]) == ("Prices", "prices.pdf")
    assert (offered["url"], offered["size_bytes"]) == (file.url, file.file_size)

    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="login"
    )
    assert offered_file(post) is None
    restriction.delete()
    assert offered_file(post) == offered
    restriction.pk = None
    restriction.save()
    file.collection = Collection.get_first_root_node()
    file.save()
    assert offered_file(post) == offered
