"""The map of all side effects: event type → what follows it, in order.

A publication is live for every reader when it commits; nothing here makes it so. Each step
runs after the commit, is safe to run twice, and names the steps that it needs.
"""

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

# Without Redis each serving process reads the ledger itself, and nobody has to tell it.
_OWN_CACHES: Final = (PURGE_RESPONSE_CACHE,) if settings.REDIS_URL else ()
_CDN: Final = (PURGE_CDN,) if settings.CDN["BACKEND"] != NO_CDN else ()
_FIRST_PURGES: Final = (*_OWN_CACHES, *_CDN)
_PURGES: Final = (*_FIRST_PURGES, PURGE_CDN_AGAIN) if _CDN else _FIRST_PURGES

ANNOUNCE_TO_EXCHANGE: Final = Step(
    "announce_to_exchange",
    announce_to_exchange,
    # Who asks our API on hearing of a change must not get what was stored before it.
    needs=tuple(step.name for step in _OWN_CACHES),
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
_IS_ENGINE_THERE: Final = settings.SEARCH_ENGINE != "database"
_INDEXES: Final = (INDEX_SEARCH, INDEX_SEARCH_ENGINE) if _IS_ENGINE_THERE else (INDEX_SEARCH,)

# They tell the world, so our own caches must be right first.
SEND_WEBHOOKS: Final = Step(
    "send_webhooks",
    send_webhooks,
    needs=tuple(step.name for step in _FIRST_PURGES),
    lease_seconds=60,
    label="Webhooks",
    run_many=send_webhooks_many,
)

_QUEUE: Final = (ANNOUNCE_TO_EXCHANGE,) if settings.CELERY_BROKER_URL else ()
_TELLS: Final = (SEND_WEBHOOKS, *_QUEUE)
_AFTER_CONTENT: Final = (*_PURGES, *_INDEXES, *_TELLS)
_AFTER_SITE: Final = (*_PURGES, *_TELLS)

PIPELINE: Final = Pipeline(
    {
        "content.published": _AFTER_CONTENT,
        "content.updated": _AFTER_CONTENT,
        "content.moved": _AFTER_CONTENT,
        "content.unpublished": _AFTER_CONTENT,
        "content.deleted": _AFTER_CONTENT,
        "content.scheduled": _TELLS,
        "site.changed": _AFTER_SITE,
        "site.redirects_changed": _AFTER_SITE,
        "site.history_removed": _PURGES,
        "search.indexed": _PURGES,
    }
)
