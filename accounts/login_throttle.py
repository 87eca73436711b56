"""The limit on wrong passwords.

Two limits hold at once: so many failures for one account, whatever the address, and so many
from one address, whatever the account. Refused attempts are not counted, so a limit always
ends by itself. A browser that has signed in to the account before is counted apart (it shows
a signed cookie): a stranger who keeps failing on purpose cannot lock the owner out.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction

from accounts.models import LoginFailures
from core.interface import address_block, utc_now

_ACCOUNT_LIMIT: Final = 5
_ACCOUNT_WINDOW: Final = timedelta(minutes=5)
_ADDRESS_LIMIT: Final = 10
_ADDRESS_WINDOW: Final = timedelta(minutes=1)
_KEPT_FOR: Final = timedelta(hours=1)
_SWEPT_AT_ONCE: Final = 200

DEVICE_COOKIE: Final = "galley_device"
DEVICE_COOKIE_SECONDS: Final = 180 * 24 * 3600
_DEVICE_SALT: Final = "accounts.login_throttle.device"


@dataclass(frozen=True, slots=True)
class _Limit:
    subject: str
    failures: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One try: the e-mail address as typed, where it comes from, and the cookie it showed."""

    email: str
    address: str
    device_cookie: str = ""

    def limits(self) -> tuple[_Limit, ...]:
        """What limits this try, in the order in which the rows are locked."""
        if device := _known_device(self.device_cookie, self.email):
            return (_Limit(f"device:{device}", _ACCOUNT_LIMIT, _ACCOUNT_WINDOW),)
        return (
            _Limit(f"account:{_digest(self.email)}", _ACCOUNT_LIMIT, _ACCOUNT_WINDOW),
            _Limit(f"address:{address_block(self.address)}", _ADDRESS_LIMIT, _ADDRESS_WINDOW),
        )


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()


def _known_device(cookie: str, email: str) -> str:
    if not cookie:
        return ""
    try:
        value = signing.loads(cookie, salt=_DEVICE_SALT, max_age=DEVICE_COOKIE_SECONDS)
    except signing.BadSignature:
        return ""
    return str(value["device"]) if value["account"] == _digest(email) else ""


def make_device_cookie(*, email: str, device: str) -> str:
    """The signed value that tells, next time, that this browser has signed in to the account."""
    return signing.dumps({"account": _digest(email), "device": device}, salt=_DEVICE_SALT)


def login_refused_until(attempt: LoginAttempt) -> datetime | None:
    """When the attempt may be made, if not now. Call it before the password is checked.

    Locks the attempt's rows until the transaction ends, so that tries at the same moment pass
    one after the other and none slips past the count; raises outside a transaction.
    """
    now = utc_now()
    ends: list[datetime] = []
    for limit in attempt.limits():
        LoginFailures.objects.get_or_create(subject=limit.subject)
        row = LoginFailures.objects.select_for_update().get(subject=limit.subject)
        recent = _recent(row, limit, now)
        if len(recent) >= limit.failures:
            ends.append(recent[-limit.failures] + limit.window)
    return max(ends, default=None)


@transaction.atomic
def record_login_failure(attempt: LoginAttempt) -> None:
    """Counts a wrong password; also forgets what no limit looks at any more."""
    now = utc_now()
    for limit in attempt.limits():
        row, _ = LoginFailures.objects.select_for_update().get_or_create(subject=limit.subject)
        times = [*_recent(row, limit, now), now][-limit.failures :]
        row.failed_at = [moment.timestamp() for moment in times]
        row.last_failed_at = now
        row.save(update_fields=["failed_at", "last_failed_at"])
    _forget_stale(now)


@transaction.atomic
def forget_login_failures(attempt: LoginAttempt) -> None:
    """Clears the account's (or the device's) count after a right password; the address's stays.

    An attacker with an account of his own must not reset his address by signing in to it.
    """
    own = [item.subject for item in attempt.limits() if not item.subject.startswith("address:")]
    LoginFailures.objects.filter(subject__in=own).delete()


def _forget_stale(now: datetime) -> None:
    """Deletes what no limit looks at any more, but never waits for a row that a try holds.

    Tries lock the account first and then the address; waiting here would break that order,
    and two tries could wait for each other.
    """
    stale = LoginFailures.objects.filter(last_failed_at__lt=now - _KEPT_FOR)
    free = stale.select_for_update(skip_locked=True).values_list("pk", flat=True)
    LoginFailures.objects.filter(pk__in=list(free[:_SWEPT_AT_ONCE])).delete()


def _recent(row: LoginFailures, limit: _Limit, now: datetime) -> list[datetime]:
    moments = (datetime.fromtimestamp(stamp, tz=UTC) for stamp in row.failed_at)
    return sorted(moment for moment in moments if moment > now - limit.window)
