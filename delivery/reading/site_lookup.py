"""Which website a host name leads to."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from django.db import connection

from core.interface import NotFound
from delivery.errors import BeforeHistory
from delivery.reading.dialect import current_dialect, fetch
from delivery.reading.past import fetch_at
from delivery.reading.rows import Row, zulu

MEMORY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """A website as the reading side knows it: as it is, or as it was `at` an instant.

    What is read of it then is what it held at that instant.
    """

    id: int
    hostname: str
    port: int
    is_default: bool
    default_locale: str
    locales: tuple[str, ...]
    at: datetime | None = None


class _Memory:
    """The websites as they were read less than a second ago.

    Each request needs them and they hardly ever change; asking each time would cost as much
    as reading a document. Inside a transaction the memory is neither used nor filled: there,
    the caller must see what the transaction has written and others must not.
    """

    def __init__(self) -> None:
        self._sites: tuple[Site, ...] = ()
        self._until = 0.0
        self._generation = 0
        self._lock = threading.Lock()

    def sites(self) -> tuple[Site, ...]:
        if connection.in_atomic_block:
            return _read_sites()
        now = time.monotonic()
        if now >= self._until:
            generation, found = self._generation, _read_sites()
            with self._lock:
                # What was read before a `forget` in another thread is used once and not kept.
                if generation != self._generation:
                    return found
                self._sites, self._until = found, now + MEMORY_SECONDS
        return self._sites

    def forget(self) -> None:
        with self._lock:
            self._generation += 1
            self._until = 0.0


_memory: Final = _Memory()


def find_site(hostname: str, port: int, at: datetime | None = None) -> Site:
    """The site of a host name and port, else of the host name, else the default.

    With `at`, as the websites were at that instant. One query at most; what other processes
    change of the present is seen within a second.

    Raises:
        NotFound: there is none of them.
        BeforeHistory: the instant is before the first that is known.
    """
    sites = _memory.sites() if at is None else _read_past_sites(at)
    named = [site for site in sites if site.hostname == hostname.lower()]
    exact = [site for site in named if site.port == port]
    for site in (*exact, *named, *(site for site in sites if site.is_default)):
        return site
    raise NotFound("There is no website at this host name.")


def forget_sites() -> None:
    """Makes the next request of this process ask the database which websites there are."""
    _memory.forget()


_COLUMNS: Final = "s.id, s.hostname, s.port, s.is_default, s.default_locale, s.locales"
# History begins with the first website, or where it was cut off.
_START: Final = (
    "SELECT COALESCE((SELECT starts_at FROM delivery_historystart),"
    " (SELECT MIN(valid_from) FROM delivery_siteversion)) AS starts_at"
)


def _read_sites() -> tuple[Site, ...]:
    rows = fetch(f"SELECT {_COLUMNS} FROM delivery_deliverysite s ORDER BY s.id", ())
    return _sites(rows, None)


def _read_past_sites(at: datetime) -> tuple[Site, ...]:
    dialect = current_dialect()
    rows = fetch_at(
        at,
        f"SELECT h.starts_at <= {dialect.time_value}, {dialect.time_text.format('h.starts_at')},"
        f" {_COLUMNS} FROM ({_START}) h LEFT JOIN delivery_deliverysite s ON 1 = 1 ORDER BY s.id",
        (dialect.time_param(at),),
    )
    is_known, start = rows[0][:2]
    if not is_known:
        since = (
            "Nothing is known of the past yet." if start is None else f"It begins {zulu(start)}."
        )
        raise BeforeHistory(f"This instant lies before what is kept of the past. {since}")
    return _sites([row[2:] for row in rows if row[2] is not None], at)


def _sites(rows: Sequence[Row], at: datetime | None) -> tuple[Site, ...]:
    return tuple(
        Site(
            id=row[0],
            hostname=row[1].lower(),
            port=row[2],
            is_default=bool(row[3]),
            default_locale=row[4],
            locales=tuple(orjson.loads(row[5])) or (row[4],),
            at=at,
        )
        for row in rows
    )
