"""Files for download: what is taken, who gets it, and under which name."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from wagtail.models import APIToken, Collection, CollectionViewRestriction

from accounts.interface import User
from media.document_checks import EXTENSIONS
from media.downloads import serve_document
from media.file_names import shown_name
from media.interface import CustomDocument, is_public
from media.responses import content_type_of
from tests.media.pictures import picture_bytes
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def archive(*entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for entry in entries:
            file.writestr(entry, "x")
    return buffer.getvalue()


def save_document(name: str, content: bytes = PDF, **fields: object) -> CustomDocument:
    document = CustomDocument(title="Prices", file=ContentFile(content, name=name), **fields)
    document.save()
    return document


TAKEN: dict[str, bytes] = {
    "a.pdf": PDF,
    "a.txt": "Prices in €\n".encode(),
    "a.csv": b"\xef\xbb\xbfname;price\r\nsite;10\r\n",
    "a.md": b"# Prices\n\nFrom *today*, 3 < 4.\n",
    "a.zip": archive("anything.html"),
    "a.docx": archive("[Content_Types].xml", "word/document.xml"),
    "a.xlsx": archive("xl/workbook.xml"),
    "a.pptx": archive("ppt/presentation.xml"),
    "a.odt": archive("mimetype", "content.xml"),
    "a.epub": archive("mimetype", "META-INF/container.xml"),
    "a.rtf": b"{\\rtf1 hello}",
    "a.png": picture_bytes("png"),
    "a.JPG": picture_bytes("jpg"),
    "a.mp3": b"ID3\x03\0\0\0" + b"\0" * 100,
    "a.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 100,
}
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "svg": ("a.svg", lambda: b"<svg/>"),
    "html": ("a.html", lambda: b"<html></html>"),
    "xml": ("a.xml", lambda: b"<?xml version='1.0'?><a/>"),
    "script": ("a.js", lambda: b"alert(1)"),
    "program": ("a.exe", lambda: b"MZ" + b"\0" * 100),
    "php": ("a.php", lambda: b"<?php"),
    "no extension": ("a", lambda: PDF),
    "html named txt": ("a.txt", lambda: b"  \n<!doctype html><script>alert(1)</script>"),
    "html behind a bom": ("a.md", lambda: b"\xef\xbb\xbf<html>"),
    "svg named csv": ("a.csv", lambda: b"<svg onload=alert(1)>"),
    "xml named txt": ("a.txt", lambda: b"<?xml version='1.0'?>"),
    "utf-16": ("a.txt", lambda: "<script>".encode("utf-16")),
    "latin-1": ("a.txt", lambda: "Prix à la carte".encode("latin-1")),
    "late control character": ("a.txt", lambda: b"a" * 600_000 + b"\0"),
    "cut in a letter": ("a.txt", lambda: "é".encode()[:1]),
    "html named pdf": ("a.pdf", lambda: b"<html>%PDF-1.7"),
    "pdf named zip": ("a.zip", lambda: PDF),
    "zip named docx": ("a.docx", lambda: archive("hello.txt")),
    "sheet named docx": ("a.docx", lambda: archive("xl/workbook.xml")),
    "cut zip": ("a.zip", lambda: archive("a.txt")[:40]),
    "zip of 60,000 entries": ("a.zip", lambda: archive(*(f"{n:040}" for n in range(60_000)))),
    "svg named png": ("x.svg.png", lambda: b"<svg/>"),
    "empty": ("a.pdf", lambda: b" "),
    "51 MB": ("a.txt", lambda: b"a" * 51 * 1024 * 1024),
}


@pytest.mark.parametrize("name", TAKEN)
def test_takes_what_is_what_it_says(name: str) -> None:
    document = save_document(name, TAKEN[name])

    assert document.original_filename == name
    assert document.file_size == len(TAKEN[name])
    assert re.fullmatch(r"documents/[0-9a-f]{32}\.[a-z0-9]+", str(document.file.name))


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_is_something_else(case: str) -> None:
    name, make = REFUSED[case]

    with pytest.raises(ValidationError) as refusal:
        save_document(name, make())

    assert list(refusal.value.error_dict) == ["file"]
    assert CustomDocument.objects.count() == 0


def test_each_kind_has_a_type(settings: Settings) -> None:
    assert sorted(settings.WAGTAILDOCS_CONTENT_TYPES) == EXTENSIONS
    assert content_type_of("a.CSV") == "text/csv; charset=utf-8"
    assert content_type_of("a.pdf") == save_document("a.pdf").content_type == "application/pdf"
    assert content_type_of("a.svg") == "application/octet-stream"


Door = Callable[[Client, SimpleUploadedFile], object]


def root() -> int:
    return int(Collection.get_first_root_node().pk)


def manage_api(client: Client, file: SimpleUploadedFile) -> None:
    _, key = APIToken.create_token(user=User.objects.get(is_superuser=True), name="tests")
    headers = {"Authorization": f"Bearer {key}"}
    client.post("/api/manage/v3/documents/", {"title": "x", "file": file}, headers=headers)


DOORS: dict[str, Door] = {
    "add": lambda client, file: client.post(
        reverse("wagtaildocs:add"), {"title": "x", "file": file, "collection": root()}
    ),
    "add many": lambda client, file: client.post(
        reverse("wagtaildocs:add_multiple"), {"title": "x", "files[]": file, "collection": root()}
    ),
    "choose": lambda client, file: client.post(
        reverse("wagtaildocs_chooser:create"),
        {
            "document-chooser-upload-title": "x",
            "document-chooser-upload-file": file,
            "document-chooser-upload-collection": root(),
        },
    ),
    "manage api": manage_api,
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_checks_and_keeps_the_name(admin: User, door: str) -> None:
    for case in ("svg", "html named txt", "zip named docx"):
        name, make = REFUSED[case]
        DOORS[door](client_of(admin), SimpleUploadedFile(name, make()))
        assert CustomDocument.objects.count() == 0
    DOORS[door](client_of(admin), SimpleUploadedFile("Price list é.pdf", PDF))

    document = CustomDocument.objects.get()
    assert document.original_filename == "Price list é.pdf"
    assert (document.file_size, document.uploaded_by_user) == (len(PDF), admin)


def test_replaced_file_goes_after_the_commit(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    document = save_document("a.pdf")
    old = str(document.file.name)
    form = {"title": "x", "collection": root(), "file": SimpleUploadedFile("b.txt", b"new")}
    with django_capture_on_commit_callbacks(execute=True):
        client_of(admin).post(reverse("wagtaildocs:edit", args=[document.pk]), form)
        assert storages["default"].exists(old)

    document.refresh_from_db()
    assert not storages["default"].exists(old)
    assert (document.original_filename, document.file_size) == ("b.txt", 3)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\x.txt", "x.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("gpj.\u202etxt.pdf", "gpj.txt.pdf"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ('a"b.txt', "a_b.txt"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("e\u0301t\u0301.pdf", "\xe9t\u0301.pdf"),
    ],
)
def test_names_are_safe_to_show(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_download_carries_the_name_and_is_never_shown(client: Client) -> None:
    document = save_document("Prix à la carte.txt", b"hello")

    response = client.get(document.url)

    assert document.url == f"/documents/{document.pk}/Prix%20%C3%A0%20la%20carte.txt"
    assert response.getvalue() == b"hello"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''Prix%20%C3%A0%20la%20carte.txt"
    )
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Length"] == "5"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/documents/{document.pk}/other.txt").status_code == 404


@pytest.mark.parametrize("kind", ["login", "groups"])
def test_private_collection_asks_who_one_is(
    client: Client, stranger: User, editorial_setup: None, kind: str
) -> None:
    collection = Collection.get_first_root_node().add_child(name="Members")
    below = collection.add_child(name="Below")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type=kind
    )
    members = Group.objects.create(name="Members")
    restriction.groups.add(members)
    member = make_person("member@example.com", "Members")
    document = save_document("a.pdf", collection=below)

    anonymous = client.get(document.url)
    assert anonymous.status_code == 302
    assert anonymous.headers["Location"].startswith("/login/?next=/documents/")
    for_stranger = client_of(stranger).get(document.url)
    assert for_stranger.status_code == (200 if kind == "login" else 302)
    assert (PDF if kind == "login" else b"") == for_stranger.getvalue()
    assert client_of(member).get(document.url).getvalue() == PDF
    assert not is_public(document)
    assert is_public(save_document("b.pdf"))


def test_where_nobody_signs_in_only_public_files_are_there(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.SERVES_ADMIN = False
    private = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    hidden, shown = save_document("a.pdf", collection=private), save_document("b.pdf")

    response = serve_document(rf.get("/"), shown.pk, "b.pdf")
    assert isinstance(response, FileResponse)
    assert response.file_to_stream is not None
    with response.file_to_stream as stream:
        assert stream.read() == PDF
    for pk, name in ((hidden.pk, "a.pdf"), (shown.pk, "a.pdf"), (10**6, "b.pdf")):
        with pytest.raises(Http404):
            serve_document(rf.get("/"), pk, name)
