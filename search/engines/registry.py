"""Which engine answers, and which one stands in for it."""

import os
from functools import lru_cache

from django.conf import settings

from search.engines.database.engine import DATABASE_ENGINE
from search.engines.elasticsearch.connection import ClusterAddress
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.protocol import Engine


def answering_engine() -> Engine:
    """The engine that searches ask first."""
    return elasticsearch_engine() or DATABASE_ENGINE


def standby_engine() -> Engine:
    """The engine that answers while that one is away: its tables are always kept."""
    return DATABASE_ENGINE


def elasticsearch_engine() -> ElasticsearchEngine | None:
    """The engine on the cluster, if the settings name one."""
    if ElasticsearchEngine.name != settings.SEARCH_ENGINE:
        return None
    return _engine_at(
        ClusterAddress(
            url=settings.ELASTICSEARCH_URL,
            prefix=settings.SEARCH_INDEX_PREFIX,
            api_key=settings.ELASTICSEARCH_API_KEY,
            ca_file=settings.ELASTICSEARCH_CA_FILE,
            search_seconds=settings.SEARCH_ENGINE_TIMEOUT_MS / 1000,
        )
    )


@lru_cache(maxsize=4)
def _engine_at(address: ClusterAddress) -> ElasticsearchEngine:
    return ElasticsearchEngine(address)


# A child must not speak on the connections of its parent.
os.register_at_fork(after_in_child=_engine_at.cache_clear)
