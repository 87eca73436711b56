"""What waits for a person in the editorial office. Each selector costs the same for 1 or 20 rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Cast, Coalesce
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from wagtail.models import (
    Comment,
    CommentReply,
    Page,
    PageSubscription,
    Revision,
    TaskState,
    WorkflowState,
    get_default_page_content_type,
)

from accounts.interface import User
from core.interface import utc_now

LIMIT: Final = 20
_COMMENT_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page that somebody should look at: what is to do, what was said, since or until when."""

    page: Page
    note: str
    person: str
    moment: datetime


def pages_to_review(user: User) -> list[WaitingPage]:
    """Reviews that `user` can decide now, the oldest first.

    Two selects, and two or three small ones for each step of a workflow (there are two).
    """
    states = (
        _of_pages(TaskState.objects.reviewable_by(user), "revision__")
        .select_related("task", "revision", "workflow_state__requested_by")
        .order_by("started_at")[:LIMIT]
    )
    pages = _pages(state.revision.object_id for state in states)
    return [
        WaitingPage(
            page, state.task.name, _name(state.workflow_state.requested_by), state.started_at
        )
        for state in states
        if (page := pages.get(state.revision.object_id))
    ]


def pages_sent_back(user: User) -> list[WaitingPage]:
    """Submissions of `user`, or of his pages, that a reviewer wants changed. Two selects."""
    states = _own_submissions(user, WorkflowState.STATUS_NEEDS_CHANGES)
    return _submitted_pages(
        states,
        lambda task: (_name(task.finished_by), Truncator(task.comment).words(_COMMENT_WORDS)),
    )


def pages_under_review(user: User) -> list[WaitingPage]:
    """Submissions of `user`, or of his pages, that wait for others. Two selects."""
    states = _own_submissions(user, WorkflowState.STATUS_IN_PROGRESS)
    return _submitted_pages(states, lambda task: ("", task.task.name))


def pages_scheduled(user: User) -> list[WaitingPage]:
    """What `user` approved or owns and will be published, the next first. Two selects."""
    revisions = (
        _of_pages(Revision.objects.filter(approved_go_live_at__gt=utc_now()))
        .filter(Q(user=user) | _object_is_owned_by(user))
        .select_related("user")
        .order_by("approved_go_live_at")[:LIMIT]
    )
    pages = _pages(revision.object_id for revision in revisions)
    return [
        WaitingPage(page, "", _name(revision.user), revision.approved_go_live_at)
        for revision in revisions
        if (page := pages.get(revision.object_id))
    ]


def pages_expiring(user: User) -> list[WaitingPage]:
    """Live pages of `user` that will be taken down, the next first. One select."""
    pages = Page.objects.filter(live=True, owner=user, expire_at__gt=utc_now())
    return [
        WaitingPage(page, "", "", page.expire_at) for page in pages.order_by("expire_at")[:LIMIT]
    ]


def comments_to_answer(user: User) -> list[WaitingPage]:
    """Open comments where somebody else spoke last: on pages of `user`, on pages whose comments
    he follows, and in threads of his own. The latest first; one select.
    """
    replies = CommentReply.objects.filter(comment=OuterRef("pk"))
    latest = replies.order_by("-created_at")
    follows = PageSubscription.objects.filter(
        user=user, page=OuterRef("page"), comment_notifications=True
    )
    comments = (
        Comment.objects.filter(resolved_at__isnull=True)
        .filter(
            Q(page__owner=user) | Q(user=user) | Exists(follows) | Exists(replies.filter(user=user))
        )
        .annotate(
            last_user=Coalesce(
                Subquery(latest.values("user")[:1]), F("user"), output_field=UUIDField()
            ),
            last_name=Coalesce(Subquery(latest.values("user__name")[:1]), F("user__name")),
            last_text=Coalesce(Subquery(latest.values("text")[:1]), F("text")),
            last_at=Coalesce(Subquery(latest.values("created_at")[:1]), F("created_at")),
        )
        .exclude(last_user=user.pk)
        .select_related("page")
        .order_by("-last_at")[:LIMIT]
    )
    return [
        WaitingPage(
            comment.page,
            Truncator(comment.last_text).words(_COMMENT_WORDS),
            comment.last_name,
            comment.last_at,
        )
        for comment in comments
    ]


def _own_submissions(user: User, status: str) -> QuerySet[WorkflowState]:
    return (
        _of_pages(WorkflowState.objects.filter(status=status))
        .filter(Q(requested_by=user) | _object_is_owned_by(user))
        .select_related("current_task_state__task", "current_task_state__finished_by")
        .order_by("-current_task_state__started_at")[:LIMIT]
    )


def _submitted_pages(states: QuerySet[WorkflowState], describe: Any) -> list[WaitingPage]:
    pages = _pages(state.object_id for state in states)
    found = []
    for state in states:
        page, task = pages.get(state.object_id), state.current_task_state
        if page is None or task is None:
            continue
        person, note = describe(task)
        found.append(WaitingPage(page, note, person, task.finished_at or task.started_at))
    return found


def _of_pages(rows: QuerySet[Any], prefix: str = "") -> QuerySet[Any]:
    return rows.filter(**{f"{prefix}base_content_type": get_default_page_content_type()})


def _object_is_owned_by(user: User) -> Q:
    """That the row's object, whose key is kept as text, is a page of `user`."""
    keys = Page.objects.filter(owner=user).annotate(key=Cast("pk", CharField())).values("key")
    return Q(object_id__in=keys)


def _pages(object_ids: Iterable[str]) -> dict[str, Page]:
    pages = Page.objects.select_related("locale").in_bulk([int(key) for key in object_ids])
    return {str(key): page for key, page in pages.items()}


def _name(user: User | None) -> str:
    return user.get_full_name() if user else str(_("somebody who left"))
