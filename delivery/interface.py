"""The front door of `delivery`."""

from delivery.cache_tags import document_tag, site_tag, type_tag
from delivery.document_types import (
    COMMON_FIELDS,
    DocumentField,
    DocumentType,
    Kind,
    all_types,
    get_type,
    register_type,
)
from delivery.markers import clean_text, document_marker, image_marker, path_marker
from delivery.models import (
    DeliverySite,
    Document,
    DocumentReference,
    DocumentVersion,
    Redirect,
)
from delivery.redirects import remove_redirects, save_redirects
from delivery.saving import SavedChanges, remove_documents, save_documents
from delivery.sites import save_sites
from delivery.state import DocumentState, Reference, Value, document_id_for

__all__ = [
    "COMMON_FIELDS",
    "DeliverySite",
    "Document",
    "DocumentField",
    "DocumentReference",
    "DocumentState",
    "DocumentType",
    "DocumentVersion",
    "Kind",
    "Redirect",
    "Reference",
    "SavedChanges",
    "Value",
    "all_types",
    "clean_text",
    "document_id_for",
    "document_marker",
    "document_tag",
    "get_type",
    "image_marker",
    "path_marker",
    "register_type",
    "remove_documents",
    "remove_redirects",
    "save_documents",
    "save_redirects",
    "save_sites",
    "site_tag",
    "type_tag",
]
