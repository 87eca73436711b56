"""Writing down what held when: the tables beside the present ones.

Each function is called with the instant of the running transaction (`ledger_moment`). What it
leaves open is what holds from then on; where nothing changed, nothing is written.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Model

from delivery.models import (
    DeliverySite,
    DocumentReference,
    DocumentValue,
    DocumentVersion,
    Redirect,
    RedirectVersion,
    ReferenceVersion,
    SiteVersion,
    ValueVersion,
)

_BATCH = 500
_DATED: Final = ("type", "locale", "sorted_at")
_REFERENCE: Final = ("source_id", "field", "position", "target_id", *_DATED)
_VALUE: Final = ("document_id", "field", "text", "number", "time", "site_id", *_DATED)
_REDIRECT: Final = ("site_id", "path", "document_id", "url", "is_permanent")
_SITE: Final = ("hostname", "port", "is_default", "default_locale", "locales")


def note_references(
    source_ids: Collection[UUID], rows: Iterable[DocumentReference], moment: datetime
) -> None:
    """From now on these documents have these references, and no others."""
    _advance(ReferenceVersion, _REFERENCE, source_ids, rows, moment)


def note_values(
    document_ids: Collection[UUID], rows: Iterable[DocumentValue], moment: datetime
) -> None:
    """From now on these documents have these values, and no others."""
    _advance(ValueVersion, _VALUE, document_ids, rows, moment)


def note_removed(document_ids: Collection[UUID], moment: datetime) -> None:
    """From now on these documents are not public. Three statements."""
    for model, owner in (
        (DocumentVersion, "document_id"),
        (ReferenceVersion, _REFERENCE[0]),
        (ValueVersion, _VALUE[0]),
    ):
        _close(model, owner, document_ids, moment)


def note_redirects(redirects: Sequence[Redirect], moment: datetime) -> None:
    """From now on these stored rules hold too."""
    RedirectVersion.objects.bulk_create(
        [
            RedirectVersion(redirect_id=item.pk, valid_from=moment, **_columns(item, _REDIRECT))
            for item in redirects
        ],
        batch_size=_BATCH,
    )


def note_redirects_removed(redirect_ids: Collection[int], moment: datetime) -> None:
    """From now on these rules do not hold."""
    _close(RedirectVersion, "redirect_id", redirect_ids, moment)


def note_sites(changed: Collection[DeliverySite], gone: Collection[int], moment: datetime) -> None:
    """From now on these websites are as they stand here, and those of `gone` are not."""
    _close(SiteVersion, "site_id", [*(site.id for site in changed), *gone], moment)
    SiteVersion.objects.bulk_create(
        [
            SiteVersion(site_id=site.id, valid_from=moment, **_columns(site, _SITE))
            for site in changed
        ]
    )


def _advance(
    model: Any,
    names: tuple[str, ...],
    owners: Collection[UUID],
    rows: Iterable[Model],
    moment: datetime,
) -> None:
    """Closes the open rows that are not among `rows`, and opens those that are new."""
    wanted = Counter(tuple(getattr(row, name) for name in names) for row in rows)
    held = model.objects.filter(**{f"{names[0]}__in": owners}, valid_to__isnull=True)
    gone = []
    for key, *columns in held.values_list("pk", *names):
        if wanted[tuple(columns)] > 0:
            wanted[tuple(columns)] -= 1
        else:
            gone.append(key)
    _close(model, "pk", gone, moment)
    model.objects.bulk_create(
        [
            model(valid_from=moment, **dict(zip(names, columns, strict=True)))
            for columns in wanted.elements()
        ],
        batch_size=_BATCH,
    )


def _close(model: Any, name: str, keys: Collection[Any], moment: datetime) -> None:
    if keys:
        model.objects.filter(**{f"{name}__in": keys}, valid_to__isnull=True).update(valid_to=moment)


def _columns(row: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
