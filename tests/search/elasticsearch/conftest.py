"""A product whose searches Elasticsearch answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search.engines import registry
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.registry import elasticsearch_engine
from tests.elasticsearch_process import ElasticsearchProcess, own_elasticsearch
from tests.search.cluster import PATIENCE_SECONDS, address_of_own, delete_indexes


def use_cluster(settings: Any, url: str, seconds: float) -> ElasticsearchEngine:
    """Makes it the engine of the product, under a prefix of its own."""
    address = address_of_own(url)
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.ELASTICSEARCH_URL = url
    settings.SEARCH_INDEX_PREFIX = address.prefix
    settings.SEARCH_ENGINE_TIMEOUT_MS = int(seconds * 1000)
    settings.OUTBOX_PIPELINE = "tests.search.elasticsearch.pipeline.PIPELINE"
    engine = elasticsearch_engine()
    assert engine is not None
    return engine


@pytest.fixture
def cluster(settings: Any, elasticsearch_url: str) -> Iterator[ElasticsearchEngine]:
    """The engine of the product, on the cluster that all tests share; without an index yet."""
    engine = use_cluster(settings, elasticsearch_url, PATIENCE_SECONDS)
    yield engine
    delete_indexes(engine)
    engine.close()
    registry._engine_at.cache_clear()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticsearchProcess]:
    """A node for one file of tests, which they may kill and hang."""
    folder: Path = tmp_path_factory.mktemp("elasticsearch")
    with own_elasticsearch(folder) as process:
        yield process


@pytest.fixture
def own_cluster(settings: Any, server: ElasticsearchProcess) -> Iterator[ElasticsearchEngine]:
    """The engine of the product, on that node, with little patience for it."""
    engine = use_cluster(settings, server.url, 0.25)
    yield engine
    engine.close()
    registry._engine_at.cache_clear()
