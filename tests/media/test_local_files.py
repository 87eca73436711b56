"""The local stores over HTTP."""

from pathlib import Path

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core.files.storage import storages
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from media.interface import describe_image
from media.responses import file_response
from tests.media.pictures import picture_bytes, save_image

pytestmark = pytest.mark.django_db


def test_rendition_is_public_and_immutable(client: Client) -> None:
    source = describe_image(save_image(size=(400, 300))).sources[0]

    response = client.get(source.url)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.content[8:12] == b"WEBP"
    again = client.get(source.url, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_original_is_reached_by_a_signed_address_only(client: Client) -> None:
    image = save_image()

    signed = client.get(image.file.url)

    assert signed.status_code == 200
    assert signed.getvalue() == Path(image.file.path).read_bytes()
    assert signed.headers["Cache-Control"] == "private, no-store"
    assert signed.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert signed.headers["X-Content-Type-Options"] == "nosniff"
    assert signed.headers["Content-Disposition"] == "inline"
    assert client.get(f"/media/private/{image.file.name}").status_code == 403
    assert client.get(f"/media/{image.file.name}").status_code == 404


def test_files_ask_nothing_of_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    image = save_image()
    public, private = describe_image(image).src.url, image.file.url
    with django_assert_num_queries(0):
        client.get(public)
        client.get(private).getvalue()


@pytest.mark.parametrize("position", [0, 5, 40, -1])
def test_changed_address_is_refused(client: Client, position: int) -> None:
    url = save_image().file.url.removeprefix("/media/private/")
    letters = list(url)
    letters[position] = "A" if letters[position] != "A" else "B"

    response = client.get("/media/private/" + "".join(letters))

    assert response.status_code == 403
    assert response.headers["Cache-Control"] == "private, no-store"


def test_address_lives_five_minutes(client: Client) -> None:
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        url = save_image().file.url
        clock.shift(300)
        assert client.get(url).getvalue() == picture_bytes()
        clock.shift(2)
        assert client.get(url).status_code == 403


def test_signed_address_of_a_file_that_is_gone(client: Client) -> None:
    image = save_image()
    url = image.file.url
    Path(image.file.path).unlink()

    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/media/images/../../private/originals/x.jpg",
        "/media/images/%2e%2e/%2e%2e/private/x.jpg",
        "/media/images/..%5c..%5cx.jpg",
        "/media/images/0123456789abcdef0123456789abcdef.jpg%00.png",
        "/media/images/0123456789abcdef0123456789abcdef.svg",
        "/media/images/0123456789abcdef0123456789abcdef.jpg/",
        "/media/images/0123456789abcdef0123456789abcdef.jpg",
        "/media/images/",
        "/media/",
    ],
)
def test_no_other_name_is_looked_up(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_addresses_take_no_writes(client: Client) -> None:
    image = save_image()
    for url in (image.file.url, describe_image(image).src.url):
        assert client.post(url).status_code == 405
        assert client.delete(url).status_code == 405


def test_deleted_image_takes_its_files_along_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    image = save_image(size=(400, 300))
    describe_image(image)
    names = [rendition.file.name for rendition in image.renditions.all()]
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
        assert storages["default"].exists(image.file.name)

    assert not storages["default"].exists(image.file.name)
    assert names
    assert not any(storages["renditions"].exists(name) for name in names)


def test_private_file_is_streamed_by_an_asynchronous_server(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 600_000)

    async def sizes() -> list[int]:
        response = file_response(AsyncRequestFactory().get("/"), path, "attachment")
        assert isinstance(response, StreamingHttpResponse)
        chunks = [len(chunk) async for chunk in response]
        response.close()
        return chunks

    assert async_to_sync(sizes)() == [262_144, 262_144, 75_712]
