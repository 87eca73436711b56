"""Having steps done again, and discarding them: after a question, by POST, one or many."""

from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.bulk_action import BulkAction

from outbox.admin.access import may_manage
from outbox.admin.log import DISCARDED, RETRIED, log_decision
from outbox.admin.step_filters import StepFilterSet, unsettled_runs
from outbox.deciding import DISCARDABLE, RETRYABLE, discard_runs, retry_runs
from outbox.models import StepRun

MOST_AT_ONCE: Final = 1000
"""`manage.py ledger replay --dead` knows no limit."""


class DecisionForm(forms.Form):
    """Why, for those who look at the site's history later."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        help_text=_("Kept in the site's history with your name."),
    )


class StepAction(BulkAction):
    """What both actions share. Wagtail asks `check_perm` for each object; we ask before any."""

    models: Any = [StepRun]
    form_class = DecisionForm
    template_name = "outbox/admin/confirm_step_action.html"
    statuses: Any = ()
    question: str | Promise = ""
    explanation: str | Promise = ""
    yes: str | Promise = ""
    button_class = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuses those who may not act, before anything is looked up."""
        if not may_manage(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @classmethod
    def get_queryset(cls, model: type[StepRun], object_ids: Any) -> QuerySet[StepRun]:
        """Those among the ids that are still there; what is no number is none of ours."""
        ids = [int(text) for text in map(str, object_ids) if text.isascii() and text.isdecimal()]
        runs = model.objects.filter(pk__in=ids[:MOST_AT_ONCE]).select_related("event")
        return runs.order_by("event_id", "pk")

    def get_all_objects_in_listing_query(self, _parent_id: Any) -> QuerySet[Any, Any]:
        """What the listing shows with the filters that are set there, over all its pages.

        Nothing where they make no sense: a filter that is passed over would take in all.
        """
        found = StepFilterSet(self.request.GET, unsettled_runs(), request=self.request)
        runs = found.qs if found.is_valid() else unsettled_runs().none()
        return runs.order_by("-event_id").values_list("pk", flat=True)[:MOST_AT_ONCE]

    def check_perm(self, obj: StepRun) -> bool:
        """Whether its status allows it; the others are listed as left alone."""
        return obj.status in self.statuses

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the question."""
        return super().get_context_data(**kwargs) | {
            "action": self,
            "most_at_once": MOST_AT_ONCE,
        }

    def get_execution_context(self) -> dict[str, Any]:
        """Who decided, and why."""
        note = self.cleaned_form.cleaned_data["note"]
        return {"user": self.request.user, "note": note}


class RetrySteps(StepAction):
    """Makes steps due at once."""

    display_name = _("Try again")
    action_type = "retry"
    aria_label = _("Try the selected steps again")
    action_priority = 10
    statuses = RETRYABLE
    question = _("Try these steps again?")
    explanation = _(
        "They are due at once, with all their tries before them. A step is safe to run twice."
    )
    yes = _("Yes, try again")

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> Any:
        """The runs that could be made due, each with an entry in the log."""
        runs = retry_runs([run.pk for run in objects])
        log_decision(RETRIED, runs, kwargs["user"], note=kwargs["note"])
        return len(runs), 0

    def get_success_message(self, num_parent_objects: int, _num_child_objects: int) -> str:
        """How many."""
        return ngettext(
            "%(n)d step is due again.", "%(n)d steps are due again.", num_parent_objects
        ) % {"n": num_parent_objects}


class DiscardSteps(StepAction):
    """Settles steps undone."""

    display_name = _("Discard")
    action_type = "discard"
    aria_label = _("Discard the selected steps")
    action_priority = 20
    classes: Any = {"serious"}
    statuses = DISCARDABLE
    question = _("Discard these steps?")
    explanation = _(
        "They are not done and not tried again: a cache may keep what is outdated, a receiver is"
        " not told. You can still have a discarded step done later."
    )
    yes = _("Yes, discard")
    button_class = "serious"

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> Any:
        """The runs that could be discarded, each with an entry in the log."""
        runs = discard_runs([run.pk for run in objects])
        log_decision(DISCARDED, runs, kwargs["user"], note=kwargs["note"])
        return len(runs), 0

    def get_success_message(self, num_parent_objects: int, _num_child_objects: int) -> str:
        """How many."""
        return ngettext(
            "%(n)d step is discarded.", "%(n)d steps are discarded.", num_parent_objects
        ) % {"n": num_parent_objects}
