"""Secrets at rest: what the product has to be able to read again, but a copy of the database must not tell.

The keys come from the phrases in `FIELD_ENCRYPTION_KEYS`, one for each purpose, so that what was
encrypted for one is nothing for another. The first phrase encrypts, all read. Without any, `SECRET_KEY`
encrypts; it goes on reading once there are some, and so do those in `SECRET_KEY_FALLBACKS`.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Undecipherable(Exception):
    """The text was encrypted with another key or for another purpose, or is damaged."""


def encrypt(plain: bytes, *, purpose: str) -> str:
    """`plain` as ASCII text that only `decrypt` with the same purpose reads; each time another text."""
    return _fernet(purpose, _secrets()).encrypt(plain).decode()


def decrypt(text: str, *, purpose: str) -> bytes:
    """What `encrypt` was given.

    Raises:
        Undecipherable: the text is not one of ours for this purpose.
    """
    try:
        return _fernet(purpose, _secrets()).decrypt(text.encode())
    except (InvalidToken, ValueError):
        raise Undecipherable from None


def _secrets() -> tuple[str, ...]:
    return (
        *settings.FIELD_ENCRYPTION_KEYS,
        settings.SECRET_KEY,
        *map(str, settings.SECRET_KEY_FALLBACKS),
    )


@lru_cache(maxsize=64)
def _fernet(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_one(purpose, secret) for secret in secrets])


def _one(purpose: str, secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=f"galley.{purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
