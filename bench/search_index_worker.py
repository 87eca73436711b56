"""Indexes what is published, and tells what the engine is asked. Started by `bench.search_speed`.

It reads `{"searches": [...], "suggestions": [...]}`, query strings of the API, and prints how long
the index took, which one it is, and of each query that takes the engine one request its body.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import django

django.setup()

from api.v1.params import read_params  # noqa: E402 - needs the settings
from delivery.interface import Site, find_site  # noqa: E402
from search.engines.elasticsearch.connection import Deadline  # noqa: E402
from search.engines.elasticsearch.engine import ElasticsearchEngine  # noqa: E402
from search.engines.registry import elasticsearch_engine  # noqa: E402
from search.interface import (  # noqa: E402
    SEARCH_PARAMETERS,
    SUGGEST_PARAMETERS,
    answer_search,
    answer_suggestions,
    read_search,
    suggestion_query,
)
from search.rebuilding import rebuild_database, rebuild_engine  # noqa: E402


def ask_search(site: Site, query_string: str) -> None:
    answer_search(site, read_search(read_params(query_string, SEARCH_PARAMETERS)))


def ask_suggestions(site: Site, query_string: str) -> None:
    answer_suggestions(site, suggestion_query(read_params(query_string, SUGGEST_PARAMETERS)))


def bodies(
    engine: ElasticsearchEngine, ask: Callable[[Site, str], None], query_strings: Sequence[str]
) -> list[str]:
    """What is sent for each of them that takes one request."""
    sent: list[Mapping[str, Any]] = []
    search = engine._search  # noqa: SLF001 - what goes out, as it goes out

    def record(body: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        sent.append(body)
        return search(body, deadline)

    engine._search = record  # type: ignore[method-assign]  # noqa: SLF001
    site, found = find_site("127.0.0.1", 80), []
    for query_string in query_strings:
        sent.clear()
        ask(site, query_string)
        if len(sent) == 1:
            found.append(json.dumps(sent[0]))
    return found


def main() -> None:
    """Indexes in the engine that the settings name."""
    told = json.load(sys.stdin)
    engine = elasticsearch_engine()
    begun = time.perf_counter()
    if engine is None:
        rebuild_database(lambda _count: None)
        print(json.dumps({"seconds": time.perf_counter() - begun}))
        return
    rebuild_engine(engine, lambda _count: None)
    seconds = time.perf_counter() - begun
    # Stale segments would have the engine itself look slower than it is.
    engine.connection.write(
        lambda client: client.indices.forcemerge(index=engine.indexes.live, max_num_segments=1),
        600,
    )
    found = {
        "seconds": seconds,
        "index": engine.indexes.live,
        "searches": bodies(engine, ask_search, told["searches"]),
        "suggestions": bodies(engine, ask_suggestions, told["suggestions"]),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
