"""Whether anything was lost: what was promised against what is there, in every place."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from outbox.announcements import Announcement, announce
from outbox.models import LedgerEvent
from tests.journeys.nothing_lost.mirrors import HttpReader, Inbox, facts_of
from tests.journeys.nothing_lost.rig import Rig

_TAKEN_SECONDS: Final = 60
OPEN_RUNS: Final = (
    "SELECT count(*) FROM outbox_steprun WHERE status IN ('waiting', 'queued', 'running')"
)
UNREAD: Final = """
    SELECT coalesce(sum(head.sequence - reader.position), 0)
    FROM outbox_ledgerreader reader, outbox_ledgerhead head
"""


UNSENT: Final = "SELECT count(*) FROM webhooks_delivery WHERE status IN ('pending', 'sending')"


def left_to_do(rig: Rig) -> int:
    """Events that steps have not read, runs not done or given up, webhooks not sent."""
    return sum(int(rig.ask(query)[0][0]) for query in (UNREAD, OPEN_RUNS, UNSENT))


def standstill(rig: Rig) -> str:
    """What is left, for whoever asks why nothing goes on."""
    runs = rig.ask(
        "SELECT step, status, count(*), min(event_id), min(tries), max(tries), min(lease_until),"
        " min(next_try_at), now() FROM outbox_steprun WHERE status <> 'done' GROUP BY 1, 2"
    )
    unsent = rig.ask("SELECT status, count(*), max(tries) FROM webhooks_delivery GROUP BY 1")
    endpoint = rig.ask("SELECT now()::text, row_to_json(e)::text FROM webhooks_endpointstate e")
    for part in rig.of("relay"):
        part.say_where()
    return (
        f"{endpoint}, deliveries {unsent}, runs {[[str(value) for value in row] for row in runs]}"
    )


def events_of(rig: Rig) -> dict[str, tuple[int, str]]:
    """Sequence and type by id, as the ledger has them."""
    rows = rig.ask("SELECT id::text, sequence, type FROM outbox_ledgerevent ORDER BY sequence")
    return {key: (sequence, kind) for key, sequence, kind in rows}


def ledger_faults(rig: Rig) -> Iterator[str]:
    """Gaps, duplicates, steps that are not done or not done once."""
    verified = rig.manage("ledger", "verify")
    if verified.returncode:
        yield f"ledger verify: {verified.stderr.strip()[-1000:]}"
    sequences = [sequence for sequence, _ in events_of(rig).values()]
    if sequences != list(range(1, len(sequences) + 1)):
        yield f"the ledger's numbers have a gap: {sequences}"
    twice = rig.ask(
        "SELECT event_id, step, count(*) FROM outbox_steprun GROUP BY 1, 2 HAVING count(*) > 1"
    )
    yield from (f"two runs of {step} for event {event}" for event, step, _ in twice)


@dataclass(frozen=True)
class Expected:
    """What receivers of announcements must have heard, and what they must have in the end."""

    announcements: list[Announcement]
    documents: dict[str, Any]


def expected(rig: Rig, documents: dict[str, Any]) -> Expected:
    rows = rig.ask("SELECT id, sequence, type, subject, occurred_at, data FROM outbox_ledgerevent")
    names = ("id", "sequence", "type", "subject", "occurred_at", "data")
    events = [LedgerEvent(**dict(zip(names, row, strict=True))) for row in rows]
    told = [announcement for event in events if (announcement := announce(event)) is not None]
    return Expected(told, {key: facts_of(document) for key, document in documents.items()})


def inbox_faults(name: str, inbox: Inbox, expected: Expected) -> Iterator[str]:
    """Each announcement under its own id, at least once, in order, with one effect."""
    yield from (f"{name}: {fault}" for fault in inbox.faults)
    ids = {str(told.id): told.sequence for told in expected.announcements}
    for key in sorted(ids.keys() - inbox.heard.keys()):
        yield f"{name} never heard {key}, {ids[key]}"
    yield from (f"{name} heard {key} of nobody" for key in inbox.heard.keys() - ids.keys())
    for key in ids.keys() & inbox.heard.keys():
        if inbox.orders[key] != ids[key]:
            yield f"{name} heard {key} as {inbox.orders[key]}, not {ids[key]}"
    yield from (f"{name}: {key} had {n} effects" for key, n in inbox.effects.items() if n > 1)
    yield from differences(name, inbox.documents, expected.documents)


def dead_letters(rig: Rig) -> Iterator[str]:
    """What lies in a queue and is not taken. Messages of what has long been done go unheeded."""
    end = time.monotonic() + _TAKEN_SECONDS
    while any(rig.broker.queue_depths().values()) and time.monotonic() < end:
        time.sleep(0.5)
    for name, depth in rig.broker.queue_depths().items():
        if depth:
            yield f"{depth} messages lie in {name}"


def differences(name: str, mine: dict[str, Any], truth: dict[str, Any]) -> Iterator[str]:
    """How a mirror differs from what the API shows."""
    for key in sorted(truth.keys() - mine.keys()):
        yield f"{name} lacks {_short(truth[key])}"
    for key in sorted(mine.keys() - truth.keys()):
        yield f"{name} still has {_short(mine[key])}"
    for key in sorted(mine.keys() & truth.keys()):
        if mine[key] != truth[key]:
            yield f"{name} has {_short(mine[key])} for {_short(truth[key])}"


def _short(document: Any) -> str:
    return json.dumps(document, sort_keys=True)[:300]


def shown(rig: Rig) -> dict[str, Any]:
    """Each public document by id, as its own address shows it.

    Lists would not do: a page whose language the website has lost is on none, and still public.
    """
    reader, found = HttpReader(rig.api), {}
    for key, kind, locale in rig.ask("SELECT id::text, type, locale FROM delivery_document"):
        path = f"/content/site?locale={locale}" if kind == "site" else f"/content/{kind}/{key}"
        found[key] = reader.json(path)["data"]
    return found
