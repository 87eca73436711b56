"""The scratch file of a run: everything that was read, on disk, so that memory does not grow.

A private SQLite database without a name: it is gone with the process, however that ends.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from cms.importing.codec import clean_text, digest_of, dump_item, load_item
from cms.importing.content import Change, ItemKind, Note, SourceItem

_SCHEMA: Final = """
CREATE TABLE items (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent TEXT,
    stage INTEGER NOT NULL,
    depth INTEGER,
    date REAL NOT NULL,
    digest TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    address TEXT NOT NULL,
    notes TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX items_parent ON items (parent);
CREATE INDEX items_order ON items (stage, depth, date, seq);
CREATE TABLE addresses (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX addresses_key ON addresses (key);
CREATE TABLE shown (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE wanted (name TEXT PRIMARY KEY, url TEXT NOT NULL, place TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE known (
    key TEXT PRIMARY KEY,
    pk INTEGER NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target INTEGER,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    is_missing INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE targets (key TEXT PRIMARY KEY, kind TEXT NOT NULL, pk INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE places (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE slugs (
    parent INTEGER NOT NULL, slug TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (parent, slug)
) WITHOUT ROWID;
CREATE TABLE pending (seq INTEGER PRIMARY KEY);
CREATE TABLE results (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    outcome TEXT NOT NULL,
    page INTEGER,
    old_address TEXT NOT NULL,
    new_path TEXT NOT NULL,
    notes TEXT NOT NULL
);
"""
_CACHE_KIB: Final = 16_384


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item of the scratch file with its place in the plan."""

    seq: int
    item: SourceItem
    digest: str
    parent: str | None
    """The key of the item that it lies below, after cycles were broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one thing; a line of the report to be."""

    seq: int
    kind: str
    key: str
    where: str
    title: str
    outcome: str
    page_id: int | None = None
    old_address: str = ""
    new_path: str = ""
    notes: tuple[Note, ...] = ()


class Scratch:
    """The tables of one run. For one thread; close it, or use it in a `with` statement."""

    def __init__(self) -> None:
        # An empty name: SQLite makes a file, unlinks it at once, and writes only what no longer
        # fits into the cache.
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)
        self._seq = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.db.close()

    def next_seq(self) -> int:
        """A number for the next thing, in the order of the source."""
        self._seq += 1
        return self._seq

    def add_item(self, item: SourceItem, *, names: Iterable[str], stage: int) -> bool:
        """Keeps an item with its names; the first to claim a name has it.

        Gives whether it was kept: a key that is taken stays with the first.
        """
        item, data = dump_item(item)
        # Posts come in by age; what lies in a tree keeps the order of the source.
        published_at = item.published_at if item.kind is ItemKind.POST else None
        row = (
            self.next_seq(),
            item.key,
            item.kind.value,
            item.parent,
            stage,
            published_at.timestamp() if published_at else 0.0,
            digest_of(item),
            item.where,
            item.title,
            item.addresses[0] if item.addresses else "",
            dump_notes(item.notes),
            data.decode(),
        )
        try:
            self.db.execute(
                "INSERT INTO items (seq, key, kind, parent, stage, date, digest, place, title,"
                " address, notes, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        except sqlite3.IntegrityError:
            return False
        self.db.executemany(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?)", [(name, item.key) for name in names]
        )
        return True

    def add_result(self, result: Result) -> None:
        """Keeps what became of a thing; a second result of the same replaces the first."""
        self.db.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                result.seq,
                result.kind,
                *map(clean_text, (result.key, result.where, result.title)),
                result.outcome,
                result.page_id,
                clean_text(result.old_address),
                result.new_path,
                dump_notes(result.notes),
            ),
        )

    def result_of(self, seq: int) -> Result | None:
        """What became of this thing, if that is known yet."""
        row = self.db.execute("SELECT * FROM results WHERE seq = ?", (seq,)).fetchone()
        return _result(row) if row else None

    def results(self) -> Iterator[Result]:
        """All results in the order of the source."""
        for row in self.db.execute("SELECT * FROM results ORDER BY seq"):
            yield _result(row)

    def spooled(self, seqs: Iterable[int]) -> list[Spooled]:
        """These items, in this order."""
        found = []
        for seq in seqs:
            data, notes, digest, parent = self.db.execute(
                "SELECT data, notes, digest, parent FROM items WHERE seq = ?", (seq,)
            ).fetchone()
            item = replace(load_item(data), notes=load_notes(notes))
            found.append(Spooled(seq, item, digest, parent))
        return found

    def find(self, key: str) -> Spooled | None:
        """The item of this key."""
        row = self.db.execute("SELECT seq FROM items WHERE key = ?", (key,)).fetchone()
        return self.spooled([row[0]])[0] if row else None

    def add_note(self, seq: int, note: Note) -> None:
        """Adds a line to what became of a thing."""
        (text,) = self.db.execute("SELECT notes FROM results WHERE seq = ?", (seq,)).fetchone()
        notes = load_notes(text)
        if note not in notes:
            self.db.execute(
                "UPDATE results SET notes = ? WHERE seq = ?", (dump_notes((*notes, note)), seq)
            )

    def key_of(self, name: str) -> str | None:
        """The key of the item to which this address leads."""
        row = self.db.execute("SELECT key FROM addresses WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def target_of(self, key: str) -> tuple[str, int] | None:
        """The kind of thing and its primary key that this item has become, so far."""
        row = self.db.execute("SELECT kind, pk FROM targets WHERE key = ?", (key,)).fetchone()
        return (row[0], row[1]) if row else None

    def set_target(self, key: str, kind: str, pk: int) -> None:
        """This item has become that thing."""
        self.db.execute("INSERT OR REPLACE INTO targets VALUES (?, ?, ?)", (key, kind, pk))

    def drop_target(self, key: str) -> None:
        """What this item had become is not there after all."""
        self.db.execute("DELETE FROM targets WHERE key = ?", (key,))

    def take_slug(self, parent: int, slug: str, key: str) -> bool:
        """Claims a slug below a parent for an item; False where another item has claimed it."""
        self.db.execute("INSERT OR IGNORE INTO slugs VALUES (?, ?, ?)", (parent, slug, key))
        holder: str = self.db.execute(
            "SELECT key FROM slugs WHERE parent = ? AND slug = ?", (parent, slug)
        ).fetchone()[0]
        return holder == key

    def add_pending(self, seq: int) -> None:
        """Notes that an item names what may still come."""
        self.db.execute("INSERT OR IGNORE INTO pending VALUES (?)", (seq,))

    def note_plan(self, seq: int, note: Note) -> None:
        """Adds what the plan had to change of an item to its notes."""
        (notes,) = self.db.execute("SELECT notes FROM items WHERE seq = ?", (seq,)).fetchone()
        self.db.execute(
            "UPDATE items SET notes = ? WHERE seq = ?",
            (dump_notes((*load_notes(notes), note)), seq),
        )

    def is_shown(self, key: str) -> bool:
        """Whether something that will be public shows this picture."""
        return bool(
            self.count(
                "SELECT EXISTS (SELECT 1 FROM addresses a JOIN shown s ON s.name = a.name"
                " WHERE a.key = ?)",
                key,
            )
        )

    def count(self, statement: str, *values: Any) -> int:
        """The number that a query gives."""
        number: int = self.db.execute(statement, values).fetchone()[0]
        return number


def _result(row: tuple[Any, ...]) -> Result:
    return Result(
        seq=row[0],
        kind=row[1],
        key=row[2],
        where=row[3],
        title=row[4],
        outcome=row[5],
        page_id=row[6],
        old_address=row[7],
        new_path=row[8],
        notes=load_notes(row[9]),
    )


def dump_notes(notes: Iterable[Note]) -> str:
    """Notes as JSON."""
    return json.dumps([[n.change.value, n.code, n.message, n.where] for n in notes])


def load_notes(text: str) -> tuple[Note, ...]:
    """The notes of `dump_notes`."""
    return tuple(
        Note(Change(change), code, message, where)
        for change, code, message, where in json.loads(text)
    )
