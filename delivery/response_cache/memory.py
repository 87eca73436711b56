"""Stored answers in the memory of the process: bounded by bytes, found by key and by tag."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from delivery.response_cache.entry import Entry, Key

PROTECTED_SHARE: Final = 0.8
LARGEST_SHARE: Final = 0.125
"""An answer larger than this part of the memory is not kept."""


class Memory:
    """Entries in two queues (segmented LRU): new ones on probation, those asked for again protected.

    Whoever asks for ever new addresses only pushes out what nobody has asked for twice.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._probation: OrderedDict[Key, Entry] = OrderedDict()
        self._protected: OrderedDict[Key, Entry] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._by_tag: dict[str, set[Key]] = {}
        self.used_bytes = 0
        self._protected_bytes = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._sizes)

    def find(self, key: Key) -> Entry | None:
        """The entry, whether fresh or stale. Does not count as use."""
        return self._protected.get(key) or self._probation.get(key)

    def touch(self, entry: Entry) -> None:
        """Counts a use: the entry is the last to go now."""
        if not entry.is_stored:
            return
        if entry.is_protected:
            self._protected.move_to_end(entry.key)
            return
        del self._probation[entry.key]
        self._protected[entry.key] = entry
        entry.is_protected = True
        self._protected_bytes += self._sizes[entry.key]
        while self._protected_bytes > self._limit * PROTECTED_SHARE:
            key, oldest = self._protected.popitem(last=False)
            oldest.is_protected = False
            self._probation[key] = oldest
            self._protected_bytes -= self._sizes[key]

    def put(self, entry: Entry) -> bool:
        """Keeps an entry in place of the one with its key; false when it is too large."""
        size = entry.size_bytes
        before = self.find(entry.key)
        was_protected = before is not None and before.is_protected
        self.drop(entry.key)
        if size > self._limit * LARGEST_SHARE:
            return False
        entry.is_stored, entry.is_protected = True, was_protected
        self._sizes[entry.key] = size
        self.used_bytes += size
        if was_protected:
            self._protected[entry.key] = entry
            self._protected_bytes += size
        else:
            self._probation[entry.key] = entry
        for tag in entry.tags:
            self._by_tag.setdefault(tag, set()).add(entry.key)
        self._make_room()
        return True

    def weigh(self, entry: Entry) -> None:
        """Takes note that a kept entry has grown."""
        if not entry.is_stored:
            return
        grown = entry.size_bytes - self._sizes[entry.key]
        self._sizes[entry.key] += grown
        self.used_bytes += grown
        self._protected_bytes += grown if entry.is_protected else 0
        self._make_room()

    def drop(self, key: Key) -> None:
        """Forgets an entry; an unknown key changes nothing."""
        entry = self._probation.pop(key, None) or self._protected.pop(key, None)
        if entry is None:
            return
        size = self._sizes.pop(key)
        self.used_bytes -= size
        self._protected_bytes -= size if entry.is_protected else 0
        entry.is_stored = entry.is_protected = False
        for tag in entry.tags:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]

    def purge(self, tags: Iterable[str]) -> int:
        """Forgets every entry with one of these tags; gives how many."""
        keys = {key for tag in tags for key in self._by_tag.get(tag, ())}
        for key in keys:
            self.drop(key)
        return len(keys)

    def clear(self) -> int:
        """Forgets everything; gives how many entries there were."""
        keys = list(self._sizes)
        for key in keys:
            self.drop(key)
        return len(keys)

    def _make_room(self) -> None:
        while self.used_bytes > self._limit:
            oldest = self._probation or self._protected
            self.drop(next(iter(oldest)))
            self.evicted += 1
