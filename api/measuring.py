"""Counts each answer of Django's, and tells those who may ask."""

import hmac
import re
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from core.interface import METRICS_TYPE, Scrape, count_request

PATH: Final = "/metrics"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED: Final = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)
_ADMIN: Final = "admin/"
_PARAMETER: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_GROUP: Final = re.compile(r"\(\?P<([^>]+)>(?:[^()]|\([^()]*\))*\)")


class MeasureMiddleware:
    """Stands outermost, so that what other middleware answers is counted too.

    It answers `/metrics` itself: whoever scrapes asks by an address that `ALLOWED_HOSTS` does not
    know, and must get an answer while the database is away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._scrape = Scrape(import_string(settings.METRICS))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH:
            return self._tell(request)
        begun = time.perf_counter()
        response = self._get_response(request)
        method = request.method if request.method in _METHODS else "other"
        seconds = time.perf_counter() - begun
        count_request(str(method), _route(request), str(response.status_code), seconds)
        return response

    def _tell(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"} or not is_trusted(request):
            return HttpResponseNotFound(headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": "no-store"}
        return HttpResponse(self._scrape.render(), content_type=METRICS_TYPE, headers=headers)


def is_trusted(request: HttpRequest) -> bool:
    """Whether somebody on this machine asks, past every proxy, or the bearer of the token."""
    given = request.headers.get("Authorization", "")
    if given:
        kind, _, token = given.partition(" ")
        wanted = settings.METRICS_TOKEN.encode()
        return bool(
            wanted and kind.lower() == "bearer" and hmac.compare_digest(token.encode(), wanted)
        )
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    # A socket of both versions shows IPv4 addresses in this form.
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return _named(match.route)
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unmatched"


@lru_cache(maxsize=2048)
def _named(route: str) -> str:
    """The pattern as people write it; the admin's hundreds are told apart by their first part."""
    if route.startswith(_ADMIN):
        part = re.split(r"[/<(^\\]", route.removeprefix(_ADMIN), maxsplit=1)[0]
        return f"/admin/{part}/*" if part else "/admin/"
    plain = _GROUP.sub(r"{\1}", route)
    return "/" + _PARAMETER.sub(r"{\1}", plain).replace("^", "").replace("\\Z", "").rstrip("$")
