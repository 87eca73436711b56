"""Who decided what about a step: kept in Wagtail's log, beside what editors do."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from core.interface import new_uuid7, utc_now
from outbox.models import LedgerEvent, StepRun

RETRIED: Final = "outbox.retry_step"
DISCARDED: Final = "outbox.discard_step"


def register_actions(actions: Any) -> None:
    """Names the actions in the site's history."""
    actions.register_action(RETRIED, _("Have a step done again"), _("Step to be done again"))
    actions.register_action(DISCARDED, _("Discard a step"), _("Step discarded"))


def log_decision(
    action: str, runs: Sequence[StepRun], user: AbstractBaseUser, *, note: str
) -> None:
    """One entry for each run, on its event; two statements, however many."""
    content_type = ContentType.objects.get_for_model(LedgerEvent)
    now, together = utc_now(), new_uuid7()
    ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=content_type,
                object_id=str(run.event_id),
                label=f"{run.step}, event {run.event_id}",
                action=action,
                data={"step": run.step, "note": note},
                timestamp=now,
                uuid=together,
                user=user,
            )
            for run in runs
        ],
        batch_size=500,
    )


def decisions_about(event: LedgerEvent) -> QuerySet[Any]:
    """What was decided about the steps of an event, the latest first. One select."""
    content_type = ContentType.objects.get_for_model(LedgerEvent)
    entries = ModelLogEntry.objects.filter(content_type=content_type, object_id=str(event.pk))
    return entries.select_related("user").order_by("-timestamp")[:20]
