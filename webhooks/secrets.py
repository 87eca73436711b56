"""Signing keys, as Standard Webhooks 1.0.0 writes them.

`whsec_` and the base64 of 24 to 64 random bytes for HMAC (`v1`); `whsk_` and `whpk_` with an
ed25519 key for the asymmetric signature (`v1a`), whose receivers need not keep a secret.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from core.interface import encrypt

Scheme = Literal["v1", "v1a"]
SCHEMES: Final[tuple[Scheme, ...]] = ("v1", "v1a")

PURPOSE: Final = "webhooks"
"""What these secrets are encrypted for in the database."""

_HMAC_PREFIX: Final = "whsec_"
_PRIVATE_PREFIX: Final = "whsk_"
_PUBLIC_PREFIX: Final = "whpk_"
_HMAC_BYTES: Final = 32
_LEAST_HMAC_BYTES: Final = 24
_MOST_HMAC_BYTES: Final = 64
_ED25519_BYTES: Final = 32


class UnusableKey(ValueError):
    """The text is no signing key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs; `text` is the secret as its owner is shown it, once."""

    scheme: Scheme
    text: str
    raw: bytes

    @property
    def public_text(self) -> str:
        """What receivers verify with, if that is not the secret itself; else empty."""
        if self.scheme == "v1":
            return ""
        private = _private_key(self.raw)
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return _PUBLIC_PREFIX + base64.b64encode(raw).decode()

    def sealed(self) -> str:
        """The secret as the database holds it."""
        return encrypt(self.text.encode(), purpose=PURPOSE)

    def sign(self, signed: bytes) -> str:
        """The signature with its version, as it stands in the header."""
        if self.scheme == "v1":
            signature = hmac.digest(self.raw, signed, "sha256")
        else:
            signature = _private_key(self.raw).sign(signed)
        return f"{self.scheme},{base64.b64encode(signature).decode()}"


def make_key(scheme: Scheme) -> SigningKey:
    """A new random key."""
    if scheme == "v1":
        raw = secrets.token_bytes(_HMAC_BYTES)
        return SigningKey("v1", _HMAC_PREFIX + base64.b64encode(raw).decode(), raw)
    raw = Ed25519PrivateKey.generate().private_bytes(
        Encoding.Raw, PrivateFormat.Raw, NoEncryption()
    )
    return SigningKey("v1a", _PRIVATE_PREFIX + base64.b64encode(raw).decode(), raw)


def read_key(text: str) -> SigningKey:
    """The key that `text` writes.

    Raises:
        UnusableKey: another prefix, no base64, or too short or long.
    """
    if text.startswith(_HMAC_PREFIX):
        raw = _decode(text.removeprefix(_HMAC_PREFIX))
        if not _LEAST_HMAC_BYTES <= len(raw) <= _MOST_HMAC_BYTES:
            raise UnusableKey("A whsec_ secret has 24 to 64 bytes.")
        return SigningKey("v1", text, raw)
    if text.startswith(_PRIVATE_PREFIX):
        raw = _decode(text.removeprefix(_PRIVATE_PREFIX))
        if len(raw) != _ED25519_BYTES:
            raise UnusableKey("A whsk_ key has 32 bytes.")
        return SigningKey("v1a", text, raw)
    raise UnusableKey("A secret begins with whsec_ or whsk_.")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableKey("What follows the prefix is base64.") from error


@lru_cache(maxsize=256)
def _private_key(raw: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(raw)
