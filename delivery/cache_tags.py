"""The grammar of cache tags.

- `d-<document id>`: an answer that shows this document, or would if it were public
- `t-<site>-<type>`: an answer that lists this type on this site
- `n-<hash>`: an answer for which a document was looked up by its slug
- `h-<site>`: an answer about the past of the site, which only changes when history is removed
- `s-<site>`: an answer that depends on the site as a whole (host, locales, redirects)
"""

import hashlib
from collections.abc import Iterable
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


def history_tag(site_id: int) -> str:
    """The tag of every answer about the past of the site."""
    return f"h-{site_id}"


def slug_tag(site_id: int, document_type: str, slug: str) -> str:
    """The tag of what is found by this slug: another document may come to have it.

    A hash, since a slug may have letters that a header may not.
    """
    text = f"{site_id}/{document_type}/{slug}"
    return f"n-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def tags_of_change(document_id: UUID, places: Iterable[tuple[int, str, str]]) -> list[str]:
    """The tags to purge when this document appears, changes or goes.

    `places` are the sites, types and slugs that it has and had.
    """
    tags = [document_tag(document_id)]
    for site_id, document_type, slug in places:
        tags += [type_tag(site_id, document_type), slug_tag(site_id, document_type, slug)]
    return list(dict.fromkeys(tags))
