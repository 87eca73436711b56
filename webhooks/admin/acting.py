"""What is done with a webhook by a button: each by POST, and only by who may manage it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from core.interface import Conflict, Invalid, TooManyRequests
from webhooks.actions.pause_subscription import pause_subscription, resume_subscription
from webhooks.actions.replay import Replay, replay_delivery, replay_range, replay_since
from webhooks.actions.send_test import send_test
from webhooks.admin.access import OneWebhookMixin
from webhooks.admin.forms import ReplayForm
from webhooks.admin.log import pretty
from webhooks.previewing import preview_subscription
from webhooks.selectors import count_waiting

_PREVIEWED = 20


class PauseView(OneWebhookMixin, View):
    """Holds it back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Pauses it."""
        pause_subscription(actor=self.actor, subscription_id=self.webhook_id)
        messages.success(request, _t("The webhook is paused. What happens meanwhile waits."))
        return redirect(self.webhook_url())


class ResumeView(OneWebhookMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks what to do with what has waited, then lets it go on."""

    page_title = _("Resume")
    header_icon = "rotate"
    template_name = "webhooks/admin/resume.html"

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Resumes it; the button that was pressed says whether what waits is thrown away."""
        resume_subscription(
            actor=self.actor,
            subscription_id=self.webhook_id,
            discard_waiting="discard" in request.POST,
        )
        messages.success(request, _t("The webhook goes on."))
        return redirect(self.webhook_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How much waits."""
        waiting = count_waiting([self.webhook.pk]).get(self.webhook.pk)
        return super().get_context_data(**kwargs) | {"webhook": self.webhook, "waiting": waiting}


class SendTestView(OneWebhookMixin, View):
    """Sends a test."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Leads to the test's own page, which tells what came back."""
        try:
            sent = send_test(actor=self.actor, subscription_id=self.webhook_id)
        except TooManyRequests as error:
            minutes = -(-error.retry_after_seconds // 60)
            text = ngettext(
                "%(detail)s Try again in a minute.",
                "%(detail)s Try again in %(minutes)d minutes.",
                minutes,
            )
            messages.warning(request, text % {"detail": error.detail, "minutes": minutes})
            return redirect(self.webhook_url())
        except Conflict as error:
            messages.error(request, error.detail)
            return redirect(self.webhook_url())
        return redirect("webhook_delivery", self.webhook_id, sent.pk)


class ReplayDeliveryView(OneWebhookMixin, View):
    """Sends one delivery again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Leads back to its page."""
        replay_delivery(
            actor=self.actor,
            subscription_id=self.webhook_id,
            delivery_id=kwargs["delivery_id"],
        )
        messages.success(request, _t("It is sent again, with the id and the body that it had."))
        return redirect("webhook_delivery", self.webhook_id, kwargs["delivery_id"])


class ReplayView(OneWebhookMixin, WagtailAdminTemplateMixin, FormView[ReplayForm]):
    """Sends a stretch again."""

    page_title = _("Send again")
    header_icon = "rotate"
    form_class = ReplayForm
    template_name = "webhooks/admin/replay.html"

    def form_valid(self, form: ReplayForm) -> HttpResponse:
        """Says how much it was."""
        try:
            replay = self._replay(form.cleaned_data)
        except Invalid as error:
            for issue in error.issues:
                form.add_error(
                    issue.pointer if issue.pointer in form.fields else None, issue.detail
                )
            return self.form_invalid(form)
        text = ngettext(
            "%(count)d delivery is sent again.",
            "%(count)d deliveries are sent again.",
            replay.count,
        )
        messages.success(self.request, text % {"count": replay.count})
        return redirect(self.webhook_url())

    def _replay(self, given: dict[str, Any]) -> Replay:
        whose: dict[str, Any] = {"actor": self.actor, "subscription_id": self.webhook_id}
        if given["since"] is not None:
            return replay_since(since=given["since"], **whose)
        return replay_range(first=given["first"], last=given["last"], **whose)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the button."""
        return super().get_context_data(**kwargs) | {
            "webhook": self.webhook,
            "submit_button_label": _("Send again"),
            "submit_button_active_label": _("Sending…"),
        }


class DryRunView(OneWebhookMixin, WagtailAdminTemplateMixin, TemplateView):
    """What of the latest events would be sent."""

    page_title = _("What would be sent")
    header_icon = "view"
    template_name = "webhooks/admin/dry_run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The bodies, the latest first."""
        previews = preview_subscription(
            actor=self.actor, subscription_id=self.webhook_id, events=_PREVIEWED
        )
        return super().get_context_data(**kwargs) | {
            "webhook": self.webhook,
            "events": _PREVIEWED,
            "previews": [(item, pretty(item.body)) for item in reversed(previews)],
        }
