"""A folder with copies of a source's uploads, however much of the original tree it keeps."""

import os
from functools import cached_property
from pathlib import Path
from typing import Final

_AMBIGUOUS: Final = Path()


class MediaFolder:
    """Finds a file by the path that it had at the source.

    `/wp-content/uploads/2024/05/a.jpg` is found as that path below the folder, as any end of it
    (`uploads/2024/05/a.jpg`, `2024/05/a.jpg`, …), and last by its name alone where only one file
    of the folder bears it. Nothing outside is ever found, neither by `..` nor by a symbolic link.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()

    def find(self, path: str) -> Path | None:
        """The file, or None. Costs a look at the disk for each part of the path."""
        parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", "."}]
        if not parts or ".." in parts or any("\0" in part for part in parts):
            return None
        for start in range(len(parts)):
            if found := self._inside(self._root.joinpath(*parts[start:])):
                return found
        named = self._by_name.get(parts[-1].lower(), _AMBIGUOUS)
        return None if named == _AMBIGUOUS else self._inside(named)

    def _inside(self, candidate: Path) -> Path | None:
        try:
            resolved = candidate.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # absent, too long, a circle of links
            return None
        return resolved if resolved.is_relative_to(self._root) and resolved.is_file() else None

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        """Every file of the folder by its name in lower case; made at the first miss."""
        names: dict[str, Path] = {}
        for folder, _folders, files in os.walk(self._root):
            for name in files:
                key = name.lower()
                names[key] = _AMBIGUOUS if key in names else Path(folder, name)
        return names
