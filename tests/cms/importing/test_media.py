"""Where the bytes of a source's pictures and files come from, and what is never let in."""

import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cms.importing import media
from cms.importing.content import ItemKind
from cms.importing.media import MAX_HOST_FAILURES, MediaFinder, Obtained
from cms.importing.media_files import make_file, placeholder_document, placeholder_image
from cms.importing.media_folder import MediaFolder
from media.interface import CustomDocument, CustomImage
from tests.cms.importing.media_server import HTML, SVG, MediaServer, running_media_server
from tests.media.pictures import picture_bytes

LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture
def server(settings: Any) -> Iterator[MediaServer]:
    """Answers on loopback, which the operator has allowed."""
    settings.OUTBOUND_ALLOWED_NETWORKS = LOOPBACK
    with running_media_server() as running:
        yield running


def from_url(url: str) -> Obtained:
    return MediaFinder().obtain({"urls": [url]})


def code_of(obtained: Obtained) -> str:
    assert obtained.data is None
    assert obtained.note is not None
    assert obtained.note.change == "missing"
    return obtained.note.code


def png_bomb(side: int = 20_000) -> bytes:
    """A PNG of a few hundred bytes that announces 400 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 5000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_file_comes_from_its_server(server: MediaServer) -> None:
    obtained = from_url(f"{server.url}/harbour.jpg")
    assert obtained == Obtained(picture_bytes("jpg"), "harbour.jpg")


def test_the_next_address_is_asked_where_the_first_fails(server: MediaServer) -> None:
    obtained = MediaFinder().obtain(
        {"urls": [f"{server.url}/gone.jpg", f"{server.url}/harbour.jpg"]}
    )
    assert obtained.data == picture_bytes("jpg")
    assert server.asked == ["/gone.jpg", "/harbour.jpg"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "media-not-there"),
        (403, "media-not-there"),
        (503, "media-server-error"),
        (429, "media-server-error"),
    ],
)
def test_a_refusal_is_told_with_its_status(server: MediaServer, status: int, code: str) -> None:
    obtained = from_url(server.put("/x.jpg", b"no", status))
    assert code_of(obtained) == code
    assert obtained.note is not None
    assert f"answered {status}" in obtained.note.message


def test_an_empty_answer_is_no_file(server: MediaServer) -> None:
    assert code_of(from_url(server.put("/x.jpg", b""))) == "media-empty"


def test_three_redirects_are_followed_and_no_fourth(server: MediaServer) -> None:
    for number in range(4):
        server.redirect(f"/{number}", f"/{number + 1}")
    server.put("/4", b"five")
    server.put("/relative", b"", 301, Location="harbour.jpg")
    assert from_url(f"{server.url}/1").data == b"five"
    assert from_url(f"{server.url}/relative").data == picture_bytes("jpg")
    assert code_of(from_url(f"{server.url}/0")) == "media-refused"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x.jpg",
        "http://[::1]/x.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "http://user@127.0.0.1/x.jpg",
        "http://[/x.jpg",
    ],
)
def test_a_redirect_leads_nowhere_that_could_not_be_asked_directly(
    server: MediaServer, target: str
) -> None:
    assert code_of(from_url(server.redirect("/x.jpg", target))) == "media-refused"
    assert server.asked == ["/x.jpg"]


def test_private_addresses_are_asked_only_where_the_operator_allows(
    server: MediaServer, settings: Any
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    obtained = from_url(f"{server.url}/harbour.jpg")
    assert code_of(obtained) == "media-refused"
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x.jpg", "javascript:alert(1)", "http://[", "//x", "", "http://a b/"]
)
def test_what_is_no_web_address_is_refused(server: MediaServer, url: str) -> None:
    assert code_of(from_url(url)) == "media-refused"


def test_a_flood_ends_at_the_largest_upload(server: MediaServer, settings: Any) -> None:
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 200_000
    assert code_of(from_url(server.flood("/x.jpg"))) == "media-too-large"


def test_a_silent_host_is_left_alone_after_three_tries(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_DEADLINE_SECONDS", 0.3)
    finder = MediaFinder()
    begun = time.monotonic()
    url = server.drip("/slow.jpg")
    codes = [code_of(finder.obtain({"urls": [url]})) for _ in range(8)]
    assert codes == ["media-unreachable"] * MAX_HOST_FAILURES + ["media-host-silent"] * 5
    assert len(server.asked) == MAX_HOST_FAILURES
    assert time.monotonic() - begun < 5


def test_an_answer_makes_good_for_failures_before(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_DEADLINE_SECONDS", 0.3)
    finder = MediaFinder()
    slow = server.drip("/slow.jpg")
    for _ in range(3):
        for _ in range(MAX_HOST_FAILURES - 1):
            assert code_of(finder.obtain({"urls": [slow]})) == "media-unreachable"
        assert finder.obtain({"urls": [f"{server.url}/harbour.jpg"]}).data


def test_no_server_is_asked_where_that_is_wished(server: MediaServer) -> None:
    finder = MediaFinder(fetches=False)
    assert code_of(finder.obtain({"urls": [f"{server.url}/harbour.jpg"]})) == "media-not-asked"
    assert server.asked == []
    assert code_of(MediaFinder().obtain({"filename": "a.pdf"})) == "media-address-unknown"


def test_a_local_file_is_read_and_a_large_one_is_not(tmp_path: Path, settings: Any) -> None:
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 10
    small, large, empty = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.txt"
    small.write_bytes(b"x" * 10)
    large.write_bytes(b"x" * 11)
    empty.write_bytes(b"")
    assert MediaFinder().obtain({"path": str(small)}) == Obtained(b"x" * 10, "a.txt")
    assert code_of(MediaFinder().obtain({"path": str(large)})) == "media-too-large"
    assert code_of(MediaFinder().obtain({"path": str(empty)})) == "media-empty"
    assert code_of(MediaFinder().obtain({"path": str(tmp_path)})) == "media-not-there"
    assert code_of(MediaFinder().obtain({"path": str(tmp_path / "none")})) == "media-not-there"


UPLOAD = "/wp-content/uploads/2024/05/Côte.jpg"


@pytest.mark.parametrize(
    "kept",
    [
        "wp-content/uploads/2024/05/Côte.jpg",
        "uploads/2024/05/Côte.jpg",
        "2024/05/Côte.jpg",
        "Côte.jpg",
        "elsewhere/deep/côte.JPG",
    ],
)
def test_a_copy_is_found_however_much_of_the_tree_is_kept(
    tmp_path: Path, server: MediaServer, kept: str
) -> None:
    (tmp_path / kept).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / kept).write_bytes(b"copy")
    finder = MediaFinder(media_dir=tmp_path)
    url = f"{server.url}/wp-content/uploads/2024/05/C%C3%B4te.jpg?resize=1"
    assert finder.obtain({"urls": [url]}) == Obtained(b"copy", "Côte.jpg")
    assert server.asked == []


def test_of_two_copies_the_nearer_path_wins_and_no_name_is_guessed(tmp_path: Path) -> None:
    for name in ("2023/05", "2024/05"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.jpg").write_text(name)
    folder = MediaFolder(tmp_path)
    found = folder.find("/wp-content/uploads/2024/05/a.jpg")
    assert found is not None
    assert found.read_text() == "2024/05"
    assert folder.find("/wp-content/uploads/2022/01/a.jpg") is None


def test_nothing_outside_the_folder_is_ever_found(tmp_path: Path) -> None:
    folder, outside = tmp_path / "media", tmp_path / "secret.txt"
    (folder / "in").mkdir(parents=True)
    outside.write_text("secret")
    (folder / "link.txt").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    (folder / "round").symlink_to(folder / "round")
    (folder / "in" / "own.txt").write_text("own")
    (folder / "own-link.txt").symlink_to(folder / "in" / "own.txt")
    finder = MediaFolder(folder)
    for path in (
        "../secret.txt",
        "in/../../secret.txt",
        "..\\secret.txt",
        str(outside),
        "link.txt",
        "x/link.txt",
        "up/secret.txt",
        "secret.txt",
        "round",
        "a\0b",
        "x" * 5000,
        "/",
        "",
        "in",
    ):
        assert finder.find(path) is None, path
    assert finder.find("own-link.txt") == folder / "in" / "own.txt"
    assert (
        code_of(
            MediaFinder(media_dir=folder, fetches=False).obtain(
                {"urls": ["https://x.example/%2e%2e/%2e%2e/secret.txt"]}
            )
        )
        == "media-not-asked"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.jpg", HTML),
        ("drawing.svg", SVG),
        ("drawing.png", SVG),
        ("bomb.png", png_bomb()),
        ("torn.jpg", picture_bytes("jpg", (640, 480))[:500]),
        ("old.bmp", b"BM" + b"\0" * 100),
        ("name", b"x"),
    ],
)
def test_what_is_no_safe_picture_becomes_a_placeholder(name: str, data: bytes) -> None:
    made = make_file(ItemKind.IMAGE, Obtained(data, name))
    assert made.is_placeholder
    assert [note.code for note in made.notes] == ["image-refused"]
    assert name in made.notes[0].message
    with Image.open(made.file) as picture:
        assert (picture.format, picture.size) == ("PNG", (320, 180))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", SVG),
        ("a.html", HTML),
        ("a.txt", HTML),
        ("a.exe", b"MZ"),
        ("a.pdf", b"no"),
        ("a", b"x"),
    ],
)
def test_what_is_no_safe_file_becomes_a_text_that_says_so(name: str, data: bytes) -> None:
    made = make_file(ItemKind.FILE, Obtained(data, name), urls=["https://x.example/a"])
    assert made.is_placeholder
    assert [note.code for note in made.notes] == ["file-refused"]
    assert made.file.name == f"{name}.txt"
    text = made.file.read().decode()
    assert text.startswith(f"Galley placeholder: {name} is not here yet.\n")
    assert text.endswith("https://x.example/a\n")


def test_a_picture_gets_the_extension_of_what_it_is() -> None:
    made = make_file(ItemKind.IMAGE, Obtained(picture_bytes("webp"), "photo.JPG"))
    assert not made.is_placeholder
    assert made.file.name == "photo.webp"
    assert [(note.change, note.code) for note in made.notes] == [("changed", "image-renamed")]
    assert make_file(ItemKind.IMAGE, Obtained(picture_bytes("jpg"), "photo.JPG")).notes == ()


@pytest.mark.django_db
def test_what_was_made_can_be_saved_and_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [
        make_file(ItemKind.IMAGE, Obtained(picture_bytes("jpg"), "a.jpg")).file,
        make_file(ItemKind.IMAGE, Obtained(None, "../../a\u202e\n" + "b" * 400 + ".jpg")).file,
    ]
    monkeypatch.setattr("media.models.check_image", lambda file: pytest.fail("decoded again"))
    for file in files:
        image = CustomImage(title="A", file=file)
        image.save()
        assert image.width > 0
        assert image.file_hash
    for name in ("a.pdf", "\ud800.docx", "", "x" * 400):
        document = CustomDocument(title="A", file=placeholder_document(name, ["https://x.example"]))
        document.save()
        with document.file.open() as stored:
            assert stored.read().endswith(b"https://x.example\n")


def test_a_placeholder_is_small_and_differs_by_name() -> None:
    first, second = placeholder_image("harbour-at-night.jpg"), placeholder_image("b" * 300)
    assert first.read() != second.read()
    assert max(first.size, second.size) < 20_000
