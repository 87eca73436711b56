"""What is known of the broker, for those who need not know how to ask it."""

from dataclasses import dataclass
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

_BROKER: Final = "outbox.broker.BROKER"


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """A queue; None where nobody has declared it yet."""

    name: str
    messages: int | None
    consumers: int | None


@dataclass(frozen=True, slots=True)
class BrokerState:
    """Whether the broker answers, and its queues if it does."""

    is_up: bool
    queues: tuple[QueueDepth, ...] = ()


def peek_broker() -> BrokerState | None:
    """What was known last, without waiting; asks beside that, so that the next look knows more.

    None where no broker is configured, and at the first look.
    """
    if not settings.CELERY_BROKER_URL:
        return None
    return cast("BrokerState | None", import_string(_BROKER).peek())


def read_broker() -> BrokerState | None:
    """The broker as it was at most five seconds ago; None where none is configured.

    Takes a second or two where it hangs, and raises nothing.
    """
    if not settings.CELERY_BROKER_URL:
        return None
    return cast("BrokerState", import_string(_BROKER).read())
