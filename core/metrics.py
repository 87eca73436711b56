"""Numbers for Prometheus: what this process counts, and what is read when somebody asks.

Several processes serve behind one port. Each keeps its counters in files of the folder that
`PROMETHEUS_MULTIPROC_DIR` names, and whichever is asked adds them up. Without that folder, each
tells of itself alone.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import prometheus_client as untyped_library
from django.db import DatabaseError, connection
from django.db.utils import InterfaceError
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client import multiprocess as untyped_multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from core.health import ask_database

logger = logging.getLogger(__name__)

MEMORY_SECONDS: Final = 5.0
"""What collectors found is told again for so long: nobody can make load by asking."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_library: Final[Any] = untyped_library
_multiprocess: Final[Any] = untyped_multiprocess
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_REGISTRY: Final = CollectorRegistry(auto_describe=True)
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests: Final = Counter(
    "galley_http_requests",
    "Requests that Django answered; answers from the response cache are not among them.",
    ["method", "route", "status"],
    registry=_REGISTRY,
)
_durations: Final = Histogram(
    "galley_http_request_duration_seconds",
    "How long Django took to begin its answer.",
    ["route"],
    buckets=_SECONDS,
    registry=_REGISTRY,
)
# A time of its own for each counter would double what is told.
_library.disable_created_metrics()
_children: Final[dict[tuple[str, str, str], tuple[Any, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Family:
    """Values of one name: for each, its labels in the order of `labels`, and the number."""

    name: str
    help: str
    labels: tuple[str, ...]
    samples: Sequence[tuple[tuple[str, ...], float]]
    kind: Literal["gauge", "counter"] = "gauge"


Collector = Callable[[], Iterable[Family]]
"""Reads numbers, mostly from the database: a constant number of queries, few labels."""


def count_request(method: str, route: str, status: str, seconds: float) -> None:
    """Counts an answer. `route` must be one of few: of the project's patterns, not an address."""
    key = (method, route, status)
    found = _children.get(key)
    if found is None:
        found = _children[key] = (_requests.labels(*key), _durations.labels(route))
    found[0].inc()
    found[1].observe(seconds)


def make_counter(name: str, text: str, labels: Sequence[str]) -> Counter:
    """A counter of this process, added up over all that serve; `name` without `_total`."""
    return Counter(name, text, labels, registry=_REGISTRY)


def make_gauge(name: str, text: str) -> Gauge:
    """A number of this process, of which all that serve now are added up."""
    return Gauge(name, text, registry=_REGISTRY, multiprocess_mode="livesum")


class Scrape:
    """What is told when somebody asks: own counters as they are, the rest as read lately."""

    def __init__(self, collectors: Mapping[str, Collector]) -> None:
        self._collectors = collectors
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: list[Family] = []

    def render(self) -> bytes:
        """In Prometheus's text format."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._collect()
                self._until = time.monotonic() + MEMORY_SECONDS
            found = list(self._found)
        registry = CollectorRegistry()
        registry.register(_Families(found))
        return _own_counters() + generate_latest(registry)

    def _collect(self) -> list[Family]:
        is_up = _database_answers()
        families: list[Family] = []
        failed: list[tuple[tuple[str, ...], float]] = []
        for name, collect in self._collectors.items():
            try:
                families += collect()
            except (DatabaseError, InterfaceError, OSError) as error:
                logger.warning("The numbers of %s cannot be read: %s", name, error)
                failed.append(((name,), 1.0))
            except Exception:  # one reader's fault must not hide the others' numbers
                logger.exception("The numbers of %s cannot be read.", name)
                failed.append(((name,), 1.0))
            else:
                failed.append(((name,), 0.0))
        return [
            Family(
                "galley_database_up",
                "Whether the database answers.",
                (),
                [((), float(is_up))],
            ),
            Family(
                "galley_collector_failed",
                "Whether the numbers of this collector could not be read.",
                ("collector",),
                failed,
            ),
            *families,
        ]


class _Families:
    """Our families as the library takes them."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        for family in self._families:
            make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = make(family.name, family.help, labels=family.labels)
            for labels, value in family.samples:
                metric.add_metric(labels, value)
            yield metric


def _own_counters() -> bytes:
    folder = os.environ.get(_FOLDER)
    if not folder:
        return generate_latest(_REGISTRY)
    for path in Path(folder).glob("gauge_live*_*.db"):
        process = path.stem.rpartition("_")[2]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            _multiprocess.mark_process_dead(int(process), folder)
    registry = CollectorRegistry()
    _multiprocess.MultiProcessCollector(registry, folder)
    return generate_latest(registry)


def _database_answers() -> bool:
    try:
        ask_database()
    except (DatabaseError, InterfaceError, OSError) as error:
        logger.warning("The database does not answer: %s", error)
        connection.close()
        return False
    return True
