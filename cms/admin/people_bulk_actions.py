"""What can be done to several users at once: Wagtail's actions, limited to whom one may manage."""

from typing import Any

from django.db.models import Q
from wagtail.users.views.bulk_actions import (
    AssignRoleBulkAction,
    DeleteBulkAction,
    SetActiveStateBulkAction,
)

from accounts.interface import User, may_manage
from cms.admin.people_forms import GroupChoiceForm


class _ManageableMixin:
    """Leaves out people whose rights are more than one's own, however they were selected."""

    def check_perm(self, obj: User) -> bool:
        allowed: bool = super().check_perm(obj)  # type: ignore[misc]  # of Wagtail's action
        return allowed and may_manage(actor=self.request.user, person=obj)  # type: ignore[attr-defined]

    def get_all_objects_in_listing_query(self, parent_id: object) -> Any:  # noqa: ARG002
        """The ids of what the list shows: the same search as the list's own."""
        people = User.objects.all()
        if words := self.request.GET.get("q"):  # type: ignore[attr-defined]
            people = people.filter(Q(name__icontains=words) | Q(email__icontains=words))
        return people.values_list("pk", flat=True)


class AssignGroup(_ManageableMixin, AssignRoleBulkAction):
    """Adds people to a group that one has oneself."""

    form_class = GroupChoiceForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return dict(super().get_form_kwargs(), actor=self.request.user)


class DeletePeople(_ManageableMixin, DeleteBulkAction):
    """Deletes people."""


class SetActive(_ManageableMixin, SetActiveStateBulkAction):
    """Lets people sign in, or no longer."""
