"""What the pages of synonyms and of queries' results have in common: a form, and a question."""

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from core.interface import Invalid
from search.admin.access import SearchMixin
from search.admin.log import changes_of


class RuleFormView(SearchMixin, WagtailAdminTemplateMixin, FormView[Any]):
    """A rule, to be made or changed."""

    parent: tuple[str, Any]
    model: type[Model]
    template_name = "search/admin/form.html"
    titles: tuple[Any, Any]
    """Of a new one, and of one that is changed."""
    delete_url_name: str

    @property
    def page_title(self) -> Any:
        """By what is done."""
        return self.titles[self.rule_id is not None]

    @property
    def rule_id(self) -> int | None:
        """The rule that is changed."""
        found: int | None = self.kwargs.get("rule_id")
        return found

    def store(self, form: Any) -> None:
        """Stores what the form says.

        Raises:
            Invalid: a field that cannot be; it names it.
        """
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        """Stores it, or says at which field it cannot be."""
        try:
            self.store(form)
        except Invalid as error:
            form.take(error)
            return self.form_invalid(form)
        messages.success(self.request, _t("Saved. Searches heed it from now on."))
        return redirect(self.parent[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the buttons, and who changed the rule."""
        delete, changes = None, None
        if self.rule_id is not None:
            delete = reverse(self.delete_url_name, args=[self.rule_id])
            changes = changes_of(self.model, self.rule_id)
        return super().get_context_data(**kwargs) | {
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "delete_url": delete,
            "changes": changes,
        }


class DeleteRuleView(SearchMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks, then deletes."""

    parent: tuple[str, Any]
    page_title = _("Delete")
    header_icon = "bin"
    template_name = "search/admin/confirm_delete.html"
    told: Any
    """What is said when it is done."""

    def find(self, rule_id: int) -> object:
        """The rule, as it is named to whoever deletes it.

        Raises:
            NotFound: there is none.
        """
        raise NotImplementedError

    def delete(self, rule_id: int) -> None:
        """Deletes it."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Deletes it, and goes back to the others."""
        self.delete(kwargs["rule_id"])
        messages.success(request, str(self.told))
        return redirect(self.parent[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which one."""
        return super().get_context_data(**kwargs) | {
            "what": str(self.find(self.kwargs["rule_id"])),
            "back_url": reverse(self.parent[0]),
        }
