"""Who may administer users, groups and API tokens, in the form in which Wagtail asks."""

from typing import Any

from django.db.models import QuerySet
from wagtail.permission_policies import BasePermissionPolicy, ModelPermissionPolicy

from accounts.interface import User, manageable_people, may_manage


class PeoplePolicy(ModelPermissionPolicy):
    """Django's permission on users in general; for one person, also no more rights than one's own."""

    def user_has_permission_for_instance(self, user: User, action: str, instance: User) -> bool:
        """Whether `user` may do `action` to that person."""
        return self.user_has_permission(user, action) and may_manage(actor=user, person=instance)

    def user_has_any_permission_for_instance(
        self, user: User, actions: list[str], instance: User
    ) -> bool:
        """Whether `user` may do one of the `actions` to that person."""
        return self.user_has_any_permission(user, actions) and may_manage(
            actor=user, person=instance
        )

    def instances_user_has_any_permission_for(
        self, user: User, actions: list[str]
    ) -> QuerySet[User]:
        """The people to whom `user` may do one of the `actions`."""
        if not self.user_has_any_permission(user, actions):
            return User.objects.none()
        return manageable_people(user)


class SuperusersOnlyPolicy(BasePermissionPolicy):
    """For what would open any other door: groups and API tokens.

    Whoever could edit a group could give himself every permission, and a token has its owner's.
    """

    def user_has_permission(self, user: User, action: str) -> bool:  # noqa: ARG002  # Wagtail's signature
        """Whether `user` is an active superuser, whatever the action."""
        return bool(user.is_active and user.is_superuser)

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:  # noqa: ARG002
        """The active superusers."""
        return User.objects.filter(is_active=True, is_superuser=True)
