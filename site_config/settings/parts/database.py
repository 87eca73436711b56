"""The database, from `DATABASE_URL`; SQLite under `var/` when there is none."""

from pathlib import Path
from typing import Any

import dj_database_url

from site_config import env

# One writer at a time, and readers beside it: what SQLite needs to serve a website.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;"
    " PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
)


# A server that is cut off says nothing. Without these, whoever waits for its answer waits for
# hours; they hold for each wait, not for a whole query. A query of DATABASE_URL overrides them.
_POSTGRESQL_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def database_settings(var_dir: Path, *, is_for_api: bool = False) -> dict[str, Any]:
    """Django's settings of the default database.

    `ATOMIC_REQUESTS` makes a publication and its documents commit together: Wagtail's own
    publish view opens no transaction. Read-only API views opt out of it. For the
    API's own processes, statements are prepared, and a connection is not tried before each
    request: reading opens a lost one anew by itself.
    """
    url = env.secret("DATABASE_URL", f"sqlite:///{var_dir / 'galley.sqlite3'}")
    settings: dict[str, Any] = dict(dj_database_url.parse(url))
    settings["ATOMIC_REQUESTS"] = True
    settings["CONN_MAX_AGE"] = env.integer("DATABASE_CONN_MAX_AGE", 60)
    settings["CONN_HEALTH_CHECKS"] = not is_for_api
    options = dict(settings.get("OPTIONS") or {})
    if settings["ENGINE"].endswith("sqlite3"):
        var_dir.mkdir(parents=True, exist_ok=True)
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": _SQLITE_PRAGMAS,
        }
    elif is_for_api:
        # The API asks few statements, often: the server plans each once per connection. Behind
        # a pooler that hands out connections by transaction, set the number to 0.
        threshold = env.integer("DATABASE_PREPARE_AFTER", 5)
        options |= {"server_side_binding": True, "prepare_threshold": threshold or None}
    if settings["ENGINE"].endswith("postgresql"):
        options = _POSTGRESQL_PATIENCE | options
    settings["OPTIONS"] = options
    return settings
