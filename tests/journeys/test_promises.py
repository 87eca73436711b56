"""The oracle of `test_nothing_lost.py` on journals and ledgers by hand: what it finds, and what not."""

from typing import Any

import pytest

from tests.journeys.nothing_lost.promises import Event, edits_of, promise_faults, states_of

KIND = "content.updated"
LEDGER: dict[str, Event] = {
    key: (number, KIND) for number, key in enumerate(("old", "a", "b", "c", "d"), 1)
}


def line(edit: int, state: str, *events: str) -> dict[str, Any]:
    told = [{"id": key, "sequence": LEDGER.get(key, (9, ""))[0], "type": KIND} for key in events]
    listed: list[Any] = list(events) if state == "made" else told
    return {"editor": 1, "edit": edit, "state": state, "events": listed}


JOURNAL = [
    line(1, "intended"),
    line(1, "made", "a", "b"),
    line(1, "acknowledged", "a", "b"),
    line(2, "intended"),
    line(2, "undone"),
    line(3, "made", "c", "d"),
    line(3, "unknown"),
    line(4, "made", "e", "f"),
    line(5, "intended"),
]


def faults_with(ledger: dict[str, Event], journal: list[dict[str, Any]] = JOURNAL) -> list[str]:
    return list(promise_faults(ledger, ["old"], edits_of(journal)))


def without(*keys: str) -> dict[str, Event]:
    return {key: event for key, event in LEDGER.items() if key not in keys}


def test_what_was_promised_and_no_more_is_well() -> None:
    assert faults_with(LEDGER) == []
    assert faults_with(without("c", "d")) == []
    assert states_of(edits_of(JOURNAL)) == {"acknowledged": 1, "undone": 1, "unknown": 3}


@pytest.mark.parametrize(
    ("ledger", "journal", "found"),
    [
        (without("b"), JOURNAL, "acknowledged and lost: b"),
        (LEDGER | {"b": (3, "content.deleted")}, JOURNAL, "acknowledged and lost: b"),
        (LEDGER | {"b": (7, KIND)}, JOURNAL, "acknowledged and lost: b"),
        (without("c"), JOURNAL, "there in part: ['d']"),
        (LEDGER | {"x": (6, KIND)}, JOURNAL, "nobody made x"),
        (LEDGER, [*JOURNAL, line(3, "undone")], "undone and there: ['c', 'd']"),
        (LEDGER, [*JOURNAL, line(1, "made", "a")], "edit 1 made ('a',) and told of ['a', 'b']"),
    ],
)
def test_what_differs_is_found(
    ledger: dict[str, Event], journal: list[dict[str, Any]], found: str
) -> None:
    assert any(fault.startswith(found) for fault in faults_with(ledger, journal))
