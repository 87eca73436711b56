"""Which tokens of the sync are taken, and what is said of the others."""

import pytest

from outbox.models import LedgerEvent, LedgerHead
from tests.api.conftest import Reader
from tests.api.mirror import Mirror, fill
from tests.factories.documents import Library


@pytest.fixture
def mirror(library: Library, reader: Reader) -> Mirror:
    fill(library)
    return Mirror(reader, limit=3).catch_up()


def test_one_that_was_changed(mirror: Mirror, reader: Reader) -> None:
    token = mirror.token or ""
    changed = token[:5] + ("A" if token[5] != "A" else "B") + token[6:]
    for bad in (changed, token[:-1], token + "A", "", "x" * 3000, "é".encode().hex(), "AA=="):
        assert reader.refusal(f"/content/sync?sync_token={bad}") == (
            "query/sync_token",
            "unknown_token",
        )


def test_one_of_another_website(library: Library, mirror: Mirror) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    response = mirror.reader.get(
        f"/content/sync?sync_token={mirror.token}", host="other.example.com"
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "unknown_token"


def test_a_cursor_of_a_list_is_none(mirror: Mirror, reader: Reader) -> None:
    cursor = reader.json("/content?limit=1")["page"]["next"]
    assert reader.refusal(f"/content/sync?sync_token={cursor}")[1] == "unknown_token"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("", "sync_token", "missing"),
        ("?limit=10", "sync_token", "missing"),
        ("?initial=false", "initial", "malformed"),
        ("?initial=1", "initial", "malformed"),
        ("?initial=true&sync_token=x", "initial", "contradiction"),
        ("?sync_token=x&type=tags", "type", "contradiction"),
        ("?sync_token=x&locale=en", "locale", "contradiction"),
        ("?initial=true&type=nothing", "type", "unknown_type"),
        ("?initial=true&type=", "type", "unknown_type"),
        ("?initial=true&locale=de", "locale", "unknown_locale"),
        ("?initial=true&locale=_", "locale", "malformed"),
        ("?initial=true&limit=101", "limit", "out_of_range"),
        ("?initial=true&fields=title", "fields", "unknown_parameter"),
        ("?initial=true&initial=true", "initial", "repeated"),
    ],
)
def test_what_is_not_understood(
    library: Library, reader: Reader, query: str, pointer: str, code: str
) -> None:
    assert reader.refusal(f"/content/sync{query}") == (f"query/{pointer}", code)


def gone(reader: Reader, token: str | None) -> bool:
    response = reader.get(f"/content/sync?sync_token={token}")
    if response.status_code == 200:
        return False
    assert response.status_code == 410
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response.json()["type"] == "/api/docs/problems/start-again"
    return True


def test_one_that_the_ledger_has_outlived(library: Library, mirror: Mirror, reader: Reader) -> None:
    library.post(1, title="Changed")
    library.post(2, title="Changed")
    library.save()
    last = Mirror(reader).catch_up()
    position = LedgerHead.objects.get().sequence
    LedgerEvent.objects.filter(sequence__lt=position).delete()

    assert gone(reader, mirror.token)
    assert not gone(reader, last.token)
    assert last.step()["data"] == []


@pytest.mark.django_db(transaction=True)
def test_one_from_before_the_first_event(library: Library, reader: Reader) -> None:
    LedgerEvent.objects.all().delete()
    LedgerHead.objects.all().delete()
    empty = Mirror(reader).catch_up().token
    assert not gone(reader, empty)
    fill(library)
    assert not gone(reader, empty)

    LedgerEvent.objects.filter(sequence=1).delete()
    assert gone(reader, empty)


def test_one_of_a_ledger_that_a_backup_has_replaced(
    library: Library, mirror: Mirror, reader: Reader
) -> None:
    """The numbers are there again, and are those of other events."""
    event = LedgerEvent.objects.order_by("-sequence")[0]
    LedgerEvent.objects.filter(sequence=event.sequence).delete()
    assert gone(reader, mirror.token)

    LedgerEvent.objects.create(sequence=event.sequence, type=event.type, data=event.data)
    assert gone(reader, mirror.token)
