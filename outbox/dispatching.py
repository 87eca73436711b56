"""Where claimed runs are run: in this process, or by Celery workers."""

import threading
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from outbox.batches import BATCH_SIZE, Batch
from outbox.claiming import release_batches
from outbox.pipelines import Pipeline
from outbox.running import run_batch

# Loaded by name: a process without a broker need not know of Celery.
_CELERY_DISPATCHER: Final = "outbox.celery_dispatching.CeleryDispatcher"


class Dispatcher(Protocol):
    """Takes claimed runs to where they are run."""

    def rooms(self) -> Mapping[str, int]:
        """How many more runs of each step may be claimed now."""

    def dispatch(self, batches: Sequence[Batch]) -> None:
        """Runs `batches`, or hands them on; what it cannot take, it gives back."""


class InProcessDispatcher:
    """Runs one after the other, here. When `stop` is set, ends the one in hand and no more."""

    def __init__(self, pipeline: Pipeline, stop: threading.Event) -> None:
        self._pipeline = pipeline
        self._stop = stop

    def rooms(self) -> Mapping[str, int]:
        """A batch of each step: what waits its turn here is held from other relays."""
        return {} if self._stop.is_set() else dict.fromkeys(self._pipeline.steps, BATCH_SIZE)

    def dispatch(self, batches: Sequence[Batch]) -> None:
        """Runs each batch to its end."""
        for index, batch in enumerate(batches):
            if self._stop.is_set():
                release_batches(batches[index:])
                return
            run_batch(batch, self._pipeline, lambda: not self._stop.is_set())


def make_dispatcher(pipeline: Pipeline, stop: threading.Event) -> Dispatcher:
    """Celery when there is a broker, else this process."""
    if settings.CELERY_BROKER_URL:
        return cast("Dispatcher", import_string(_CELERY_DISPATCHER)(pipeline))
    return InProcessDispatcher(pipeline, stop)
