"""Steps of the editorial workflow."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy
from wagtail.models import AbstractGroupApprovalTask, Page, Revision, TaskState
from wagtail.permissions import policy_registry

from accounts.interface import User

Action = tuple[str, str, bool]
"""A name, its label, and whether a form asks for a comment first."""


class PeerApprovalTask(AbstractGroupApprovalTask):
    """A review by somebody else: nobody approves what he himself submitted or last changed.

    The submitter cannot change the page while it is reviewed (he may cancel and edit), so what
    is approved is what was read. Whoever may publish the page without any review may also
    correct it while reviewing; others who change it leave the approval to a third person.
    """

    class Meta:
        verbose_name = gettext_lazy("approval by somebody else")
        verbose_name_plural = gettext_lazy("approvals by somebody else")

    def get_actions(self, obj: Model, user: User) -> list[Action]:
        """What `user` may do with the page or snippet at this step."""
        state = getattr(obj, "current_workflow_task_state", None)
        return self._actions(obj, state, user)

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> Any:
        """Does the action, if `user` may do it to what `task_state` belongs to.

        Wagtail's view asks for the page in the address and then acts on the review whose number
        stands beside it, which may be another page's: only here are the two sure to agree.

        Raises:
            PermissionDenied: nothing was changed.
        """
        actions = self._actions(task_state.workflow_state.content_object, task_state, user)
        if action_name not in {name for name, _, _ in actions}:
            raise PermissionDenied
        return super().on_action(task_state, user, action_name, **kwargs)

    def _actions(self, obj: Model, state: TaskState | None, user: User) -> list[Action]:
        actions: list[Action] = super().get_actions(obj, user)
        if not actions or state is None:
            return actions
        if state.workflow_state.requested_by_id == user.pk:
            return []
        if _last_author_id(obj) == user.pk and not _may_publish(obj, user):
            return [action for action in actions if action[0] != "approve"]
        return actions

    def locked_for_user(self, obj: Model, user: User) -> bool:
        """Whether `user` may not change the page or snippet during this step."""
        if super().locked_for_user(obj, user):
            return True
        state = getattr(obj, "current_workflow_state", None)
        return state is not None and state.requested_by_id == user.pk

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> QuerySet[TaskState]:
        """The reviews of this step that wait for `user`, as one query."""
        states: QuerySet[TaskState] = super().get_task_states_user_can_moderate(user, **kwargs)
        states = states.exclude(workflow_state__requested_by=user)
        if not policy_registry.get_by_type(Page).user_has_permission(user, "publish"):
            states = states.alias(last_author=_last_authors()).exclude(last_author=user.pk)
        return states

    @classmethod
    def get_description(cls) -> str:
        """What the choice of task types says."""
        return str(gettext_lazy("Members of these groups approve what somebody else submitted"))


def _last_author_id(obj: Model) -> Any:
    latest = getattr(obj, "latest_revision", None)
    return latest.user_id if latest is not None else None


def _last_authors() -> Subquery:
    """Who saved the latest revision; the review itself names the one that was submitted."""
    revisions = Revision.objects.filter(
        base_content_type=OuterRef("revision__base_content_type"),
        object_id=OuterRef("revision__object_id"),
    )
    return Subquery(revisions.order_by("-created_at", "-pk").values("user")[:1])


def _may_publish(obj: Model, user: User) -> bool:
    policy = policy_registry.get_by_type(type(obj))
    return bool(policy.user_has_permission_for_instance(user, "publish", obj))
