"""The addresses of searches, below the admin's."""

from django.urls import URLPattern, path

from search.admin.report import ReportView
from search.admin.rules import DeleteQueryRuleView, RulesView, RuleView
from search.admin.synonyms import DeleteSynonymsView, SynonymsView, SynonymView
from search.admin.trying import TryView

_ALL = "visitors-search/"
_SYNONYMS = f"{_ALL}synonyms/"
_RULES = f"{_ALL}queries/"


def search_urls() -> list[URLPattern]:
    """All of them."""
    synonyms, rules = SynonymsView.as_view, RulesView.as_view
    return [
        path(_ALL, ReportView.as_view(), name="search_report"),
        path(f"{_ALL}try/", TryView.as_view(), name="search_try"),
        path(_SYNONYMS, synonyms(), name="search_synonyms"),
        path(f"{_SYNONYMS}results/", synonyms(results_only=True), name="search_synonyms_results"),
        path(f"{_SYNONYMS}add/", SynonymView.as_view(), name="search_synonyms_add"),
        path(f"{_SYNONYMS}<int:rule_id>/", SynonymView.as_view(), name="search_synonyms_edit"),
        path(
            f"{_SYNONYMS}<int:rule_id>/delete/",
            DeleteSynonymsView.as_view(),
            name="search_synonyms_delete",
        ),
        path(_RULES, rules(), name="search_rules"),
        path(f"{_RULES}results/", rules(results_only=True), name="search_rules_results"),
        path(f"{_RULES}add/", RuleView.as_view(), name="search_rules_add"),
        path(f"{_RULES}<int:rule_id>/", RuleView.as_view(), name="search_rules_edit"),
        path(
            f"{_RULES}<int:rule_id>/delete/",
            DeleteQueryRuleView.as_view(),
            name="search_rules_delete",
        ),
    ]
