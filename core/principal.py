"""Who sends a request, by whichever kind of credential; each kind has a reader of its own.

Packages that know a kind of credential register a reader when Django starts. The HTTP edge asks
here and knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Principal:
    """A known caller. `id` names him in logs, such as `user:12`; `may` tells of a right.

    `user_id` is the account on whose behalf he acts, and which owns what he makes.
    """

    id: str
    may: Callable[[str], bool]
    user_id: UUID | None = None


SEE_DRAFTS: Final = "see_drafts"
"""The right to see what is not published yet."""

MANAGE_WEBHOOKS: Final = "manage_webhooks"
"""The right to have webhooks of one's own, and to read what their receivers answered."""

MANAGE_ALL_WEBHOOKS: Final = "manage_all_webhooks"
"""The right to manage everybody's webhooks."""

CredentialReader = Callable[[str], Principal | None]
"""Gets what follows the scheme in `Authorization`; gives None when that is not one of its kind
or no longer valid."""

_readers: Final[dict[str, list[CredentialReader]]] = {}


def register_credentials(scheme: str, reader: CredentialReader) -> None:
    """Adds a kind of credential under a scheme such as `Bearer`. The same reader counts once."""
    readers = _readers.setdefault(scheme.lower(), [])
    if reader not in readers:
        readers.append(reader)


def principal_of(authorization: str | None) -> Principal | None:
    """Who sends this header `Authorization`; None when there is no such header.

    Raises:
        Unauthenticated: nobody knows the credential, or it is no longer valid.
    """
    if authorization is None:
        return None
    scheme, _, value = authorization.strip().partition(" ")
    for reader in _readers.get(scheme.lower(), []):
        principal = reader(value.strip())
        if principal is not None:
            return principal
    raise Unauthenticated("The credentials are wrong, expired or revoked.")
