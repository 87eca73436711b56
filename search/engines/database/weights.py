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
