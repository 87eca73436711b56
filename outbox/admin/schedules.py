"""What runs by the clock: when it ran, whether it went well, and a way to run it now."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from core.interface import ScheduleEntry
from outbox.admin.access import OperationsMixin, may_manage
from outbox.models import ScheduleState
from outbox.schedules import late_schedules, load_schedule, run_tracked

logger = logging.getLogger(__name__)

_running: Final[set[str]] = set()
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page shows it."""

    name: str
    every_seconds: float
    state: ScheduleState | None
    is_late: bool

    @property
    def is_running(self) -> bool:
        """Whether a run has begun and not ended; one whose process died looks the same."""
        state = self.state
        if state is None or state.last_started_at is None:
            return False
        ended: datetime | None = state.last_finished_at
        return ended is None or ended < state.last_started_at


class SchedulesView(OperationsMixin, WagtailAdminTemplateMixin, TemplateView):
    """All entries in the order of the settings. Two selects."""

    page_title = gettext_lazy("Schedules")
    header_icon = "time"
    template_name = "outbox/admin/schedules.html"

    def get_header_buttons(self) -> list[Any]:
        """One that asks anew."""
        url = reverse("operations_schedules")
        return [HeaderButton(_("Refresh"), url=url, icon_name="rotate")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The entries with what the database knows of them."""
        states = {state.name: state for state in ScheduleState.objects.all()}
        late = {entry.name for entry in late_schedules()}
        rows = [
            Row(entry.name, entry.every_seconds, states.get(entry.name), entry.name in late)
            for entry in load_schedule()
        ]
        return super().get_context_data(**kwargs) | {
            "rows": rows,
            "may_manage": may_manage(self.request.user),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Runs an entry now, beside the scheduler if need be, on a thread of this process."""
        name = request.POST.get("name", "")
        entry = {entry.name: entry for entry in load_schedule()}.get(name)
        if entry is None:
            raise Http404(_("There is no schedule of this name."))
        if not _claim(name):
            messages.warning(request, _("%(name)s runs already.") % {"name": name})
        else:
            # The thread must not meet what this request has not committed yet.
            transaction.on_commit(lambda: start_entry(entry))
            messages.success(
                request,
                _("%(name)s has been started; refresh to see how it went.") % {"name": name},
            )
        return redirect("operations_schedules")


def _claim(name: str) -> bool:
    with _lock:
        if name in _running:
            return False
        _running.add(name)
        return True


def start_entry(entry: ScheduleEntry) -> threading.Thread:
    """Runs it on a thread of its own; what it raises stands on its row and in the log."""
    thread = threading.Thread(target=run_entry, args=(entry,), name=f"schedule-{entry.name}")
    thread.start()
    return thread


def run_entry(entry: ScheduleEntry) -> None:
    """Runs it here, and ends the connection that it opened."""
    try:
        run_tracked(entry, is_by_hand=True)
    except Exception:  # the row tells of it
        logger.exception("%s failed, started by hand.", entry.name)
    finally:
        connection.close()
        with _lock:
            _running.discard(entry.name)
