"""Answers about the present, the past and the future: who may have them, and who may keep them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from api.v1.responses import IMMUTABLE, PRIVATE, PUBLIC, json_response
from api.v1.site import site_of
from core.interface import Forbidden, Principal, Unauthenticated, principal_of, utc_now
from delivery.interface import Answer, Site, history_tag, is_settled

Read = Callable[[Site], Answer]


def content_response(request: HttpRequest, as_of: datetime | None, read: Read) -> HttpResponse:
    """What `read` answers for the website as it is, was or will be.

    A credential that is not valid is refused, whatever is asked for; to a known caller the
    answer is private.

    Raises:
        Unauthenticated: the credential is not valid, or there is none for the future.
        Forbidden: the caller may not see what is scheduled.
        NotFound, Invalid: as `read` does.
        BeforeHistory: the instant is before the first that is known.
    """
    principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
    public = PUBLIC if principal is None else PRIVATE
    if as_of is None:
        return json_response(request, read(site_of(request)), cache_control=public)
    _check_not_ahead(as_of, principal)
    # Asked first: what commits after the question has a later instant than what is settled.
    settled = is_settled(as_of)
    site = site_of(request, as_of)
    answer, tag = read(site), history_tag(site.id)
    if settled:
        kept = IMMUTABLE if principal is None else PRIVATE
        return json_response(request, replace(answer, tags=(tag,)), cache_control=kept)
    # Whoever may still change it purges what it depends on, as in the present.
    answer = replace(answer, tags=(*answer.tags, tag))
    return json_response(request, answer, cache_control=public)


def content_site(request: HttpRequest, as_of: datetime | None) -> Site:
    """The website as it is or was, for a caller who may see that.

    Raises:
        Unauthenticated, Forbidden, NotFound, BeforeHistory: as `content_response` does.
    """
    principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
    if as_of is not None:
        _check_not_ahead(as_of, principal)
    return site_of(request, as_of)


def _check_not_ahead(as_of: datetime, principal: Principal | None) -> None:
    if as_of > utc_now():
        if principal is None:
            raise Unauthenticated("Who wants to see what is scheduled must say who he is.")
        raise Forbidden("You may not see what is scheduled.")
