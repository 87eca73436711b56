"""The map of all side effects: event type → what follows it, in order.

A publication is live for every reader when it commits; nothing here makes it so. Each step
runs after the commit, is safe to run twice, and names the steps that it needs.
"""

from typing import Final

from outbox.interface import Pipeline, Step, purge_cdn

PURGE_CDN: Final = Step("purge_cdn", purge_cdn, is_ordered=False, lease_seconds=20)

_AFTER_CONTENT: Final = (PURGE_CDN,)
_AFTER_SITE: Final = (PURGE_CDN,)

PIPELINE: Final = Pipeline(
    {
        "content.published": _AFTER_CONTENT,
        "content.updated": _AFTER_CONTENT,
        "content.moved": _AFTER_CONTENT,
        "content.unpublished": _AFTER_CONTENT,
        "content.deleted": _AFTER_CONTENT,
        "site.changed": _AFTER_SITE,
        "site.redirects_changed": _AFTER_SITE,
    }
)
