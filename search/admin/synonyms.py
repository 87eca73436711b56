"""The pages of synonyms."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from core.interface import Invalid
from search.actions.save_synonyms import delete_synonyms, find_synonyms, save_synonyms
from search.admin.access import SearchMixin
from search.admin.forms import SynonymForm
from search.admin.places import language, site_choices
from search.models import SynonymRule

_LIST = ("search_synonyms", _("Synonyms"))


class SynonymsView(SearchMixin, BaseListingView):
    """All rules."""

    model = SynonymRule
    page_title = _("Synonyms")
    index_url_name = "search_synonyms"
    index_results_url_name = "search_synonyms_results"
    results_template_name = "search/admin/synonyms_results.html"
    paginate_by = 50
    default_ordering = ("locale", "words")

    def get_base_queryset(self) -> QuerySet[SynonymRule]:
        """Of every website and language."""
        return SynonymRule.objects.all()

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """To new ones."""
        url = reverse("search_synonyms_add")
        return [HeaderButton(_("Add synonyms"), url=url, icon_name="plus")]

    @cached_property
    def columns(self) -> list[Any]:
        """What a rule says, and where it holds."""
        sites = dict(site_choices())
        return [
            TitleColumn(
                "words",
                label=_("Words"),
                accessor=str,
                get_url=lambda row: reverse("search_synonyms_edit", args=[row.pk]),
            ),
            Column("locale", label=_("Language"), accessor=lambda row: language(row.locale)),
            Column(
                "site_id",
                label=_("Website"),
                accessor=lambda row: sites.get(str(row.site_id or ""), f"#{row.site_id}"),
            ),
        ]


class SynonymView(SearchMixin, WagtailAdminTemplateMixin, FormView[SynonymForm]):
    """A rule, to be made or changed."""

    parent = _LIST
    form_class = SynonymForm
    template_name = "search/admin/form.html"

    @property
    def page_title(self) -> Any:
        """By what is done."""
        return _("New synonyms") if self.rule_id is None else _("Change synonyms")

    @property
    def rule_id(self) -> int | None:
        """The rule that is changed."""
        found: int | None = self.kwargs.get("rule_id")
        return found

    def get_initial(self) -> dict[str, Any]:
        """As it is; words may come from another page."""
        if self.rule_id is None:
            return {
                name: self.request.GET[name]
                for name in ("words", "locale")
                if name in self.request.GET
            }
        rule = find_synonyms(self.rule_id)
        return {
            "words": rule.words,
            "others": rule.others,
            "locale": rule.locale,
            "site": rule.site_id,
        }

    def form_valid(self, form: SynonymForm) -> HttpResponse:
        """Stores it, or says at which field it cannot be."""
        given = form.cleaned_data
        try:
            save_synonyms(
                user=self.user,
                site_id=given["site"],
                locale=given["locale"],
                words=given["words"],
                others=given["others"],
                rule_id=self.rule_id,
            )
        except Invalid as error:
            form.take(error)
            return self.form_invalid(form)
        messages.success(self.request, _t("Saved. Searches heed it from now on."))
        return redirect("search_synonyms")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the buttons."""
        delete = (
            None if self.rule_id is None else reverse("search_synonyms_delete", args=[self.rule_id])
        )
        return super().get_context_data(**kwargs) | {
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "delete_url": delete,
        }


class DeleteSynonymsView(SearchMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks, then deletes."""

    parent = _LIST
    page_title = _("Delete")
    header_icon = "bin"
    template_name = "search/admin/confirm_delete.html"

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Deletes them."""
        delete_synonyms(user=self.user, rule_id=kwargs["rule_id"])
        messages.success(request, _t("The synonyms are deleted."))
        return redirect("search_synonyms")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which ones."""
        return super().get_context_data(**kwargs) | {
            "what": str(find_synonyms(self.kwargs["rule_id"])),
            "back_url": reverse("search_synonyms"),
        }
