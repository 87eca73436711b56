"""Which website a host name leads to."""

import time
from dataclasses import dataclass
from typing import Final

import orjson
from django.db import connection

from core.interface import NotFound
from delivery.reading.dialect import fetch

MEMORY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """A website as the reading side knows it."""

    id: int
    hostname: str
    port: int
    is_default: bool
    default_locale: str
    locales: tuple[str, ...]


class _Memory:
    """The websites as they were read less than a second ago.

    Each request needs them and they hardly ever change; asking each time would cost as much
    as reading a document. Inside a transaction the memory is neither used nor filled: there,
    the caller must see what the transaction has written and others must not.
    """

    def __init__(self) -> None:
        self._sites: tuple[Site, ...] = ()
        self._until = 0.0

    def sites(self) -> tuple[Site, ...]:
        if connection.in_atomic_block:
            return _read_sites()
        now = time.monotonic()
        if now >= self._until:
            self._sites = _read_sites()
            self._until = now + MEMORY_SECONDS
        return self._sites

    def forget(self) -> None:
        self._until = 0.0


_memory: Final = _Memory()


def find_site(hostname: str, port: int) -> Site:
    """The site of a host name and port, else of the host name, else the default.

    One query at most; what other processes change is seen within a second.

    Raises:
        NotFound: there is none of them.
    """
    sites = _memory.sites()
    named = [site for site in sites if site.hostname == hostname.lower()]
    exact = [site for site in named if site.port == port]
    for site in (*exact, *named, *(site for site in sites if site.is_default)):
        return site
    raise NotFound("There is no website at this host name.")


def forget_sites() -> None:
    """Makes the next request of this process ask the database which websites there are."""
    _memory.forget()


def _read_sites() -> tuple[Site, ...]:
    rows = fetch(
        "SELECT id, hostname, port, is_default, default_locale, locales"
        " FROM delivery_deliverysite ORDER BY id",
        (),
    )
    return tuple(
        Site(
            id=row[0],
            hostname=row[1].lower(),
            port=row[2],
            is_default=bool(row[3]),
            default_locale=row[4],
            locales=tuple(orjson.loads(row[5])) or (row[4],),
        )
        for row in rows
    )
