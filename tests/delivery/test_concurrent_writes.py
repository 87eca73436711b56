"""Edits at the same time: they take turns, whatever documents they touch in whatever order."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection, transaction

from delivery.interface import (
    Document,
    DocumentState,
    DocumentVersion,
    document_id_for,
    remove_documents,
    save_documents,
)
from outbox.interface import LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)

TIME = datetime(2026, 11, 1, tzinfo=UTC)


def _state(name: str, title: str) -> DocumentState:
    return DocumentState(
        id=document_id_for("page", name),
        source=f"page:{name}",
        site_id=1,
        type="pages",
        locale="en",
        translation_key=UUID(int=1),
        slug=name,
        path=f"/{name}/",
        title=title,
        published_at=TIME,
        updated_at=TIME,
        revision=1,
        head={},
        content={},
        references=(),
        values=(),
    )


def _edit(names: Sequence[str], title: str, ready: threading.Barrier, errors: list[str]) -> None:
    try:
        ready.wait(10)
        with transaction.atomic():
            for name in names:
                save_documents([_state(name, title)])
            remove_documents([document_id_for("page", "gone")])
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what the test is about
        errors.append(repr(error))
    finally:
        connection.close()


def _edit_together(*orders: Sequence[str], title: str) -> list[str]:
    ready = threading.Barrier(len(orders))
    errors: list[str] = []
    threads = [
        threading.Thread(target=_edit, args=(names, f"{title} {number}", ready, errors))
        for number, names in enumerate(orders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_documents_in_contrary_orders_never_wait_in_a_circle() -> None:
    with transaction.atomic():
        save_documents([_state("a", "A"), _state("b", "B")])

    for turn in range(10):
        assert _edit_together("ab", "ba", "ab", "ba", title=f"Turn {turn}") == []

    assert LedgerEvent.objects.count() == 82
    assert DocumentVersion.objects.filter(valid_to__isnull=True).count() == 2


def test_a_document_that_two_edits_bring_at_once_is_published_once() -> None:
    for turn in range(10):
        assert _edit_together(f"{turn}", f"{turn}", title="Same") == []

    assert Document.objects.count() == 10
    kinds = LedgerEvent.objects.order_by("sequence").values_list("type", flat=True)
    assert sorted(kinds) == ["content.published"] * 10 + ["content.updated"] * 10
