"""Structured logs: a JSON object a line, with the ids of what is being worked on.

`request_id`, `event_id` and the like are bound once by `log_context`, and every line that any
code writes inside it carries them.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

_bound: ContextVar[Mapping[str, str]] = ContextVar("log_context", default={})  # noqa: B039

# What every record has; the rest of a record's attributes came by `extra`.
_STANDARD: Final = frozenset(
    (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "request", "server_time")
)


@contextmanager
def log_context(**fields: str) -> Iterator[None]:
    """Puts `fields` on every log line written inside, also by called code and awaited tasks."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def _extra_fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    # Django writes its line about a request that failed after all middleware has ended, and with
    # it the context; but it hands the request over.
    request_id = getattr(getattr(record, "request", None), "request_id", None)
    return fields if request_id is None else {"request_id": request_id, **fields}


class JsonFormatter(logging.Formatter):
    """One line of JSON per record; a value that JSON cannot hold is written as its text."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_bound.get(),
            **_extra_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class PlainFormatter(logging.Formatter):
    """For a person at a terminal: the same fields behind the message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        fields = {**_bound.get(), **_extra_fields(record)}
        return " ".join([super().formatMessage(record), *(f"{k}={v}" for k, v in fields.items())])
