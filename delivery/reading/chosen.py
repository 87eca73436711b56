"""Documents that another index has chosen, composed as lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from delivery.reading.answers import gather, included_part
from delivery.reading.closure import Hits
from delivery.reading.dialect import current_dialect
from delivery.reading.fragments import marks
from delivery.reading.rows import ID, LOCALE
from delivery.reading.selection import Selection
from delivery.reading.site_lookup import Site


@dataclass(frozen=True, slots=True)
class Chosen:
    """Composed documents by id, as JSON objects; what is not public is missing.

    `included` is the side block with the comma before it. `ids` are those of all documents that
    show, or would if they were public.
    """

    documents: dict[UUID, bytes]
    included: bytes
    ids: tuple[str, ...]
    locales: tuple[str, ...]


def compose_documents(site: Site, ids: Sequence[UUID], selection: Selection) -> Chosen:
    """Composes the present documents with these ids. One query, none for no ids."""
    if not ids:
        return Chosen({}, b',"included":{}' if selection.includes_any else b"", (), ())
    dialect = current_dialect()
    wanted = marks(len(ids)).replace("%s", dialect.id_value)
    hits = Hits(
        sql=f"SELECT d.id FROM delivery_document d WHERE d.site_id = %s AND d.id IN ({wanted})",
        params=(site.id, *(dialect.id_param(str(item)) for item in ids)),
        limit=len(ids),
    )
    found = gather(dialect, site, hits, selection)
    order = {str(item): place for place, item in enumerate(ids)}
    rows = sorted(found.rows, key=lambda row: order[row[ID]])
    documents = {UUID(row[ID]): found.composer.document(row, selection.root) for row in rows}
    return Chosen(
        documents=documents,
        included=included_part(rows, found.composer, selection),
        ids=tuple(found.composer.ids),
        locales=tuple(dict.fromkeys(row[LOCALE] for row in rows if row[LOCALE])),
    )
