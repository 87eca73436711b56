"""What a visitor hands to `bin/demo --import`: its format, its name, and whether it has changed."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processes import ToolError

HEAD_BYTES = 64 * 1024
MAX_TITLE = 100
MARKDOWN = {".md", ".markdown", ".mdown", ".mkd"}
SETTINGS_FILES = (
    "config.toml",
    "zola.toml",
    "hugo.toml",
    "config/_default/hugo.toml",
    "config/_default/config.toml",
    "hugo.yaml",
    "hugo.yml",
    "config.yaml",
    "config.yml",
    "_config.yml",
    "_config.yaml",
)
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "public", "_site", "resources"}
# A site's title in TOML or YAML, at the start of a line: deeper ones belong to something else.
TITLE = re.compile(
    r"""^title\s*[:=]\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^"'#\n][^#\n]*))""", re.MULTILINE
)
XML_TITLE = re.compile(r"<channel\b[^>]*>\s*<title>(?:<!\[CDATA\[)?([^<\]]+)")
# First bytes of what people hand over in place of what they mean.
ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "packed by gzip",
    b"BZh": "packed by bzip2",
}


@dataclass(frozen=True)
class OwnContent:
    """A source that an import command takes."""

    path: Path
    format: str
    title: str

    @property
    def command(self) -> str:
        """The name of the import command."""
        return f"import_{self.format}"

    def fingerprint(self) -> str:
        """Changes with names, sizes and times of the files; reads none of them."""
        digest = hashlib.sha256(str(self.path).encode(errors="surrogateescape"))
        for file in [self.path] if self.path.is_file() else sorted(all_files(self.path)):
            state = file.lstat()
            line = f"\0{file}\0{state.st_size}\0{state.st_mtime_ns}"
            digest.update(line.encode(errors="surrogateescape"))
        return digest.hexdigest()


def recognise(path: Path) -> OwnContent:
    """What lies at `path`.

    Raises `ToolError` that says what it is instead and what would be taken.
    """
    try:
        path = path.resolve(strict=True)
        if path.is_dir():
            return _recognise_folder(path)
        if path.is_file():
            return _recognise_file(path)
    except FileNotFoundError:
        raise ToolError(f"--import: there is nothing at {path}.") from None
    except OSError as problem:
        raise ToolError(f"--import: {path} cannot be read: {problem.strerror}.") from problem
    raise ToolError(f"--import: {path} is neither a file nor a folder.")


def all_files(folder: Path) -> Iterator[Path]:
    """Every file below `folder` but those of hidden and generated folders; follows no links."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [n for n in folders if not n.startswith(".") and n not in SKIPPED_FOLDERS]
        for name in names:
            yield Path(parent, name)


def _recognise_folder(folder: Path) -> OwnContent:
    exports = []
    for file in all_files(folder):
        if file.suffix.lower() in MARKDOWN:
            return OwnContent(folder, "markdown", _folder_title(folder))
        if file.suffix.lower() == ".xml" and _is_export(_head(file)):
            exports.append(file)
    if exports:
        raise ToolError(
            f"--import: {folder} has no Markdown, but an export of WordPress."
            f" Did you mean {min(exports)}?"
        )
    if any(all_files(folder)):
        raise ToolError(f"--import: there is no Markdown file (.md) in {folder} or below it.")
    raise ToolError(f"--import: the folder {folder} is empty.")


def _recognise_file(file: Path) -> OwnContent:
    head = _head(file)
    if not head.strip():
        raise ToolError(f"--import: {file} is empty.")
    for mark, what in ARCHIVES.items():
        if head.startswith(mark):
            raise ToolError(f"--import: {file} is {what}. Unpack it and name what comes out.")
    if file.suffix.lower() in MARKDOWN:
        raise ToolError(
            f"--import: {file} is a single Markdown file. Name its folder: {file.parent}"
        )
    if not _is_export(head):
        raise ToolError(
            f"--import: {file} is no export of WordPress (a WXR file, in WordPress under Tools,"
            " Export). A folder of Markdown files is taken as well."
        )
    return OwnContent(file, "wordpress", _export_title(head) or _clean(file.stem) or "Website")


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def _is_export(head: bytes) -> bool:
    # As letters without zeros, UTF-16 can be looked through as well.
    text = head.replace(b"\0", b"")
    return b"<rss" in text and b"wordpress.org/export/" in text


def _export_title(head: bytes) -> str:
    found = XML_TITLE.search(head.decode("utf-8", errors="replace"))
    return _clean(html.unescape(found[1])) if found else ""


def _folder_title(folder: Path) -> str:
    for place in (folder, *list(folder.parents)[:1]):
        for name in SETTINGS_FILES:
            if (place / name).is_file():
                text = _head(place / name).decode("utf-8", errors="replace")
                if (found := TITLE.search(text)) and (
                    title := _clean(found[1] or found[2] or found[3])
                ):
                    return title
        if _json_title(place / "config.json"):
            return _json_title(place / "config.json")
    return _clean(folder.name) or "Website"


def _json_title(file: Path) -> str:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    title = settings.get("title") if isinstance(settings, dict) else None
    return _clean(title) if isinstance(title, str) else ""


def _clean(text: str) -> str:
    """One line of printable letters that fits a website's name."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_TITLE]
