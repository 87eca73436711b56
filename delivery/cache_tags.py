"""The grammar of cache tags.

- `d-<document id>`: an answer that shows this document, or would if it were public
- `t-<site>-<type>`: an answer that lists this type on this site
- `s-<site>`: an answer that depends on the site as a whole (host, locales, redirects)
"""

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


def tags_of_change(document_id: UUID, document_type: str, site_id: int) -> list[str]:
    """The tags to purge when this document appears, changes or goes."""
    return [document_tag(document_id), type_tag(site_id, document_type)]
