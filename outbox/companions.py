"""What else runs in a relay's process: senders that work off what steps have prepared.

They are found by `settings.OUTBOX_COMPANIONS`, so that this package imports nothing upward.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

Companion = Callable[[threading.Event], None]
"""Runs until the event is set."""


@contextmanager
def running_companions(stop: threading.Event) -> Iterator[None]:
    """Runs each companion on a thread of its own beside the block; ends them with it."""
    companions = [cast("Companion", import_string(name)) for name in settings.OUTBOX_COMPANIONS]
    threads = [
        threading.Thread(target=_run, args=(run, stop), name=name.rpartition(".")[2])
        for name, run in zip(settings.OUTBOX_COMPANIONS, companions, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _run(companion: Companion, stop: threading.Event) -> None:
    """One that fails ends its process, which is then started again: else nobody would miss it."""
    try:
        companion(stop)
    finally:
        stop.set()
