"""The grammar of cache tags.

- `d-<document id>`: an answer that shows this document, or would if it were public
- `t-<site>-<type>`: an answer that lists this type on this site
- `n-<hash>`: an answer for which a document was looked up by its slug
- `p-<hash>`: an answer for which it was looked up what stands at a path
- `q-<site>`: an answer of a search on this site
- `h-<site>`: an answer about the past of the site, which only changes when history is removed
- `s-<site>`: an answer that depends on the site as a whole (host, locales)
- `r-release`: an answer that only another release of the product changes
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


def document_tag(document_id: UUID | str) -> str:
    """The tag of one document."""
    return f"d-{document_id}"


def type_tag(site_id: int, document_type: str) -> str:
    """The tag of every list that this type may be on."""
    return f"t-{site_id}-{document_type}"


def site_tag(site_id: int) -> str:
    """The tag of what depends on the whole site."""
    return f"s-{site_id}"


def search_tag(site_id: int) -> str:
    """The tag of every answer of a search: its index follows a change a little later."""
    return f"q-{site_id}"


def history_tag(site_id: int) -> str:
    """The tag of every answer about the past of the site."""
    return f"h-{site_id}"


def slug_tag(site_id: int, document_type: str, slug: str) -> str:
    """The tag of what is found by this slug: another document may come to have it.

    A hash, since a slug may have letters that a header may not.
    """
    return f"n-{_hash(f'{site_id}/{document_type}/{slug}')}"


def path_tag(site_id: int, path: str) -> str:
    """The tag of what is found at this path, with or without a slash at its end.

    A document, or a redirect, may come to be there, or lead elsewhere.
    """
    bare = path.rstrip("/") or "/"
    return f"p-{_hash(f'{site_id}{bare}')}"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document is found: by type, by slug, and by path unless that is empty."""

    site_id: int
    type: str
    slug: str
    path: str


def tags_of_change(document_id: UUID, places: Iterable[Place]) -> list[str]:
    """The tags to purge when this document appears, changes or goes.

    `places` are those that it has and had.
    """
    tags = [document_tag(document_id)]
    for place in places:
        tags.append(type_tag(place.site_id, place.type))
        tags.append(slug_tag(place.site_id, place.type, place.slug))
        if place.path:
            tags.append(path_tag(place.site_id, place.path))
    return list(dict.fromkeys(tags))
