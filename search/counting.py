"""What is searched for and what is chosen, counted by day and without anybody's data.

A search that Django answers is kept in memory and written a few seconds later, by a thread of its
own: no visitor waits for it, and while the database takes nothing, nothing is counted. What a cache
answers is not counted: a query that is asked again and again counts once a minute for each cache.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

from core.interface import TooManyRequests, utc_now
from search.engines.database.tables import execute, many, tables
from search.models import ClickCount, QueryCount
from search.query_key import is_personal

logger = logging.getLogger(__name__)

MOST_ROWS: Final = 5000
"""Different queries of a website in a day that are counted, and different choices among results."""
MOST_HELD: Final = 2000
"""The same between two writes of a process."""
MOST_CLICKS: Final = 600
"""That a process takes in a minute: they are written by anybody, and show nothing but an order."""
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was answered: its key (`search.query_key`) and how many documents it found."""

    site_id: int
    locale: str
    query: str
    found: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A result that was chosen, at which place, from 1 on."""

    site_id: int
    locale: str
    query: str
    document_id: UUID
    position: int


_Key = tuple[int, str, str, str]
_ClickKey = tuple[int, str, str, str, str]


class Tally:
    """What one process has counted and not written yet. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._queries: dict[_Key, list[int]] = {}
        self._clicks: dict[_ClickKey, list[int]] = {}
        self._timer: threading.Timer | None = None
        self._minute, self._taken = clock(), 0

    def count_query(self, asked: Asked) -> None:
        """Counts an answer, unless the query is empty, personal, or one letter of one to come."""
        if not _is_counted(asked.query):
            return
        key = (asked.site_id, asked.locale, _today(), asked.query)
        with self._lock:
            held = self._queries.get(key)
            if held is None:
                if len(self._queries) >= MOST_HELD:
                    return
                held = self._queries[key] = [0, 0, 0]
            held[0] += 1
            held[1] += asked.found == 0
            held[2] = asked.found
            self._write_soon()

    def count_click(self, chosen: Chosen) -> None:
        """Counts a choice, on the same conditions."""
        if not _is_counted(chosen.query):
            return
        key = (
            *(chosen.site_id, chosen.locale, _today(), chosen.query),
            tables().stored_id(str(chosen.document_id)),
        )
        with self._lock:
            held = self._clicks.get(key)
            if held is None:
                if len(self._clicks) >= MOST_HELD:
                    return
                held = self._clicks[key] = [0, 0]
            held[0] += 1
            held[1] += chosen.position
            self._write_soon()

    def take_turn(self) -> None:
        """Lets as many clicks pass as a process takes in a minute.

        Raises:
            TooManyRequests: there were more.
        """
        with self._lock:
            now = self._clock()
            if now >= self._minute + _MINUTE:
                self._minute, self._taken = now, 0
            if self._taken >= MOST_CLICKS:
                left = int(self._minute + _MINUTE - now) + 1
                raise TooManyRequests("Too many clicks at a time.", retry_after_seconds=left)
            self._taken += 1

    def write(self) -> None:
        """Writes what was counted. What the database does not take is lost, and said in the log."""
        with self._lock:
            queries, clicks, self._timer = self._queries, self._clicks, None
            self._queries, self._clicks = {}, {}
        try:
            _write_queries(queries)
            _write_clicks(clicks)
        except DatabaseError as error:
            logger.warning("What was searched for in the last seconds is not counted: %s", error)

    def _write_soon(self) -> None:
        seconds = settings.SEARCH_COUNT_SECONDS
        if self._timer is None and seconds > 0:
            self._timer = threading.Timer(seconds, self._write_apart)
            self._timer.daemon = True
            self._timer.start()

    def _write_apart(self) -> None:
        try:
            self.write()
        finally:
            connection.close()


_tally = Tally()


def tally() -> Tally:
    """That of this process."""
    return _tally


def _begin() -> None:
    global _tally  # noqa: PLW0603 — a child neither writes what its parent counted nor has its timer
    _tally = Tally()


os.register_at_fork(after_in_child=_begin)


def forget_old_counts() -> int:
    """Deletes counts that are older than the retention that is set; gives how many."""
    first = utc_now().date() - timedelta(days=settings.SEARCH_COUNT_RETENTION_DAYS)
    deleted = [model.objects.filter(day__lt=first).delete() for model in (QueryCount, ClickCount)]
    return sum(number for number, _ in deleted)


def _is_counted(query: str) -> bool:
    is_a_start = len(query) == 1 and query.isascii()
    return bool(query) and not is_a_start and not is_personal(query)


def _today() -> str:
    return utc_now().date().isoformat()


def _write_queries(counts: Mapping[_Key, Iterable[int]]) -> None:
    _add(
        "search_querycount",
        {"site_id": "int", "locale": "text", "day": "date", "query": "text"},
        {"times": "{0} + excluded.{1}", "empty": "{0} + excluded.{1}", "found": "excluded.{1}"},
        [(*key, *numbers) for key, numbers in counts.items()],
    )


def _write_clicks(counts: Mapping[_ClickKey, Iterable[int]]) -> None:
    place = {"site_id": "int", "locale": "text", "day": "date", "query": "text"}
    _add(
        "search_clickcount",
        {**place, "document_id": "uuid"},
        {"clicks": "{0} + excluded.{1}", "positions": "{0} + excluded.{1}"},
        [(*key, *numbers) for key, numbers in counts.items()],
    )


def _add(
    table: str,
    keys: Mapping[str, str],
    numbers: Mapping[str, str],
    rows: list[tuple[Any, ...]],
) -> None:
    """Adds rows to those of their keys, a website and day at a time, and new ones while there is room.

    In one order, so that two who write at once never wait for each other in a circle.
    """
    for site_id, day in sorted({(row[0], row[2]) for row in rows}, key=str):
        chosen = sorted((row for row in rows if (row[0], row[2]) == (site_id, day)), key=str)
        model = QueryCount if table == QueryCount._meta.db_table else ClickCount
        room = MOST_ROWS - model.objects.filter(site_id=site_id, day=day).count()
        columns = [*keys, *numbers]
        types = [*keys.values(), *("int" for _ in numbers)]
        same = " AND ".join(f"k.{name} = x.c{number}" for number, name in enumerate(keys))
        only = "1 = 1" if len(chosen) <= room else f"EXISTS (SELECT 1 FROM {table} k WHERE {same})"
        changes = (
            f"{name} = {how.format(f'{table}.{name}', name)}" for name, how in numbers.items()
        )
        execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(f'c{number}' for number, _ in enumerate(columns))}"
            f" FROM ({tables().rows(*types)}) x WHERE {only}"
            f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(changes)}",
            [many(chosen)],
        )
