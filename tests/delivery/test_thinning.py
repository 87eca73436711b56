"""The distant past is removed: only it, only when asked, and so that nobody sees it half gone."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model
from pytest_django import Settings

from core.interface import utc_now
from delivery import thinning
from delivery.interface import Told, compose_told, read_fields
from delivery.models import (
    Document,
    DocumentReference,
    DocumentValue,
    DocumentVersion,
    HistoryStart,
    Redirect,
    RedirectVersion,
    ReferenceVersion,
    ValueVersion,
)
from outbox.models import LedgerEvent
from tests.api.conftest import Reader
from tests.factories.documents import Library, id_of

pytestmark = pytest.mark.django_db(transaction=True)

HISTORY = (DocumentVersion, ReferenceVersion, ValueVersion, RedirectVersion)
PRESENT = (Document, DocumentReference, DocumentValue, Redirect)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def library(transactional_db: None) -> Library:
    """A post with three titles, the last still public; a service that came and went."""
    library = Library().open()
    tag = library.tag(1)
    for title in ("One", "Two", "Three"):
        library.post(1, title=title, tags=[tag] if title == "One" else [])
        library.service(1, "10.00")
        library.save()
        library.redirect("/old", url=f"https://example.com/{title}/")
    library.withdraw(id_of("service", 1))
    return library


def stored(*models: type[Model]) -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in models]  # type: ignore[attr-defined]


def thin(*arguments: str) -> str:
    out = StringIO()
    call_command("thin_versions", *arguments, stdout=out)
    return out.getvalue()


def third() -> datetime:
    """When the third title became public."""
    return DocumentVersion.objects.get(document_id=id_of("post", 1), version=3).valid_from


def status(reader: Reader, at: datetime) -> int:
    return int(reader.get(f"/content/blog-posts/post-1?as_of={quote(at.isoformat())}").status_code)


def test_without_yes_it_only_says_what_would_go(library: Library) -> None:
    before = stored(*HISTORY, *PRESENT, HistoryStart, LedgerEvent)
    said = thin("--before", third().isoformat())

    assert stored(*HISTORY, *PRESENT, HistoryStart, LedgerEvent) == before
    lines = [line.split() for line in said.splitlines()]
    assert lines[1][:3] == ["blog-posts", "2", "versions"]
    assert "2 versions in all, and 2 rows beside." in said
    assert said.splitlines()[-1] == "Nothing was removed. Add --yes to remove it."


def test_what_ended_goes_and_what_held_then_stays(library: Library, reader: Reader) -> None:
    present, start = stored(*PRESENT), third()
    kept = list(DocumentVersion.objects.exclude(valid_to__lte=start).order_by("pk").values())
    said = thin("--yes", "--before", start.isoformat())

    assert "Removed; history begins" in said
    assert list(DocumentVersion.objects.order_by("pk").values()) == kept
    assert stored(*PRESENT) == present
    for model in HISTORY:
        assert not model.objects.filter(valid_to__lte=start).exists()
    assert (status(reader, start), status(reader, start - timedelta(microseconds=1))) == (200, 410)
    services = f"/content/services?as_of={quote(start.isoformat())}"
    assert reader.slugs(services) == ["service-1"]


def test_caches_forget_the_past_before_and_after(library: Library) -> None:
    last = LedgerEvent.objects.order_by("sequence").last()
    assert last is not None
    thin("--yes", "--before", third().isoformat())

    events = LedgerEvent.objects.filter(sequence__gt=last.sequence).order_by("sequence")
    assert [(event.type, event.data["cache_tags"]) for event in events] == [
        ("site.history_removed", ["h-1"])
    ] * 2


def test_the_numbers_of_what_is_gone_go_on_when_it_comes_back(
    library: Library, reader: Reader
) -> None:
    thin("--yes", "--before", datetime.now(UTC).isoformat())
    left = DocumentVersion.objects.get(document_id=id_of("service", 1))
    assert (left.head, left.content, left.title, left.references) == ("", "", "", "")
    assert "0 versions in all" in thin("--before", datetime.now(UTC).isoformat())

    library.service(1, "20.00")
    library.save()
    assert reader.json("/content/services/service-1")["data"]["version"] == 2


def test_after_a_crash_the_next_call_goes_on(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = third()

    def crash(_rows: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(thinning, "_BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        thinning.thin_history(start, crash)
    # Nobody sees it half gone.
    assert status(reader, start - timedelta(microseconds=1)) == 410
    assert thinning.plan_removal(start).versions == 1
    thinning.thin_history(start)
    assert thinning.plan_removal(start) == thinning.Removal(start, (), 0)


def test_history_never_grows_again(library: Library, reader: Reader) -> None:
    start = third()
    thin("--yes", "--before", start.isoformat())
    thin("--yes", "--before", "2026-01-01")

    assert HistoryStart.objects.get().starts_at == start


def test_the_size_is_counted_in_bytes(library: Library) -> None:
    DocumentVersion.objects.filter(document_id=id_of("post", 1)).update(
        head="é" * 10, content="ab", references="", values="c"
    )
    (posts,) = thinning.plan_removal(third()).types
    assert (posts.type, posts.versions, posts.size_bytes) == ("blog-posts", 2, 46)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Everything is kept"),
        (["--before", "2199-01-01"], "in the future"),
        (["--before", "yesterday"], "write a day"),
        (["--before", "2026-01-01T10:00"], "write a day"),
        (["--yes", "--dry-run"], "contradict"),
    ],
)
def test_bad_arguments_are_refused(library: Library, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        thin(*arguments)


def test_the_retention_that_is_set_decides(library: Library, settings: Settings) -> None:
    settings.VERSION_RETENTION_DAYS = 30
    assert "0 versions in all" in thin()
    DocumentVersion.objects.filter(document_id=id_of("post", 1), version=1).update(
        valid_to=datetime.now(UTC) - timedelta(days=31)
    )
    assert "1 versions in all" in thin()


def test_what_was_removed_is_not_told_either(library: Library) -> None:
    versions = DocumentVersion.objects.order_by("valid_from")
    known = [Told(str(item.document_id), item.valid_from) for item in versions]
    service = versions.get(document_id=id_of("service", 1))
    selections = [read_fields([], "title,tags(title)")]
    assert {told for told, _ in compose_told(known, selections)} == set(known)

    thin("--yes", "--before", utc_now().isoformat())
    left = compose_told(known, selections)

    assert DocumentVersion.objects.filter(pk=service.pk).exists()
    start = HistoryStart.objects.get().starts_at
    assert {told for told, _ in left} == {told for told in known if told.at >= start}
