"""Finding the word that was meant: words are stored under all forms with one letter less.

A slip (a letter wrong, missing, too many, or two swapped) leaves two words with such a form in
common, so a misspelt word finds its neighbours by equality, on any database and in one select,
whatever the size of the vocabulary.
"""

import hashlib
from typing import Final

SHORTEST: Final = 4
"""Shorter words have too many neighbours to guess which one was meant."""
LONGEST: Final = 24


def forms_of(site_id: int, locale: str, word: str) -> list[int]:
    """The forms of a word as numbers: the word itself, and it with each letter left out."""
    if not is_corrected(word):
        return []
    shorter = {word[:place] + word[place + 1 :] for place in range(len(word))}
    return [_number(site_id, locale, form) for form in sorted(shorter | {word})]


def is_corrected(word: str) -> bool:
    """Whether a word may be taken for a slip: long enough, and of letters alone."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def distance(left: str, right: str) -> int:
    """How many slips lie between two words (optimal string alignment)."""
    above: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        above, previous, row = row, above, [i]
        for j, other in enumerate(right, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _number(site_id: int, locale: str, form: str) -> int:
    """64 bits with a sign, as both databases have them."""
    key = f"{site_id}/{locale}/{form}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
