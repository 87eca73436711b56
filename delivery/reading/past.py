"""Reading what held at an instant of the past: the same selects, over other rows.

Every select of the reading side names the tables of the present. For an instant, a WITH clause
before it gives those names to the rows of the history tables that held then, so that the past
is read by the very text that reads the present. The databases put such a clause in the place
of the name (NOT MATERIALIZED), so indexes are used through it.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from delivery.reading.dialect import current_dialect, fetch
from delivery.reading.rows import Row

_DATED: Final = "type, locale, sorted_at"
_HISTORY: Final = {
    "delivery_document": (
        "document_id AS id, site_id, translation_key, slug, path, title, published_at, updated_at,"
        f" version, head, content, {_DATED} FROM delivery_documentversion"
    ),
    "delivery_documentreference": (
        f"source_id, field, position, target_id, {_DATED} FROM delivery_referenceversion"
    ),
    "delivery_documentvalue": (
        f"document_id, field, text, number, time, site_id, {_DATED} FROM delivery_valueversion"
    ),
    "delivery_redirect": (
        "redirect_id AS id, site_id, path, document_id, url, is_permanent"
        " FROM delivery_redirectversion"
    ),
    "delivery_deliverysite": (
        "site_id AS id, hostname, port, is_default, default_locale, locales"
        " FROM delivery_siteversion"
    ),
}
"""The tables of the present, and the select of the rows that they had."""

_TABLE: Final = re.compile(r"\bdelivery_[a-z]+\b")


def fetch_at(at: datetime | None, sql: str, params: Sequence[Any]) -> list[Row]:
    """Runs one select over what held at an instant; over the present where there is none."""
    if at is None:
        return fetch(sql, params)
    names = sorted({*_TABLE.findall(sql)} & _HISTORY.keys())
    dialect = current_dialect()
    instant = dialect.time_value
    tables = ", ".join(
        f"{name} AS NOT MATERIALIZED (SELECT {_HISTORY[name]} WHERE valid_from <= {instant}"
        f" AND (valid_to IS NULL OR valid_to > {instant}))"
        for name in names
    )
    rest = f", {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f" {sql}"
    times = (dialect.time_param(at),) * (2 * len(names))
    return fetch(f"WITH {tables}{rest}", (*times, *params))
