"""User administration: Wagtail's views on our user, each asking `PeoplePolicy` about the person."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.admin.views.generic import UsageView
from wagtail.users.views.users import (
    CreateView,
    DeleteView,
    EditView,
    HistoryView,
    IndexView,
    UserColumn,
    UserViewSet,
)

from accounts.interface import User
from cms.admin.people_forms import PersonCreationForm, PersonEditForm


class _OnePersonMixin:
    """Refuses the page of somebody whose rights are more than one's own, whatever the page shows."""

    policy_action = "change"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        policy = self.permission_policy  # type: ignore[attr-defined]  # of Wagtail's view
        person = self.object  # type: ignore[attr-defined]  # of Wagtail's view
        if not policy.user_has_permission_for_instance(request.user, self.policy_action, person):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PeopleIndexView(IndexView):
    """The list: sorted and searched by name and address; links only where one may follow them."""

    @cached_property
    def search_fields(self) -> set[str]:
        return {"name", "email"}

    @cached_property
    def columns(self) -> list[Any]:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            self._get_title_column_class(UserColumn)(
                "name",
                accessor="get_full_name",
                label=_("Name"),
                sort_key="name",
                get_url=self.get_edit_url,
                classname="name",
            ),
            Column("email", label=_("E-mail address"), sort_key="email", width="25%"),
            Column("role", accessor="get_role_display", label=_("Role"), sort_key="role"),
            Column(
                "is_superuser",
                accessor=lambda person: _("Superuser") if person.is_superuser else None,
                label=_("Access level"),
                sort_key="is_superuser",
            ),
            BooleanColumn("is_active", label=_("Active"), sort_key="is_active", width="10%"),
            DateColumn("last_login", label=_("Last login"), sort_key="last_login", width="15%"),
        ]

    @cached_property
    def manageable_ids(self) -> set[Any]:
        """Those whom the viewer may manage: one select for the whole list."""
        policy = self.permission_policy
        actions = ["change", "delete"]
        people = policy.instances_user_has_any_permission_for(self.request.user, actions)
        return set(people.values_list("pk", flat=True))

    def get_edit_url(self, instance: User) -> str | None:
        """Where to edit the person, if the viewer may."""
        return super().get_edit_url(instance) if instance.pk in self.manageable_ids else None

    def get_delete_url(self, instance: User) -> str | None:
        """Where to delete the person, if the viewer may."""
        return super().get_delete_url(instance) if instance.pk in self.manageable_ids else None

    def order_queryset(self, queryset: Any) -> Any:
        """Sorts by columns of the table; Wagtail's own view would ask for first and last names."""
        if self.ordering in {"name", "-name"}:
            return queryset.order_by(self.ordering, "email")
        return super().order_queryset(queryset)


class PersonCreateView(CreateView):
    """Adds a user with no more rights than the creator's."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return dict(super().get_form_kwargs(), actor=self.request.user)


class PersonEditView(_OnePersonMixin, EditView):
    """Changes a user; rights beyond one's own can be neither given nor touched."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return dict(super().get_form_kwargs(), actor=self.request.user)


class PersonDeleteView(_OnePersonMixin, DeleteView):
    """Deletes a user."""

    policy_action = "delete"


class PersonHistoryView(_OnePersonMixin, HistoryView):
    """What was changed on a user, and by whom."""


class PersonUsageView(_OnePersonMixin, UsageView):
    """Where a user is referred to."""


class PeopleViewSet(UserViewSet):
    """The pages under Settings, Users."""

    ordering = "name"
    index_view_class = PeopleIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    delete_view_class = PersonDeleteView
    history_view_class = PersonHistoryView
    usage_view_class = PersonUsageView
    # A copied user would carry over rights that the form does not show.
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[Any]:  # noqa: FBT001, FBT002  # Wagtail's
        """The form to add a user, or to change one."""
        return PersonEditForm if for_update else PersonCreationForm
