"""The front door of `search`."""

from search.answers import (
    Found,
    ReadSearch,
    RelatedQuery,
    SuggestionQuery,
    answer_related,
    answer_search,
    answer_suggestions,
    read_search,
    related_query,
    suggestion_query,
)
from search.entries import SEARCHED_TYPES
from search.indexing import index_documents, index_documents_many
from search.query import (
    FACETS,
    FILTERS,
    MOST_CHARACTERS,
    RELATED_PARAMETERS,
    SEARCH_PARAMETERS,
    SUGGEST_PARAMETERS,
    Sort,
)

__all__ = [
    "FACETS",
    "FILTERS",
    "MOST_CHARACTERS",
    "RELATED_PARAMETERS",
    "SEARCHED_TYPES",
    "SEARCH_PARAMETERS",
    "SUGGEST_PARAMETERS",
    "Found",
    "ReadSearch",
    "RelatedQuery",
    "Sort",
    "SuggestionQuery",
    "answer_related",
    "answer_search",
    "answer_suggestions",
    "index_documents",
    "index_documents_many",
    "read_search",
    "related_query",
    "suggestion_query",
]
