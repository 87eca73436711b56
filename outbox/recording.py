"""Writing to the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.interface import NotInTransaction
from outbox.hints import hint_at_commit
from outbox.models import LedgerEvent, LedgerHead
from outbox.moments import moment_of
from outbox.wakeups import LEDGER_CHANNEL


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A change as its maker describes it; the ledger adds id, sequence and time."""

    type: str
    subject: str
    data: Mapping[str, Any]


def lock_ledger() -> LedgerHead:
    """Waits for its turn; from here to the commit nobody else writes to the ledger.

    Whoever derives public state from other rows calls this first, before reading them: then
    what it reads includes all that earlier writers made of theirs, and later writers will see
    its own. Again in the same transaction, it costs a statement and changes nothing.

    Raises:
        NotInTransaction: no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("A ledger row commits with the change that it records.")
    head, _ = LedgerHead.objects.select_for_update().get_or_create(pk=1)
    return head


def ledger_moment() -> datetime:
    """The instant from which all that this transaction writes holds: the same for all of it.

    Later than that of every transaction that committed before, whatever the clock does. What
    it stamps must be recorded with `record_events` too. Waits for its turn, as `lock_ledger`
    does.

    Raises:
        NotInTransaction: no transaction is open.
    """
    return moment_of(lock_ledger())


def last_moment() -> datetime | None:
    """The instant of the last transaction that has committed; None before the first. One query.

    What held at any instant up to it is settled: whoever commits from now on has a later one.
    """
    return LedgerHead.objects.values_list("moment", flat=True).first()


def record_events(records: Sequence[EventRecord]) -> list[LedgerEvent]:
    """Adds `records` to the ledger, in their order, with the next sequence numbers.

    Call it as late as can be: from here to the commit no other writer of the ledger gets on
    (`outbox.models.LedgerHead` says what that costs). Three statements, however many
    records, and on PostgreSQL one that wakes the relays at the commit. Nothing happens for an
    empty list.

    Raises:
        NotInTransaction: no transaction is open.
    """
    if not records and transaction.get_connection().in_atomic_block:
        return []
    head = lock_ledger()
    moment = moment_of(head)
    events = [
        LedgerEvent(
            sequence=head.sequence + offset,
            type=record.type,
            subject=record.subject,
            occurred_at=moment,
            data=dict(record.data),
        )
        for offset, record in enumerate(records, start=1)
    ]
    head.sequence += len(events)
    head.moment = moment
    head.save(update_fields=["sequence", "moment"])
    LedgerEvent.objects.bulk_create(events, batch_size=500)
    hint_at_commit(events)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {LEDGER_CHANNEL}")
    return events
