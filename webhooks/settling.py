"""Writing down how attempts went, and what that means for their endpoints."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from core.interface import fault_point, utc_now
from webhooks.claiming import put_back
from webhooks.lanes import Lane, Result
from webhooks.models import (
    OPEN_DELIVERIES,
    Attempt,
    Delivery,
    DeliveryStatus,
    EndpointState,
    PausedReason,
    Subscription,
)
from webhooks.retries import MAX_TRIES, SCHEDULE_SECONDS, hold_after, wait_after
from webhooks.sending import Meaning, Outcome

logger = logging.getLogger(__name__)

# An endpoint counts as dead when a delivery has used up all its tries and nothing else got
# through meanwhile, or when nothing got through for five days, whatever was tried.
_DEAD_AFTER_GIVING_UP: Final = timedelta(seconds=SCHEDULE_SECONDS)
_DEAD_AFTER: Final = timedelta(days=5)
# How exact the time of the last success is: it is not worth a write for each delivery.
_SUCCESS_SECONDS: Final = 1.0


def settle(results: Sequence[Result]) -> None:
    """Stores the attempts and moves their deliveries on; pauses endpoints that are dead or gone.

    Four statements for deliveries that arrived, however many; a few more for each endpoint
    that failed. Deliveries that were deleted meanwhile are passed over.
    """
    fault_point("webhooks.before_settle")
    try:
        _settle(results)
    except IntegrityError:
        ids = [result.outcome.message.delivery_id for result in results]
        there = set(Delivery.objects.filter(pk__in=ids).values_list("pk", flat=True))
        _settle([item for item in results if item.outcome.message.delivery_id in there])
    fault_point("webhooks.after_settle")


@transaction.atomic
def _settle(results: Sequence[Result]) -> None:
    now = utc_now()
    outcomes = [result.outcome for result in results]
    _move_on(results, now)
    # Of an endpoint that is another sender's by now, that one decides.
    put_back([key for result in results if not result.lane.is_lost for key in result.returned])
    Attempt.objects.bulk_create([_attempt(outcome) for outcome in outcomes], batch_size=500)
    by_lane: dict[Lane, list[Outcome]] = defaultdict(list)
    for result in results:
        by_lane[result.lane].append(result.outcome)
    for lane, lane_outcomes in by_lane.items():
        _note_endpoint(lane, lane_outcomes, now)


def _attempt(outcome: Outcome) -> Attempt:
    return Attempt(
        delivery_id=outcome.message.delivery_id,
        started_at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        error=outcome.error,
        response_excerpt=outcome.excerpt,
    )


def _move_on(results: Iterable[Result], now: datetime) -> None:
    """Each delivery to where its attempt brought it; one statement for all that go the same way."""
    ways: dict[tuple[DeliveryStatus, int, float | None], list[int]] = defaultdict(list)
    for outcome in (result.outcome for result in results if not _is_anothers(result)):
        # A test has used up all its tries at once.
        tries = MAX_TRIES if outcome.message.is_test else outcome.message.tries + 1
        if outcome.meaning is Meaning.DELIVERED:
            ways[DeliveryStatus.DELIVERED, 0, None].append(outcome.message.delivery_id)
        else:
            ways[DeliveryStatus.PENDING, tries, outcome.asked_seconds].append(
                outcome.message.delivery_id
            )
    for (status, tries, asked), ids in ways.items():
        wait = None if status is DeliveryStatus.DELIVERED else wait_after(tries, asked)
        if status is DeliveryStatus.PENDING and wait is None:
            status = DeliveryStatus.FAILED  # noqa: PLW2901
        Delivery.objects.filter(pk__in=ids, status__in=OPEN_DELIVERIES).update(
            status=status,
            tries=F("tries") + 1,
            next_try_at=now + timedelta(seconds=wait or 0),
            settled_at=now if wait is None else None,
        )


def _is_anothers(result: Result) -> bool:
    """Whether the endpoint is another sender's by now; what has arrived has arrived all the same."""
    return result.lane.is_lost and result.outcome.meaning is not Meaning.DELIVERED


def _note_endpoint(lane: Lane, outcomes: Sequence[Outcome], now: datetime) -> None:
    if all(outcome.meaning is Meaning.DELIVERED for outcome in outcomes):
        if lane.failures_in_row or _is_old(lane.success_noted_at, now):
            lane.failures_in_row, lane.success_noted_at = 0, now
            _state(lane.subscription.pk, last_success_at=now, **_WELL)
        return
    state = EndpointState.objects.select_for_update().filter(pk=lane.subscription.pk).first()
    if state is None:
        return
    for outcome in outcomes:
        _count(state, outcome, now)
    lane.failures_in_row = state.failures_in_row
    # The next success is worth a write, however soon, if there is a failure that it ends.
    lane.success_noted_at = now if state.failing_since is None else None
    state.save(
        update_fields=[
            "held_until",
            "failures_in_row",
            "failing_since",
            "last_success_at",
            "last_error",
        ]
    )
    if any(outcome.meaning is Meaning.GONE for outcome in outcomes):
        _pause(lane, PausedReason.GONE, now)
    elif _is_dead(state, outcomes, now):
        _pause(lane, PausedReason.FAILING, now)


_WELL: Final = {"failures_in_row": 0, "failing_since": None, "held_until": None}


def _is_old(noted_at: datetime | None, now: datetime) -> bool:
    return noted_at is None or abs((now - noted_at).total_seconds()) >= _SUCCESS_SECONDS


def _state(subscription_id: UUID, **values: object) -> None:
    EndpointState.objects.filter(pk=subscription_id).update(**values)


def _count(state: EndpointState, outcome: Outcome, now: datetime) -> None:
    """A refusal tells of the delivery, not of the endpoint: others may go on at once."""
    if outcome.meaning is Meaning.DELIVERED:
        state.failures_in_row, state.failing_since, state.held_until = 0, None, None
        state.last_success_at = now
        return
    state.last_error = outcome.error or f"The endpoint answered {outcome.status_code}."
    state.failing_since = state.failing_since or now
    if outcome.meaning is Meaning.OVERWHELMED:
        state.failures_in_row += 1
        wait = hold_after(state.failures_in_row, outcome.asked_seconds)
        state.held_until = now + timedelta(seconds=wait)


def _is_dead(state: EndpointState, outcomes: Iterable[Outcome], now: datetime) -> bool:
    if state.failing_since is None:
        return False
    failing_for = now - state.failing_since
    gave_up = any(
        outcome.meaning is not Meaning.DELIVERED and wait_after(outcome.message.tries + 1) is None
        for outcome in outcomes
    )
    return failing_for >= _DEAD_AFTER or (gave_up and failing_for >= _DEAD_AFTER_GIVING_UP)


def _pause(lane: Lane, reason: PausedReason, now: datetime) -> None:
    """Pauses what is not paused yet, and has its owner told; what waits goes on waiting."""
    paused = Subscription.objects.filter(pk=lane.subscription.pk, paused_at__isnull=True).update(
        paused_at=now, paused_reason=reason, updated_at=now, version=F("version") + 1
    )
    if paused:
        logger.warning("Webhook %s is paused: %s.", lane.subscription.pk, reason.label)
        _state(lane.subscription.pk, notice_due_at=now, notice_tries=0)
        put_back(lane.halt())
