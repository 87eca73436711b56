"""The forms of webhooks. They shape what people give; the package's own actions check it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core.interface import Invalid
from webhooks.admin import choices
from webhooks.models import Subscription

OVERLAPS: Final = (
    (24 * 3600, _("for a day: time to give the receiver the new one")),
    (7 * 24 * 3600, _("for a week")),
    (3600, _("for an hour")),
    (0, _("not at all: the old secret is known to somebody else")),
)
_WISHES: Final = (
    "name",
    "url",
    "event_types",
    "content_types",
    "locales",
    "site",
    "fields",
    "is_active",
)


class WebhookForm(forms.Form):
    """What a webhook asks for."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("For you and your colleagues.")
    )
    url = forms.CharField(
        label=_("URL"),
        max_length=2048,
        widget=forms.URLInput(attrs={"placeholder": "https://www.example.com/hooks/galley"}),
        help_text=_(
            "Where events are posted. It begins with https and leads to a public address; "
            "redirects are not followed."
        ),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the receiver is told of."),
    )
    content_types = forms.MultipleChoiceField(
        label=_("Types of documents"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only events about these. None chosen means all."),
    )
    locales = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only events about documents in these. None chosen means all."),
    )
    site = forms.TypedChoiceField(label=_("Website"), required=False, coerce=int, empty_value=None)
    fields_sent = forms.CharField(
        label=_("Fields to send"),
        required=False,
        max_length=1000,
        help_text=_(
            "As the API's parameter fields has them, such as title,author(name). Empty sends the "
            "whole document. What is longer than 20 kB goes without the document."
        ),
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_("An inactive webhook hears of nothing, and nothing is kept for it."),
    )

    def __init__(self, *args: Any, webhook: Subscription | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        shown["event_types"].choices = choices.event_choices(webhook.event_types if webhook else ())
        shown["content_types"].choices = choices.content_choices(
            webhook.content_types if webhook else ()
        )
        shown["locales"].choices = choices.locale_choices(webhook.locales if webhook else ())
        shown["site"].choices = choices.site_choices(webhook.site if webhook else None)

    def wishes(self) -> dict[str, Any]:
        """What the actions take."""
        given = dict(self.cleaned_data)
        given["fields"] = given.pop("fields_sent")
        return {name: given[name] for name in _WISHES}

    def take(self, error: Invalid) -> None:
        """Shows what an action refused beside the fields that it names."""
        issues = [(item.pointer, item.detail) for item in error.issues]
        for pointer, detail in issues or [("", error.detail)]:
            name = {"fields": "fields_sent"}.get(pointer, pointer)
            self.add_error(name if name in self.fields else None, detail)


class NewWebhookForm(WebhookForm):
    """A webhook to be, with the choice of how it signs."""

    scheme = forms.ChoiceField(
        label=_("Signature"),
        choices=(
            ("v1", _("A secret that both sides have (HMAC, v1): what most receivers expect")),
            ("v1a", _("A key pair (ed25519, v1a): the receiver keeps no secret")),
        ),
        initial="v1",
        widget=forms.RadioSelect,
        help_text=_("As Standard Webhooks defines it; libraries for receivers know both."),
    )


class EditedWebhookForm(WebhookForm):
    """A webhook with the version that the person has seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RotationForm(forms.Form):
    """How long the old secret goes on."""

    overlap_seconds = forms.TypedChoiceField(
        label=_("The old secret signs too"),
        choices=OVERLAPS,
        coerce=int,
        initial=OVERLAPS[0][0],
        widget=forms.RadioSelect,
        help_text=_("Meanwhile each delivery has two signatures, of which one is enough."),
    )


class ReplayForm(forms.Form):
    """What to send again."""

    since = forms.DateTimeField(
        label=_("Everything since"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=_("In your time zone."),
    )
    first = forms.IntegerField(
        label=_("Or from the event number"), required=False, min_value=1, help_text=""
    )
    last = forms.IntegerField(
        label=_("to the event number"),
        required=False,
        min_value=1,
        help_text=_("The numbers stand in the log of deliveries and in the ledger."),
    )

    def clean(self) -> dict[str, Any]:
        """One way or the other."""
        given: dict[str, Any] = super().clean() or {}
        numbers = [given.get("first"), given.get("last")]
        if self.errors:
            return given
        if (given.get("since") is None) == (None in numbers) or (
            given.get("since") is not None and any(numbers)
        ):
            raise forms.ValidationError(_("Give a time, or two numbers of events."))
        return given
