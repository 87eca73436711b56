"""Probes: is the process alive, and can it serve?"""

from typing import Final

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core.interface import Readiness

_readiness: Final = Readiness()
_NEVER_STORED: Final = {"Cache-Control": "no-store"}


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """The process runs. Touches nothing else."""
    return JsonResponse({"status": "alive"}, headers=_NEVER_STORED)


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Each dependency by name, asked at most every five seconds; 503 while one does not answer."""
    found = _readiness.check()
    is_ready = all(found.values())
    content = {
        "status": "ready" if is_ready else "not ready",
        "dependencies": {name: "ok" if answers else "away" for name, answers in found.items()},
    }
    return JsonResponse(content, status=200 if is_ready else 503, headers=_NEVER_STORED)
