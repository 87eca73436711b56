"""What `/metrics` tells beside the counters of the processes: who reads which numbers."""

from collections.abc import Mapping
from typing import Final

from core.interface import Collector
from outbox.interface import broker_families, ledger_families, schedule_families
from search.interface import search_families
from webhooks.interface import webhook_families

COLLECTORS: Final[Mapping[str, Collector]] = {
    "ledger": ledger_families,
    "broker": broker_families,
    "schedules": schedule_families,
    "search": search_families,
    "webhooks": webhook_families,
}
