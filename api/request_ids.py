"""The id that a request has in answers and logs."""

import re
import uuid
from typing import Final

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id_from(given: str | None) -> str:
    """The caller's id if it cannot harm a log, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
