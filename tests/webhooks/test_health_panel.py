"""Webhooks on the overview of Operations."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from core.interface import utc_now
from tests.people import client_of, editorial_setup, operator
from tests.webhooks.test_measures import _deliver, _subscription
from webhooks.interface import DeliveryStatus, EndpointState, PausedReason

__all__ = ["editorial_setup", "operator"]
pytestmark = pytest.mark.django_db
OVERVIEW = "/admin/operations/"


@pytest.fixture(autouse=True)
def no_schedules(settings: Any) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.NO_SCHEDULE"


def _open(user: User) -> str:
    response = client_of(user).get(OVERVIEW)
    assert response.status_code == 200
    return str(response.content.decode())


def test_nobody_has_subscribed(operator: User) -> None:
    assert "Nobody has subscribed." in _open(operator)


def test_what_needs_somebody_is_shown_without_addresses(operator: User) -> None:
    _subscription("Well")
    busy = _subscription("Busy <b>")
    paused = _subscription("Silent", paused_at=utc_now(), paused_reason=PausedReason.FAILING)
    EndpointState.objects.filter(subscription=busy).update(
        failing_since=utc_now(), failures_in_row=3
    )
    _deliver(busy, 1, DeliveryStatus.PENDING, DeliveryStatus.PENDING, DeliveryStatus.FAILED)
    _deliver(paused, 1, DeliveryStatus.PENDING)
    html = _open(operator)
    panel = html[html.index('id="webhooks') : html.index('id="activity')]
    assert "3 webhooks are active; 3 deliveries wait, 1 were given up." in panel
    assert "Busy &lt;b&gt;" in panel
    assert "failed 3 times in a row" in panel
    assert "the endpoint failed for too long" in panel
    assert ">Well<" not in panel
    assert "A webhook has been paused, since its receiver fails: Silent." in html
    assert "secret.example" not in html


def test_it_costs_the_same_for_any_number(operator: User) -> None:
    client = client_of(operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(OVERVIEW).status_code == 200
        return len(queries)

    _deliver(_subscription("first"), 1, DeliveryStatus.PENDING)
    cost()
    first = cost()
    for number in range(5):
        _deliver(_subscription(f"s{number}"), 1, DeliveryStatus.PENDING)
    assert cost() == first
