"""The numbers by which the database engine ranks: BM25F over one length, as `combined_fields` has it.

A change of the weights of fields needs the index made anew; the others hold at once.
"""

from typing import Final

TITLE: Final = 5.0
HEADINGS: Final = 2.0
SUMMARY: Final = 2.0
LABELS: Final = 2.0
BODY: Final = 1.0

K1: Final = 2.0
"""How slowly a further occurrence of a word counts less."""
B: Final = 0.75
"""How much the length of a text counts, from 0 to 1."""

BEGINNING: Final = 0.6
"""A word of which the beginning was typed, beside that word itself."""
COMPOUND: Final = 0.5
"""A compound of which a part was typed, beside that part itself."""

SYNONYM: Final = 0.7
"""A word that editors say means the same, beside the one that was typed."""

NEIGHBOURS: Final = 0.4
"""Two words of the query beside each other: this much of the weight of the lesser one."""
MOST_PAIRS: Final = 4
RERANKED: Final = 100
"""Matches in which pairs are looked for: the best by words alone."""

FRESHNESS: Final = 0.08
"""What a document of today has more than an old one; half of it after a year."""
POPULARITY: Final = 0.1
"""What the most popular document has more than one that nobody reads."""
