"""What is taken as an image, and what is not, through each door."""

import io
import re
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks
from wagtail.models import APIToken, Collection, UploadedFile

from accounts.interface import User
from media.gif_frames import count_gif_frames
from media.interface import CustomImage, describe_image
from tests.media.pictures import picture_bytes, save_image
from tests.people import client_of

pytestmark = pytest.mark.django_db


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side: int, *, frames: int = 0) -> bytes:
    """A PNG that announces `side` by `side` pixels and holds a few of them."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    control = chunk(b"acTL", struct.pack(">II", frames, 0)) if frames else b""
    rows = zlib.compress(b"\0" * (side * 3 + 1) * min(side, 50))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + control
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def gif_bomb(side: int, frames: int) -> bytes:
    """A GIF of many frames, each of which paints one pixel of a large canvas."""
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return (
        b"GIF89a"
        + struct.pack("<HH", side, side)
        + b"\x80\0\0"
        + b"\0\0\0\xff\xff\xff"
        + frame * frames
        + b"\x3b"
    )


def webp_bomb() -> bytes:
    """An animated WebP: 100 frames of 1,000 by 1,000 pixels in a few kilobytes."""
    frames = [Image.new("RGB", (1000, 1000), (number, 0, 0)) for number in range(100)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    return buffer.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><svg>&j;</svg>"
)
FITS = b"SIMPLE  =                    T" + b" " * 2850
TIFF_LOOP = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 64
JPEG2000 = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 64
GIF_JS = b"GIF89a/*" + b"\0" * 30 + b"*/=1;alert(1)//"

REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "svg": ("a.svg", lambda: SVG, "invalid_image"),
    "svg named png": ("x.svg.png", lambda: SVG, "invalid_image"),
    "svg of many elements": ("a.png", lambda: b"<svg>" + b"<a>" * 3_000_000, "invalid_image"),
    "billion laughs": ("a.png", lambda: LAUGHS, "invalid_image"),
    "html named jpg": (
        "a.jpg",
        lambda: b"<!doctype html><script>alert(1)</script>",
        "invalid_image",
    ),
    "utf-7": ("a.jpg", lambda: b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "invalid_image"),
    "bom and html": ("a.gif", lambda: b"\xef\xbb\xbf<html>", "invalid_image"),
    "php": ("a.php", lambda: picture_bytes("png"), "invalid_image_extension"),
    "no extension": ("a", lambda: picture_bytes("png"), "invalid_image_extension"),
    "png named jpg": ("a.jpg", lambda: picture_bytes("png"), "invalid_image_extension"),
    "jpg named webp": ("a.webp", lambda: picture_bytes("jpg"), "invalid_image_extension"),
    "pdf": ("a.png", lambda: b"%PDF-1.7\n", "invalid_image"),
    "gif and script": ("a.gif", lambda: GIF_JS, "invalid_image"),
    "cut jpg": ("a.jpg", lambda: picture_bytes("jpg", (800, 800))[:700], "invalid_image"),
    "cut png": ("a.png", lambda: picture_bytes("png", (800, 800))[:100], "invalid_image"),
    "fits": ("a.png", lambda: FITS, "invalid_image"),
    "tiff loop": ("a.png", lambda: TIFF_LOOP, "invalid_image"),
    "eps": ("a.jpg", lambda: EPS, "invalid_image"),
    "heic": ("a.avif", lambda: HEIC, "invalid_image"),
    "jpeg 2000": ("a.jpg", lambda: JPEG2000, "invalid_image"),
    "png of 2.5 gigapixels": ("a.png", lambda: png_bomb(50_000), "file_too_many_pixels"),
    "png of 49 megapixels": ("a.png", lambda: png_bomb(7_000), "file_too_many_pixels"),
    "png too long": ("a.png", lambda: picture_bytes("png", (1, 16_001)), "file_too_many_pixels"),
    "apng of 100 frames": ("a.png", lambda: png_bomb(1_000, frames=100), "invalid_image"),
    "gif of 100 by 100 megapixels": (
        "a.gif",
        lambda: gif_bomb(10_000, 100),
        "file_too_many_pixels",
    ),
    "gif of 100 by 1 megapixel": ("a.gif", lambda: gif_bomb(1_000, 100), "file_too_many_pixels"),
    "gif of a million frames": ("a.gif", lambda: gif_bomb(10, 1_000_000), "invalid_image"),
    "webp of 100 by 1 megapixel": ("a.webp", webp_bomb, "file_too_many_pixels"),
    "21 MB": ("a.png", lambda: picture_bytes("png") + b"\0" * 21 * 1024 * 1024, "file_too_large"),
}


def forget_peak_memory() -> None:
    """Linux starts its record of the most memory anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_memory_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))


@pytest.mark.parametrize("case", REFUSED)
def test_code_cannot_save_what_is_no_image(case: str) -> None:
    name, make, code = REFUSED[case]
    content = make()
    forget_peak_memory()
    before = peak_memory_kilobytes()
    started = time.process_time()

    with pytest.raises(ValidationError) as refusal:
        CustomImage(title="x", file=ContentFile(content, name=name)).save()

    # Of this process's own time, whatever else the machine does.
    assert time.process_time() - started < 2
    assert peak_memory_kilobytes() - before < 200 * 1024
    assert CustomImage.objects.count() == 0
    assert [error.code for error in refusal.value.error_dict["file"]] == [code]


def test_counts_the_frames_of_real_files() -> None:
    frames = [Image.new("RGB", (20, 20), (number * 50, 0, 0)) for number in range(5)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])

    assert count_gif_frames(buffer.getvalue(), 100) == 5
    assert count_gif_frames(buffer.getvalue(), 3) == 3
    assert count_gif_frames(picture_bytes("gif"), 100) == 1


@pytest.mark.parametrize("extension", ["avif", "gif", "jpg", "jpeg", "png", "webp"])
def test_pictures_of_each_kind_are_taken(extension: str) -> None:
    kind = extension.replace("jpeg", "jpg")
    file = ContentFile(picture_bytes(kind, (40, 30)), name=f"../../x.svg.{extension.upper()}")
    image = CustomImage(title="x", file=file)
    image.save()

    assert re.fullmatch(rf"originals/[0-9a-f]{{32}}\.{extension}", image.file.name)
    assert (image.width, image.height) == (40, 30)


Door = Callable[[Client, SimpleUploadedFile], str]


def add(client: Client, file: SimpleUploadedFile) -> str:
    data = {"title": "x", "file": file, "collection": Collection.get_first_root_node().pk}
    return client.post(reverse("wagtailimages:add"), data).content.decode()


def add_many(client: Client, file: SimpleUploadedFile) -> str:
    data = {"title": "x", "files[]": file, "collection": Collection.get_first_root_node().pk}
    response = client.post(reverse("wagtailimages:add_multiple"), data)
    assert response.json()["success"] is (CustomImage.objects.count() > 0)
    return response.content.decode()


def add_many_without_title(client: Client, file: SimpleUploadedFile) -> str:
    data = {"title": "", "files[]": file, "collection": Collection.get_first_root_node().pk}
    response = client.post(reverse("wagtailimages:add_multiple"), data)
    assert UploadedFile.objects.count() == 0
    return response.content.decode()


def choose(client: Client, file: SimpleUploadedFile) -> str:
    data = {
        "image-chooser-upload-title": "x",
        "image-chooser-upload-file": file,
        "image-chooser-upload-collection": Collection.get_first_root_node().pk,
    }
    return client.post(reverse("wagtailimages_chooser:create"), data).content.decode()


def manage_api(client: Client, file: SimpleUploadedFile) -> str:
    _, key = APIToken.create_token(user=User.objects.get(is_superuser=True), name="tests")
    return client.post(
        "/api/manage/v3/images/",
        {"title": "x", "file": file},
        headers={"Authorization": f"Bearer {key}"},
    ).content.decode()


DOORS: dict[str, Door] = {
    "add": add,
    "add many": add_many,
    "add many without title": add_many_without_title,
    "choose": choose,
    "manage api": manage_api,
}


SAYS = {
    "invalid_image": "This ",
    "invalid_image_extension": "The name must end in .png",
    "file_too_many_pixels": "This image has too many pixels",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "case",
    ["svg", "svg named png", "html named jpg", "png named jpg", "cut png", "png of 2.5 gigapixels"],
)
def test_no_door_takes_what_is_no_image(admin: User, door: str, case: str) -> None:
    name, make, code = REFUSED[case]
    file = SimpleUploadedFile(name, make(), content_type="image/png")

    answer = DOORS[door](client_of(admin), file)

    assert CustomImage.objects.count() == 0
    assert SAYS[code] in answer


@pytest.mark.parametrize("door", ["add", "add many", "choose", "manage api"])
def test_each_door_takes_a_picture(admin: User, door: str) -> None:
    DOORS[door](client_of(admin), SimpleUploadedFile("x.png", picture_bytes("png", (300, 200))))

    image = CustomImage.objects.get()
    assert (image.width, image.height, image.uploaded_by_user) == (300, 200, admin)


def test_replaced_file_is_checked_and_goes_after_the_commit(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    image = save_image("a.png", (300, 200))
    describe_image(image)
    old, url = image.file.name, reverse("wagtailimages:edit", args=[image.pk])
    form = {"title": "x", "collection": image.collection_id}

    refused = client_of(admin).post(url, form | {"file": SimpleUploadedFile("a.png", SVG)})
    assert "This is not an AVIF, GIF, JPEG, PNG or WebP image." in refused.content.decode()
    image.refresh_from_db()
    assert image.file.name == old
    with django_capture_on_commit_callbacks(execute=True):
        new = SimpleUploadedFile("a.webp", picture_bytes("webp", (500, 400)))
        assert client_of(admin).post(url, form | {"file": new}).status_code == 302
        assert storages["default"].exists(old)

    image.refresh_from_db()
    assert not storages["default"].exists(old)
    assert (image.width, image.height, image.renditions.count()) == (500, 400, 0)
    assert image.file.name.endswith(".webp")
