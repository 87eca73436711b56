"""Documents like a given one: those that share its rarest words and its labels."""

from collections.abc import Sequence
from uuid import UUID

from search.engines.database import weights
from search.engines.database.tables import fetch, tables
from search.engines.protocol import Hit

MOST_TERMS = 20
"""Of the words of a document, those that tell it best from others are looked up."""


def find_related(
    document_id: UUID, *, site_id: int, locale: str, types: Sequence[str], limit: int
) -> Sequence[Hit]:
    """The documents that share most with this one. One query.

    The words are those that are weighty here and rare elsewhere, but not found here alone.
    """
    shape = tables()
    marks = ", ".join(["%s"] * len(types))
    saturated = f"p.frequency / (p.frequency + {weights.K1} * (1 + p.length / d.length) / 2)"
    rows = fetch(
        "WITH d AS (SELECT e.id, e.length, e.counted FROM search_indexeddocument e"
        f" WHERE e.document_id = {shape.id_value} AND e.site_id = %s AND e.locale = %s),"
        f" stems AS ({shape.counted_terms}),"
        " q AS (SELECT t.id AS term_id, p.frequency / (p.frequency + 2.0) / t.documents AS weight"
        " FROM stems CROSS JOIN d CROSS JOIN search_posting p CROSS JOIN search_term t"
        " WHERE t.id = stems.term_id AND p.term_id = stems.term_id AND p.entry_id = d.id"
        f" AND t.documents > 1 ORDER BY 2 DESC, 1 LIMIT {MOST_TERMS}),"
        f" s AS (SELECT p.entry_id, SUM(q.weight * {saturated}) AS score FROM q CROSS JOIN d"
        " CROSS JOIN search_posting p WHERE p.term_id = q.term_id AND p.entry_id <> d.id"
        " GROUP BY p.entry_id)"
        f" SELECT {shape.id_text.format('e.document_id')}, s.score FROM s"
        " CROSS JOIN search_indexeddocument e WHERE e.id = s.entry_id AND e.site_id = %s"
        f" AND e.locale = %s AND e.type IN ({marks}) ORDER BY s.score DESC, e.id"
        f" LIMIT {int(limit)}",
        [shape.stored_id(str(document_id)), site_id, locale, site_id, locale, *types],
    )
    return [Hit(id=UUID(row[0]), score=round(float(row[1]), 4)) for row in rows]
