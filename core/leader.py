"""One leader among many processes."""

import fcntl
import logging
import tempfile
from pathlib import Path
from typing import IO, Any, Final, Protocol

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, InterfaceError

logger = logging.getLogger(__name__)

# A leader that is well asks for its lock every two seconds. One that is silent for so long hangs
# (stopped, swapped out, cut off from the network), and its server session would keep the lock.
SILENT_SECONDS = 15.0
_EVICT: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = %s AND objid = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND state_change < clock_timestamp() - make_interval(secs => %s)
"""


class LeaderLock(Protocol):
    """A lock that ends with its holder, however the holder ends. For one thread."""

    def acquire(self) -> bool:
        """Whether the lock is ours now; asks again each time and never waits."""

    def is_held(self) -> bool:
        """Whether it is ours still: a lost connection loses it."""

    def release(self) -> None:
        """Lets the next one lead; nothing happens when it is not ours."""


class AdvisoryLeaderLock:
    """A session's advisory lock in PostgreSQL, on a connection of its own.

    The connection must reach the server directly: a pooler in transaction mode would hand the
    lock to whoever gets the connection next.
    """

    def __init__(self, key: int) -> None:
        self._key = key
        self._database: BaseDatabaseWrapper | None = None

    def acquire(self) -> bool:
        """One statement; one more when another has it, which ends a holder that hangs."""
        if self._database is None:
            self._database = connection.copy()
        taken = self._ask("SELECT pg_try_advisory_lock(%s)", self._key)
        if not taken:
            if self._ask(_EVICT, self._key >> 32, self._key & 0xFFFFFFFF, SILENT_SECONDS):
                logger.warning("The leader was silent for %s s; its lock is free.", SILENT_SECONDS)
            self.release()
        return taken

    def is_held(self) -> bool:
        """One statement, by which a dead connection shows."""
        return self._database is not None and self._ask("SELECT TRUE")

    def release(self) -> None:
        """Gives the lock back and ends the connection."""
        if self._database is not None:
            # The server notices the end of a connection a moment later; who asks at once must find
            # the lock free.
            self._ask("SELECT pg_advisory_unlock_all() IS NOT NULL")
        self._drop()

    def _drop(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None

    def _ask(self, statement: str, *parameters: Any) -> bool:
        if self._database is None:
            return False
        try:
            with self._database.cursor() as cursor:
                cursor.execute(statement, parameters)
                row = cursor.fetchone()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The leader's connection was lost: %s", error)
            self._drop()
            return False
        return bool(row and row[0])


class FileLeaderLock:
    """A locked file, for a database that is a file too and so on one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Leaves the file in its place: removing it would let two lead."""
        file = self._path.open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def is_held(self) -> bool:
        """The system takes a file lock from nobody."""
        return self._file is not None

    def release(self) -> None:
        """Closes the file, and so ends the lock."""
        if self._file is not None:
            self._file.close()
        self._file = None


def make_leader_lock(key: int) -> LeaderLock:
    """The lock of this number, as the database in use allows."""
    if connection.vendor == "postgresql":
        return AdvisoryLeaderLock(key)
    database = Path(str(settings.DATABASES["default"]["NAME"]))
    folder = database.parent if database.exists() else Path(tempfile.gettempdir())
    return FileLeaderLock(folder / f"{database.name}.{key}.lock")
