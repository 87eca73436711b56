"""The front door of `api`, beside its routes, which the project includes by name."""

from api.problems import unavailable_problem
from api.request_ids import request_id_from
from api.v1.cacheable import defaults_of
from api.v1.idempotency import remove_idempotency_keys
from api.v1.streaming import NO_THREAD_HELD

__all__ = [
    "NO_THREAD_HELD",
    "defaults_of",
    "remove_idempotency_keys",
    "request_id_from",
    "unavailable_problem",
]
