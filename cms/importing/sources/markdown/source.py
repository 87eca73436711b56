"""A folder of Markdown as a source: one file after the other, in a stable order."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from cms.importing.content import Change, ItemKind, Note, Skipped, SourceBroken, SourceItem
from cms.importing.sources.markdown.dates import date_in, moment_of
from cms.importing.sources.markdown.document import Document
from cms.importing.sources.markdown.folder import Entry, FileRefused, Folder
from cms.importing.sources.markdown.front_matter import FrontMatterBroken, split
from cms.importing.sources.markdown.items import file_item, read_document
from cms.importing.sources.markdown.naming import Naming, name_document
from cms.importing.sources.markdown.references import References
from cms.importing.sources.markdown.site import MARKDOWN, Flavour, read_site

_INDEXES: Final = ("_index.md", "index.md")
_FOLDERS_REMEMBERED: Final = 2048
_GENERATORS_OWN: Final = frozenset(
    {
        "_site",
        "_includes",
        "_layouts",
        "_sass",
        "_data",
        "_plugins",
        "themes",
        "layouts",
        "templates",
    }
)
_IMAGES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".bmp", ".ico")


class MarkdownSource:
    """Implements `Source` for a folder.

    `base_url` is the address of the website that was made of it; without it the settings in the
    folder are asked, and links to the site's own absolute addresses are foreign if these do not
    tell. `flavour` names the generator where the folder's shape does not.

    Raises:
        SourceBroken: there is no such folder, or its settings cannot be read.
    """

    name = "markdown"

    def __init__(self, folder: Path, *, base_url: str = "", flavour: Flavour | None = None) -> None:
        if not folder.is_dir():
            raise SourceBroken(f"{folder} is no folder.")
        self.folder = Folder(folder.resolve())
        self.site = read_site(self.folder, flavour=flavour, base_url=base_url)
        host = urlsplit(self.site.base_url).hostname or ""
        self.hosts = frozenset({host.lower()} if host else ())
        self.base_url = self.site.base_url
        self.identity = host.lower() + self.site.base_path if host else self.folder.root.name
        # Folders come one after the other, so the last few answers are enough.
        self._post_folders = lru_cache(maxsize=_FOLDERS_REMEMBERED)(self._find_posts)

    def size(self) -> int | None:
        """How many files there are; what comes of them may be a few more."""
        return sum(1 for _ in self.folder.entries())

    def items(self) -> Iterator[SourceItem | Skipped]:
        """The texts with the people and categories that they name; then the files they refer to.

        Raises:
            SourceBroken: there is no text, so this is hardly the folder that was meant.
        """
        if not any(self._is_text(entry.path) for entry in self.folder.entries()):
            place = f"{self.site.content}/ of {self.folder.root}" if self.site.content else ""
            raise SourceBroken(f"There is no Markdown file in {place or self.folder.root}.")
        with closing(References()) as references:
            for entry in self.folder.entries():
                if entry.is_link:
                    reason = "It is a symbolic link, which is not followed."
                    yield Skipped(f"link:{entry.path}", "link", entry.path, _name(entry), reason)
                elif self._is_text(entry.path):
                    yield from self._read_text(entry.path, references)
            for entry in self.folder.entries():
                if not entry.is_link and not self._is_text(entry.path):
                    yield self._read_file(entry, references)

    def _is_text(self, path: str) -> bool:
        return path.lower().endswith(MARKDOWN) and self._inner(path) is not None

    def _inner(self, path: str) -> str | None:
        """The path below the folder of texts; None for a file that is none of the site's texts."""
        content = self.site.content
        if content and not path.startswith(f"{content}/"):
            return None
        inner = path[len(content) + 1 :] if content else path
        folders = PurePosixPath(inner).parts[:-1]
        return None if _GENERATORS_OWN.intersection(folders) else inner

    def _read_text(self, path: str, references: References) -> Iterator[SourceItem | Skipped]:
        try:
            document = self._document(path)
        except (FileRefused, FrontMatterBroken) as problem:
            note = Note(Change.FAILED, "file-unreadable", str(problem))
            yield SourceItem(key=path, kind=ItemKind.PAGE, where=path, title=path, notes=(note,))
            return
        if self.site.flavour is Flavour.JEKYLL and not document.parts.format:
            reason = "It has no head, so the generator made no page of it."
            yield Skipped(path, "file", path, path, reason)
            return
        notes: list[Note] = []
        date = self._date_of(document, notes)
        naming = name_document(document, date)
        if naming.is_bundle or naming.is_index:
            references.place_folder(document.folder, self.site.base_path + naming.url)
        kind = self._kind_of(document, naming, date)
        for item in read_document(
            document,
            naming,
            kind=kind,
            date=date,
            parent=self._parent_of(document, naming, kind),
            folder=self.folder,
            references=references,
            notes=notes,
        ):
            if item.kind not in {ItemKind.PROFILE, ItemKind.CATEGORY} or references.is_new(
                item.key
            ):
                yield item

    def _document(self, path: str) -> Document:
        inner = self._inner(path) or path
        return Document(path, inner, split(self.folder.text(path)), self.site)

    def _date_of(self, document: Document, notes: list[Note]) -> datetime | None:
        """The date of the head, else that of the old address, the file's name or its folders."""
        zone = self.site.zone
        date = moment_of(document.field("date", "published_at", "created"), zone, notes)
        for text in (document.text("path", "url", "permalink"), document.inner):
            if date is None and text:
                date = date_in(text, zone, notes)
        return date

    def _kind_of(self, document: Document, naming: Naming, date: datetime | None) -> ItemKind:
        if naming.is_index:
            return ItemKind.SECTION if self._post_folders(document.folder) else ItemKind.PAGE
        if naming.is_post is not None:
            return ItemKind.POST if naming.is_post else ItemKind.PAGE
        return ItemKind.POST if date is not None else ItemKind.PAGE

    def _find_posts(self, folder: str) -> bool:
        """Whether a dated text lies in a folder, or in one below that has no index of its own."""
        if self.site.flavour in {Flavour.JEKYLL, Flavour.PLAIN}:
            return False
        for entry in self.folder.entries(folder):
            if entry.is_link or not self._is_text(entry.path) or entry.path.endswith("/_index.md"):
                continue
            between = PurePosixPath(entry.path).parent
            is_bundle = PurePosixPath(entry.path).stem == "index"
            if folder == self.site.content and str(between.parent if is_bundle else between) != (
                folder or "."
            ):
                # The home page is a blog only by posts of its own, not by those of a section.
                continue
            if any(
                self.folder.has(f"{above}/_index.md")
                for above in [between, *between.parents]
                if str(above) != "." and len(str(above)) > len(folder)
            ):
                continue
            try:
                document = self._document(entry.path)
                date = self._date_of(document, [])
                is_post = name_document(document, date).is_post
            except (FileRefused, FrontMatterBroken):
                continue
            if date is not None and is_post is not False and document.stem != "_index":
                return True
        return False

    def _parent_of(self, document: Document, naming: Naming, kind: ItemKind) -> str | None:
        """The nearest index above: of posts the blog's, of anything else any but the home page."""
        place = PurePosixPath(document.folder)
        steps = [place, *place.parents]
        if document.stem in {"_index", "index"} and (naming.is_index or naming.is_bundle):
            steps = steps[1:]
        root = PurePosixPath(self.site.content or ".")
        for step in steps:
            folder = "" if str(step) == "." else str(step)
            is_root = step == root
            if kind is ItemKind.POST:
                path = f"{folder}/_index.md" if folder else "_index.md"
                if self.folder.has(path) and self._post_folders(folder):
                    return path
            elif not is_root:
                for name in _INDEXES:
                    if self.folder.has(path := f"{folder}/{name}") and path != document.path:
                        return path
            if is_root:
                break
        return None

    def _read_file(self, entry: Entry, references: References) -> SourceItem | Skipped:
        if not references.is_named(entry.path):
            reason = "No text refers to it."
            return Skipped(entry.path, "file", entry.path, _name(entry), reason)
        urls = list(references.urls_of(entry.path))
        for root in self.site.files if not urls else ():
            if root and entry.path.startswith(f"{root}/"):
                urls.append(f"{self.site.base_path}/{entry.path[len(root) + 1 :]}")
            elif not root:
                urls.append(f"{self.site.base_path}/{entry.path}")
        kind = ItemKind.IMAGE if entry.path.lower().endswith(_IMAGES) else ItemKind.FILE
        full = os.fspath(self.folder.root / entry.path)
        return replace(file_item(entry.path, kind, full), addresses=(f"file:{entry.path}", *urls))


def _name(entry: Entry) -> str:
    return entry.path.rpartition("/")[2]
