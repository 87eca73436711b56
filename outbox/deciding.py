"""What a person decides about single runs: to have them done again, or not to have them done."""

from collections.abc import Collection
from typing import Any, Final

from django.db import connection, transaction

from core.interface import utc_now
from outbox.models import StepRun, StepStatus
from outbox.replaying import ALL_RESTING

RETRYABLE: Final = ALL_RESTING
DISCARDABLE: Final = (StepStatus.WAITING, StepStatus.QUEUED, StepStatus.DEAD)
"""A queued run that is discarded is passed over by whoever gets its message; a running one ends."""


def retry_runs(ids: Collection[int]) -> list[StepRun]:
    """Makes these runs due now, with all their tries before them; the relay does the rest.

    Gives those that it could: what is queued or running is left to end.
    """
    fields = {"status": StepStatus.WAITING, "tries": 0, "losses": 0, "settled_at": None}
    return _change(ids, RETRYABLE, fields | {"next_try_at": utc_now()})


def discard_runs(ids: Collection[int]) -> list[StepRun]:
    """Settles these runs undone: nobody is held up by them, and nobody tries them again.

    Gives those that it could: what is running is left to end, what is done stays done.
    """
    fields = {"status": StepStatus.DISCARDED, "settled_at": utc_now()}
    return _change(ids, DISCARDABLE, fields | {"lease_id": None, "lease_until": None})


@transaction.atomic
def _change(
    ids: Collection[int], statuses: Collection[StepStatus], fields: dict[str, Any]
) -> list[StepRun]:
    runs = StepRun.objects.filter(pk__in=ids, status__in=statuses)
    if connection.features.has_select_for_update_of:
        runs = runs.select_for_update(of=("self",))
    found = list(runs.select_related("event").order_by("event_id", "pk"))
    StepRun.objects.filter(pk__in=[run.pk for run in found]).update(**fields)
    return found
