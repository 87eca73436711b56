"""Made-up texts whose words are as unevenly common as those of real ones, and searches for them.

`bench.content` writes with 75 words, which every text has: nothing could be found by them.
Here are 30,000 words by Zipf's law. A text has a title, a summary, 150 words of body under two
headings, three of 40 tags and one of 100 authors; the same for the same seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

SEED: Final = 20_261_123
WORDS: Final = 30_000
TAGS: Final = 40
AUTHORS: Final = 100
_BODY_WORDS: Final = 150
_LATEST: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SOUNDS: Final = ("b c d f g h l m n p r s t v br cl dr fl gr pl pr st tr", "a e i o u ai ea ou")
_ONSETS, _VOWELS = (sounds.split() for sounds in _SOUNDS)
_ENDS: Final = ("", "l", "m", "n", "r", "s", "t", "nd", "rk")
_COMMON: Final = 200
"""Ranks above this are in too many texts to be searched for; those below, in a few."""
_RARE: Final = 8_000


@dataclass(frozen=True, slots=True)
class MadeText:
    """A text; `tags` and `author` are numbers."""

    number: int
    title: str
    summary: str
    headings: tuple[str, str]
    paragraphs: tuple[str, str]
    tags: tuple[int, ...]
    author: int
    published_at: datetime


def vocabulary() -> list[str]:
    """All words, the most common first."""
    chance = random.Random(SEED)
    found: dict[str, None] = {}
    while len(found) < WORDS:
        syllables = 1 if len(found) < 150 else chance.choice((2, 2, 3))
        parts = [chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(syllables)]
        found.setdefault("".join(parts) + chance.choice(_ENDS))
    return list(found)


class _Prose:
    """Draws words by Zipf's law."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._words = vocabulary()
        self._weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))

    def words(self, count: int) -> str:
        return " ".join(self.chance.choices(self._words, cum_weights=self._weights, k=count))

    def title(self) -> str:
        """Mostly words that say something."""
        rare = [self._words[self.chance.randrange(_COMMON, _RARE)] for _ in range(3)]
        return f"{' '.join(rare)} {self.words(2)}".capitalize()


def write_texts(count: int) -> Iterator[MadeText]:
    """The texts, newest first."""
    prose = _Prose(SEED + 1)
    for number in range(count):
        half = _BODY_WORDS // 2
        yield MadeText(
            number=number,
            title=prose.title(),
            summary=f"{prose.words(18).capitalize()}.",
            headings=(prose.title(), prose.title()),
            paragraphs=(prose.words(half), prose.words(half)),
            tags=tuple(prose.chance.sample(range(TAGS), 3)),
            author=prose.chance.randrange(AUTHORS),
            published_at=_LATEST - timedelta(minutes=10 * number),
        )


def searches(count: int) -> list[str]:
    """What visitors type: two or three words, now and then a common one among them."""
    chance = random.Random(SEED + 2)
    words = vocabulary()
    found = []
    for _ in range(count):
        typed = [words[chance.randrange(_COMMON, _RARE)] for _ in range(chance.choice((1, 2, 2)))]
        typed.insert(chance.randrange(len(typed) + 1), words[chance.randrange(20, _COMMON)])
        found.append(" ".join(typed))
    return found


def beginnings(count: int) -> list[str]:
    """What somebody has typed who has not finished: the first letters of a word in titles."""
    chance = random.Random(SEED + 3)
    words = vocabulary()
    chosen = (words[chance.randrange(_COMMON, _RARE)] for _ in range(count))
    return [word[: chance.randint(2, max(2, len(word) - 1))] for word in chosen]
