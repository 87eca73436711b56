"""Tokens of the sync: how far a mirror has got, and what it follows.

A mirror stands either in the first reading of everything or at a number of the ledger. Its token
holds both where it stands and which documents it follows, sealed, so that it cannot be made up
or carried over to another website.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from core.interface import StartAgain
from delivery.reading.cursor import seal, unseal
from delivery.reading.faults import refuse

_FORM: Final = 1
"""Grows when mirrors must start again, such as after a change in how documents are composed."""


@dataclass(frozen=True, slots=True)
class Following:
    """The documents that a mirror follows: of these types and languages, None for all."""

    types: tuple[str, ...] | None = None
    locales: tuple[str, ...] | None = None

    def has(self, document_type: str, locale: str) -> bool:
        """Whether documents of this type and language belong to the mirror."""
        return (self.types is None or document_type in self.types) and (
            self.locales is None or locale in self.locales
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the ledger: everything up to this event. The id tells one ledger from another."""

    sequence: int = 0
    event: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """In the middle of the first reading: the sort keys of the last document that was sent."""

    keys: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Replaying:
    """In the middle of the events up to `until`: the last event and document that were sent."""

    until: Mark
    sequence: int
    document: str


Stage = Reading | Replaying | None
"""None: everything up to the token's mark has been sent."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a mirror stands."""

    following: Following
    mark: Mark
    stage: Stage = None


def write_token(site_id: int, token: Token) -> str:
    """The token as an opaque word."""
    following, mark, stage = token.following, token.mark, token.stage
    written: list[Any] | None = None
    if isinstance(stage, Reading):
        written = [*stage.keys]
    elif isinstance(stage, Replaying):
        written = [stage.until.sequence, stage.until.event, stage.sequence, stage.document]
    body = [_FORM, following.types, following.locales, mark.sequence, mark.event, written]
    return seal(_scope(site_id), orjson.dumps(body))


def read_token(site_id: int, text: str) -> Token:
    """What a token says.

    Raises:
        Invalid: it was not made here for this website.
        StartAgain: an earlier release made it, whose documents had another form.
    """
    payload = unseal(_scope(site_id), text)
    if payload is None:
        detail = "This token was not made here for this website."
        raise refuse("sync_token", "unknown_token", detail)
    form, *body = orjson.loads(payload)
    if form != _FORM:
        raise StartAgain("This token is of an earlier release. Begin anew with initial=true.")
    types, locales, sequence, event, written = body
    return Token(
        following=Following(_texts(types), _texts(locales)),
        mark=Mark(sequence, event),
        stage=_stage(written),
    )


def _stage(written: list[Any] | None) -> Stage:
    match written:
        case [str(sorted_at), str(document)]:
            return Reading((sorted_at, document))
        case [int(until), str(event), int(sequence), str(document)]:
            return Replaying(Mark(until, event), sequence, document)
    return None


def _texts(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _scope(site_id: int) -> bytes:
    return orjson.dumps(["sync", site_id])
