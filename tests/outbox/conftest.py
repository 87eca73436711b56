from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from outbox.interface import EventRecord, LedgerEvent, record_events
from outbox.models import LedgerHead
from tests.outbox.steps_on_call import ON_CALL, OnCall
from tests.people import admin, editor, editorial_setup, moderator, onlooker, operator, stranger

__all__ = [
    "admin",
    "editor",
    "editorial_setup",
    "moderator",
    "onlooker",
    "operator",
    "stranger",
]

Recorder = Callable[..., list[int]]


@pytest.fixture
def on_call(settings: Any) -> Iterator[OnCall]:
    settings.OUTBOX_PIPELINE = "tests.outbox.steps_on_call.THREE_STEPS"
    ON_CALL.reset()
    yield ON_CALL
    ON_CALL.reset()


@pytest.fixture
def empty_ledger(editorial_setup: None) -> None:
    """As if setting up the editorial side had changed nothing that the world may see."""
    # The test's transaction keeps its turn at the ledger among what follows its commit.
    transaction.get_connection().run_on_commit.clear()
    LedgerEvent.objects.all().delete()
    LedgerHead.objects.update(sequence=0, moment=None)


@pytest.fixture
def record() -> Recorder:
    """Records one event per subject, each in a transaction of its own; gives the sequences."""

    def record_each(*subjects: str, kind: str = "content.published", **data: Any) -> list[int]:
        numbers = []
        for subject in subjects:
            with transaction.atomic():
                [event] = record_events([EventRecord(kind, subject, data)])
            numbers.append(event.sequence)
        return numbers

    return record_each
