"""Steps of the editorial workflow."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, TaskState
from wagtail.permissions import policy_registry

from accounts.interface import User


class PeerApprovalTask(AbstractGroupApprovalTask):
    """A review by somebody else: nobody approves what he himself submitted or last changed.

    The submitter cannot change the page while it is reviewed (he may cancel and edit), so what
    is approved is what was read. Whoever may publish the page without any review may also
    correct it while reviewing; others who change it leave the approval to a third person.
    """

    class Meta:
        verbose_name = _("approval by somebody else")
        verbose_name_plural = _("approvals by somebody else")

    def get_actions(self, obj: Model, user: User) -> list[tuple[str, str, bool]]:
        """What `user` may do with the page or snippet at this step."""
        actions: list[tuple[str, str, bool]] = super().get_actions(obj, user)
        state = getattr(obj, "current_workflow_task_state", None)
        if not actions or state is None:
            return actions
        if state.workflow_state.requested_by_id == user.pk:
            return []
        if state.revision.user_id == user.pk and not _may_publish(obj, user):
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
            states = states.exclude(revision__user=user)
        return states

    @classmethod
    def get_description(cls) -> str:
        """What the choice of task types says."""
        return str(_("Members of the chosen groups approve what somebody else submitted"))


def _may_publish(obj: Model, user: User) -> bool:
    policy = policy_registry.get_by_type(type(obj))
    return bool(policy.user_has_permission_for_instance(user, "publish", obj))
