"""Whether the services that this process needs can be reached."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from django.core.files.storage import FileSystemStorage, storages
from django.db import connection

logger = logging.getLogger(__name__)

MEMORY_SECONDS: Final = 5.0


class Readiness:
    """Asks each dependency at most once in five seconds, however many ask here.

    A probe that anyone may call must not become load on the services behind it.
    """

    def __init__(self, optional: Callable[[], Mapping[str, Callable[[], object]]] = dict) -> None:
        """`optional` gives checks of what this process does without, if it must."""
        self._optional = optional
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: dict[str, bool] = {}
        self.can_do_without: set[str] = set()
        self.have_answered: set[str] = set()
        """Those that answered once since this process began."""

    def check(self) -> Mapping[str, bool]:
        """Whether each dependency answers, by its name."""
        with self._lock:
            if time.monotonic() >= self._until:
                optional = self._optional()
                self.can_do_without = set(optional)
                checks = {**dependencies(), **optional}
                self._found = {name: _answers(name, check) for name, check in checks.items()}
                self.have_answered |= {name for name, answers in self._found.items() if answers}
                self._until = time.monotonic() + MEMORY_SECONDS
            return dict(self._found)


def dependencies() -> dict[str, Callable[[], object]]:
    """A check for each service that is outside this process; files on its own disk are left out."""
    checks: dict[str, Callable[[], object]] = {"database": ask_database}
    if not isinstance(storages["default"], FileSystemStorage):
        checks["storage"] = _ask_storage
    return checks


def ask_database() -> None:
    """Raises whatever Django does when the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_storage() -> None:
    storages["default"].exists("health")


def _answers(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:
        logger.warning("The %s does not answer.", name, exc_info=True)
        return False
    return True
