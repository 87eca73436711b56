"""The front door of `outbox`."""

from outbox.models import LedgerEvent
from outbox.recording import EventRecord, record_events

__all__ = ["EventRecord", "LedgerEvent", "record_events"]
