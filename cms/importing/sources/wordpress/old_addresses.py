"""The addresses under which WordPress showed things, besides those that the export spells out."""

from urllib.parse import quote, urlsplit

from cms.importing.sources.wordpress.catalogue import Attachment, Catalogue
from cms.importing.sources.wordpress.records import RawAuthor, RawItem, RawTerm


class OldAddresses:
    """Makes addresses for one website; `base_url` has no slash at its end."""

    def __init__(self, base_url: str, catalogue: Catalogue) -> None:
        self._base = base_url
        self._catalogue = catalogue

    def content(self, item: RawItem) -> tuple[str, ...]:
        """A post's or page's: its permalink first, short forms, older slugs, its uploads' pages."""
        link, slug = item.text("link"), item.text("wp:post_name")
        guid = item.text("guid")
        # Some guids are just the website; that is its home page, not this.
        found = [link, "" if guid.rstrip("/") == self._base else guid]
        if item.post_id:
            found += [f"{self._base}/?p={item.post_id}", f"wp:post:{item.post_id}"]
            if item.kind == "page":
                found.append(f"{self._base}/?page_id={item.post_id}")
        if slug and f"/{slug}" in urlsplit(link).path:
            for key, old in item.meta:
                if key == "_wp_old_slug" and old.strip():
                    head, _slug, rest = link.rpartition(f"/{slug}")
                    found.append(f"{head}/{old.strip()}{rest}")
        for attachment in self._catalogue.attachments_of(item.post_id) if item.post_id else ():
            found += self.attachment_pages(attachment)
        return _distinct(found)

    def attachment_pages(self, attachment: Attachment) -> list[str]:
        """The pages that WordPress makes around an upload; not the file itself."""
        return [
            address
            for address in (attachment.link, f"{self._base}/?attachment_id={attachment.id}")
            if address and address != attachment.url
        ]

    def attachment(self, attachment: Attachment) -> tuple[str, ...]:
        """The file's own."""
        guid = "" if "?" in attachment.guid else attachment.guid
        return _distinct([attachment.url, guid, f"wp:attachment:{attachment.id}"])

    def author(self, author: RawAuthor) -> tuple[str, ...]:
        """The list of an author's posts."""
        slug = quote(author.login.strip().lower().replace(" ", "-"))
        found = [f"{self._base}/author/{slug}/"]
        if author.author_id:
            found.append(f"{self._base}/?author={author.author_id}")
        return tuple(found)

    def term(self, term: RawTerm) -> tuple[str, ...]:
        """The list of a category's or tag's posts, where the usual settings put it."""
        found = [f"wp:term:{term.taxonomy}:{term.slug}"]
        if term.taxonomy == "category":
            found += [
                f"{self._base}/category/{'/'.join(self._category_path(term))}/",
                f"{self._base}/category/{term.slug}/",
                f"{self._base}/?category_name={term.slug}",
            ]
            if term.term_id:
                found.append(f"{self._base}/?cat={term.term_id}")
        elif term.taxonomy == "post_tag":
            found += [f"{self._base}/tag/{term.slug}/", f"{self._base}/?tag={term.slug}"]
        elif term.taxonomy == "post_format":
            found.append(f"{self._base}/type/{term.slug.removeprefix('post-format-')}/")
        return _distinct(found)

    def _category_path(self, term: RawTerm) -> list[str]:
        path, seen = [term.slug], {term.slug}
        parent = term.parent
        while parent and parent not in seen:
            seen.add(parent)
            path.insert(0, parent)
            above = self._catalogue.term("category", parent)
            parent = above.parent if above else ""
        return path


def _distinct(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, found)))
