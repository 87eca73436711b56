"""Pages of Wagtail written in bulk: saving 5,000 one by one would take minutes; their rows are the same."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.db.models.sql import InsertQuery
from wagtail.models import Locale, Page

_BATCH: Final = 250


def insert_rows(rows: Sequence[Model]) -> None:
    """Inserts into the table of the rows' own class, which `bulk_create` refuses for pages."""
    for start in range(0, len(rows), _BATCH):
        query = InsertQuery(type(rows[0]))
        fields = rows[0]._meta.local_concrete_fields
        query.insert_values(fields, list(rows[start : start + _BATCH]), raw=False)
        query.get_compiler(connection=connection).execute_sql()


def insert_pages(
    parent: Page, model: type[Page], first_key: int, fields: Iterable[dict[str, Any]]
) -> None:
    """Pages below `parent`, which has none yet, with keys from `first_key` on.

    Fields of the base table stand under `base`; the others belong to the model's own.
    """
    kind = ContentType.objects.get_for_model(model)
    locale = Locale.get_default()
    bases, rows = [], []
    for number, own in enumerate(fields):
        base = own.pop("base")
        key = first_key + number
        page = Page(
            pk=key,
            path=Page._get_path(parent.path, parent.depth + 1, number + 1),  # noqa: SLF001 — treebeard's own
            depth=parent.depth + 1,
            content_type=kind,
            locale=locale,
            url_path=f"{parent.url_path}{base['slug']}/",
            draft_title=base["title"],
            live=True,
            has_unpublished_changes=False,
            **base,
        )
        bases.append(page)
        rows.append(model(page_ptr_id=key, **own))
    Page.objects.bulk_create(bases, batch_size=_BATCH)
    insert_rows(rows)
    Page.objects.filter(pk=parent.pk).update(numchild=len(bases))
