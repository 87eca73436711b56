"""Logs go to standard error, as JSON for a collector or as plain lines for a person."""

from typing import Any

from site_config import env


def logging_settings(default_format: str) -> dict[str, Any]:
    """Django's `LOGGING`; `LOG_FORMAT` (json or plain) and `LOG_LEVEL` change it."""
    log_format = env.choice("LOG_FORMAT", ("json", "plain"), default_format)
    level = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "core.logging.JsonFormatter"},
            "plain": {"()": "core.logging.PlainFormatter"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django sets up its own handlers, which would write a second, unstructured line.
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # A wrong host is answered with 400; a trace of each would let anyone fill the log.
            "django.security.DisallowedHost": {"propagate": False, "handlers": []},
            # Two lines for each save: that a task began, and that it ended well.
            "django_tasks": {"level": "WARNING"},
            # Two lines for each request, and two more for each that failed, which ours tell of.
            "elastic_transport": {"level": "ERROR"},
        },
    }
