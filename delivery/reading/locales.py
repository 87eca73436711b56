"""The parameter `locale`: the languages that a reader takes, best first."""

import re
from collections.abc import Iterable
from typing import Final

from delivery.document_types import DocumentType
from delivery.reading.faults import refuse

MAX_LOCALES: Final = 5
_LOCALE: Final = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}")


def read_locales(text: str | None) -> tuple[str, ...] | None:
    """Reads `fr-CA,fr,en`.

    Raises:
        Invalid: not a list of language tags, or too many.
    """
    if text is None:
        return None
    tags = tuple(dict.fromkeys(text.split(",")))
    if len(tags) > MAX_LOCALES:
        raise refuse("locale", "too_many", f"Name at most {MAX_LOCALES} languages.")
    if not all(_LOCALE.fullmatch(tag) for tag in tags):
        raise refuse("locale", "malformed", "Write language tags such as fr-CA,fr,en.")
    return tags


EVERY_LANGUAGE: Final = ""
"""The locale of documents that belong to all languages, such as images."""


def languages_for(
    types: Iterable[DocumentType],
    wanted: tuple[str, ...] | None,
    *,
    default: str,
    known: Iterable[str],
) -> tuple[str, ...]:
    """The languages to look in, best first: those wanted that the website has, else its default.

    Raises:
        Invalid: it has none of those wanted.
    """
    chosen = (default,) if wanted is None else choose_locales(wanted, known)
    localised = {item.is_localised for item in types}
    if localised == {True}:
        return chosen
    return (EVERY_LANGUAGE,) if localised == {False} else (*chosen, EVERY_LANGUAGE)


def choose_locales(wanted: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    """Those of `wanted` that the website has, in the website's spelling.

    Raises:
        Invalid: it has none of them.
    """
    spelling = {tag.lower(): tag for tag in known}
    chosen = dict.fromkeys(spelling[tag.lower()] for tag in wanted if tag.lower() in spelling)
    if not chosen:
        raise refuse("locale", "unknown_locale", "The website has none of these languages.")
    return tuple(chosen)
