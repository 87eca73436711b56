"""Publishing and unpublishing at the hour that an editor set."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import DraftStateMixin, Page, Revision

from core.interface import utc_now

logger = logging.getLogger(__name__)


class SomeFailed(Exception):
    """Says which; what was wrong with each is in the log."""


def publish_scheduled() -> None:
    """Unpublishes what has expired and publishes what is due, by the database's clock.

    Each thing in a transaction of its own, so that a page, its documents and its ledger row
    commit together, and one that fails holds up no other (Wagtail's own command ends at the
    first failure). Its row is locked and asked again, so two processes do it once.

    Raises:
        SomeFailed: what is named could not be published or unpublished; all else was.
    """
    failed = [name for name, rows, act in _due() if not _run_alone(rows, act)]
    if failed:
        raise SomeFailed(f"Not published or unpublished at their hour: {', '.join(failed)}.")


def models_with_drafts() -> list[Any]:
    """Everything that can be published: pages as one, then each kind of snippet."""
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *others]


def _due() -> Iterator[tuple[str, QuerySet[Any], Callable[[Any], None]]]:
    """What is due, one after the other: its name, its row while it is due, and what to do."""
    for model in models_with_drafts():
        expired = model.objects.filter(live=True, expire_at__lt=Now())
        for pk in list(expired.order_by("expire_at").values_list("pk", flat=True)):
            yield f"{model.__name__} {pk}", expired.filter(pk=pk), unpublish_expired
    approved = Revision.objects.filter(approved_go_live_at__lt=Now())
    for pk in list(approved.order_by("approved_go_live_at").values_list("pk", flat=True)):
        yield f"revision {pk}", approved.filter(pk=pk), _publish


def unpublish_expired(item: Any) -> None:
    """Takes away what was to be seen until an hour that has come."""
    whole = item.specific if isinstance(item, Page) else item
    whole.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _publish(revision: Any) -> None:
    """Publishes what the database's clock found due, whatever this host's clock says of it.

    Wagtail asks its host's clock again and would approve the text for its hour once more, so
    that a host that is an hour slow published everything an hour late.
    """
    is_page = issubclass(revision.content_type.model_class(), Page)
    kind = PublishPageRevisionAction if is_page else PublishRevisionAction
    action = kind(revision, log_action="wagtail.publish.scheduled")
    if action.object.go_live_at is not None:
        action.object.go_live_at = min(action.object.go_live_at, utc_now())
    action.execute(skip_permission_checks=True)


def _run_alone(rows: QuerySet[Any], act: Any) -> bool:
    """Whether it went well, or another process had done it."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    try:
        with transaction.atomic():
            item: Model | None = rows.first()
            if item is not None:
                act(item)
    except Exception:  # a page that cannot be published must not hold up the others
        logger.exception("Scheduled publishing failed for %s.", rows.model.__name__)
        return False
    return True
