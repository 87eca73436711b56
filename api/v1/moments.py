"""Answers about the present, the past and the future: who may have them, and who may keep them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from api.v1.responses import IMMUTABLE, PRIVATE, PUBLIC, json_response
from api.v1.site import site_of
from core.interface import (
    SEE_DRAFTS,
    Forbidden,
    Invalid,
    Issue,
    Principal,
    Unauthenticated,
    principal_of,
    utc_now,
)
from delivery.interface import Answer, Site, at_future, history_tag, is_settled

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
    if as_of > utc_now():
        check_sees_drafts(principal)
        with at_future(as_of):
            answer = read(site_of(request))
        return json_response(request, replace(answer, tags=()), cache_control=PRIVATE)
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
    """The website as it is or was, for an answer that is read bit by bit.

    Raises:
        Invalid: the instant is to come. What is scheduled is looked at in one go: while it is,
            no editor can publish.
        Unauthenticated, Forbidden, NotFound, BeforeHistory: as `content_response` does.
    """
    principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
    if as_of is not None and as_of > utc_now():
        check_sees_drafts(principal)
        detail = "A stream shows the present or the past; read what is scheduled in pages."
        raise Invalid(detail, (Issue("as_of", "not_in_a_stream", detail),))
    return site_of(request, as_of)


def check_sees_drafts(principal: Principal | None, what: str = "what is scheduled") -> None:
    """Lets only those pass who may see drafts; `what` they want to see is told to the others.

    Raises:
        Unauthenticated: nobody is known to ask.
        Forbidden: the caller may not see drafts.
    """
    if principal is None:
        raise Unauthenticated(f"Who wants to see {what} must say who he is.")
    if not principal.may(SEE_DRAFTS):
        raise Forbidden(f"You may not see {what}.")
