"""What follows an event where Elasticsearch is the engine: the two indexes, and nothing else."""

from typing import Final

from outbox.interface import Pipeline
from site_config.pipeline import INDEX_SEARCH, INDEX_SEARCH_ENGINE

_STEPS: Final = (INDEX_SEARCH, INDEX_SEARCH_ENGINE)

PIPELINE: Final = Pipeline(
    {
        "content.published": _STEPS,
        "content.updated": _STEPS,
        "content.moved": _STEPS,
        "content.unpublished": _STEPS,
        "content.deleted": _STEPS,
        "site.changed": (),
        "search.indexed": (),
    }
)
