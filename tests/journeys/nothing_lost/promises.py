"""What editors were told, against what the ledger has: nothing less, and nothing more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

MADE_BY_STEPS: Final = frozenset({"search.indexed"})
"""What follows from other events; all else is an editor's doing."""
State = Literal["acknowledged", "undone", "unknown"]
Event = tuple[int, str]
"""Sequence and type."""


@dataclass
class Edit:
    """What is known of one edit. A killed editor's last is unknown: made or not, but not in part."""

    name: str
    state: State = "unknown"
    made: tuple[str, ...] = ()
    told: dict[str, Event] = field(default_factory=dict)


def edits_of(lines: Iterable[Mapping[str, Any]]) -> list[Edit]:
    """From the editors' journal."""
    edits: dict[tuple[int, int], Edit] = {}
    for line in lines:
        key = (line["editor"], line["edit"])
        edit = edits.setdefault(key, Edit(f"edit {line['edit']}"))
        match line["state"]:
            case "made":
                edit.made = tuple(line["events"])
            case "acknowledged":
                edit.told = {e["id"]: (e["sequence"], e["type"]) for e in line["events"]}
                edit.state = "acknowledged"
            case "undone":
                edit.state = "undone"
    return list(edits.values())


def promise_faults(
    present: Mapping[str, Event], before: Iterable[str], edits: Iterable[Edit]
) -> Iterator[str]:
    """What an editor was told is saved, and is not in the ledger; what nobody made, and is.

    `before`: what was in the ledger before the first edit.
    """
    editors = {key for key, (_, kind) in present.items() if kind not in MADE_BY_STEPS}
    unexplained = editors - set(before)
    for edit in edits:
        there = present.keys() & edit.made
        unexplained -= there
        for key, event in edit.told.items():
            if present.get(key) != event:
                yield f"acknowledged and lost: {key}, {event} of {edit.name}"
        if edit.state == "acknowledged" and set(edit.told) != set(edit.made):
            yield f"{edit.name} made {edit.made} and told of {sorted(edit.told)}"
        if edit.state == "undone" and there:
            yield f"undone and there: {sorted(there)} of {edit.name}"
        if edit.state == "unknown" and 0 < len(there) < len(edit.made):
            yield f"there in part: {sorted(there)} of {edit.name}, which made {edit.made}"
    yield from (f"nobody made {key}, {present[key]}" for key in sorted(unexplained))


def states_of(edits: Iterable[Edit]) -> Counter[str]:
    """How many edits ended how."""
    return Counter(edit.state for edit in edits)
