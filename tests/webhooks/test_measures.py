"""What monitoring is told of webhooks: numbers by endpoint, and nothing that names one."""

from datetime import timedelta
from typing import Any

import pytest

from core.interface import Family, new_uuid7, utc_now
from webhooks import measures
from webhooks.interface import Delivery, DeliveryStatus, EndpointState, Subscription
from webhooks.interface import webhook_families as read

pytestmark = pytest.mark.django_db


def _subscription(name: str, **fields: Any) -> Subscription:
    made = Subscription.objects.create(name=name, url="https://secret.example/hook", **fields)
    EndpointState.objects.get_or_create(subscription=made)
    return made


def _deliver(to: Subscription, first: int, *statuses: DeliveryStatus) -> None:
    now = utc_now()
    Delivery.objects.bulk_create(
        [
            Delivery(
                subscription=to,
                sequence=number,
                event_id=new_uuid7(),
                event_type="content.published",
                subject="s",
                body="{}",
                status=status,
                created_at=now - timedelta(seconds=100 - number),
            )
            for number, status in enumerate(statuses, start=first)
        ]
    )


def _told() -> dict[str, dict[tuple[str, ...], float]]:
    families: dict[str, Family] = {family.name: family for family in read()}
    return {name: dict(family.samples) for name, family in families.items()}


def test_each_endpoint_is_told_of_by_its_id() -> None:
    busy, paused = _subscription("busy"), _subscription("paused", paused_at=utc_now())
    inactive = _subscription("inactive", is_active=False)
    EndpointState.objects.filter(subscription=paused).update(failures_in_row=7)
    pending, sending, failed = (
        DeliveryStatus.PENDING,
        DeliveryStatus.SENDING,
        DeliveryStatus.FAILED,
    )
    _deliver(busy, 1, DeliveryStatus.DELIVERED, pending, sending, failed, DeliveryStatus.DISCARDED)
    _deliver(inactive, 1, pending, failed)

    told = _told()
    one, other = str(busy.pk), str(paused.pk)
    assert told["galley_webhook_deliveries"] == {
        (one, "waiting"): 2,
        (one, "failed"): 1,
        (other, "waiting"): 0,
        (other, "failed"): 0,
    }
    oldest = told["galley_webhook_oldest_waiting_seconds"]
    assert 98 <= oldest[one,] < 120
    assert oldest[other,] == 0
    assert told["galley_webhook_consecutive_failures"] == {(one,): 0, (other,): 7}
    assert told["galley_webhook_paused"] == {(one,): 0, (other,): 1}
    assert "secret.example" not in str(told)


def test_the_labels_are_bounded_and_the_cost_is_constant(
    monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(measures, "MOST_ENDPOINTS", 2)
    made = [_subscription(f"s{number}") for number in range(4)]
    for number, subscription in enumerate(made):
        _deliver(subscription, 1, *[DeliveryStatus.PENDING] * (number + 1))
    with django_assert_num_queries(3):
        told = _told()
    waiting = {
        labels[0]: number
        for labels, number in told["galley_webhook_deliveries"].items()
        if labels[1] == "waiting"
    }
    assert waiting == {str(made[3].pk): 4, str(made[2].pk): 3, "others": 3}
