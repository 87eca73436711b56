"""What the texts of a folder name: kept on disk, so that a folder of any size fits in memory."""

import sqlite3
from collections.abc import Iterator


class References:
    """Remembers files that texts refer to and things that were handed on, for one reading."""

    def __init__(self) -> None:
        # An empty name is a database of its own that goes to disk when it outgrows its cache.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE files (path TEXT PRIMARY KEY, alt TEXT) WITHOUT ROWID")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("CREATE TABLE folders (path TEXT PRIMARY KEY, url TEXT) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forgets everything."""
        self._db.close()

    def name_file(self, path: str) -> None:
        """A text refers to this file."""
        self._db.execute("INSERT OR IGNORE INTO files VALUES (?, '')", (path,))

    def is_named(self, path: str) -> bool:
        """Whether a text refers to it."""
        row = self._db.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone()
        return row is not None

    def is_new(self, key: str) -> bool:
        """Whether this is the first call with that key."""
        return self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1

    def place_folder(self, path: str, url: str) -> None:
        """The files of this folder lay below that path of the website."""
        self._db.execute("INSERT OR IGNORE INTO folders VALUES (?, ?)", (path, url))

    def urls_of(self, path: str) -> Iterator[str]:
        """The paths at which a file lay because of the folder that it is in."""
        parts = path.split("/")
        for cut in range(len(parts) - 1, 0, -1):
            folder = "/".join(parts[:cut])
            row = self._db.execute("SELECT url FROM folders WHERE path = ?", (folder,)).fetchone()
            if row is not None:
                yield f"{row[0].rstrip('/')}/{'/'.join(parts[cut:])}"
                return
