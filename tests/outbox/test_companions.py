"""What runs beside a relay, in its process."""

import threading
from typing import Any

import pytest

from outbox.companions import running_companions


def fail(_stop: threading.Event) -> None:
    raise RuntimeError("a fault that nobody expects")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_companion_that_fails_ends_its_process_for_somebody_to_start_it_again(
    settings: Any,
) -> None:
    settings.OUTBOX_COMPANIONS = [f"{__name__}.fail"]
    stop = threading.Event()

    with running_companions(stop):
        assert stop.wait(10)
