"""Pieces of SQL with their parameters."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a statement and the values for its placeholders."""

    sql: str
    params: tuple[Any, ...] = ()


def marks(count: int) -> str:
    """`count` placeholders."""
    return ", ".join(["%s"] * count)


def rank(column: str, values: tuple[str, ...]) -> str:
    """The place of a column's value among `values`, each given once as a parameter."""
    cases = " ".join(f"WHEN %s THEN {number}" for number in range(len(values)))
    return f"CASE {column} {cases} END"
