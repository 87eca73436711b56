"""The instants of the history: one for each transaction, in the order of the commits."""

from datetime import timedelta

import pytest
from django.db import transaction

from delivery.models import DocumentVersion
from outbox.models import LedgerHead
from outbox.recording import TurnLost
from tests.api.conftest import Reader
from tests.api.test_as_of import at, now
from tests.factories.documents import Library

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library(transactional_db: None) -> Library:
    return Library().open()


def test_instants_follow_the_commits_whatever_the_clock_does(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.post(1, title="0")
    library.save()
    stopped = now()
    for number, clock in enumerate((stopped, stopped, stopped - timedelta(hours=2)), start=1):
        monkeypatch.setattr("outbox.moments.utc_now", lambda clock=clock: clock)
        library.post(1, title=str(number))
        library.save()

    history = list(
        DocumentVersion.objects.order_by("version").values_list("valid_from", "valid_to")
    )
    starts = [start for start, _ in history]
    assert starts == sorted(set(starts))
    assert [end for _, end in history] == [*starts[1:], None]
    assert starts[1:] == [stopped + timedelta(microseconds=step) for step in range(3)]
    titles = [
        reader.json(f"/content/blog-posts/post-1?{at(start)}")["data"]["title"] for start in starts
    ]
    assert titles == ["0", "1", "2", "3"]


class Undone(Exception):
    """Ends a savepoint."""


def write_and_undo(library: Library) -> None:
    with transaction.atomic():
        library.post(1)
        library.save()
        raise Undone


def test_a_rollback_takes_its_instant_with_it(library: Library) -> None:
    with transaction.atomic():
        with pytest.raises(Undone):
            write_and_undo(library)
        early = now()
        library.post(2)
        library.save()

    assert DocumentVersion.objects.get().valid_from > early


def test_who_lost_the_lock_with_a_savepoint_takes_an_instant_anew(library: Library) -> None:
    with transaction.atomic():
        with pytest.raises(Undone):
            write_and_undo(library)
        # As if another had committed now, which PostgreSQL allows.
        other = now()
        LedgerHead.objects.update(moment=other)
        library.post(2)
        library.save()
        library.post(3)
        library.save()

    (moment,) = set(DocumentVersion.objects.values_list("valid_from", flat=True))
    assert moment > other


@transaction.atomic
def write_around_a_savepoint(library: Library) -> None:
    savepoint = transaction.savepoint()
    library.post(1)
    library.save()
    transaction.savepoint_rollback(savepoint)
    library.post(2)
    library.save()


def test_a_savepoint_made_by_hand_takes_the_transaction_with_it(library: Library) -> None:
    with pytest.raises(TurnLost):
        write_around_a_savepoint(library)

    assert not DocumentVersion.objects.exists()
