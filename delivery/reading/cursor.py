"""Cursors: where a page of a list begins, as an opaque word that only we can make.

A cursor holds the sort keys of the document at a page's edge and a code that binds it to the
list (site, types, filters, order, languages): it cannot be made up, changed, or carried over to
another list.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import orjson
from django.conf import settings

from delivery.reading.faults import refuse

_CODE_SIZE: Final = 12
_MAX_LENGTH: Final = 2048


def write_cursor(scope: bytes, keys: Sequence[Any]) -> str:
    """The cursor of the document with these sort keys, in the list that `scope` describes."""
    return seal(scope, orjson.dumps([_plain(key) for key in keys]))


def read_cursor(scope: bytes, pointer: str, text: str) -> list[Any]:
    """The sort keys inside a cursor.

    Raises:
        Invalid: it is not one that we made for this list; `pointer` says which parameter.
    """
    payload = unseal(scope, text)
    if payload is None:
        raise refuse(pointer, "unknown_cursor", "This cursor does not belong to this list.")
    keys: list[Any] = orjson.loads(payload)
    return keys


def seal(scope: bytes, payload: bytes) -> str:
    """`payload` as an opaque word that only we can make, for the use that `scope` describes."""
    return base64.urlsafe_b64encode(payload + _code(scope, payload)).rstrip(b"=").decode()


def unseal(scope: bytes, text: str) -> bytes | None:
    """What `seal` was given; None where the word was not made here, or for another use."""
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
            raise ValueError
    except (ValueError, binascii.Error):
        return None
    payload, code = raw[:-_CODE_SIZE], raw[-_CODE_SIZE:]
    return payload if hmac.compare_digest(_code(scope, payload), code) else None


def _code(scope: bytes, payload: bytes) -> bytes:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"galley-cursor").digest()
    digest = hashlib.blake2b(key=key, digest_size=_CODE_SIZE)
    digest.update(len(scope).to_bytes(4, "big"))
    digest.update(scope)
    digest.update(payload)
    return digest.digest()


def _plain(key: Any) -> Any:
    return str(key) if isinstance(key, Decimal | float) else key
