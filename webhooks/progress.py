"""How far the sending of an event has got, for those who published it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from outbox.interface import LedgerEvent, ProgressState, StepProgress, register_progress
from webhooks.models import OPEN_DELIVERIES, Delivery, DeliveryStatus

STEP = "send_webhooks"
_LABEL = "Webhooks"
_Row = tuple[str, int, datetime | None]


def webhook_progress(events: Sequence[LedgerEvent]) -> Mapping[int, StepProgress]:
    """To how many of its webhooks each event was sent; nothing of those that concerned none.

    One query.
    """
    sequences = {event.id: event.sequence for event in events}
    rows = Delivery.objects.filter(event_id__in=list(sequences)).values_list(
        "event_id", "status", "tries", "settled_at"
    )
    by_event: dict[int, list[_Row]] = {}
    for event_id, status, tries, settled_at in rows:
        by_event.setdefault(sequences[event_id], []).append((status, tries, settled_at))
    return {sequence: _progress(found) for sequence, found in by_event.items()}


def _progress(found: Sequence[_Row]) -> StepProgress:
    counts = Counter(status for status, _, _ in found)
    times = [at for _, _, at in found if at is not None]
    if any(counts[status] for status in OPEN_DELIVERIES):
        is_late = any(tries for status, tries, _ in found if status in OPEN_DELIVERIES)
        state = ProgressState.RETRYING if is_late else ProgressState.UNDER_WAY
    elif counts[DeliveryStatus.FAILED]:
        state = ProgressState.FAILED
    elif counts[DeliveryStatus.DELIVERED]:
        state = ProgressState.DONE
    else:
        state = ProgressState.DISCARDED
    return StepProgress(
        name=STEP,
        label=_LABEL,
        state=state,
        at=max(times, default=None),
        done=counts[DeliveryStatus.DELIVERED],
        total=len(found),
    )


def connect() -> None:
    """Makes the progress known; a second call changes nothing."""
    register_progress(STEP, webhook_progress)
