"""The numbers that decide which hit comes first, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scoring:
    """What counts how much. `bench/search_quality.py` measures each of them."""

    fields: Mapping[str, float] = field(
        default_factory=lambda: {
            "title": 5.0,
            "headings": 2.0,
            "summary": 2.0,
            "body": 1.0,
            "labels": 3.0,
        }
    )
    """Of BM25F: a word in the title counts as so many in the text. None is below 1."""

    enough_words: str = "1"
    """How many of the words a hit must have, as the engine's `minimum_should_match`."""

    pair_boosts: Mapping[str, float] = field(default_factory=lambda: {"body": 0.3})
    """For two neighbours in the query that stand near each other in a field. Boosts of 1.0 and 0.5
    took 0.06 of nDCG@10 from long queries: a rare pair outweighed all other words."""
    pair_slop: int = 5
    """How many other words may stand between, such as the small ones that fell out of the query."""
    most_pairs: int = 12

    whole_title_boost: float = 2.0
    """For a title that has every word as it was typed, small words included."""

    beginning_boost: float = 0.5
    """For a word of the title that begins as the last one typed."""
    beginning_elsewhere: float = 0.1
    """The same anywhere; a constant, so that it orders nothing."""
    shortest_beginning: int = 2

    synonym_boost: float = 0.7
    """For words that editors say mean the same."""

    freshness: float = 0.1
    """The most that a document gains by being of today: 0.1 is a tenth of its score."""
    freshness_scale: str = "365d"
    popularity: float = 0.05
    """What popularity adds for each power of ten, as a part of the score."""
    most_gained: float = 1.25
    """Both together never multiply a score by more."""


SCORING = Scoring()
