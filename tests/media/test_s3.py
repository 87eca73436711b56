"""The stores on a real S3 server: who reads what, and for how long."""

import urllib.parse
from pathlib import Path

import httpx
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from wagtail.models import Collection, CollectionViewRestriction

from accounts.interface import User
from media.interface import CustomRendition, describe_image
from media.storages import S3PrivateStorage
from site_config.settings.parts.storage import s3_settings, storage_settings
from tests.media.pictures import save_image
from tests.media.test_documents import PDF, save_document
from tests.people import client_of

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def on_s3(
    s3_variables: dict[str, str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The settings as a deployment has them that names the S3 server."""
    for name, value in s3_variables.items():
        monkeypatch.setenv(name, value)
    settings.MEDIA_S3 = s3_settings()
    settings.STORAGES = storage_settings(tmp_path, settings.MEDIA_S3)
    # A field looks its storage up once, when the process starts.
    file = CustomRendition._meta.get_field("file")
    monkeypatch.setattr(file, "storage", storages["renditions"])


def query_of(url: str) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def changed(url: str, name: str, value: str) -> str:
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.urlencode(query_of(url) | {name: value})
    return parts._replace(query=query).geturl()


def test_original_needs_a_signature() -> None:
    image = save_image("harbour.jpg", (400, 300))
    url = image.file.url

    signed = httpx.get(url)

    with image.file.open("rb") as file:
        assert signed.content == file.read()
    assert signed.status_code == 200
    assert signed.headers["Content-Type"] == "image/jpeg"
    assert signed.headers["Cache-Control"] == "private, no-store"
    assert query_of(url)["X-Amz-Expires"] == "300"
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert (
        httpx.get(url.replace(image.file.name, "originals/" + "0" * 32 + ".jpg")).status_code == 403
    )
    assert httpx.get(changed(url, "X-Amz-Expires", "3000")).status_code == 403
    assert httpx.get(changed(url, "X-Amz-Signature", "0" * 64)).status_code == 403
    bucket = url.partition("/private/")[0]
    assert httpx.get(bucket).status_code == 403
    assert httpx.put(bucket + "/private/x", content=b"x").status_code == 403


def test_signed_address_expires() -> None:
    image = save_image()
    with time_machine.travel("2026-01-01T00:00:00Z"):
        old = image.file.url
    assert httpx.get(old).status_code == 403
    assert httpx.get(image.file.url).status_code == 200


def test_no_signature_lives_longer_than_five_minutes() -> None:
    storage = storages["default"]
    assert isinstance(storage, S3PrivateStorage)

    assert query_of(storage.url("originals/x.jpg", expire=604_800))["X-Amz-Expires"] == "300"
    assert query_of(storage.url("originals/x.jpg", expire=10))["X-Amz-Expires"] == "10"


def test_renditions_are_public_and_immutable() -> None:
    seen = describe_image(save_image("harbour.jpg", (700, 500)))

    for source in (seen.src, *seen.sources):
        assert "?" not in source.url
        answer = httpx.get(source.url)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == source.type
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert httpx.delete(seen.src.url).status_code == 403
    assert httpx.get(seen.src.url.partition("/renditions/")[0] + "/").status_code == 403


def test_nothing_is_overwritten() -> None:
    storage = storages["default"]
    first = storage.save("originals/same.jpg", ContentFile(b"first"))
    second = storage.save("originals/same.jpg", ContentFile(b"second"))

    assert first != second
    with storage.open(first) as file:
        assert file.read() == b"first"
    storage.delete(first)
    storage.delete(second)


def test_document_is_given_by_a_signed_address(client: Client) -> None:
    document = save_document("Prix à la carte.pdf")

    redirect = client.get(document.url)

    assert redirect.status_code == 302
    assert redirect.headers["Cache-Control"] == "private, no-store"
    url = redirect.headers["Location"]
    assert int(query_of(url)["X-Amz-Expires"]) <= 300
    file = httpx.get(url)
    assert file.content == PDF
    assert file.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''Prix%20%C3%A0%20la%20carte.pdf"
    )
    assert file.headers["Content-Type"] == "application/pdf"
    assert httpx.get(document.file.url).headers["Content-Disposition"] == "attachment"
    inline = changed(url, "response-content-disposition", "inline")
    assert httpx.get(inline).status_code == 403


def test_private_document_is_refused_before_any_address_is_signed(
    client: Client, stranger: User, moderator: User
) -> None:
    collection = Collection.get_first_root_node().add_child(name="Members")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="groups"
    )
    restriction.groups.add(*moderator.groups.all())
    document = save_document("a.pdf", collection=collection)

    for browser in (client, client_of(stranger)):
        refusal = browser.get(document.url)
        assert refusal.headers["Location"] == f"/login/?next=/documents/{document.pk}/a.pdf"
    given = client_of(moderator).get(document.url)
    assert httpx.get(given.headers["Location"]).content == PDF


def test_deletion_takes_the_files_along(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    image, document = save_image("harbour.jpg", (700, 500)), save_document("a.pdf")
    seen = describe_image(image)
    urls = [image.file.url, document.file.url, seen.src.url]
    assert [httpx.get(url).status_code for url in urls] == [200, 200, 200]
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
        document.delete()

    assert [httpx.get(url).status_code for url in urls] == [404, 404, 404]


def test_local_addresses_are_not_there(client: Client) -> None:
    assert client.get("/media/private/x").status_code == 404
    assert client.get(f"/media/images/{'0' * 32}.jpg").status_code == 404


def test_no_secret_is_handed_to_a_queue() -> None:
    for alias in ("default", "renditions"):
        assert storages[alias].deconstruct()[1:] == ((), {})  # type: ignore[attr-defined]
