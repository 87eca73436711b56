"""The numbers of webhooks for monitoring: endpoints by their id, never by name or address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Min

from core.interface import Family, utc_now
from webhooks.models import OPEN_DELIVERIES, Delivery, DeliveryStatus, Subscription

MOST_ENDPOINTS: Final = 100
"""Those with the most to send stand for themselves; the others together are `others`."""
_OTHERS: Final = "others"


@dataclass(slots=True)
class _Endpoint:
    waiting: int = 0
    failed: int = 0
    oldest: datetime | None = None
    failures_in_row: int = 0
    paused: int = 0

    def add(self, other: "_Endpoint") -> None:
        self.waiting += other.waiting
        self.failed += other.failed
        self.oldest = min((at for at in (self.oldest, other.oldest) if at), default=None)
        self.failures_in_row = max(self.failures_in_row, other.failures_in_row)
        self.paused += other.paused


def webhook_families() -> Iterable[Family]:
    """How the endpoints fare. Three selects, over what is not delivered alone."""
    endpoints = _bounded(_read())
    now = utc_now()
    labels = ("endpoint",)
    yield Family(
        "galley_webhook_deliveries",
        "Deliveries of a webhook that wait to be sent, or were given up.",
        ("endpoint", "state"),
        [
            ((name, state), float(number))
            for name, endpoint in endpoints.items()
            for state, number in (("waiting", endpoint.waiting), ("failed", endpoint.failed))
        ],
    )
    yield Family(
        "galley_webhook_oldest_waiting_seconds",
        "For how long the oldest delivery of a webhook has waited; 0 if none waits.",
        labels,
        [
            ((name,), (now - endpoint.oldest).total_seconds() if endpoint.oldest else 0.0)
            for name, endpoint in endpoints.items()
        ],
    )
    yield Family(
        "galley_webhook_consecutive_failures",
        "How many attempts in a row have failed at an endpoint.",
        labels,
        [((name,), float(endpoint.failures_in_row)) for name, endpoint in endpoints.items()],
    )
    yield Family(
        "galley_webhook_paused",
        "Whether nothing is sent to an endpoint, by hand or because it failed for too long.",
        labels,
        [((name,), float(endpoint.paused)) for name, endpoint in endpoints.items()],
    )


def _read() -> dict[str, _Endpoint]:
    rows = Subscription.objects.filter(is_active=True).values_list(
        "pk", "paused_at", "endpoint__failures_in_row"
    )
    found = {
        str(pk): _Endpoint(paused=int(paused_at is not None), failures_in_row=failures or 0)
        for pk, paused_at, failures in rows
    }
    # Each by an index of its own: most deliveries are settled long since. Those of inactive
    # webhooks are no concern of anybody.
    waiting = Delivery.objects.filter(status__in=OPEN_DELIVERIES).values_list("subscription")
    for pk, count, oldest in waiting.annotate(n=Count("pk"), at=Min("created_at")).order_by():
        if (endpoint := found.get(str(pk))) is not None:
            endpoint.waiting, endpoint.oldest = count, oldest
    failed = Delivery.objects.filter(status=DeliveryStatus.FAILED).values_list("subscription")
    for pk, count in failed.annotate(n=Count("pk")).order_by():
        if (endpoint := found.get(str(pk))) is not None:
            endpoint.failed = count
    return found


def _bounded(found: dict[str, _Endpoint]) -> dict[str, _Endpoint]:
    if len(found) <= MOST_ENDPOINTS:
        return found
    names = sorted(found, key=lambda name: (-found[name].waiting, -found[name].failed, name))
    others = _Endpoint()
    for name in names[MOST_ENDPOINTS:]:
        others.add(found[name])
    return {name: found[name] for name in names[:MOST_ENDPOINTS]} | {_OTHERS: others}
