"""How webhooks fare, on the overview of Operations."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.ui.components import Component

from outbox.interface import Advice
from webhooks.models import PausedReason, Subscription
from webhooks.selectors import Waiting, count_waiting

MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook that needs somebody, or has something to send."""

    subscription: Subscription
    waiting: Waiting


class HealthPanel(Component):
    """Numbers of all webhooks, by name; the addresses are for those who may see the webhook itself.

    Three selects, however many there are.
    """

    name = "webhooks"
    template_name = "webhooks/admin/health_panel.html"

    def __init__(self) -> None:
        active = list(Subscription.objects.filter(is_active=True).select_related("endpoint"))
        waiting = count_waiting([subscription.pk for subscription in active])
        rows = [Row(item, waiting.get(item.pk, Waiting())) for item in active]
        self.total = len(rows)
        self.failing = [row for row in rows if row.subscription.endpoint.failing_since is not None]
        self.paused = [row for row in rows if row.subscription.paused_reason in _BROKEN]
        self.waiting = sum(row.waiting.waiting for row in rows)
        self.failed = sum(row.waiting.failed for row in rows)
        self.rows = sorted(
            (row for row in rows if _is_worth_a_look(row)),
            key=lambda row: (-row.waiting.waiting, -row.waiting.failed, row.subscription.name),
        )[:MOST_SHOWN]

    @property
    def advice(self) -> list[Advice]:
        """What the overview says at its top."""
        if not self.paused:
            return []
        names = ", ".join(row.subscription.name for row in self.paused[:MOST_SHOWN])
        return [
            Advice(
                "webhooks_paused",
                ngettext(
                    "A webhook has been paused, since its receiver fails: %(names)s.",
                    "Webhooks have been paused, since their receivers fail: %(names)s.",
                    len(self.paused),
                )
                % {"names": names},
                _("Its owner has a mail. Mend the receiver, then resume: what has waited is sent."),
                page="webhooks",
                is_grave=False,
            )
        ]

    def get_context_data(self, _parent_context: Any = None) -> dict[str, Any]:
        """The numbers and the rows."""
        return {"panel": self}


_BROKEN: Final = (PausedReason.FAILING, PausedReason.GONE)


def _is_worth_a_look(row: Row) -> bool:
    subscription = row.subscription
    return bool(
        row.waiting.waiting
        or row.waiting.failed
        or subscription.paused_at is not None
        or subscription.endpoint.failing_since is not None
    )


def add_health_panel(_request: HttpRequest, panels: list[Any]) -> None:
    """For the hook of the overview."""
    panels.append(HealthPanel())
