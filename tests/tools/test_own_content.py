"""What `bin/demo --import` makes of a path, before anything is prepared."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
EXPORT = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
\t<title>Marginalia &amp; Co</title>
\t<item><title>First</title></item>
"""


@pytest.fixture(scope="module")
def own_content() -> ModuleType:
    """As the tools import it: from their own folder."""
    folder = str(ROOT / "bin" / "tools")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("own_content")
    finally:
        sys.path.remove(folder)


def refusal(own_content: ModuleType, path: Path) -> str:
    with pytest.raises(own_content.ToolError) as refused:
        own_content.recognise(path)
    message = str(refused.value)
    assert message.startswith("--import: ")
    assert str(path) in message
    return message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_export_of_wordpress_is_known_by_its_content(
    own_content: ModuleType, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "export.bak"
    file.write_text(EXPORT, encoding=encoding)
    own = own_content.recognise(file)
    assert (own.path, own.command) == (file, "import_wordpress")
    if encoding != "utf-16":
        assert own.title == "Marginalia & Co"


@pytest.mark.parametrize(
    ("settings", "text", "title"),
    [
        ("config.toml", 'base_url = "x"\ntitle = "Notes = all"\n', "Notes = all"),
        ("hugo.yaml", "params:\n  title: Wrong\ntitle: 'Right'\n", "Right"),
        ("_config.yml", "title: Plain words # remark\n", "Plain words"),
        ("config.json", '{"title": "From JSON"}', "From JSON"),
        ("config.json", "[]", "my-notes"),
        ("other.txt", "", "my-notes"),
    ],
)
def test_a_folder_of_markdown_is_called_as_its_site(
    own_content: ModuleType, tmp_path: Path, settings: str, text: str, title: str
) -> None:
    folder = tmp_path / "my-notes"
    (folder / "content" / "blog").mkdir(parents=True)
    (folder / "content" / "blog" / "a.md").write_text("# A")
    (folder / settings).write_text(text)
    own = own_content.recognise(folder)
    assert (own.path, own.command, own.title) == (folder, "import_markdown", title)


def test_whatever_else_is_refused_with_a_hint(own_content: ModuleType, tmp_path: Path) -> None:
    def write(name: str, data: bytes) -> Path:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    assert "there is nothing at" in refusal(own_content, tmp_path / "none.xml")
    assert "is empty" in refusal(own_content, write("empty.xml", b" \n"))
    assert "no export of WordPress" in refusal(own_content, write("feed.xml", b"<rss></rss>"))
    assert "no export of WordPress" in refusal(own_content, write("dump.sql", b"INSERT INTO"))
    assert "zip archive" in refusal(own_content, write("site.zip", b"PK\x03\x04"))
    assert "packed by gzip" in refusal(own_content, write("export.xml.gz", b"\x1f\x8b\x08"))
    assert "Name its folder" in refusal(own_content, write("notes/a.md", b"# A"))
    (tmp_path / "void").mkdir()
    assert "is empty" in refusal(own_content, tmp_path / "void")
    write("texts/a.txt", b"text")
    assert "no Markdown file" in refusal(own_content, tmp_path / "texts")
    write("hidden/node_modules/x/README.md", b"# Library")
    assert "is empty" in refusal(own_content, tmp_path / "hidden")
    write("exports/site.xml", EXPORT.encode())
    hint = refusal(own_content, tmp_path / "exports")
    assert f"Did you mean {tmp_path / 'exports' / 'site.xml'}?" in hint
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in refusal(own_content, tmp_path / "pipe")


def test_the_fingerprint_changes_with_any_file(own_content: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    prints = [own_content.recognise(tmp_path).fingerprint()]
    prints.append(own_content.recognise(tmp_path).fingerprint())
    assert prints[0] == prints[1]
    os.utime(tmp_path / "a.md", ns=(1, 1))
    prints.append(own_content.recognise(tmp_path).fingerprint())
    (tmp_path / "picture.jpg").write_text("x")
    prints.append(own_content.recognise(tmp_path).fingerprint())
    (tmp_path / "picture.jpg").rename(tmp_path / "photo.jpg")
    prints.append(own_content.recognise(tmp_path).fingerprint())
    assert len(set(prints)) == 4


def test_the_demo_tells_a_wrong_path_before_it_makes_anything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "bin/tools/demo.py", "--from", str(tmp_path), "--import", "none.xml"],
        cwd=ROOT,
        env=os.environ | {"GALLEY_VAR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"demo: --import: there is nothing at {tmp_path / 'none.xml'}.\n"
    assert not (tmp_path / "var").exists()
