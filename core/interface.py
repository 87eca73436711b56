"""The front door of `core`."""

from core.client_address import address_block, client_address
from core.clock import utc_now
from core.errors import Conflict, DomainError, Forbidden, Invalid, Issue, NotFound, NotInTransaction
from core.ids import new_uuid7

__all__ = [
    "Conflict",
    "DomainError",
    "Forbidden",
    "Invalid",
    "Issue",
    "NotFound",
    "NotInTransaction",
    "address_block",
    "client_address",
    "new_uuid7",
    "utc_now",
]
