"""Forgetting what was settled long ago."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from core.interface import utc_now
from webhooks.models import Attempt, Delivery, DeliveryStatus

_BATCH: Final = 1000


def remove_old_deliveries() -> int:
    """Deletes deliveries settled longer ago than the retention, with their attempts; gives how many.

    What has waited that long on a paused or inactive webhook is discarded, and goes a retention
    later. In batches, so that no long lock holds up the senders.
    """
    limit = utc_now() - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    Delivery.objects.filter(
        Q(subscription__paused_at__isnull=False) | Q(subscription__is_active=False),
        status=DeliveryStatus.PENDING,
        created_at__lt=limit,
    ).update(status=DeliveryStatus.DISCARDED, settled_at=utc_now())
    removed = 0
    old = Delivery.objects.filter(settled_at__lt=limit).order_by("settled_at")
    while ids := list(old.values_list("pk", flat=True)[:_BATCH]):
        Attempt.objects.filter(delivery__in=ids).delete()
        removed += Delivery.objects.filter(pk__in=ids).delete()[0]
    return removed
