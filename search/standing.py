"""Whether the search engine answers, with what, and how often it did not: for those on watch."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

from core.interface import Family, make_counter
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.mapping import mapping_mark
from search.engines.protocol import EngineAway
from search.engines.registry import elasticsearch_engine

_degraded: Final = make_counter(
    "galley_search_degraded",
    "Answers that the database gave since the search engine was away.",
    ["question"],
)


class IndexForm(StrEnum):
    """The index that is searched, compared with what the code would make."""

    CURRENT = "current"
    OUTDATED = "outdated"
    MISSING = "missing"
    UNKNOWN = "unknown"


REMEDIES: Final[Mapping[IndexForm, str]] = {
    IndexForm.OUTDATED: "The index was made with an older mapping. Run: manage.py rebuild_search",
    IndexForm.MISSING: "There is no index. Run: manage.py rebuild_search",
}


def count_degraded(question: str) -> None:
    """Counts an answer of the engine that stands in."""
    _degraded.labels(question).inc()


def index_form(engine: ElasticsearchEngine) -> IndexForm:
    """Asks the engine; never raises."""
    try:
        name = engine.indexes.behind(engine.indexes.live)
        if name is None:
            return IndexForm.MISSING
        is_current = engine.indexes.mark(name) == mapping_mark()
    except EngineAway:
        return IndexForm.UNKNOWN
    return IndexForm.CURRENT if is_current else IndexForm.OUTDATED


def engine_checks() -> Mapping[str, Callable[[], object]]:
    """For the probes: nothing where the database is the engine."""
    engine = elasticsearch_engine()
    return {} if engine is None else {"search": lambda: _must_be_ready(engine)}


def _must_be_ready(engine: ElasticsearchEngine) -> None:
    if not engine.is_ready():
        raise EngineAway("The search engine does not answer searches.")


def search_families() -> Iterable[Family]:
    """Numbers for monitoring; none where the database is the engine."""
    engine = elasticsearch_engine()
    if engine is None:
        return
    form = index_form(engine)
    samples: list[tuple[tuple[str, ...], float]] = [
        ((item,), float(item is form)) for item in IndexForm
    ]
    yield Family(
        "galley_search_engine_up",
        "Whether the search engine answers searches.",
        (),
        [((), float(engine.is_ready()))],
    )
    yield Family(
        "galley_search_index",
        "The index that is searched: current, outdated, missing, or unknown.",
        ("form",),
        samples,
    )


def warnings_for_checks() -> list[str]:
    """What `check --deploy` says; nothing where the engine is away, which is no fault of settings."""
    engine = elasticsearch_engine()
    remedy = None if engine is None else REMEDIES.get(index_form(engine))
    return [] if remedy is None else [remedy]
