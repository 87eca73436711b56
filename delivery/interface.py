"""The front door of `delivery`."""

from delivery.cache_tags import (
    document_tag,
    history_tag,
    path_tag,
    search_tag,
    site_tag,
    slug_tag,
    type_tag,
)
from delivery.document_types import (
    COMMON_FIELDS,
    DocumentField,
    DocumentType,
    Kind,
    all_types,
    get_type,
    register_type,
)
from delivery.errors import BeforeHistory
from delivery.future import at_future, register_future
from delivery.json_schema import (
    document_example,
    document_schema,
    image_reference_schema,
    schema_name,
    shared_schemas,
)
from delivery.markers import clean_text, document_marker, image_marker, path_marker
from delivery.models import (
    DeliverySite,
    Document,
    DocumentReference,
    DocumentVersion,
    Redirect,
)
from delivery.prepared import read_present
from delivery.reading.answers import Answer, read_list, tags_of
from delivery.reading.chosen import Chosen, compose_documents
from delivery.reading.cursor import read_cursor, write_cursor
from delivery.reading.faults import refuse
from delivery.reading.filters import OPERATORS, UUID_TEXT, Filter, read_filters
from delivery.reading.instants import read_as_of
from delivery.reading.list_query import ListQuery
from delivery.reading.locales import choose_locales, read_locales
from delivery.reading.requests import (
    DEFAULT_LIMIT,
    LIST_PARAMETERS,
    SELECTION_PARAMETERS,
    SINGLE_PARAMETERS,
    list_query,
    path_selection,
    read_fields,
    read_limit,
    read_path,
    selection_of,
    single_query,
    site_query,
)
from delivery.reading.selection import Selection
from delivery.reading.settled import is_settled
from delivery.reading.single import SingleQuery, read_document, resolve_path
from delivery.reading.site_lookup import Site, find_site, forget_sites
from delivery.reading.sitemap import SITEMAP_LIMIT, read_sitemap
from delivery.reading.streams import stream_list, stream_locales, stream_query
from delivery.reading.sync_pages import (
    SYNC_LIMIT,
    SYNC_PARAMETERS,
    SyncQuery,
    read_sync,
    sync_query,
)
from delivery.reading.versions import Told, compose_told
from delivery.redirects import fit_redirects_to_sites, remove_redirects, save_redirects
from delivery.response_cache.cache import ResponseCache
from delivery.response_cache.freshness import is_plain_accept
from delivery.response_cache.messages import Ask, Asker, Fetched, Headers, OriginAway, Reply
from delivery.response_cache.query import canonical_query
from delivery.response_cache.redis_store import (
    Names,
    RedisBus,
    RedisStore,
    purge_many_with,
    purge_with,
)
from delivery.response_cache.trust import Trust
from delivery.saving import SavedChanges, remove_documents, save_documents
from delivery.schema_files import as_json, stale_files, write_files
from delivery.sites import save_sites
from delivery.state import DocumentState, Reference, Value, document_id_for

__all__ = [
    "COMMON_FIELDS",
    "DEFAULT_LIMIT",
    "LIST_PARAMETERS",
    "OPERATORS",
    "SELECTION_PARAMETERS",
    "SINGLE_PARAMETERS",
    "SITEMAP_LIMIT",
    "SYNC_LIMIT",
    "SYNC_PARAMETERS",
    "UUID_TEXT",
    "Answer",
    "Ask",
    "Asker",
    "BeforeHistory",
    "Chosen",
    "DeliverySite",
    "Document",
    "DocumentField",
    "DocumentReference",
    "DocumentState",
    "DocumentType",
    "DocumentVersion",
    "Fetched",
    "Filter",
    "Headers",
    "Kind",
    "ListQuery",
    "Names",
    "OriginAway",
    "Redirect",
    "RedisBus",
    "RedisStore",
    "Reference",
    "Reply",
    "ResponseCache",
    "SavedChanges",
    "Selection",
    "SingleQuery",
    "Site",
    "SyncQuery",
    "Told",
    "Trust",
    "Value",
    "all_types",
    "as_json",
    "at_future",
    "canonical_query",
    "choose_locales",
    "clean_text",
    "compose_documents",
    "compose_told",
    "document_example",
    "document_id_for",
    "document_marker",
    "document_schema",
    "document_tag",
    "find_site",
    "fit_redirects_to_sites",
    "forget_sites",
    "get_type",
    "history_tag",
    "image_marker",
    "image_reference_schema",
    "is_plain_accept",
    "is_settled",
    "list_query",
    "path_marker",
    "path_selection",
    "path_tag",
    "purge_many_with",
    "purge_with",
    "read_as_of",
    "read_cursor",
    "read_document",
    "read_fields",
    "read_filters",
    "read_limit",
    "read_list",
    "read_locales",
    "read_path",
    "read_present",
    "read_sitemap",
    "read_sync",
    "refuse",
    "register_future",
    "register_type",
    "remove_documents",
    "remove_redirects",
    "resolve_path",
    "save_documents",
    "save_redirects",
    "save_sites",
    "schema_name",
    "search_tag",
    "selection_of",
    "shared_schemas",
    "single_query",
    "site_query",
    "site_tag",
    "slug_tag",
    "stale_files",
    "stream_list",
    "stream_locales",
    "stream_query",
    "sync_query",
    "tags_of",
    "type_tag",
    "write_cursor",
    "write_files",
]
