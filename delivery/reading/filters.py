"""The parameters `filter[field][operator]=value`."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from delivery.document_types import COMMON_FIELDS, DocumentField, DocumentType, Kind
from delivery.reading.faults import refuse

_WORDS: Final = ("eq", "ne", "in", "nin")
_SIZES: Final = ("eq", "ne", "gt", "gte", "lt", "lte")
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TEXT: _WORDS,
    Kind.REFERENCE: _WORDS,
    Kind.REFERENCES: _WORDS,
    Kind.BOOLEAN: ("eq", "ne"),
    Kind.INTEGER: (*_SIZES, "in", "nin"),
    Kind.DECIMAL: (*_SIZES, "in", "nin"),
    Kind.DATE: _SIZES,
    Kind.TIME: _SIZES,
}
"""Which operators a field of each kind knows."""

MAX_FILTERS: Final = 10
MAX_VALUES: Final = 50
_KEY: Final = re.compile(r"filter\[([a-z][a-z0-9_]{0,47})\](?:\[([a-z]{1,8})\])?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,6})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_COMMON: Final = {item.name: item for item in COMMON_FIELDS}

FilterValue = str | Decimal | bool | datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. `targets` are the types whose slugs the values of a reference may be."""

    name: str
    kind: Kind
    operator: str
    values: tuple[FilterValue, ...]
    targets: tuple[str, ...] = ()

    @property
    def is_column(self) -> bool:
        """Whether the value is a column of the document."""
        return self.name in _COMMON

    @property
    def is_reference(self) -> bool:
        """Whether the value is another document."""
        return self.kind in {Kind.REFERENCE, Kind.REFERENCES}


def declared(types: Sequence[DocumentType], name: str) -> list[DocumentField]:
    """The declarations of a field among some types."""
    if name in _COMMON:
        return [_COMMON[name]]
    return [item.by_name[name] for item in types if name in item.by_name]


def read_filters(
    types: Sequence[DocumentType], pairs: Sequence[tuple[str, str]]
) -> tuple[Filter, ...]:
    """Reads the parameters that begin with `filter`.

    Raises:
        Invalid: a field that may not be filtered by, an operator that it does not know, or a
            value that is none of its kind. A field that is not declared and one that may not
            be filtered by are told apart by nothing.
    """
    if len(pairs) > MAX_FILTERS:
        raise refuse("filter", "too_many", f"At most {MAX_FILTERS} filters may be combined.")
    return tuple(_read_filter(types, key, text) for key, text in pairs)


def _read_filter(types: Sequence[DocumentType], key: str, text: str) -> Filter:
    match = _KEY.fullmatch(key)
    if match is None:
        raise refuse(
            key, "malformed", "Write filter[field]=value or filter[field][operator]=value."
        )
    name, operator = match[1], match[2] or "eq"
    fields = [item for item in declared(types, name) if item.is_filterable]
    if not fields:
        raise refuse(key, "unknown_filter", f"Documents here cannot be filtered by {name}.")
    kinds = {item.kind for item in fields}
    if len(kinds) > 1:
        raise refuse(key, "ambiguous_filter", f"{name} differs between these types; name one type.")
    kind = kinds.pop()
    if operator not in OPERATORS[kind]:
        allowed = ", ".join(OPERATORS[kind])
        raise refuse(key, "unknown_operator", f"{name} knows the operators {allowed}.")
    texts = text.split(",") if operator in {"in", "nin"} else [text]
    if len(texts) > MAX_VALUES:
        raise refuse(key, "too_many", f"At most {MAX_VALUES} values may be listed.")
    return Filter(
        name=name,
        kind=kind,
        operator=operator,
        values=tuple(dict.fromkeys(_read_value(key, kind, name, item) for item in texts)),
        targets=tuple(dict.fromkeys(target for item in fields for target in item.targets)),
    )


def _read_value(key: str, kind: Kind, name: str, text: str) -> FilterValue:
    if name == "id" and not UUID_TEXT.fullmatch(text):
        raise refuse(key, "malformed", "An id is a UUID in small letters, with hyphens.")
    if kind in {Kind.INTEGER, Kind.DECIMAL}:
        return _read_number(key, kind, text)
    if kind == Kind.BOOLEAN:
        if text not in {"true", "false"}:
            raise refuse(key, "malformed", "Write true or false.")
        return text == "true"
    if kind == Kind.DATE:
        return _read_date(key, text)
    if kind == Kind.TIME:
        return _read_time(key, text)
    if not text or len(text) > 255:  # noqa: PLR2004 — the length of the columns
        raise refuse(key, "malformed", "A value has 1 to 255 characters.")
    return text


def _read_number(key: str, kind: Kind, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text) or (kind == Kind.INTEGER and "." in text):
        raise refuse(key, "malformed", "Write a number such as 10 or 12.50.")
    return Decimal(text)


def _read_date(key: str, text: str) -> datetime:
    """The first instant of the day, as dates are stored to be compared."""
    if _DATE.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    raise refuse(key, "malformed", "Write a date such as 2026-11-01.")


def _read_time(key: str, text: str) -> datetime:
    if _DATE.fullmatch(text):
        return _read_date(key, text)
    if _TIME.fullmatch(text):
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(text).astimezone(UTC)
    raise refuse(key, "malformed", "Write a time such as 2026-11-01T09:30:00Z, or a date.")
