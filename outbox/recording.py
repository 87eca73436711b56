"""Writing to the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.interface import NotInTransaction
from outbox.hints import hint_at_commit
from outbox.models import LedgerEvent, LedgerHead
from outbox.moments import Turn
from outbox.wakeups import LEDGER_CHANNEL


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A change as its maker describes it; the ledger adds id, sequence and time."""

    type: str
    subject: str
    data: Mapping[str, Any]


class TurnLost(Exception):
    """The lock on the ledger went with a savepoint that was made and rolled back by hand.

    What is remembered of it goes only with the savepoints of `atomic`. The transaction cannot
    go on: what it wrote may be numbered and dated as if nobody had written meanwhile.
    """


def lock_ledger() -> None:
    """Waits for its turn; from here to the commit nobody else writes to the ledger.

    Whoever derives public state from other rows calls this first, before reading them: then
    what it reads includes all that earlier writers made of theirs, and later writers will see
    its own. Again in the same transaction, it costs and changes nothing.

    Raises:
        NotInTransaction: no transaction is open.
    """
    _turn()


def _turn() -> Turn:
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("A ledger row commits with the change that it records.")
    turn = Turn.present()
    if turn is None:
        head, _ = LedgerHead.objects.select_for_update().get_or_create(pk=1)
        turn = Turn.begin(head)
    return turn


def ledger_moment() -> datetime:
    """The instant from which all that this transaction writes holds: the same for all of it.

    Later than that of every transaction that committed before, whatever the clock does. What
    it stamps must be recorded with `record_events` too. Waits for its turn, as `lock_ledger`
    does.

    Raises:
        NotInTransaction: no transaction is open.
    """
    return _moment_of(_turn().dated())


def _moment_of(turn: Turn) -> datetime:
    assert turn.moment is not None  # noqa: S101 - `dated` has seen to it
    return turn.moment


def last_moment() -> datetime | None:
    """The instant of the last transaction that has committed; None before the first. One query.

    What held at any instant up to it is settled: whoever commits from now on has a later one.
    """
    return LedgerHead.objects.values_list("moment", flat=True).first()


def record_events(records: Sequence[EventRecord]) -> list[LedgerEvent]:
    """Adds `records` to the ledger, in their order, with the next sequence numbers.

    Call it as late as can be: from here to the commit no other writer of the ledger gets on
    (`outbox.models.LedgerHead` says what that costs). Two statements, however many records;
    at the first call of a transaction one more that takes the turn, unless it has been taken,
    and on PostgreSQL one that wakes the relays at the commit. Nothing happens for an empty
    list.

    Raises:
        NotInTransaction: no transaction is open.
        TurnLost: the transaction used savepoints by hand.
    """
    if not records and transaction.get_connection().in_atomic_block:
        return []
    turn = _turn().dated()
    moment = _moment_of(turn)
    events = [
        LedgerEvent(
            sequence=turn.sequence + offset,
            type=record.type,
            subject=record.subject,
            occurred_at=moment,
            data=dict(record.data),
        )
        for offset, record in enumerate(records, start=1)
    ]
    sequence = turn.sequence + len(events)
    head = LedgerHead.objects.filter(pk=1, sequence=turn.sequence)
    if not head.update(sequence=sequence, moment=moment):
        raise TurnLost("The ledger's head was rolled back to a savepoint that Django knows not of.")
    LedgerEvent.objects.bulk_create(events, batch_size=500)
    hint_at_commit(events)
    if connection.vendor == "postgresql" and not turn.has_notified:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {LEDGER_CHANNEL}")
    turn.after(sequence)
    return events
