"""The pages of synonyms."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from search.actions.save_synonyms import delete_synonyms, find_synonyms, save_synonyms
from search.admin.access import SearchMixin
from search.admin.forms import SynonymForm
from search.admin.log import log_deleted, log_saved
from search.admin.places import language, site_choices
from search.admin.rule_views import DeleteRuleView, RuleFormView
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


class SynonymView(RuleFormView):
    """Words that mean the same, to be made or changed."""

    parent = _LIST
    model = SynonymRule
    form_class = SynonymForm
    titles = (_("New synonyms"), _("Change synonyms"))
    delete_url_name = "search_synonyms_delete"

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

    def store(self, form: SynonymForm) -> None:
        """Searches heed it from the commit on."""
        given = form.cleaned_data
        rule = save_synonyms(
            user=self.user,
            site_id=given["site"],
            locale=given["locale"],
            words=given["words"],
            others=given["others"],
            rule_id=self.rule_id,
        )
        log_saved(rule, self.user, is_new=self.rule_id is None)


class DeleteSynonymsView(DeleteRuleView):
    """The words mean the same no longer."""

    parent = _LIST
    told = _("The synonyms are deleted.")

    def find(self, rule_id: int) -> SynonymRule:
        """The words."""
        return find_synonyms(rule_id)

    def delete(self, rule_id: int) -> None:
        """Searches heed it from the commit on."""
        log_deleted(SynonymRule, rule_id, self.user)
        delete_synonyms(user=self.user, rule_id=rule_id)
