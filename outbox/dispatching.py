"""Where claimed runs are run: in this process, or by Celery workers."""

import threading
from collections.abc import Sequence
from typing import Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from outbox.claiming import Claim, release_claims
from outbox.pipelines import Pipeline
from outbox.running import run_claim

_BATCH: Final = 20
# Loaded by name: a process without a broker need not know of Celery.
_CELERY_DISPATCHER: Final = "outbox.celery_dispatching.CeleryDispatcher"


class Dispatcher(Protocol):
    """Takes claimed runs to where they are run."""

    def room(self) -> int:
        """How many more runs may be claimed now."""

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """Runs `claims`, or hands them on; what it cannot take, it gives back."""


class InProcessDispatcher:
    """Runs one after the other, here. When `stop` is set, ends the one in hand and no more."""

    def __init__(self, pipeline: Pipeline, stop: threading.Event) -> None:
        self._pipeline = pipeline
        self._stop = stop

    def room(self) -> int:
        """A batch: small, since a claim that waits its turn here is held from other relays."""
        return 0 if self._stop.is_set() else _BATCH

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """Runs each claim to its end."""
        for index, claim in enumerate(claims):
            if self._stop.is_set():
                release_claims(claims[index:])
                return
            run_claim(claim, self._pipeline)


def make_dispatcher(pipeline: Pipeline, stop: threading.Event) -> Dispatcher:
    """Celery when there is a broker, else this process."""
    if settings.CELERY_BROKER_URL:
        return cast("Dispatcher", import_string(_CELERY_DISPATCHER)(pipeline))
    return InProcessDispatcher(pipeline, stop)
