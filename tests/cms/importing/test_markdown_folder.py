"""What lies in a folder and must not be read, or cannot be."""

from pathlib import Path

import pytest

from cms.importing.content import Change, SourceBroken
from cms.importing.sources.markdown.folder import MOST_BYTES
from cms.importing.sources.markdown.source import MarkdownSource
from tests.cms.importing.markdown_site import PIXEL, Reading, write

SECRET = "+++\ntitle = 'Secret'\n+++\nsecret words\n"


def test_links_are_not_followed_and_reported(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.md": SECRET, "deep/a.md": SECRET})
    root = write(tmp_path / "site", {"a.md": "# A\n\n![x](pic.png) [y](folder/a.md)"})
    (root / "linked.md").symlink_to(outside / "secret.md")
    (root / "pic.png").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside / "deep")
    (root / "loop").symlink_to(root)
    site = Reading(root, {})
    assert list(site.items) == ["a.md"]
    assert {key: thing.kind for key, thing in site.skipped.items()} == {
        "link:folder": "link",
        "link:linked.md": "link",
        "link:loop": "link",
        "link:pic.png": "link",
    }
    assert "file:" not in str(site.body("a.md"))


def test_paths_do_not_leave_the_folder(tmp_path: Path) -> None:
    write(tmp_path, {"secret.png": PIXEL, "secret.md": SECRET})
    site = Reading(
        tmp_path / "site",
        {
            "posts/a.md": "![x](../../secret.png) [y](../../secret.md) [z](@/../../secret.md)"
            " ![e](%2e%2e/%2e%2e/secret.png) ![f](/../secret.png) ![n](a%00b.png)"
        },
    )
    assert list(site.items) == ["posts/a.md"]
    assert "file:" not in str(site.body("posts/a.md"))
    assert site.codes("posts/a.md").count("path-outside") == 2


def test_files_that_cannot_be_read_fail_alone(tmp_path: Path) -> None:
    site = Reading(
        tmp_path,
        {
            "binary.md": b"\x7fELF\x00\x00\x00",
            "broken.md": "+++\nx = \n+++\n",
            "good.md": "# Good",
            "huge.md": b"a" * (MOST_BYTES + 1),
            "latin.md": "# A\n\nGr\xfc\xdfe".encode("latin-1"),
            "marked.md": b"\xef\xbb\xbf# Marked",
            "wide.md": "# Wide".encode("utf-16"),
            "windows.md": "# Windows\r\n\r\n```\r\na\r\nb\r\n```\r\n",
        },
    )
    assert {
        key: note.message
        for key, item in site.items.items()
        for note in item.notes
        if note.change is Change.FAILED
    } == {
        "binary.md": "It is no text, but binary.",
        "broken.md": "line 2: Invalid value (at line 1, column 5)",
        "huge.md": "It is larger than 5 MB.",
        "latin.md": "line 3: it is not in UTF-8.",
    }
    assert [site[key].title for key in ("good.md", "marked.md", "wide.md", "windows.md")] == [
        "Good",
        "Marked",
        "Wide",
        "Windows",
    ]
    assert site.body("windows.md")[0]["value"]["code"] == "a\nb"


def test_files_are_items_only_where_a_text_names_them(tmp_path: Path) -> None:
    site = Reading(
        tmp_path,
        {
            "a.md": "# A\n\n![Pic](img/b.png) and [paper](img/c.pdf)",
            "img/b.png": PIXEL,
            "img/c.pdf": b"%PDF",
            "img/d.png": PIXEL,
            ".git/config": "x",
        },
    )
    assert site.kinds() == {"a.md": "page", "img/b.png": "image", "img/c.pdf": "file"}
    assert site.skipped["img/d.png"].reason == "No text refers to it."
    assert list(site.skipped) == ["img/d.png"]
    assert site["img/b.png"].details == {
        "path": str(tmp_path / "img/b.png"),
        "filename": "b.png",
    }
    assert site["img/b.png"].addresses == ("file:img/b.png", "/img/b.png")


def test_two_readings_are_equal(tmp_path: Path) -> None:
    source = Reading(tmp_path, {"b.md": "# B\n![x](a.png)", "a.md": "# A", "a.png": PIXEL}).source
    assert list(source.items()) == list(source.items())
    assert [thing.key for thing in source.items()] == ["a.md", "b.md", "a.png"]
    assert source.size() == 3


def test_no_folder_and_broken_settings_are_said(tmp_path: Path) -> None:
    with pytest.raises(SourceBroken, match="is no folder"):
        MarkdownSource(tmp_path / "nothing")
    with pytest.raises(SourceBroken, match=r"config.toml: line 1: "):
        MarkdownSource(write(tmp_path, {"config.toml": "x ="}))
