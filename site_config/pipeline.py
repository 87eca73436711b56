"""The map of all side effects: event type → what follows it, in order.

A publication is live for every reader when it commits; nothing here makes it so. Each step
runs after the commit, is safe to run twice, and names the steps that it needs.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.conf import settings

from outbox.interface import Pipeline, Step, purge_cdn, purge_cdn_for_all
from search.interface import (
    index_documents,
    index_documents_many,
    index_in_engine,
    index_in_engine_many,
)
from site_config.announcing import announce_all_to_exchange, announce_to_exchange
from site_config.purging import (
    AGAIN_SECONDS,
    NO_CDN,
    purge_cdn_after_caches,
    purge_cdn_after_caches_for_all,
    purge_response_cache,
    purge_response_cache_for_all,
)
from webhooks.interface import send_webhooks, send_webhooks_many

PURGE_RESPONSE_CACHE: Final = Step(
    "purge_response_cache",
    purge_response_cache,
    is_ordered=False,
    lease_seconds=20,
    label="Our own caches",
    run_many=purge_response_cache_for_all,
)
PURGE_CDN: Final = Step(
    "purge_cdn",
    purge_cdn_after_caches,
    is_ordered=False,
    lease_seconds=20,
    label="Caches in front",
    run_many=purge_cdn_after_caches_for_all,
)
PURGE_CDN_AGAIN: Final = Step(
    "purge_cdn_again",
    purge_cdn,
    needs=("purge_cdn",),
    is_ordered=False,
    lease_seconds=20,
    delay_seconds=AGAIN_SECONDS,
    label="Caches in front, once more",
    run_many=purge_cdn_for_all,
)
"""An answer that left us before the change may be stored behind the first purge's back."""

ANNOUNCE_TO_EXCHANGE: Final = Step(
    "announce_to_exchange",
    announce_to_exchange,
    lease_seconds=30,
    label="Message queue",
    run_many=announce_all_to_exchange,
)

INDEX_SEARCH: Final = Step(
    "index_search",
    index_documents,
    # It indexes the present, whatever the event was; so any order will do.
    is_ordered=False,
    lease_seconds=300,
    label="Search",
    run_many=index_documents_many,
    # Its writers take turns, and the second would keep a worker waiting for the first.
    most_batches=1,
)

# A step of its own: while the engine is away, the database's index stays current.
INDEX_SEARCH_ENGINE: Final = Step(
    "index_search_engine",
    index_in_engine,
    is_ordered=False,
    lease_seconds=300,
    label="Search engine",
    run_many=index_in_engine_many,
)
SEND_WEBHOOKS: Final = Step(
    "send_webhooks",
    send_webhooks,
    lease_seconds=60,
    label="Webhooks",
    run_many=send_webhooks_many,
)


def make_pipeline() -> Pipeline:
    """The pipeline as the settings want it: with steps for the services that are there."""
    # Without Redis each serving process reads the ledger itself, and nobody has to tell it.
    own = (PURGE_RESPONSE_CACHE,) if settings.REDIS_URL else ()
    cdn = (PURGE_CDN,) if settings.CDN["BACKEND"] != NO_CDN else ()
    purges = (*own, *cdn, PURGE_CDN_AGAIN) if cdn else own
    has_engine = settings.SEARCH_ENGINE != "database"
    indexes = (INDEX_SEARCH, INDEX_SEARCH_ENGINE) if has_engine else (INDEX_SEARCH,)
    # Who asks our API on hearing of a change must not get what was stored before it.
    queue = (_after(ANNOUNCE_TO_EXCHANGE, own),) if settings.CELERY_BROKER_URL else ()
    tells = (_after(SEND_WEBHOOKS, (*own, *cdn)), *queue)
    after_content, after_site = (*purges, *indexes, *tells), (*purges, *tells)
    return Pipeline(
        {
            "content.published": after_content,
            "content.updated": after_content,
            "content.moved": after_content,
            "content.unpublished": after_content,
            "content.deleted": after_content,
            "content.scheduled": tells,
            "site.changed": after_site,
            "site.redirects_changed": after_site,
            "site.history_removed": purges,
            "search.indexed": purges,
        }
    )


def _after(step: Step, earlier: Sequence[Step]) -> Step:
    return replace(step, needs=tuple(item.name for item in earlier))


PIPELINE: Final = make_pipeline()
