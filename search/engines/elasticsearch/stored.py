"""A search entry as the engine stores it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from search.engines.elasticsearch.highlighting import END, START
from search.engines.elasticsearch.languages import language_of
from search.engines.protocol import FacetCount
from search.entries import Label, SearchEntry

_BETWEEN: Final = "\x1f"
# What highlights are marked with on their way must not come from a text.
_NO_MARKS: Final = str.maketrans("", "", START + END)


def stored_entry(entry: SearchEntry) -> dict[str, Any]:
    """The document for the index; what is not there is left out."""
    labels = [*entry.tags, *entry.categories, *entry.authors]
    texts = {
        "title": entry.title.translate(_NO_MARKS),
        "headings": list(entry.headings),
        "summary": entry.summary.translate(_NO_MARKS),
        "body": entry.body.translate(_NO_MARKS),
        "labels": [label.title for label in labels],
    }
    document: dict[str, Any] = {
        "id": str(entry.id),
        "type": entry.type,
        "locale": entry.locale,
        "site_id": entry.site_id,
        "version": entry.version,
        "sequence": entry.sequence,
        "digest": entry.digest,
        "path": entry.path,
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "popularity": entry.popularity,
        "tags": _stored_labels(entry.tags),
        "category": _stored_labels(entry.categories),
        "author": _stored_labels(entry.authors),
        language_of(entry.locale): texts,
    }
    if entry.price is not None:
        document |= {"price": float(entry.price), "currency": entry.currency}
    if entry.embedding is not None:
        document["embedding"] = list(entry.embedding)
    return document


def _stored_labels(labels: Sequence[Label]) -> list[dict[str, str]]:
    return [
        {
            "id": str(label.id),
            "slug": label.slug,
            "shown": _BETWEEN.join((str(label.id), label.slug, label.title)),
        }
        for label in labels
    ]


def read_label(shown: str, count: int) -> FacetCount:
    """The count of a facet from a label as it is stored."""
    identity, slug, title = shown.split(_BETWEEN, 2)
    return FacetCount(value=slug, count=count, id=UUID(identity), title=title)
