"""Making a webhook, changing it, changing its secret, deleting it."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from core.interface import Conflict, Invalid, Undecipherable, decrypt, encrypt
from webhooks.actions.create_subscription import WithSecret, create_subscription
from webhooks.actions.rotate_secret import rotate_secret
from webhooks.actions.update_subscription import delete_subscription, update_subscription
from webhooks.admin.access import OneWebhookMixin, WebhooksMixin
from webhooks.admin.forms import EditedWebhookForm, NewWebhookForm, RotationForm
from webhooks.errors import VersionMismatch

_SECRET: Final = "webhook_secret"  # noqa: S105 — a name in the session
_PURPOSE: Final = "webhooks.shown_once"


def keep_for_one_look(request: HttpRequest, made: WithSecret) -> HttpResponse:
    """Leads to the page that shows the secret once; until then the session has it, encrypted."""
    request.session[_SECRET] = {
        "id": str(made.subscription.pk),
        "text": encrypt(made.secret.encode(), purpose=_PURPOSE),
    }
    return redirect("webhook_secret", made.subscription.pk)


class CreateView(WebhooksMixin, WagtailAdminTemplateMixin, FormView[NewWebhookForm]):
    """A new webhook, whose owner is the person."""

    page_title = _("New webhook")
    form_class = NewWebhookForm
    template_name = "webhooks/admin/form.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Webhooks, this page."""
        return self.breadcrumbs(("", self.page_title))

    def form_valid(self, form: NewWebhookForm) -> HttpResponse:
        """Makes it, or says at which field it cannot be made."""
        try:
            made = create_subscription(
                actor=self.actor, scheme=form.cleaned_data["scheme"], **form.wishes()
            )
        except Invalid as error:
            form.take(error)
            return self.form_invalid(form)
        except Conflict as error:
            form.add_error(None, error.detail)
            return self.form_invalid(form)
        return keep_for_one_look(self.request, made)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the button."""
        return super().get_context_data(**kwargs) | {
            "submit_button_label": _("Add webhook"),
            "submit_button_active_label": _("Adding…"),
        }


class EditView(OneWebhookMixin, WagtailAdminTemplateMixin, FormView[EditedWebhookForm]):
    """Changing what a webhook asks for."""

    page_title = _("Edit")
    form_class = EditedWebhookForm
    template_name = "webhooks/admin/form.html"

    def get_initial(self) -> dict[str, Any]:
        """As it is."""
        webhook = self.webhook
        return {
            "name": webhook.name,
            "url": webhook.url,
            "event_types": webhook.event_types,
            "content_types": webhook.content_types,
            "locales": webhook.locales,
            "site": webhook.site,
            "fields_sent": webhook.fields,
            "is_active": webhook.is_active,
            "version": webhook.version,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """What it names besides is a choice too."""
        return super().get_form_kwargs() | {"webhook": self.webhook}

    def form_valid(self, form: EditedWebhookForm) -> HttpResponse:
        """Changes it, unless somebody else has meanwhile."""
        try:
            update_subscription(
                actor=self.actor,
                subscription_id=self.webhook_id,
                expected_version=form.cleaned_data["version"],
                **form.wishes(),
            )
        except Invalid as error:
            form.take(error)
            return self.form_invalid(form)
        except VersionMismatch:
            form.add_error(
                None,
                _("Somebody has changed this webhook since you opened it. Open it again."),
            )
            return self.form_invalid(form)
        messages.success(self.request, _t("The webhook is changed."))
        return redirect(self.webhook_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the button."""
        return super().get_context_data(**kwargs) | {
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
        }


class SecretView(OneWebhookMixin, WagtailAdminTemplateMixin, TemplateView):
    """The secret, once: whoever opens the page again finds how to get another."""

    page_title = _("Secret")
    header_icon = "key"
    template_name = "webhooks/admin/secret.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Takes the secret out of the session."""
        webhook = self.webhook
        kept = self.request.session.get(_SECRET)
        secret = ""
        if kept is not None and kept["id"] == str(webhook.pk):
            del self.request.session[_SECRET]
            try:
                secret = decrypt(kept["text"], purpose=_PURPOSE).decode()
            except Undecipherable:
                secret = ""
        return super().get_context_data(**kwargs) | {"webhook": webhook, "secret": secret}


class RotateView(OneWebhookMixin, WagtailAdminTemplateMixin, FormView[RotationForm]):
    """Changing the secret, with a time in which both sign."""

    page_title = _("Change the secret")
    header_icon = "key"
    form_class = RotationForm
    template_name = "webhooks/admin/rotate.html"

    def form_valid(self, form: RotationForm) -> HttpResponse:
        """The new one is shown on the page that follows."""
        made = rotate_secret(
            actor=self.actor,
            subscription_id=self.webhook_id,
            overlap=timedelta(seconds=form.cleaned_data["overlap_seconds"]),
        )
        return keep_for_one_look(self.request, made)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the button."""
        return super().get_context_data(**kwargs) | {
            "webhook": self.webhook,
            "submit_button_label": _("Change the secret"),
            "submit_button_active_label": _("Changing…"),
        }


class DeleteView(OneWebhookMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks, then deletes."""

    page_title = _("Delete")
    header_icon = "bin"
    template_name = "webhooks/admin/confirm_delete.html"

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Deletes it with its log."""
        name = self.webhook.name
        delete_subscription(actor=self.actor, subscription_id=self.webhook_id)
        messages.success(request, _t("The webhook “%(name)s” is deleted.") % {"name": name})
        return redirect(reverse("webhooks"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which one."""
        return super().get_context_data(**kwargs) | {"webhook": self.webhook}
