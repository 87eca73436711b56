"""A mirror that follows the sync equals the API, whatever is written in parallel meanwhile.

1,000 edits with another seed: `SYNC_EDITS=1000 SYNC_SEED=7 bin/test tests/api/test_sync_oracle.py`.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from django.db import Error, connection, transaction

from core.interface import utc_now
from delivery import saving
from delivery.interface import document_marker
from delivery.reading import sync_changes
from outbox.models import LedgerEvent
from outbox.recording import EventRecord, record_events
from tests.api.sync_oracle import faults_of, followers, watch
from tests.factories.documents import Library, days, id_of, paragraph

parallel = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("SYNC_SEED", "1"))
EDITS = int(os.environ.get("SYNC_EDITS", "240"))
WRITERS = 8 if connection.vendor == "postgresql" else 2
KEYS = 12


class Writer:
    """Publishes, changes, moves and withdraws documents that refer to each other."""

    def __init__(self, seed: int, edits: int, *, own: bool = False) -> None:
        self.chance = random.Random(seed)
        self.edits = edits
        self.failures = 0
        self.key = f"{seed}-" if own else ""
        # The second website takes documents away from the first.
        self.libraries = [Library(), Library(site_id=2)]

    def __call__(self) -> None:
        for number in range(self.edits):
            try:
                with transaction.atomic():
                    for _ in range(self.chance.choice((1, 1, 1, 4))):
                        self.edit(f"{number}")
                    time.sleep(self.chance.uniform(0, 0.004))
                    if self.chance.random() < 0.1:
                        transaction.set_rollback(True)
            except Error:
                self.failures += 1

    def edit(self, word: str) -> None:
        library = self.libraries[self.chance.random() < 0.05]
        self.chance.choice((self.post, self.post, self.post, self.withdraw, *self.small))(
            library, word
        )
        library.save()

    @property
    def small(self) -> tuple[Callable[[Library, str], None], ...]:
        return (self.author, self.tag, self.image, self.site)

    def pick(self, kind: str) -> UUID:
        return id_of(kind, self.number())

    def number(self) -> str:
        return f"{self.key}{self.chance.randrange(KEYS)}"

    def post(self, library: Library, word: str) -> None:
        other, image = self.pick("post"), self.pick("image")
        call = {"title": "", "text": "", "label": word, "page": document_marker(other), "url": None}
        library.post(
            self.number(),
            title=self.chance.choice(("Same", word)),
            authors=[self.pick("profile")],
            tags=[self.pick("tag")],
            cover=image,
            body=[
                {"id": "1", "type": "call_to_action", "value": call},
                paragraph(f"<p>{word}</p>"),
            ],
            mentions=[other, image],
            locale=self.chance.choice(("en", "fr")),
            date=days(self.chance.randrange(KEYS)),
        )

    def author(self, library: Library, word: str) -> None:
        title = self.chance.choice(("Same", word))
        library.profile(self.number(), photo=self.pick("image"), title=title)

    def tag(self, library: Library, word: str) -> None:
        key = self.number()
        library.add("tag", key, "tags", head={"name": word}, locale="", path="", title=word)

    def image(self, library: Library, word: str) -> None:
        library.add("image", self.number(), "images", head={"src": word}, locale="", path="")

    def site(self, library: Library, word: str) -> None:
        if library.site_id == 1:
            locale = self.chance.choice(("en", "fr"))
            library.add("site", locale, "site", locale=locale, slug="site", path="", title=word)

    def withdraw(self, library: Library, word: str) -> None:
        kind = self.chance.choice(("post", "post", "profile", "tag", "image"))
        library.withdraw(self.pick(kind), self.pick(kind))


def writers(edits: int = EDITS, *, own: bool = False) -> list[Writer]:
    each = edits // WRITERS
    return [Writer(SEED * 100 + number, each, own=own) for number in range(WRITERS)]


@pytest.fixture
def website(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two websites; and answers that look at so few events that many end in the middle."""
    monkeypatch.setattr(sync_changes, "EVENTS_AT_ONCE", 9)
    Library().open(Library(site_id=2, hostname="other.example.com", is_default=False))


@pytest.mark.slow
@parallel
def test_mirrors_equal_the_api_after_edits_by_parallel_writers(website: None) -> None:
    mirrors, busy = followers(SEED), writers()

    watch(busy, mirrors)

    assert faults_of(mirrors) == [], f"seed {SEED}"
    assert sum(writer.failures for writer in busy) == 0
    kinds = set(LedgerEvent.objects.values_list("type", flat=True))
    assert kinds >= {"content.published", "content.updated", "content.unpublished"}
    told = [f"{m.pages} pages, {m.beginnings} beginnings, {m.crashes} crashes" for m in mirrors]
    print(f"seed {SEED}, {LedgerEvent.objects.count()} events; mirrors: {told}")  # noqa: T201


def no_deletion(*_arguments: object) -> None:
    return None


def never(*_arguments: object) -> bool:
    return False


def all_but_some(records: Sequence[EventRecord]) -> list[LedgerEvent]:
    return record_events([item for item in records if UUID(item.subject).int % 5])


@pytest.mark.slow
@parallel
@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (sync_changes, "_deletion", no_deletion),
        (saving, "_shows_elsewhere", never),
        (saving, "record_events", all_but_some),
    ],
    ids=["a deletion is swallowed", "what shows it is forgotten", "an event is dropped"],
)
def test_the_comparison_finds(
    website: None, monkeypatch: pytest.MonkeyPatch, module: object, name: str, fault: object
) -> None:
    monkeypatch.setattr(module, name, fault)

    mirrors = followers(SEED)
    watch(writers(60), mirrors)

    faults = faults_of(mirrors)
    assert faults != []
    assert [fault for fault in faults if "Error" in fault] == []


def record_with_numbers_drawn_early(records: Sequence[EventRecord]) -> list[LedgerEvent]:
    """As a database's own sequence does it: numbers in the order of asking, not of the commits."""
    rows = []
    for record in records:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('numbers_drawn_early')")
            (number,) = cursor.fetchone()
        rows.append(
            LedgerEvent(
                sequence=number, type=record.type, subject=record.subject, data=dict(record.data)
            )
        )
    return LedgerEvent.objects.bulk_create(rows)


@pytest.mark.slow
@parallel
@pytest.mark.postgresql
def test_the_comparison_finds_numbers_that_are_drawn_before_the_lock(
    website: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "lock_ledger", lambda: None)
    monkeypatch.setattr(saving, "ledger_moment", utc_now)
    monkeypatch.setattr(saving, "record_events", record_with_numbers_drawn_early)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE numbers_drawn_early")
        cursor.execute("SELECT setval('numbers_drawn_early', 100)")
    mirrors = followers(SEED)
    try:
        # Few enough that what a mirror has missed is not all told again by a later edit.
        watch(writers(240, own=True), mirrors)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE numbers_drawn_early")

    faults = faults_of(mirrors)
    assert faults != []
    assert [fault for fault in faults if "Error" in fault] == []
