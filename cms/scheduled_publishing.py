"""Publishing and unpublishing at the hour that an editor set."""

import logging
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from wagtail.models import DraftStateMixin, Page, Revision

logger = logging.getLogger(__name__)


def publish_scheduled() -> None:
    """Unpublishes what has expired and publishes what is due, by the database's clock.

    Each thing in a transaction of its own, so that a page, its documents and its ledger row
    commit together, and one that fails holds up no other (Wagtail's own command ends at the
    first failure). Its row is locked and asked again, so two processes do it once.
    """
    for model in models_with_drafts():
        for pk in list(_expired(model).order_by("expire_at").values_list("pk", flat=True)):
            _run_alone(_expired(model).filter(pk=pk), unpublish_expired)
    for pk in list(_due().order_by("approved_go_live_at").values_list("pk", flat=True)):
        _run_alone(_due().filter(pk=pk), _publish)


def models_with_drafts() -> list[Any]:
    """Everything that can be published: pages as one, then each kind of snippet."""
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *others]


def _expired(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(live=True, expire_at__lt=Now())
    return rows


def _due() -> QuerySet[Any]:
    rows: QuerySet[Any] = Revision.objects.filter(approved_go_live_at__lt=Now())
    return rows


def unpublish_expired(item: Any) -> None:
    """Takes away what was to be seen until an hour that has come."""
    whole = item.specific if isinstance(item, Page) else item
    whole.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _publish(revision: Any) -> None:
    revision.publish(log_action="wagtail.publish.scheduled")


def _run_alone(rows: QuerySet[Any], act: Any) -> None:
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    try:
        with transaction.atomic():
            item: Model | None = rows.first()
            if item is not None:
                act(item)
    except Exception:  # a page that cannot be published must not hold up the others
        logger.exception("Scheduled publishing failed for %s.", rows.model.__name__)
