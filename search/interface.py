"""The front door of `search`."""

from search.answers import (
    ReadSearch,
    RelatedQuery,
    answer_related,
    answer_search,
    read_search,
    related_query,
)
from search.asking import Found
from search.clicks import count_click
from search.counting import Asked, forget_old_counts, tally
from search.engine_indexing import index_in_engine, index_in_engine_many
from search.entries import searched_types
from search.indexing import index_documents, index_documents_many
from search.past_queries import refresh_past_queries
from search.query import (
    DEEPEST,
    FACETS,
    FILTERS,
    MOST_CHARACTERS,
    RELATED_PARAMETERS,
    SEARCH_PARAMETERS,
    SUGGEST_PARAMETERS,
    Sort,
)
from search.recovery import catch_up
from search.standing import engine_checks, search_families
from search.suggestions import SuggestionQuery, answer_suggestions, suggestion_query

__all__ = [
    "DEEPEST",
    "FACETS",
    "FILTERS",
    "MOST_CHARACTERS",
    "RELATED_PARAMETERS",
    "SEARCH_PARAMETERS",
    "SUGGEST_PARAMETERS",
    "Asked",
    "Found",
    "ReadSearch",
    "RelatedQuery",
    "Sort",
    "SuggestionQuery",
    "answer_related",
    "answer_search",
    "answer_suggestions",
    "catch_up",
    "count_click",
    "engine_checks",
    "forget_old_counts",
    "index_documents",
    "index_documents_many",
    "index_in_engine",
    "index_in_engine_many",
    "read_search",
    "refresh_past_queries",
    "related_query",
    "search_families",
    "searched_types",
    "suggestion_query",
    "tally",
]
