"""PostgreSQL's advisory locks that Galley takes, numbered for life: never reuse a number."""

from typing import Final

SCHEDULER_LEADER: Final = 7_001_001
