"""The migration that fills history from what was stored before there was one."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction

from delivery.history import _REDIRECT, _REFERENCE, _SITE, _VALUE
from delivery.interface import Value
from delivery.models import (
    DocumentValue,
    DocumentVersion,
    RedirectVersion,
    ReferenceVersion,
    SiteVersion,
    ValueVersion,
)
from tests.factories.documents import Library

pytestmark = pytest.mark.django_db

VALUES = (
    Value("price", Decimal("9.50")),
    Value("count", 3),
    Value("flag", True),
    Value("word", "red"),
    Value("when", datetime(2026, 1, 2, tzinfo=UTC)),
)


def history() -> list[list[object]]:
    return [
        sorted(model.objects.values_list(*names, "valid_to"), key=str)
        for model, names in (
            (ReferenceVersion, _REFERENCE),
            (ValueVersion, _VALUE),
            (RedirectVersion, ("redirect_id", *_REDIRECT)),
            (SiteVersion, ("site_id", *_SITE)),
        )
    ]


def test_it_writes_what_would_have_been_written(db: None) -> None:
    library = Library().open()
    image = library.image(1)
    library.post(1, tags=[library.tag(1), library.tag(2)], cover=image)
    library.add("thing", 1, "services", values=VALUES, date=None)
    library.save()
    library.redirect("/old", url="https://example.com/")
    expected = history()
    dates = list(DocumentVersion.objects.order_by("pk").values_list("sorted_at", flat=True))
    assert [len(rows) for rows in expected] == [3, DocumentValue.objects.count(), 1, 1]

    for model in (ReferenceVersion, ValueVersion, RedirectVersion, SiteVersion):
        model.objects.all().delete()
    DocumentVersion.objects.update(sorted_at=datetime(1999, 1, 1, tzinfo=UTC))
    with transaction.atomic():
        import_module("delivery.migrations.0004_fill_history").fill(apps, None)

    assert history() == expected
    assert dates == list(DocumentVersion.objects.order_by("pk").values_list("sorted_at", flat=True))
    first = DocumentVersion.objects.order_by("valid_from").values_list("valid_from", flat=True)[0]
    assert set(SiteVersion.objects.values_list("valid_from", flat=True)) == {first}
