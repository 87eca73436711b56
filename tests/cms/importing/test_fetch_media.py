"""`manage.py fetch_media` against a real server: what came late takes its placeholder's place."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from wagtail.models import Site

from cms.importing import media
from cms.importing.content import ItemKind
from cms.importing.files import file_digest
from cms.importing.media import Obtained
from cms.importing.media_files import make_file
from cms.models import ImportedItem, ImportSource
from media.interface import CustomDocument, CustomImage
from tests.cms.importing.media_server import SVG, MediaServer, running_media_server
from tests.cms.importing.shelf import bring_in, codes, item
from tests.factories.cms import Website
from tests.media.pictures import picture_bytes

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def server(settings: Any) -> Iterator[MediaServer]:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with running_media_server() as running:
        yield running


@pytest.fixture
def source() -> ImportSource:
    site = Site.objects.get(is_default_site=True)
    return ImportSource.objects.create(site=site, name="wordpress", identity="https://old.example")


def add_placeholder(
    source: ImportSource, url: str, kind: ItemKind = ItemKind.IMAGE
) -> ImportedItem:
    """What an import leaves of a file that it could not have."""
    name = url.rpartition("/")[2]
    file = make_file(kind, Obtained(None, name), urls=[url]).file
    thing: CustomImage | CustomDocument
    if kind is ItemKind.IMAGE:
        thing = CustomImage(title=name, file=file, description="Alt")
    else:
        thing = CustomDocument(title=name, file=file)
    thing.save()
    return ImportedItem.objects.create(
        source=source,
        key=url,
        kind=kind.value,
        title=name,
        where="line 12",
        is_placeholder=True,
        written_digest=file_digest(thing),
        urls=[url],
        **{"image" if kind is ItemKind.IMAGE else "document": thing},
    )


def fetch(**options: Any) -> str:
    out = StringIO()
    call_command("fetch_media", stdout=out, **options)
    return out.getvalue()


def image_of(item: ImportedItem) -> CustomImage:
    return CustomImage.objects.get(pk=item.image_id)


def test_what_has_come_takes_the_placeholders_place(
    server: MediaServer, source: ImportSource
) -> None:
    picture = add_placeholder(source, f"{server.url}/harbour.jpg")
    paper = add_placeholder(source, server.put("/paper.pdf", PDF), ItemKind.FILE)
    outdated = image_of(picture).file.name
    assert fetch() == "Fetched 2 of 2 files.\n"
    image = image_of(picture)
    assert (image.width, image.height, image.description) == (64, 48, "Alt")
    with image.file.open() as file:
        assert file.read() == picture_bytes("jpg")
    assert image.file.name != outdated
    document = CustomDocument.objects.get(pk=paper.document_id)
    assert document.filename == "paper.pdf"
    with document.file.open() as file:
        assert file.read() == PDF
    assert not ImportedItem.objects.filter(is_placeholder=True).exists()


def test_a_second_run_asks_for_nothing(server: MediaServer, source: ImportSource) -> None:
    picture = add_placeholder(source, f"{server.url}/harbour.jpg")
    fetch()
    server.asked.clear()
    name = image_of(picture).file.name
    assert fetch() == "No file is missing.\n"
    assert server.asked == []
    assert image_of(picture).file.name == name


def test_what_is_still_missing_keeps_its_placeholder_and_says_why(
    server: MediaServer, source: ImportSource, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 100_000
    monkeypatch.setattr(media, "_DEADLINE_SECONDS", 0.3)
    gone = add_placeholder(source, f"{server.url}/gone.jpg")
    add_placeholder(source, server.put("/drawing.svg", SVG))
    add_placeholder(source, server.flood("/huge.jpg"))
    add_placeholder(source, server.drip("/slow.jpg"))
    here = add_placeholder(source, f"{server.url}/harbour.jpg")
    before = image_of(gone).file.name
    lines = fetch().splitlines()
    assert lines[0] == "Fetched 1 of 5 files."
    assert lines[1].startswith("  gone.jpg (line 12): ")
    assert "answered 404" in lines[1]
    assert "drawing.svg was not taken: This is not an AVIF" in lines[2]
    assert "more than 97.7" in lines[3]
    assert "did not answer in time" in lines[4]
    assert "--media-dir" in lines[5]
    assert image_of(gone).file.name == before
    assert image_of(here).width == 64
    assert ImportedItem.objects.filter(is_placeholder=True).count() == 4


def test_copies_are_taken_from_a_folder(
    server: MediaServer, source: ImportSource, tmp_path: Path
) -> None:
    item = add_placeholder(source, f"{server.url}/gone.jpg")
    (tmp_path / "gone.jpg").write_bytes(picture_bytes("jpg", (32, 24)))
    assert fetch(media_dir=tmp_path) == "Fetched 1 of 1 files.\n"
    assert server.asked == []
    assert image_of(item).width == 32


@pytest.mark.parametrize("has_own_words", [True, False])
def test_words_of_an_editor_still_count_as_edited_afterwards(
    server: MediaServer, source: ImportSource, has_own_words: bool
) -> None:
    item = add_placeholder(source, f"{server.url}/harbour.jpg")
    if has_own_words:
        image = image_of(item)
        image.description = "Boats at night"
        image.save()
    fetch()
    item.refresh_from_db()
    assert (item.written_digest != file_digest(image_of(item))) is has_own_words


@pytest.mark.parametrize("kind", [ItemKind.IMAGE, ItemKind.FILE])
def test_a_file_that_an_editor_put_there_stays(
    server: MediaServer, source: ImportSource, kind: ItemKind
) -> None:
    url = f"{server.url}/harbour.jpg" if kind is ItemKind.IMAGE else server.put("/a.pdf", PDF)
    item = add_placeholder(source, url, kind)
    thing = item.image or item.document
    assert thing is not None
    own = picture_bytes("jpg", (32, 24))
    thing.file = ContentFile(own, name="own.jpg")
    thing.save()
    name = thing.file.name
    fetch()
    thing.refresh_from_db()
    assert thing.file.name == name
    assert server.asked == []
    assert not ImportedItem.objects.filter(is_placeholder=True).exists()


def test_a_number_and_a_source_bound_the_work(server: MediaServer, source: ImportSource) -> None:
    other = ImportSource.objects.create(site=source.site, name="markdown", identity="notes")
    for number in range(3):
        add_placeholder(source, server.put(f"/{number}.jpg", picture_bytes("jpg")))
    add_placeholder(other, f"{server.url}/harbour.jpg")
    assert fetch(source="https://old.example", limit=2) == "Fetched 2 of 2 files.\n"
    assert fetch(source="markdown") == "Fetched 1 of 1 files.\n"
    assert server.asked == ["/0.jpg", "/1.jpg", "/harbour.jpg"]


def test_a_thing_that_was_deleted_here_is_not_asked_for(
    server: MediaServer, source: ImportSource
) -> None:
    item = add_placeholder(source, f"{server.url}/harbour.jpg")
    image_of(item).delete()
    assert fetch() == "No file is missing.\n"
    assert server.asked == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "ghost"}, "nothing was imported from ghost. There is: https://old.example, wo"),
        ({"limit": 0}, "--limit"),
        ({"media_dir": Path("/nowhere")}, "/nowhere is not a folder"),
    ],
)
def test_wrong_arguments_are_named(
    source: ImportSource, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        fetch(**options)
    assert refused.value.returncode == 2


def test_a_second_import_tells_what_is_still_missing_until_it_has_come(
    server: MediaServer, tmp_path: Path
) -> None:
    Website()
    gone = item(
        "image", "gone", details={"urls": [f"{server.url}/gone.jpg"], "filename": "gone.jpg"}
    )
    bring_in([gone], tmp_path / "1")
    assert codes(tmp_path / "1", "gone") == ["media-not-asked"]
    run = bring_in([gone], tmp_path / "2")
    assert run.counts == {"image": {"unchanged": 1}}
    assert codes(tmp_path / "2", "gone") == ["media-still-missing"]
    server.put("/gone.jpg", picture_bytes("jpg"))
    fetch()
    run = bring_in([gone], tmp_path / "3")
    assert run.counts == {"image": {"unchanged": 1}}
    assert codes(tmp_path / "3", "gone") == []
