"""Mirrors that follow the sync while others write, and what they lack in the end.

A mirror is a client as any: it has what it was told and a token. It dawdles, it crashes and goes
on from what it saved last, and now and then it begins again, also in its first reading. When
the writers are done and it has caught up, it must have what the API shows.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tests.api.conftest import Reader
from tests.api.mirror import START, Mirror, everything

Kinds = Callable[[Any], bool]
"""Whether a document is one that the mirror follows."""


@dataclass
class Follower:
    """A mirror in a thread of its own."""

    seed: int
    query: str = ""
    follows: Kinds = lambda _document: True
    errors: list[str] = field(default_factory=list)
    crashes: int = 0
    beginnings: int = 0
    pages: int = 0
    mirror: Mirror = field(init=False)

    def run(self, done: threading.Event) -> None:
        """Follows until `done`, and then until there is no more."""
        chance = random.Random(self.seed)
        try:
            saved = self._begin(chance)
            while not done.is_set():
                saved = self._live_on(chance, saved)
            self.mirror.catch_up()
            self.pages += self.mirror.pages
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is what the test is about
            self.errors.append(repr(error))
        finally:
            connection.close()

    def _begin(self, chance: random.Random) -> str:
        self.beginnings += 1
        self.pages += self.mirror.pages if self.beginnings > 1 else 0
        limit = chance.choice((1, 2, 3, 7, 100))
        self.mirror = Mirror(Reader(), start=START + self.query, limit=limit)
        self.mirror.step()
        return self.mirror.saved()

    def _live_on(self, chance: random.Random, saved: str) -> str:
        luck = chance.random()
        if luck < 0.01:
            return self._begin(chance)
        if luck < 0.06:
            self.crashes += 1
            self.mirror.restore(saved)
            return saved
        time.sleep(chance.uniform(0, 0.02 if self.mirror.has_more else 0.1))
        self.mirror.step()
        return self.mirror.saved() if chance.random() < 0.5 else saved

    def faults(self, truth: dict[str, Any]) -> list[str]:
        """How the mirror differs from what the API shows, in bytes."""
        mine = {key: json.dumps(item) for key, item in self.mirror.documents.items()}
        theirs = {key: json.dumps(item) for key, item in truth.items() if self.follows(item)}
        name = f"mirror {self.seed}{self.query}"
        found = [f"{name}: {error}" for error in self.errors]
        found += [f"{name} lacks {theirs[key][:200]}" for key in sorted(theirs.keys() - mine)]
        found += [f"{name} still has {mine[key][:200]}" for key in sorted(mine.keys() - theirs)]
        return found + [
            f"{name} has {mine[key]} for {theirs[key]}"
            for key in sorted(mine.keys() & theirs)
            if mine[key] != theirs[key]
        ]


def followers(seed: int, locale: str = "fr") -> list[Follower]:
    """One that follows everything, one a language, one a type that shows others."""
    return [
        Follower(seed),
        Follower(seed + 1, f"&locale={locale}", lambda item: item["locale"] in {locale, ""}),
        Follower(seed + 2, "&type=blog-posts", lambda item: item["type"] == "blog-posts"),
    ]


def watch(writers: Sequence[Callable[[], None]], mirrors: Sequence[Follower]) -> None:
    """Lets all of them run, each in a thread, until the mirrors have caught up."""
    done = threading.Event()
    reading = [threading.Thread(target=item.run, args=(done,)) for item in mirrors]
    writing = [threading.Thread(target=_closing(item)) for item in writers]
    for thread in (*reading, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()


def faults_of(mirrors: Sequence[Follower]) -> list[str]:
    """How the mirrors differ from what lists show."""
    truth = everything(Reader())
    assert truth
    return [fault for mirror in mirrors for fault in mirror.faults(truth)]


def _closing(writer: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            writer()
        finally:
            connection.close()

    return run
