"""A folder of files, read without leaving it: links are not followed, sizes are bounded."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

MOST_BYTES: Final = 5 * 1024 * 1024
_HIDDEN: Final = frozenset({"node_modules", "__pycache__", "vendor"})
_BINARY_HEAD: Final = 8192


class FileRefused(Exception):
    """A file that is not read; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file below the folder; `path` is relative, with slashes."""

    path: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder to import. Its own path may be a link, nothing below it may."""

    root: Path

    def entries(self, below: str = "") -> Iterator[Entry]:
        """All files in a stable order, those of a folder before those of the folders in it."""
        folders: list[str] = []
        base = self.root / below
        try:
            found = sorted(os.scandir(base), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in found:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.name.startswith(".") or entry.name in _HIDDEN:
                continue
            if entry.is_symlink():
                yield Entry(path, is_link=True)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield Entry(path)
        for path in folders:
            yield from self.entries(path)

    def has(self, path: str) -> bool:
        """Whether a regular file lies there, on a way without links."""
        return self._kind(path) == "file"

    def has_folder(self, path: str) -> bool:
        """Whether a folder lies there, on a way without links."""
        return self._kind(path) == "folder"

    def _kind(self, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\x00" in path:
            return ""
        place = self.root
        mode = 0
        for part in parts:
            place /= part
            try:
                mode = os.lstat(place).st_mode
            except (OSError, ValueError):
                return ""
            if stat.S_ISLNK(mode):
                return ""
        return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else ""

    def text(self, path: str) -> str:
        """The text of a file, with line feeds at the ends of its lines.

        Raises:
            FileRefused: it is too large, no text, or not in UTF-8.
        """
        try:
            handle = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as problem:
            raise FileRefused(f"It cannot be read: {problem.strerror}.") from problem
        if len(data) > MOST_BYTES:
            raise FileRefused(f"It is larger than {MOST_BYTES // 1024 // 1024} MB.")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            encoding = "utf-16"
        elif b"\x00" in data[:_BINARY_HEAD]:
            raise FileRefused("It is no text, but binary.")
        else:
            encoding = "utf-8-sig"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as problem:
            line = data.count(b"\n", 0, problem.start) + 1
            raise FileRefused(f"line {line}: it is not in UTF-8.") from problem
        return text.replace("\r\n", "\n").replace("\r", "\n")


def inside(base: str, relative: str) -> str | None:
    """`relative` seen from the folder `base`, both below the root; None where it leaves the root."""
    parts: list[str] = []
    for part in [*base.split("/"), *relative.split("/")]:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
