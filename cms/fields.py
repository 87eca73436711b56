"""Model fields of the editor's side."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from wagtail.fields import StreamField

_Words = dict[int, tuple[Any, list[str]]]
_words: ContextVar[_Words | None] = ContextVar("words of streams", default=None)


@contextmanager
def words_are_kept() -> Iterator[None]:
    """Inside, the words of a stream are taken out of its blocks once, however often they are asked for.

    The admin's search asks three times for each page, and the reading time once more; most of the
    time of indexing goes there. For code that changes no stream in place while it is inside.
    May stand inside itself.
    """
    if _words.get() is not None:
        yield
        return
    token = _words.set({})
    try:
        yield
    finally:
        _words.reset(token)


class ContentStreamField(StreamField):
    """A StreamField whose blocks stay out of the migrations.

    A block that is renamed or given a help text is no change of the database, so it makes no
    migration here. The price: a data migration that must look into old blocks has to declare
    them itself.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As Django's, with an empty list of blocks."""
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs

    def get_searchable_content(self, value: Any) -> list[str]:
        """As Wagtail's; inside `words_are_kept`, taken once."""
        kept = _words.get()
        if kept is None:
            return list(super().get_searchable_content(value))
        # The value stands beside its words, so that no other can get its address meanwhile.
        known = kept.get(id(value))
        if known is None:
            known = kept[id(value)] = (value, list(super().get_searchable_content(value)))
        return known[1]
