"""What the links and images of a text name: another text, a file of the folder, or an address."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from cms.importing.content import Change, Note
from cms.importing.sources.markdown.document import Document
from cms.importing.sources.markdown.folder import Folder, inside
from cms.importing.sources.markdown.references import References
from cms.importing.sources.markdown.site import MARKDOWN

FILE: Final = "file:"
TEXT_MARK: Final = "@/"
_TEXT_ENDINGS: Final = ("", ".md", "/index.md", "/_index.md")


@dataclass(frozen=True, slots=True)
class LinkReader:
    """Reads the links of one text; `url` is the path that it had on its website."""

    folder: Folder
    references: References
    document: Document
    url: str
    notes: list[Note]

    def address(self, link: str) -> str:
        """The address by which the core finds what the link names."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return link
        if parts.scheme or parts.netloc:
            return link
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        path = unquote(parts.path)
        if path.startswith(TEXT_MARK):
            return self._text_named(path.removeprefix(TEXT_MARK)) + fragment
        found = self._find(path)
        if found is not None:
            return f"{FILE}{found}{fragment}"
        if not path.startswith("/") and path.lower().endswith(MARKDOWN):
            # As it stands, a text that is not there would be looked for on the website.
            path = path.rpartition(".")[0] + "/"
        joined = urljoin(self.url, urlunsplit(("", "", quote(path), parts.query, "")))
        found = self._find(unquote(urlsplit(joined).path)) if not path.startswith("/") else None
        return f"{FILE}{found}{fragment}" if found else joined + fragment

    def _find(self, path: str) -> str | None:
        """The file that a path names, seen from the text or from the root of the website."""
        if not path or "\x00" in path:
            return None
        site = self.document.site
        if path.startswith("/"):
            bare = path.removeprefix(site.base_path) if site.base_path else path
            bases = [*site.files, site.content]
            places = [inside(base, bare.lstrip("/")) for base in dict.fromkeys(bases)]
        else:
            places = [inside(self.document.folder, path)]
            if places[0] is None:
                message = f"{path} lies outside of the folder; it was not looked at."
                self.notes.append(Note(Change.DROPPED, "path-outside", message))
        for place in places:
            if place and self.folder.has(place):
                return self._named(place)
        return None

    def _text_named(self, path: str) -> str:
        """The text that a generator's own way of linking names: by its path, or by its name."""
        content = self.document.site.content
        bare = path.strip("/")
        candidates: list[str | None] = []
        folder = self.document.folder
        for base in (content, folder, folder.rpartition("/")[0]):
            candidates += [
                inside(base, f"{bare}{ending}") for ending in ("", ".md", "/index.md", "/_index.md")
            ]
        found = next((place for place in candidates if place and self.folder.has(place)), None)
        if found is not None:
            return f"{FILE}{self._named(found)}"
        message = f"The text @/{path} that a link names is not in the folder."
        self.notes.append(Note(Change.MISSING, "link-to-nowhere", message))
        return "/" + bare.removesuffix(".md").removesuffix("/_index").removesuffix("/index") + "/"

    def _named(self, path: str) -> str:
        if not path.lower().endswith(MARKDOWN):
            self.references.name_file(path)
        return path
