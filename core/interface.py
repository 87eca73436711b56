"""The front door of `core`."""

from core.cdn.interface import PurgeFailed, PurgeImpossible, get_cdn
from core.client_address import address_block, client_address
from core.clock import utc_now, zulu
from core.encryption import Undecipherable, decrypt, encrypt
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Issue,
    NotFound,
    NotInTransaction,
    StartAgain,
    TooManyRequests,
    Unauthenticated,
)
from core.faults import fault_point
from core.health import Readiness
from core.http_client import (
    AddressRefused,
    ConnectionFailed,
    DeadlinePassed,
    InvalidUrl,
    OutboundAnswer,
    OutboundConnection,
    OutboundError,
    OutboundLimits,
    check_url,
    send_request,
)
from core.ids import new_uuid7
from core.leader import make_leader_lock
from core.locks import SCHEDULER_LEADER
from core.logging import log_context
from core.metrics import CONTENT_TYPE as METRICS_TYPE
from core.metrics import Collector, Family, Scrape, count_request, make_counter, make_gauge
from core.principal import (
    MANAGE_ALL_WEBHOOKS,
    MANAGE_WEBHOOKS,
    SEE_DRAFTS,
    CredentialReader,
    Principal,
    principal_of,
    register_credentials,
)
from core.redis_clients import (
    REDIS_FAULTS,
    describe_redis_fault,
    make_async_redis,
    make_redis,
)
from core.scheduling import ScheduleEntry, Scheduler
from core.stopping import stop_on_signals

__all__ = [
    "MANAGE_ALL_WEBHOOKS",
    "MANAGE_WEBHOOKS",
    "METRICS_TYPE",
    "REDIS_FAULTS",
    "SCHEDULER_LEADER",
    "SEE_DRAFTS",
    "AddressRefused",
    "Collector",
    "Conflict",
    "ConnectionFailed",
    "CredentialReader",
    "DeadlinePassed",
    "DomainError",
    "Family",
    "Forbidden",
    "Invalid",
    "InvalidUrl",
    "Issue",
    "NotFound",
    "NotInTransaction",
    "OutboundAnswer",
    "OutboundConnection",
    "OutboundError",
    "OutboundLimits",
    "Principal",
    "PurgeFailed",
    "PurgeImpossible",
    "Readiness",
    "ScheduleEntry",
    "Scheduler",
    "Scrape",
    "StartAgain",
    "TooManyRequests",
    "Unauthenticated",
    "Undecipherable",
    "address_block",
    "check_url",
    "client_address",
    "count_request",
    "decrypt",
    "describe_redis_fault",
    "encrypt",
    "fault_point",
    "get_cdn",
    "log_context",
    "make_async_redis",
    "make_counter",
    "make_gauge",
    "make_leader_lock",
    "make_redis",
    "new_uuid7",
    "principal_of",
    "register_credentials",
    "send_request",
    "stop_on_signals",
    "utc_now",
    "zulu",
]
