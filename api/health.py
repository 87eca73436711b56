"""Probes: is the process alive, and can it serve?"""

import logging
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.utils import InterfaceError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.measuring import is_trusted
from core.interface import Readiness
from outbox.interface import OperationsDetail
from search.interface import engine_checks

logger = logging.getLogger(__name__)

_readiness: Final = Readiness(engine_checks)
_detail: Final = OperationsDetail()
_NEVER_STORED: Final = {"Cache-Control": "no-store"}
_READING_ROLE: Final = "api"


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """The process runs. Touches nothing else."""
    return JsonResponse({"status": "alive"}, headers=_NEVER_STORED)


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each dependency by name, asked at most every five seconds; 503 if this role cannot serve.

    Programs on the same machine and bearers of the token are told of the ledger, too.
    """
    found = _readiness.check()
    away = {name for name, answers in found.items() if not answers}
    is_ready = not _missing(away)
    status = "not ready" if not is_ready else "degraded" if away else "ready"
    content: dict[str, Any] = {
        "status": status,
        "dependencies": {name: "ok" if answers else "away" for name, answers in found.items()},
    }
    if is_trusted(request) and "database" not in away:
        content["operations"] = _operations()
    return JsonResponse(content, status=200 if is_ready else 503, headers=_NEVER_STORED)


def _missing(away: set[str]) -> set[str]:
    """What this role cannot do without.

    A process of the role `api` answers from memory while the database is away. All of them lose it
    at the same moment, and with all of them out of rotation nobody would get those answers; so it
    is out only until it has reached the database once. Files are no matter of its own.
    For the search engine, the database stands in.
    """
    away = away - _readiness.can_do_without
    if settings.ROLE == _READING_ROLE:
        return (away & {"database"}) - _readiness.have_answered
    return away


def _operations() -> dict[str, Any]:
    try:
        return _detail.read()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The ledger's state cannot be read: %s", error)
        return {"findings": ["database_away"]}
