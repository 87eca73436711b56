"""Telling owners by mail that their webhook was paused."""

import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.interface import utc_now
from webhooks.models import EndpointState, PausedReason, Subscription

logger = logging.getLogger(__name__)

# A mail server that is away comes back within a day, or never.
_MAX_TRIES: Final = 20
_FIRST_WAIT_SECONDS: Final = 60
_LONGEST_WAIT_SECONDS: Final = 2 * 60 * 60
_AT_ONCE: Final = 50


def send_due_notices() -> int:
    """Mails the owners of webhooks that were paused; gives how many mails went out.

    A mail that cannot be sent is tried again later, 20 times. Each is claimed before it is sent,
    so that two processes do not send it twice; one that dies in between sends it late.
    """
    due = EndpointState.objects.filter(notice_due_at__lte=utc_now()).select_related(
        "subscription__owner"
    )
    return sum(_send(state) for state in due.order_by("notice_due_at")[:_AT_ONCE])


def _send(state: EndpointState) -> bool:
    doubled = _FIRST_WAIT_SECONDS * 2**state.notice_tries
    wait = timedelta(seconds=min(doubled, _LONGEST_WAIT_SECONDS))
    this_one = EndpointState.objects.filter(pk=state.pk, notice_due_at=state.notice_due_at)
    is_last = state.notice_tries + 1 >= _MAX_TRIES
    next_at = None if is_last else utc_now() + wait
    if not this_one.update(notice_due_at=next_at, notice_tries=F("notice_tries") + 1):
        return False
    owner = state.subscription.owner
    if owner is None or not owner.is_active or state.subscription.paused_at is None:
        _forget(state)
        return False
    try:
        _mail(state.subscription, state.last_error, owner.email).send()
    except (SMTPException, OSError) as error:
        logger.warning("A mail about webhook %s did not go out: %s", state.pk, error)
        return False
    _forget(state)
    return True


def _forget(state: EndpointState) -> None:
    EndpointState.objects.filter(pk=state.pk).update(notice_due_at=None)


def _mail(subscription: Subscription, last_error: str, address: str) -> EmailMessage:
    with override(settings.LANGUAGE_CODE):
        is_gone = subscription.paused_reason == PausedReason.GONE
        reason = (
            _("The endpoint answered 410 Gone: it wants nothing more.")
            if is_gone
            else _("Nothing got through for days. The last failure: %s") % last_error
        )
        body = "\n\n".join(
            [
                _("The webhook “%s” is paused.") % subscription.name,
                _("It sends to %s") % subscription.url,
                reason,
                _(
                    "What happens from now on waits and is not lost. Once the endpoint is well,"
                    " resume the webhook; you may then have what waited sent, or thrown away."
                ),
                f"{settings.WAGTAILADMIN_BASE_URL}/admin/",
            ]
        )
        subject = _("Webhook paused: %s") % subscription.name
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[address])
