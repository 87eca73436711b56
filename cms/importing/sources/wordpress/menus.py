"""Menus of an export as menus of the website."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cms.importing.content import Change, ItemKind, Note, Skipped, SourceItem
from cms.importing.sources.wordpress.catalogue import Catalogue, MenuEntry
from cms.importing.sources.wordpress.markup import shorten, words

_MAX_LABEL: Final = 100
_MAX_WALK: Final = 12
_PLACES: Final = (
    ("footer", re.compile(r"foot|bottom", re.IGNORECASE)),
    ("main", re.compile(r"\b(?:main|primary|header|top|hauptmen\w*|principal)\b", re.IGNORECASE)),
)


class MenuReader:
    """Makes a menu of the entries of each."""

    def __init__(self, catalogue: Catalogue, base_url: str) -> None:
        self._catalogue = catalogue
        self._base = base_url

    def read(self) -> Iterator[SourceItem | Skipped]:
        """All menus; entries that belong to none are skipped, each by itself."""
        menus = self._catalogue.menus()
        places = self._places(menus)
        for slug, name in menus:
            yield self._menu(slug, name, *places[slug])
        for entry in self._catalogue.entries(""):
            yield Skipped(
                key=f"nav_menu_item:{entry.id}",
                kind="nav_menu_item",
                where=f"line {entry.line}, nav_menu_item {entry.id}",
                title=words(entry.title),
                reason="It is an entry of no menu.",
            )

    def _places(self, menus: list[tuple[str, str]]) -> dict[str, tuple[str, Note | None]]:
        """Under which name a website asks for each menu. The export does not say it."""
        found: dict[str, tuple[str, Note | None]] = {}
        taken: set[str] = set()
        for slug, name in menus:
            for place, pattern in _PLACES:
                if place not in taken and pattern.search(f"{slug.replace('-', ' ')} {name}"):
                    taken.add(place)
                    found[slug] = place, _guess(place, "by its name")
                    break
        for slug, _name in menus:
            if slug not in found and "main" not in taken and self._catalogue.entries(slug):
                taken.add("main")
                found[slug] = "main", _guess("main", "since no menu is named for it")
            found.setdefault(slug, (slug, None))
        return found

    def _menu(self, slug: str, name: str, place: str, guess: Note | None) -> SourceItem:
        entries = self._catalogue.entries(slug)
        notes = [guess] if guess else []
        below: dict[str, list[MenuEntry]] = {}
        ids = {entry.id for entry in entries}
        for entry in entries:
            below.setdefault(entry.parent if entry.parent in ids else "0", []).append(entry)
        seen: set[int] = set()
        items = [
            item for entry in below.get("0", ()) for item in self._tree(entry, below, notes, seen)
        ]
        lost = [entry for entry in entries if entry.line not in seen]
        if lost:
            message = f"{len(lost)} entries lie below each other in a circle."
            notes.append(Note(Change.DROPPED, "menu-cycle", message, f"line {lost[0].line}"))
        notes.append(
            Note(Change.CHANGED, "menu-entries", f"It is made of {len(entries)} menu items.")
        )
        return SourceItem(
            key=f"menu:{slug}",
            kind=ItemKind.MENU,
            where=f"line {entries[0].line}, menu {slug}" if entries else f"menu {slug}",
            title=name or slug,
            slug=slug,
            details={"menu": place, "items": items},
            notes=tuple(notes),
        )

    def _tree(
        self,
        entry: MenuEntry,
        below: Mapping[str, list[MenuEntry]],
        notes: list[Note],
        seen: set[int],
        depth: int = 1,
    ) -> list[dict[str, Any]]:
        """The entry with what lies below it; what lies below an entry that leads nowhere moves up."""
        if entry.line in seen or depth > _MAX_WALK:
            return []
        seen.add(entry.line)
        children = [
            item
            for child in below.get(entry.id, ())
            for item in self._tree(child, below, notes, seen, depth + 1)
        ]
        label, url = self._target(entry)
        where = f"line {entry.line}, nav_menu_item {entry.id}"
        if not url or not label:
            message = f"The entry “{label or entry.id}” leads to nothing that is in the export."
            notes.append(Note(Change.DROPPED, "menu-entry-to-nowhere", message, where))
            return children
        if url == "#":
            if children:
                message = (
                    f"“{label}” only opened what lies below it; it leads to the first of these."
                )
                notes.append(Note(Change.GUESSED, "menu-entry-without-target", message, where))
                url = str(children[0]["url"])
            else:
                message = f"The entry “{label}” leads nowhere."
                notes.append(Note(Change.DROPPED, "menu-entry-to-nowhere", message, where))
                return []
        if entry.type == "taxonomy":
            message = f"“{label}” led to the posts of a category or tag; it leads to the blog."
            notes.append(Note(Change.GUESSED, "menu-entry-of-taxonomy", message, where))
        return [{"label": shorten(label, _MAX_LABEL), "url": url, "children": children}]

    def _target(self, entry: MenuEntry) -> tuple[str, str]:
        """Label and address."""
        label = words(entry.title)
        match entry.type:
            case "post_type":
                item = self._catalogue.item(entry.object_id)
                if item is None:
                    return label, ""
                return label or words(
                    item.title
                ), f"wp:post:{item.id}" if item.kind != "attachment" else item.link
            case "taxonomy":
                term = self._catalogue.term_by_id(entry.object_id)
                if term is None:
                    return label, ""
                return label or words(term.name), f"wp:term:{term.taxonomy}:{term.slug}"
            case _:
                url = entry.url.strip()
                if url in {"", "#"} or url.startswith("#"):
                    return label, "#"
                if url.startswith("/"):
                    url = f"{self._base}{url}"
                return label or url, url


def _guess(place: str, reason: str) -> Note:
    message = f"The export does not say where the menu stands; it is “{place}”, {reason}."
    return Note(Change.GUESSED, "menu-place", message)
