"""The front door of `outbox`."""

from outbox.advice import Advice
from outbox.announcements import ANNOUNCED_TYPES, Announcement, announce
from outbox.cloud_events import (
    Outgoing,
    Sender,
    declare_exchange,
    outgoing,
    publish_outgoing,
)
from outbox.errors import FinalError, RetryableError
from outbox.event_schemas import event_schema, event_schemas
from outbox.following import LedgerFollower
from outbox.health import OperationsDetail
from outbox.measures import broker_families, ledger_families, schedule_families
from outbox.models import LedgerEvent
from outbox.pipelines import Pipeline, Step
from outbox.progress import (
    ProgressState,
    Publication,
    StepProgress,
    publication_progress,
    register_progress,
)
from outbox.purging import cache_tags_of, purge_cdn, purge_cdn_for_all
from outbox.reading import last_event, read_events
from outbox.recording import (
    EventRecord,
    last_moment,
    ledger_moment,
    lock_ledger,
    record_events,
)
from outbox.relay import sweep
from outbox.replaying import hurry_runs
from outbox.schedules import LateSchedule, late_schedules
from outbox.wakeups import Wakeups, make_wakeups

__all__ = [
    "ANNOUNCED_TYPES",
    "Advice",
    "Announcement",
    "EventRecord",
    "FinalError",
    "LateSchedule",
    "LedgerEvent",
    "LedgerFollower",
    "OperationsDetail",
    "Outgoing",
    "Pipeline",
    "ProgressState",
    "Publication",
    "RetryableError",
    "Sender",
    "Step",
    "StepProgress",
    "Wakeups",
    "announce",
    "broker_families",
    "cache_tags_of",
    "declare_exchange",
    "event_schema",
    "event_schemas",
    "hurry_runs",
    "last_event",
    "last_moment",
    "late_schedules",
    "ledger_families",
    "ledger_moment",
    "lock_ledger",
    "make_wakeups",
    "outgoing",
    "publication_progress",
    "publish_outgoing",
    "purge_cdn",
    "purge_cdn_for_all",
    "read_events",
    "record_events",
    "register_progress",
    "schedule_families",
    "sweep",
]
