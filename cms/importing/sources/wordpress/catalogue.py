"""What has to be known of a whole export before any of its items can be understood.

A thumbnail, a reusable block, the entries of a menu may stand after the post that uses them. A
first reading notes these small things in a database of its own, which lies in memory while it is
small and on disk when it is not, and vanishes when it is closed.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cms.importing.sources.wordpress.markup import words
from cms.importing.sources.wordpress.media_urls import exact_form, family_form
from cms.importing.sources.wordpress.records import RawAuthor, RawComment, RawItem, RawTerm, Record

_TABLES: Final = """
CREATE TABLE author (login TEXT PRIMARY KEY, email TEXT, name TEXT, line INT, id TEXT);
CREATE TABLE term (taxonomy TEXT, slug TEXT, term_id TEXT, name TEXT, parent TEXT,
    description TEXT, line INT, PRIMARY KEY (taxonomy, slug));
CREATE INDEX term_id ON term (term_id);
CREATE TABLE item (id TEXT PRIMARY KEY, kind TEXT, status TEXT, title TEXT, link TEXT, slug TEXT,
    parent TEXT, line INT);
CREATE TABLE attachment (id TEXT PRIMARY KEY, parent TEXT, url TEXT, link TEXT, guid TEXT, title TEXT,
    caption TEXT, alt TEXT, position INT, exact TEXT, family TEXT);
CREATE INDEX attachment_exact ON attachment (exact);
CREATE INDEX attachment_family ON attachment (family);
CREATE INDEX attachment_parent ON attachment (parent);
CREATE TABLE reusable (id TEXT PRIMARY KEY, content TEXT);
CREATE TABLE entry (id TEXT, menu TEXT, menu_name TEXT, parent TEXT, position INT, title TEXT,
    type TEXT, object TEXT, object_id TEXT, url TEXT, line INT);
CREATE INDEX entry_menu ON entry (menu, parent);
CREATE TABLE comment (post_id TEXT, id TEXT, parent TEXT, author TEXT, author_url TEXT, date TEXT,
    status TEXT, kind TEXT, text TEXT, line INT);
CREATE TABLE number (key TEXT PRIMARY KEY, value INT);
"""


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str
    parent: str
    url: str
    link: str
    guid: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class KnownItem:
    id: str
    kind: str
    status: str
    title: str
    link: str
    slug: str
    parent: str
    line: int


@dataclass(frozen=True, slots=True)
class MenuEntry:
    id: str
    menu: str
    menu_name: str
    parent: str
    title: str
    type: str
    object: str
    object_id: str
    url: str
    line: int


_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")


def whole_number(text: str) -> int:
    """The number, or 0 for what is none."""
    return int(text) if _NUMBER.fullmatch(text) else 0


class Catalogue:
    """Answers from the first reading. For one thread."""

    def __init__(self) -> None:
        # An empty name is SQLite's for a private file that is deleted when it is closed.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;"
        )
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Deletes it."""
        self._db.close()

    def note(self, record: Record) -> None:
        """Remembers what later items may ask of this one."""
        match record:
            case RawAuthor():
                row = (
                    record.login,
                    record.email,
                    record.display_name,
                    record.line,
                    record.author_id,
                )
                self._db.execute("INSERT OR REPLACE INTO author VALUES (?, ?, ?, ?, ?)", row)
            case RawTerm():
                self._note_term(record)
            case RawComment():
                self._note_comment(record)
            case RawItem():
                self._note_item(record)

    def _insert(self, table: str, row: tuple[object, ...]) -> None:
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own words

    def _count(self, key: str) -> None:
        self._db.execute(
            "INSERT INTO number VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
            (key,),
        )

    def _note_term(self, term: RawTerm) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO term VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                term.taxonomy,
                term.slug,
                term.term_id,
                term.name,
                term.parent,
                term.description,
                term.line,
            ),
        )

    def _note_comment(self, item: RawComment) -> None:
        self._insert(
            "comment",
            (
                item.post_id,
                item.comment_id,
                item.parent,
                item.author,
                item.author_url,
                item.date,
                item.status,
                item.kind,
                item.text,
                item.line,
            ),
        )

    def _note_item(self, item: RawItem) -> None:
        self._count("items")
        row = (
            *(item.post_id or f"line:{item.line}", item.kind, item.text("wp:status")),
            *(item.text("title"), item.text("link"), item.text("wp:post_name")),
            *(item.text("wp:post_parent"), item.line),
        )
        self._insert("item", row)
        if item.kind in {"post", "page"}:
            login = item.login
            if login:
                self._insert("author", (login, "", login, item.line, ""))
            for use in item.terms:
                term = (use.taxonomy, use.slug, "", use.name or use.slug, "", "", item.line)
                self._insert("term", term)
        match item.kind:
            case "attachment":
                self._note_attachment(item)
            case "wp_block":
                self._insert("reusable", (item.post_id, item.fields.get("content:encoded", "")))
            case "nav_menu_item":
                self._note_entry(item)

    def _note_attachment(self, item: RawItem) -> None:
        url = item.text("wp:attachment_url") or item.text("guid")
        row = (
            *(item.post_id, item.text("wp:post_parent"), url, item.text("link"), item.text("guid")),
            *(words(item.text("title")), words(item.text("excerpt:encoded"))),
            item.meta_value("_wp_attachment_image_alt"),
            *(whole_number(item.text("wp:menu_order")), exact_form(url), family_form(url)),
        )
        self._insert("attachment", row)

    def _note_entry(self, item: RawItem) -> None:
        menus = [use for use in item.terms if use.taxonomy == "nav_menu"]
        row = (
            *(item.post_id, menus[0].slug if menus else "", menus[0].name if menus else ""),
            *(item.meta_value("_menu_item_menu_item_parent") or "0",),
            *(whole_number(item.text("wp:menu_order")), item.text("title")),
            *(item.meta_value("_menu_item_type"), item.meta_value("_menu_item_object")),
            *(
                item.meta_value("_menu_item_object_id"),
                item.meta_value("_menu_item_url"),
                item.line,
            ),
        )
        self._insert("entry", row)

    def item_count(self) -> int:
        """How many `<item>`s there are."""
        row = self._db.execute("SELECT value FROM number WHERE key = 'items'").fetchone()
        return int(row[0]) if row else 0

    def count(self, table: str) -> int:
        """How many rows were noted in one of the tables."""
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own words

    def item(self, post_id: str) -> KnownItem | None:
        """The first item with this number."""
        row = self._db.execute("SELECT * FROM item WHERE id = ?", (post_id,)).fetchone()
        return KnownItem(*row) if row else None

    def authors(self) -> Iterator[RawAuthor]:
        """Those that the export lists, and those that only posts name."""
        for row in self._db.execute("SELECT * FROM author ORDER BY rowid"):
            yield RawAuthor(*row)

    def author(self, login: str) -> RawAuthor | None:
        row = self._db.execute("SELECT * FROM author WHERE login = ?", (login,)).fetchone()
        return RawAuthor(*row) if row else None

    def terms(self, *taxonomies: str) -> Iterator[RawTerm]:
        """All terms of these taxonomies."""
        marks = ", ".join("?" * len(taxonomies))
        rows = self._db.execute(
            "SELECT taxonomy, term_id, slug, name, parent, description, line FROM term"  # noqa: S608 - our words
            f" WHERE taxonomy IN ({marks}) ORDER BY rowid",
            taxonomies,
        )
        for row in rows:
            yield RawTerm(*row)

    def other_taxonomies(self) -> list[tuple[str, int]]:
        """Taxonomies of plug-ins, with the number of their terms."""
        return self._db.execute(
            "SELECT taxonomy, count(*) FROM term WHERE taxonomy NOT IN"
            " ('category', 'post_tag', 'nav_menu', 'post_format') GROUP BY taxonomy ORDER BY taxonomy"
        ).fetchall()

    def term(self, taxonomy: str, slug: str) -> RawTerm | None:
        return self._term("taxonomy = ? AND slug = ?", (taxonomy, slug))

    def term_by_id(self, term_id: str) -> RawTerm | None:
        return self._term("term_id = ?", (term_id,))

    def _term(self, condition: str, values: tuple[str, ...]) -> RawTerm | None:
        row = self._db.execute(
            "SELECT taxonomy, term_id, slug, name, parent, description, line FROM term"  # noqa: S608 - our words
            f" WHERE {condition} LIMIT 1",
            values,
        ).fetchone()
        return RawTerm(*row) if row else None

    def attachment(self, post_id: str) -> Attachment | None:
        return self._attachment("id = ?", post_id)

    def attachment_by_url(self, url: str) -> Attachment | None:
        """The attachment whose file this is, in whichever size."""
        exact = exact_form(url)
        if not exact:
            return None
        return self._attachment("exact = ?", exact) or self._attachment(
            "family = ?", family_form(url)
        )

    def attachments_of(self, parent: str) -> list[Attachment]:
        """The files that were uploaded to a post, in the order of its gallery."""
        rows = self._db.execute(
            f"{_ATTACHMENT} WHERE parent = ? ORDER BY position, CAST(id AS INTEGER)", (parent,)
        )
        return [Attachment(*row) for row in rows]

    def loose_attachments(self) -> Iterator[Attachment]:
        """Those that belong to no post or page of this export."""
        yield from (
            Attachment(*row)
            for row in self._db.execute(
                f"{_ATTACHMENT} WHERE parent NOT IN"  # noqa: S608 - our own words
                " (SELECT id FROM item WHERE kind IN ('post', 'page')) ORDER BY rowid"
            )
        )

    def _attachment(self, condition: str, value: str) -> Attachment | None:
        row = self._db.execute(f"{_ATTACHMENT} WHERE {condition} LIMIT 1", (value,)).fetchone()
        return Attachment(*row) if row else None

    def reusable(self, post_id: str) -> str | None:
        """The content of a reusable block."""
        row = self._db.execute("SELECT content FROM reusable WHERE id = ?", (post_id,)).fetchone()
        return str(row[0]) if row else None

    def menus(self) -> list[tuple[str, str]]:
        """Slug and name of each menu, those without entries too."""
        declared = [(term.slug, term.name) for term in self.terms("nav_menu")]
        used = self._db.execute(
            "SELECT DISTINCT menu, menu_name FROM entry WHERE menu <> '' ORDER BY rowid"
        )
        return list({slug: (slug, name) for slug, name in [*used, *declared]}.values())

    def entries(self, menu: str) -> list[MenuEntry]:
        """The entries of a menu in order; "" for those of none."""
        rows = self._db.execute(
            "SELECT id, menu, menu_name, parent, title, type, object, object_id, url, line FROM entry"
            " WHERE menu = ? ORDER BY position, line",
            (menu,),
        )
        return [MenuEntry(*row) for row in rows]

    def comments(self) -> Iterator[RawComment]:
        """All of them, in the order of the file."""
        for row in self._db.execute("SELECT * FROM comment ORDER BY rowid"):
            yield RawComment(*row)


_ATTACHMENT: Final = "SELECT id, parent, url, link, guid, title, caption, alt FROM attachment"
