"""What is known of the past goes into the tables that `as_of` reads.

The versions have their references and values as JSON. Of redirects and websites only the
present is known: they count as they are now since the first version of a document.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import migrations
from django.db.models import Min
from django.db.models.functions import Coalesce

from core.clock import utc_now


_UNDATED = datetime(1, 1, 1, tzinfo=UTC)
_BATCH = 500
_SITE = ("hostname", "port", "is_default", "default_locale", "locales")
_REDIRECT = ("site_id", "path", "document_id", "url", "is_permanent")


def fill(apps: Any, _schema_editor: Any) -> None:
    """In batches, so that any number of versions fits into memory."""

    def model(name: str) -> Any:
        return apps.get_model("delivery", name)

    versions = model("DocumentVersion").objects
    versions.update(sorted_at=Coalesce("published_at", _UNDATED))
    first = versions.aggregate(first=Min("valid_from"))["first"] or utc_now()
    _write(model("SiteVersion"), _present(model("DeliverySite"), "site_id", _SITE, first))
    redirects = _present(model("Redirect"), "redirect_id", _REDIRECT, first)
    _write(model("RedirectVersion"), redirects)
    _write(model("ReferenceVersion"), _references(versions))
    _write(model("ValueVersion"), _values(versions))


def _present(model: Any, key: str, names: tuple[str, ...], since: datetime) -> Iterator[Any]:
    for row in model.objects.order_by("pk").iterator():
        columns = {name: getattr(row, name) for name in names}
        yield {key: row.pk, "valid_from": since, **columns}


def _period(version: Any) -> dict[str, Any]:
    return {
        "type": version.type,
        "locale": version.locale,
        "sorted_at": version.sorted_at,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
    }


def _references(versions: Any) -> Iterator[Any]:
    for version in versions.order_by("pk").iterator(chunk_size=_BATCH):
        for field, position, target in orjson.loads(version.references):
            yield {
                "source_id": version.document_id,
                "field": field,
                "position": position,
                "target_id": UUID(target),
                **_period(version),
            }


def _values(versions: Any) -> Iterator[Any]:
    for version in versions.order_by("pk").iterator(chunk_size=_BATCH):
        for field, kind, raw in orjson.loads(version.values):
            yield {
                "document_id": version.document_id,
                "site_id": version.site_id,
                "field": field,
                **_value(kind, raw),
                **_period(version),
            }


def _value(kind: str, raw: Any) -> dict[str, Any]:
    if kind in {"number", "int"}:
        return {"number": Decimal(raw)}
    if kind == "time":
        return {"time": datetime.fromisoformat(raw)}
    if kind == "bool":
        return {"text": "true" if raw else "false"}
    return {"text": raw}


def _write(model: Any, rows: Iterator[Any]) -> None:
    while batch := list(islice(rows, _BATCH)):
        model.objects.bulk_create([model(**row) for row in batch])


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_history")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
