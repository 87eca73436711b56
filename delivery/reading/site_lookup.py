"""Which website a host name leads to."""

from dataclasses import dataclass

import orjson

from core.interface import NotFound
from delivery.reading.dialect import fetch


@dataclass(frozen=True, slots=True)
class Site:
    """A website as the reading side knows it."""

    id: int
    hostname: str
    default_locale: str
    locales: tuple[str, ...]


def find_site(hostname: str, port: int | None) -> Site:
    """The site of a host name and port, else of the host name, else the default. One query.

    Raises:
        NotFound: there is none of them.
    """
    rows = fetch(
        "SELECT id, hostname, port, is_default, default_locale, locales"
        " FROM delivery_deliverysite ORDER BY id",
        (),
    )
    named = [row for row in rows if row[1].lower() == hostname.lower()]
    for candidates in ([row for row in named if row[2] == port], named, [r for r in rows if r[3]]):
        if candidates:
            row = candidates[0]
            locales = tuple(orjson.loads(row[5])) or (row[4],)
            return Site(row[0], row[1], row[4], locales)
    raise NotFound("There is no website at this host name.")
