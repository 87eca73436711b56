"""Requests that may be repeated: `Idempotency-Key`, as Stripe defines it.

A key stands for one request of one caller. The answer is stored in the transaction that has the
effect, so that a crash leaves either both or neither; a repetition gets the stored answer, a
failure on our side included. What was refused before anything was tried is not stored, and may
be sent again in a better form. The codes are those of the IETF draft (draft-ietf-httpapi-
idempotency-key-header-07): 409 while the first is under way, 422 for another request.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from api.models import IdempotencyKey
from api.problems import PROBLEMS, problem_response
from api.v1.errors import Refused, domain_problem
from core.interface import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Issue,
    Principal,
    TooManyRequests,
    Unauthenticated,
    Undecipherable,
    decrypt,
    encrypt,
    utc_now,
)

logger = logging.getLogger(__name__)

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
KEPT_FOR: Final = timedelta(hours=24)
GIVEN_UP_AFTER: Final = timedelta(seconds=60)
"""A request that takes longer has lost its process. Nothing of it remains but its key, which the
next one takes over; should it still live, it finds its key taken and undoes what it did."""
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_PURPOSE: Final = "idempotency"
_KEPT_HEADERS: Final = ("Content-Type", "ETag", "Location")
_NOT_BEGUN: Final = (Invalid, Unauthenticated, Forbidden, TooManyRequests)
"""Errors that say that nothing was tried: such a request may be sent again under its key."""


def answer_once(
    request: HttpRequest,
    principal: Principal,
    content: Any,
    run: Callable[[], HttpResponse],
    *,
    is_atomic: bool = True,
) -> HttpResponse:
    """What `run` answers, in one transaction with its effect; it runs once for each key.

    `content` is what the caller sent, as it was understood: two bodies that mean the same are
    the same request. Without a key `run` runs each time. What is long, and does no harm when a
    crash makes it run twice, opens its own transactions: `is_atomic=False`.

    Raises:
        Invalid: the key is none.
        Conflict: a request with this key is under way.
        Refused: the key belongs to another request (422).
    """
    key = _read_key(request)
    if key is None:
        with transaction.atomic() if is_atomic else nullcontext():
            return run()
    mine = _claim(principal, key, _fingerprint(request, content))
    if mine.status is not None:
        return _replay(mine)
    try:
        with transaction.atomic() if is_atomic else nullcontext():
            response = run()
            _store(mine, response)
            return response
    except (*_NOT_BEGUN, Refused, _Taken, OperationalError, InterfaceError):
        _release(mine)
        raise
    except DomainError as error:
        response = domain_problem(request, error)
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            # Somebody was quicker: with what is there now, the same request may be made again.
            _release(mine)
            return response
    except Exception:
        logger.exception("A request with an idempotency key failed.")
        response = problem_response(request, PROBLEMS["internal-error"])
    with transaction.atomic():
        _store(mine, response)
    return response


def remove_idempotency_keys() -> int:
    """Forgets the keys that nobody can expect to be known any more; says how many."""
    old = IdempotencyKey.objects.filter(started_at__lt=utc_now() - KEPT_FOR)
    removed, _ = old.delete()
    return removed


class _Taken(Conflict):
    """Another request has taken over the key."""


def _read_key(request: HttpRequest) -> str | None:
    given = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        detail = "A key has 1 to 255 printable ASCII characters without blanks."
        raise Invalid(detail, (Issue(f"header/{HEADER}", "malformed", detail),))
    return str(given)


def _fingerprint(request: HttpRequest, content: Any) -> str:
    parts = [request.method, request.path, request.META.get("QUERY_STRING", ""), content]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _claim(principal: Principal, key: str, fingerprint: str) -> IdempotencyKey:
    """The row of the key, as ours to run or with its answer. Commits at once, for others to see.

    Three statements at most, whatever happens beside it.
    """
    attempt = uuid4()
    row = IdempotencyKey(principal=principal.id, key=key, fingerprint=fingerprint, attempt=attempt)
    IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    keys = IdempotencyKey.objects.filter(principal=principal.id, key=key)
    found = keys.first()
    if found is None:
        raise _in_flight()
    if found.attempt == attempt or found.status is not None:
        return _checked(found, fingerprint)
    _checked(found, fingerprint)
    given_up = Q(status=None, started_at__lt=utc_now() - GIVEN_UP_AFTER)
    if not keys.filter(given_up).update(attempt=attempt, started_at=utc_now()):
        raise _in_flight()
    found.attempt = attempt
    return found


def _checked(found: IdempotencyKey, fingerprint: str) -> IdempotencyKey:
    if found.fingerprint != fingerprint:
        raise Refused(
            "key-reused",
            "This key was sent with another request. Take a new one.",
            pointer=f"header/{HEADER}",
        )
    return found


def _in_flight() -> Conflict:
    return Conflict("A request with this key is under way. Ask again in a moment.")


def _store(mine: IdempotencyKey, response: HttpResponse) -> None:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    body = encrypt(response.content, purpose=_PURPOSE)
    if not _own(mine.pk, mine.attempt).update(
        status=response.status_code, headers=headers, body=body
    ):
        raise _Taken("Another request with this key has taken its place.")


def _release(mine: IdempotencyKey) -> None:
    """Makes the key free again. Where the database is away, its time runs out."""
    try:
        _own(mine.pk, mine.attempt).delete()
    except (OperationalError, InterfaceError):
        logger.warning("An idempotency key could not be released.")


def _own(pk: UUID, attempt: UUID) -> Any:
    return IdempotencyKey.objects.filter(pk=pk, attempt=attempt, status=None)


def _replay(found: IdempotencyKey) -> HttpResponse:
    try:
        body = decrypt(found.body, purpose=_PURPOSE)
    except Undecipherable:
        # The operator has changed the keys since: that something was done is still known.
        raise Conflict("This was done; its answer can no longer be read.") from None
    headers: Mapping[str, str] = {**found.headers, REPLAYED: "true"}
    return HttpResponse(body, status=found.status, headers=dict(headers))
