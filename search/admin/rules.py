"""The pages of queries that have results by an editor's will."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from search.actions.save_query_rule import delete_query_rule, find_query_rule, save_query_rule
from search.admin.access import SearchMixin
from search.admin.forms import RuleForm
from search.admin.log import log_deleted, log_saved
from search.admin.places import place_choices, place_value, stored_rule, write_pages
from search.admin.rule_views import DeleteRuleView, RuleFormView
from search.models import QueryRule, RuledResult
from search.query import read_terms
from search.query_key import query_key
from search.trying import Place

_LIST = ("search_rules", _("Results of queries"))


class RulesView(SearchMixin, BaseListingView):
    """All of them."""

    model = QueryRule
    page_title = _("Results of queries")
    header_icon = "pick"
    index_url_name = "search_rules"
    index_results_url_name = "search_rules_results"
    results_template_name = "search/admin/rules_results.html"
    paginate_by = 50
    default_ordering = "query"

    def get_base_queryset(self) -> QuerySet[QueryRule]:
        """With how many results each has."""
        return QueryRule.objects.annotate(
            on_top=Count("results", filter=Q(results__is_hidden=False)),
            not_shown=Count("results", filter=Q(results__is_hidden=True)),
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """To a new one."""
        return [HeaderButton(_("Add a query"), url=reverse("search_rules_add"), icon_name="plus")]

    @cached_property
    def columns(self) -> list[Any]:
        """The query, where it holds, and how many pages it is about."""
        places = dict(place_choices())
        return [
            TitleColumn(
                "query",
                label=_("Query"),
                get_url=lambda row: reverse("search_rules_edit", args=[row.pk]),
            ),
            Column(
                "place",
                label=_("Website and language"),
                accessor=lambda row: places.get(place_value(Place(row.site_id, row.locale)), "?"),
            ),
            NumberColumn("on_top", label=_("On top")),
            NumberColumn("not_shown", label=_("Not shown")),
            BooleanColumn("is_suggested", label=_("May be suggested")),
        ]


class RuleView(RuleFormView):
    """The results of a query, to be chosen or changed."""

    parent = _LIST
    header_icon = "pick"
    model = QueryRule
    form_class = RuleForm
    titles = (_("A query's results"), _("Change a query's results"))
    delete_url_name = "search_rules_delete"

    def get_initial(self) -> dict[str, Any]:
        """As it is; place and query may come from another page."""
        if self.rule_id is None:
            given = self.request.GET
            return {name: given[name] for name in ("place", "query") if name in given}
        rule = find_query_rule(self.rule_id)
        results = RuledResult.objects.filter(rule=rule).order_by("position")
        ids = list(results.values_list("document_id", "is_hidden"))
        return {
            "place": place_value(Place(rule.site_id, rule.locale)),
            "query": rule.query,
            "pinned": write_pages(key for key, is_hidden in ids if not is_hidden),
            "hidden": write_pages(key for key, is_hidden in ids if is_hidden),
            "is_suggested": rule.is_suggested,
        }

    def store(self, form: RuleForm) -> None:
        """Searches heed it from the commit on."""
        place, query = form.chosen_place(), form.cleaned_data["query"]
        is_new = self.rule_id is None and stored_rule(place, query_key(read_terms(query))) is None
        rule = save_query_rule(
            user=self.user,
            site_id=place.site_id,
            locale=place.locale,
            query=query,
            pinned=form.pages("pinned"),
            hidden=form.pages("hidden"),
            is_suggested=form.cleaned_data["is_suggested"],
            rule_id=self.rule_id,
        )
        log_saved(rule, self.user, is_new=is_new)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way to what the query finds, where pages are chosen by a click."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        given = {name: form[name].value() for name in ("query", "place")}
        if given["query"] and given["place"]:
            context["try_url"] = f"{reverse('search_try')}?{urlencode(given)}"
        return context


class DeleteQueryRuleView(DeleteRuleView):
    """A query finds what it finds by itself again."""

    parent = _LIST
    told = _("The query finds what it finds by itself again.")

    def find(self, rule_id: int) -> QueryRule:
        """The query's."""
        return find_query_rule(rule_id)

    def delete(self, rule_id: int) -> None:
        """Searches heed it from the commit on."""
        log_deleted(QueryRule, rule_id, self.user)
        delete_query_rule(user=self.user, rule_id=rule_id)
