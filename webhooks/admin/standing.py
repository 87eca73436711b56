"""How a webhook stands, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.models import DeliveryStatus, PausedReason, Subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """A word, whether it is good or bad, and a sentence."""

    label: Any
    tone: str
    sentence: Any = ""


_PAUSED = {
    PausedReason.OWNER: _("It was paused by hand. What happens meanwhile waits."),
    PausedReason.FAILING: _(
        "Its receiver failed for too long, so nothing is sent to it any more. Mend the receiver, "
        "then resume: what has waited is sent."
    ),
    PausedReason.GONE: _(
        "Its receiver answered 410 Gone: it wants nothing more. Give it another URL, or delete it."
    ),
}


def standing_of(webhook: Subscription) -> Standing:
    """How it stands. No query, if its endpoint was read with it."""
    if not webhook.is_active:
        return Standing(_("Not active"), "", _("It hears of nothing until it is made active."))
    if webhook.paused_at is not None:
        sentence = _PAUSED.get(PausedReason(webhook.paused_reason), "")
        is_by_hand = webhook.paused_reason == PausedReason.OWNER
        return Standing(_("Paused"), "" if is_by_hand else "critical", sentence)
    endpoint = webhook.endpoint
    if endpoint.failing_since is not None:
        return Standing(_("Failing"), "critical", endpoint.last_error)
    return Standing(_("Active"), "primary")


_TONES = {
    DeliveryStatus.DELIVERED.value: "primary",
    DeliveryStatus.FAILED.value: "critical",
}


def tone_of(status: str) -> str:
    """Whether a delivery's status is good or bad."""
    return _TONES.get(status, "")
