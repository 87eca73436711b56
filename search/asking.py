"""Asking whichever engine answers, and what all questions have in common."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from delivery.interface import Answer, Site, choose_locales
from search.counting import Asked
from search.engines.protocol import Engine, EngineAway
from search.engines.registry import answering_engine, standby_engine
from search.standing import count_degraded

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and whether it comes from the engine that stands in for the one that is away."""

    answer: Answer
    is_degraded: bool = False
    asked: Asked | None = None
    """What was searched for, on first pages that no filter has narrowed."""


def ask_engine(name: str, question: Callable[[Engine], T]) -> tuple[T, bool]:
    """The engine's answer; that of the one that stands in, and True, while it is away."""
    engine, standby = answering_engine(), standby_engine()
    try:
        return question(engine), False
    except EngineAway as error:
        if engine is standby:
            raise
        logger.info("The search engine %s is away: %s", engine.name, error)
        count_degraded(name)
        return question(standby), True


def locale_of(site: Site, wanted: tuple[str, ...] | None) -> str:
    """The language to search in: the first of those wanted that the website has.

    Raises:
        Invalid: it has none of them.
    """
    return site.default_locale if wanted is None else choose_locales(wanted, site.locales)[0]
