"""The id that a request has in answers and logs."""

import os
import re
import secrets
from itertools import count
from typing import Final

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


class _Ids:
    """Ids that no other process gives out: a random part of its own, and a number.

    An answer from memory costs a few microseconds, of which a random id for each would be a third.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self._own = secrets.token_hex(10)
        self._numbers = count(1)

    def take(self) -> str:
        return f"{self._own}{next(self._numbers):012x}"


_ids: Final = _Ids()
os.register_at_fork(after_in_child=_ids.renew)


def request_id_from(given: str | None) -> str:
    """The caller's id if it cannot harm a log, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else _ids.take()
