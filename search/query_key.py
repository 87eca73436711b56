"""What people typed as one key, so that those who mean the same are counted and answered alike."""

import re
import unicodedata
from typing import Final

from search.query import Terms

LONGEST_KEY: Final = 128
_EDGES: Final = ".,;:!?\u2026"
_ADDRESS: Final = re.compile(r"\S@\S")
_DIGIT: Final = re.compile(r"\d")
_MOST_DIGITS: Final = 6
"""A date has eight digits and a telephone number more; a year, a version or a price has fewer."""


def query_key(terms: Terms) -> str:
    """The query in small letters, without marks at the ends of its words. Empty for no query.

    Also empty where it is longer than any that people type on purpose: such is neither counted
    nor given results of its own.
    """
    text = unicodedata.normalize("NFC", terms.text.casefold())
    words = (word.strip(_EDGES) for word in text.split())
    key = " ".join(word for word in words if word)
    return key if terms and len(key) <= LONGEST_KEY else ""


def is_personal(key: str) -> bool:
    """Whether it may name somebody: an address of mail, or as many digits as numbers of people have."""
    return bool(_ADDRESS.search(key)) or len(_DIGIT.findall(key)) > _MOST_DIGITS
