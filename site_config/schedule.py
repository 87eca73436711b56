"""What runs again and again, and how often."""

from typing import Final

from django.conf import settings
from django.core.management import call_command

from api.interface import remove_idempotency_keys
from cms.interface import publish_scheduled
from core.interface import ScheduleEntry
from outbox.interface import sweep
from search.interface import catch_up, forget_old_counts, refresh_past_queries
from webhooks.interface import forget_test_counts, remove_old_deliveries, send_due_notices


def clear_sessions() -> None:
    """Deletes sessions that have run out; the database keeps them otherwise."""
    call_command("clearsessions")


def mail_about_webhooks() -> None:
    """Tells owners of webhooks that were paused."""
    send_due_notices()


def clear_webhook_log() -> None:
    """Removes deliveries that are older than the retention that is set, and old counts of tests."""
    remove_old_deliveries()
    forget_test_counts()


def clear_idempotency_keys() -> None:
    """Forgets requests that were made a day ago: who repeats them now makes them anew."""
    remove_idempotency_keys()


def tend_search_counts() -> None:
    """Forgets what was searched for long ago, and chooses which queries are suggested."""
    forget_old_counts()
    refresh_past_queries()


def thin_versions() -> None:
    """Removes what is older than the retention that is set."""
    call_command("thin_versions", "--yes")


def thin_ledger() -> None:
    """Removes events that are older than the retention that is set, and done with."""
    call_command("ledger", "thin", "--yes")


_HOUR: Final = 60 * 60
_DAY: Final = 24 * _HOUR
_HAS_SEARCH_ENGINE: Final = settings.SEARCH_ENGINE != "database"

SCHEDULE: Final = (
    # Editors see a page live at most five seconds after its hour, a change of leader included.
    ScheduleEntry("publish_scheduled", 2, publish_scheduled),
    # The relays do this all the time; this is for the day when none of them runs.
    ScheduleEntry("sweep_ledger", 30, sweep),
    ScheduleEntry("mail_about_webhooks", 60, mail_about_webhooks),
    ScheduleEntry("clear_webhook_log", _DAY, clear_webhook_log),
    ScheduleEntry("clear_idempotency_keys", _HOUR, clear_idempotency_keys),
    ScheduleEntry("clear_sessions", _DAY, clear_sessions),
    ScheduleEntry("tend_search_counts", _HOUR, tend_search_counts),
    # What waited for the search engine goes there within seconds of its return.
    *([ScheduleEntry("catch_up_search", 5, catch_up)] if _HAS_SEARCH_ENGINE else []),
    # Everything is kept where no retention is set.
    *(
        [ScheduleEntry("thin_versions", _DAY, thin_versions)]
        if settings.VERSION_RETENTION_DAYS
        else []
    ),
    *([ScheduleEntry("thin_ledger", _DAY, thin_ledger)] if settings.LEDGER_RETENTION_DAYS else []),
)
