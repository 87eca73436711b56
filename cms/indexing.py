"""The admin's indexes of a page, search and references, brought up to date once for each saving.

Wagtail's signals do it too often: after each author and tag of a post that is saved with it, after a
save of two columns that no index knows of, and each time with a page that is read from the
database anew. So pages are indexed by their own `save`; `search_auto_update` on `BasePage` and
`references_are_kept` keep the signals from doing it once more.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from wagtail.models import Page, ReferenceIndex
from wagtail.search.backends import get_search_backends_with_name
from wagtail.search.index import FilterField

_OWN: Final = "wagtail_reference_index_ignore"


@contextmanager
def references_are_kept() -> Iterator[None]:
    """Inside, no signal brings the index of references up to date. May stand inside itself."""
    handlers = _wagtails_handlers()
    if getattr(handlers.reference_index_auto_update_disabled, "value", False):
        yield
        return
    with handlers.disable_reference_index_auto_update():
        yield


@cache
def _wagtails_handlers() -> ModuleType:
    """They need all models, and the models need this module."""
    return import_module("wagtail.signal_handlers")


def index_saved_page(page: Page, saved: Collection[str] | None) -> None:
    """Brings both indexes up to date with a page that has just been saved.

    `saved` names the fields that were, None if all; where they are in no index, nothing is done.
    The page at hand is what the database has only in what was saved, so after a saving of some
    indexed fields it is read again. Costs a statement for references and three for the search;
    to be called in the transaction of the saving.
    """
    if saved is not None:
        model: Any = type(page)
        if indexed_fields(model).isdisjoint(saved):
            return
        page = model.objects.get(pk=page.pk)
    ReferenceIndex.create_or_update_for_object(page)
    for _name, backend in get_search_backends_with_name(with_auto_update=True):
        backend.add(page)


@cache
def indexed_fields(model: Any) -> frozenset[str]:
    """The fields whose values stand in one of the indexes.

    The admin's search is the database's own; what it only filters by, it reads from the page.
    """
    searched = {
        field.field_name
        for field in model.get_search_fields()
        if not isinstance(field, FilterField)
    }
    referring = [field for field in model._meta.get_fields() if _has_references(field)]
    # `save` takes the names of keys too.
    names = {name for f in referring for name in (f.name, getattr(f, "attname", f.name))}
    return frozenset(searched | names)


def _has_references(field: Any) -> bool:
    if hasattr(field, "extract_references") or field.one_to_many or field.many_to_many:
        return True
    related = field.related_model if field.many_to_one else None
    return related is not None and not (
        getattr(field, _OWN, False) or getattr(related, _OWN, False)
    )
