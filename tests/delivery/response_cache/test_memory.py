"""The memory against a plain model, for any sequence of what may happen to it."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from delivery.response_cache.entry import Entry, Key
from delivery.response_cache.freshness import storable
from delivery.response_cache.memory import LARGEST_SHARE, PROTECTED_SHARE, Memory
from tests.delivery.response_cache.conftest import ask, page

LIMIT = 60_000
TAGS = st.sets(st.sampled_from(["d-1", "d-2", "t-1", "t-2", "s-1"]), min_size=1)
NUMBERS = st.integers(0, 30)


def entry(number: int, size: int, tags: set[str]) -> Entry:
    fetched = page(b"x" * size, " ".join(sorted(tags)))
    found = storable(fetched)
    assert found is not None
    return Entry.of(ask(f"/{number}").key, fetched, found, computed_at=0, jitter=0)


class MemoryMachine(RuleBasedStateMachine):
    """What is in the model and not in the memory was evicted; nothing else may be missing."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory(LIMIT)
        self.model: dict[Key, Entry] = {}

    @rule(number=NUMBERS, size=st.integers(0, 9000), tags=TAGS)
    def put(self, number: int, size: int, tags: set[str]) -> None:
        new = entry(number, size, tags)
        fits = new.size_bytes <= LIMIT * LARGEST_SHARE
        assert self.memory.put(new) is fits
        self.model.pop(new.key, None)
        if fits:
            self.model[new.key] = new
            assert self.memory.find(new.key) is new, "the newest is never the one that goes"

    @rule(number=NUMBERS)
    def use(self, number: int) -> None:
        found = self.memory.find(ask(f"/{number}").key)
        if found is not None:
            self.memory.touch(found)
            assert self.memory.find(found.key) is found

    @rule(number=NUMBERS, size=st.integers(0, 3000))
    def grow(self, number: int, size: int) -> None:
        found = self.memory.find(ask(f"/{number}").key)
        if found is not None:
            found.add_variant("gzip", b"z" * size)
            self.memory.weigh(found)

    @rule(tags=TAGS)
    def purge(self, tags: set[str]) -> None:
        self.memory.purge(tags)
        self.model = {key: item for key, item in self.model.items() if not tags & set(item.tags)}

    @rule(number=NUMBERS)
    def drop(self, number: int) -> None:
        key = ask(f"/{number}").key
        self.memory.drop(key)
        self.model.pop(key, None)

    @precondition(lambda self: len(self.model) > 5)
    @rule()
    def clear(self) -> None:
        self.memory.clear()
        self.model.clear()

    def kept(self) -> dict[Key, Entry]:
        found = {key: self.memory.find(key) for key in [ask(f"/{n}").key for n in range(31)]}
        return {key: item for key, item in found.items() if item is not None}

    @invariant()
    def holds_nothing_that_the_model_does_not(self) -> None:
        kept = self.kept()
        assert all(self.model.get(key) is item for key, item in kept.items())
        assert len(kept) == len(self.memory)

    @invariant()
    def bytes_are_those_of_the_entries_and_bounded(self) -> None:
        kept = self.kept().values()
        assert self.memory.used_bytes == sum(item.size_bytes for item in kept) <= LIMIT
        protected = [item for item in kept if item.is_protected]
        assert self.memory._protected_bytes == sum(item.size_bytes for item in protected)

    @invariant()
    def tags_lead_to_what_is_kept_and_to_nothing_else(self) -> None:
        expected: dict[str, set[Key]] = {}
        for key, item in self.kept().items():
            for tag in item.tags:
                expected.setdefault(tag, set()).add(key)
        assert self.memory._by_tag == expected

    @invariant()
    def each_entry_knows_whether_it_is_kept(self) -> None:
        for key, item in self.model.items():
            assert item.is_stored is (self.memory.find(key) is item)


TestMemory: Any = MemoryMachine.TestCase
TestMemory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_ever_new_addresses_push_out_only_what_was_asked_for_once() -> None:
    memory = Memory(LIMIT)
    loved = [entry(number, 1000, {"d-1"}) for number in range(5)]
    for item in loved:
        memory.put(item)
        memory.touch(item)
    for number in range(100, 1000):
        memory.put(entry(number, 1000, {"d-2"}))
    assert all(memory.find(item.key) is item for item in loved)
    assert memory.evicted > 800


def test_what_was_loved_once_can_go_too() -> None:
    memory = Memory(LIMIT)
    for number in range(100):
        item = entry(number, 1000, {"d-1"})
        memory.put(item)
        memory.touch(item)
    assert memory.find(ask("/0").key) is None
    assert memory.find(ask("/99").key) is not None
    assert memory._protected_bytes <= LIMIT * PROTECTED_SHARE
