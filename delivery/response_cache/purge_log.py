"""Keeps an answer that was computed before a purge from being stored after it."""

from collections.abc import Iterable
from typing import Final

MOST_TAGS: Final = 50_000


class PurgeLog:
    """Which tags were purged since the oldest computation that still runs.

    Each computation takes a mark when it begins. Purges are numbered; a tag whose last purge is
    younger than the mark makes the answer old before it is there.
    """

    def __init__(self) -> None:
        self._number = 0
        self._purged: dict[str, int] = {}
        self._everything = 0
        self._running: dict[int, int] = {}

    def begin(self) -> int:
        """A computation begins; gives its mark, to be handed back to `end`."""
        self._running[self._number] = self._running.get(self._number, 0) + 1
        return self._number

    def end(self, mark: int) -> None:
        """A computation has ended, however."""
        left = self._running[mark] - 1
        if left:
            self._running[mark] = left
        else:
            del self._running[mark]
        if not self._running:
            self._purged.clear()

    def add(self, tags: Iterable[str]) -> None:
        """Tags are purged now."""
        self._number += 1
        if not self._running:
            return
        for tag in tags:
            self._purged[tag] = self._number
        if len(self._purged) > MOST_TAGS:
            self.add_everything()

    def add_everything(self) -> None:
        """Everything is purged now."""
        self._number += 1
        self._everything = self._number
        self._purged.clear()

    def is_old(self, mark: int, tags: Iterable[str]) -> bool:
        """Whether one of `tags` was purged since the mark."""
        return self._everything > mark or any(self._purged.get(tag, 0) > mark for tag in tags)
