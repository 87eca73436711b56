"""One attempt: what is sent, and what its answer means."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from uuid import UUID

from core.interface import (
    OutboundAnswer,
    OutboundConnection,
    OutboundError,
    OutboundLimits,
    fault_point,
    utc_now,
)
from webhooks.retries import asked_wait
from webhooks.secrets import SigningKey
from webhooks.signing import signed_headers

logger = logging.getLogger(__name__)

# The specification asks for 15 to 30 s. Of the answer, only the first bytes are of interest: an
# endpoint that sends more costs itself the kept connection.
LIMITS: Final = OutboundLimits(connect_seconds=5.0, deadline_seconds=15.0, max_body_bytes=16 * 1024)
_EXCERPT_BYTES: Final = 1000
_MAX_ERROR: Final = 200

# The endpoint says that it cannot keep up, or that nobody is behind it.
_OVERWHELMED: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Meaning(StrEnum):
    """What an attempt tells of the endpoint."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """It answered, and did not want this delivery."""
    OVERWHELMED = "overwhelmed"
    """It cannot take anything at the moment."""
    GONE = "gone"
    """It wants nothing any more."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent. A test is tried once."""

    delivery_id: int
    event_id: UUID
    subject: str
    body: bytes
    tries: int
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went."""

    message: Message
    meaning: Meaning
    started_at: datetime
    duration_ms: int
    status_code: int | None = None
    error: str = ""
    excerpt: str = ""
    asked_seconds: float | None = None


def attempt(
    connection: OutboundConnection, url: str, message: Message, keys: Sequence[SigningKey]
) -> Outcome:
    """Sends the message once. Whatever goes wrong is part of the outcome; nothing is raised."""
    started_at, started = utc_now(), time.monotonic()
    answer, error = None, ""
    try:
        fault_point("webhooks.before_send")
        answer = connection.send(
            "POST",
            url,
            headers={
                "Content-Type": "application/json",
                **signed_headers(message.event_id, message.body, keys, started_at),
            },
            content=message.body,
            limits=LIMITS,
        )
        fault_point("webhooks.after_send")
    except OutboundError as failure:
        error = f"{type(failure).__name__}: {failure}"
    except Exception as failure:  # one endpoint's oddity must not end the thread that serves it
        logger.exception("An attempt failed in a way that it does not name.")
        error = f"{type(failure).__name__}: {failure}"
        answer = None
    return Outcome(
        message=message,
        meaning=_meaning(answer),
        started_at=started_at,
        duration_ms=round((time.monotonic() - started) * 1000),
        status_code=None if answer is None else answer.status,
        error=_storable(error)[:_MAX_ERROR],
        excerpt="" if answer is None else _excerpt(answer.body),
        asked_seconds=None if answer is None else asked_wait(answer.headers),
    )


def not_signed(message: Message, error: Exception) -> Outcome:
    """The outcome where there is no key to sign with, so that nothing was sent."""
    return Outcome(
        message=message,
        meaning=Meaning.OVERWHELMED,
        started_at=utc_now(),
        duration_ms=0,
        error=f"Nothing was sent: {type(error).__name__}.",
    )


def _meaning(answer: OutboundAnswer | None) -> Meaning:
    if answer is None:
        return Meaning.OVERWHELMED
    if answer.is_success:
        return Meaning.DELIVERED
    if answer.status == HTTPStatus.GONE:
        return Meaning.GONE
    return Meaning.OVERWHELMED if answer.status in _OVERWHELMED else Meaning.REFUSED


def _excerpt(body: bytes) -> str:
    return _storable(body[:_EXCERPT_BYTES].decode("utf-8", "replace"))


def _storable(text: str) -> str:
    # NUL cannot be stored in PostgreSQL's text, and a foreign answer may hold one.
    return text.replace("\0", "�")
