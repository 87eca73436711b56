"""The forms of user administration and of one's own account."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.account import NameEmailForm
from wagtail.users.forms import UserForm

from accounts.interface import User, grantable_groups, grantable_roles


class PersonForm(UserForm):
    """A user, as far as `actor` may grant: fields and choices beyond his own rights are absent."""

    first_name = None
    last_name = None
    name = forms.CharField(required=True, max_length=150, label=_("Name"))

    error_messages = UserForm.error_messages | {
        "duplicate_username": _("A user with that e-mail address already exists."),
    }

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = grantable_groups(actor)
        self.fields["groups"].help_text = _("What the person may do in the editor.")
        self.fields["role"].choices = [(r.value, r.label) for r in grantable_roles(actor)]
        self.fields["role"].help_text = _("What the public API lets the person do.")
        if not actor.is_superuser:
            self.fields.pop("is_superuser", None)

    def clean_email(self) -> str:
        """The address in lower case, as it is stored."""
        return str(self.cleaned_data["email"]).strip().lower()


class PersonCreationForm(PersonForm):
    """A new user."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "is_superuser", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}


class PersonEditForm(PersonForm):
    """A user that exists; nobody switches himself off or changes his own level."""

    password_required = False

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if editing_self:
            self.fields.pop("is_active")
            self.fields.pop("is_superuser", None)

    class Meta:
        model = User
        fields = ("email", "name", "role", "is_active", "is_superuser", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}


class OwnNameEmailForm(NameEmailForm):
    """One's own name and address, on the account page."""

    first_name = None
    last_name = None
    name = forms.CharField(required=True, max_length=150, label=_("Name"))

    class Meta:
        model = User
        fields = ("name", "email")

    def clean_email(self) -> str:
        """The address in lower case, as it is stored."""
        return str(self.cleaned_data["email"]).strip().lower()


class GroupChoiceForm(forms.Form):
    """Which group to give to the selected users."""

    role = forms.ModelChoiceField(queryset=Group.objects.none(), label=_("Group"))

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = grantable_groups(actor)
