"""Queries as they are typed in a hurry: one edit in a third of the longer words."""

import random
import re
import string
from typing import Final

SEED: Final = 20_261_123
_LONGER: Final = 6
_SHARE: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")


def misspell(query: str, number: int) -> str:
    """The query with a typing error in every third of its words of six letters or more.

    At least one of them is hit, and the same query is always misspelt in the same way. The first
    letter stays, as it does in most typing errors.
    """
    chance = random.Random(f"{SEED}:{number}")
    places = [found.span() for found in _WORD.finditer(query) if len(found[0]) >= _LONGER]
    if not places:
        return query
    chosen = chance.sample(places, -(-len(places) // _SHARE))
    for start, end in sorted(chosen, reverse=True):
        query = query[:start] + _edited(query[start:end], chance) + query[end:]
    return query


def _edited(word: str, chance: random.Random) -> str:
    """Always another word: an edit that changes nothing is drawn again."""
    while True:
        place = chance.randrange(1, len(word))
        letter = chance.choice(string.ascii_lowercase)
        match chance.randrange(4):
            case 0:
                made = word[:place] + word[place + 1 :]
            case 1:
                made = word[:place] + letter + word[place:]
            case 2:
                made = word[:place] + letter + word[place + 1 :]
            case _:
                made = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
                made = made if place > 1 else word
        if made != word:
            return made
