import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from outbox.interface import ANNOUNCED_TYPES, Announcement, LedgerEvent, announce

ID = uuid.UUID("0198c0de-0000-7000-8000-000000000001")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

LEDGER_DATA = {
    "document_id": "d1",
    "document_type": "blog-posts",
    "site_id": 2,
    "locale": "en",
    "slug": "hello",
    "path": "/blog/hello/",
    "title": "Hello",
    "previous_path": "/blog/helo/",
    "previous_place": [2, "blog-posts", "en"],
    "shows_elsewhere": True,
    "revision": 7,
    "version": 3,
    "cache_tags": ["d-d1"],
}
WITHDRAWN = {
    "id": "d1",
    "type": "blog-posts",
    "locale": "en",
    "site_id": 2,
    "slug": "hello",
    "path": "/blog/hello/",
    "version": 3,
    "revision": 7,
}
PUBLIC = WITHDRAWN | {"title": "Hello"}


def event(kind: str, **data: Any) -> LedgerEvent:
    return LedgerEvent(sequence=41, id=ID, type=kind, subject="d1", occurred_at=AT, data=data)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("content.published", PUBLIC),
        ("content.updated", PUBLIC),
        ("content.moved", PUBLIC | {"previous_path": "/blog/helo/"}),
        ("content.unpublished", WITHDRAWN),
        ("content.deleted", WITHDRAWN),
    ],
)
def test_a_change_of_content_states_its_public_facts(kind: str, facts: dict[str, Any]) -> None:
    assert announce(event(kind, **LEDGER_DATA)) == Announcement(
        type=kind, id=ID, sequence=41, subject="d1", time=AT, data=facts
    )


@pytest.mark.parametrize("change", ["published", "updated", "unpublished", "deleted"])
def test_what_happens_to_an_image_is_one_type_that_says_which(change: str) -> None:
    data = LEDGER_DATA | {"document_type": "images", "locale": "", "slug": "", "path": ""}
    told = announce(event(f"content.{change}", **data))

    assert told is not None
    assert (told.type, told.data) == (
        "media.changed",
        {
            "id": "d1",
            "type": "images",
            "locale": "",
            "site_id": 2,
            "change": change,
            "version": 3,
        },
    )


def test_a_schedule_states_hours_and_nothing_of_the_draft() -> None:
    hours = {"go_live_at": "2026-04-01T00:00:00Z", "expire_at": None}
    told = announce(event("content.scheduled", **LEDGER_DATA, **hours))

    assert told is not None
    identity = {"id": "d1", "type": "blog-posts", "locale": "en", "site_id": 2}
    assert told.data == identity | hours


@pytest.mark.parametrize("kind", ["site.changed", "site.redirects_changed"])
def test_a_change_of_a_website_names_it(kind: str) -> None:
    told = announce(event(kind, site_id=2, cache_tags=["s-2"]))

    assert told is not None
    assert (told.type, told.data) == (kind, {"site_id": 2})


@pytest.mark.parametrize("kind", ["site.history_removed", "content.compiled", "users.created"])
def test_what_is_our_own_business_is_not_announced(kind: str) -> None:
    assert announce(event(kind, **LEDGER_DATA)) is None


def test_the_types_are_those_that_are_promised() -> None:
    assert set(ANNOUNCED_TYPES) == {
        "content.published",
        "content.updated",
        "content.moved",
        "content.unpublished",
        "content.deleted",
        "content.scheduled",
        "media.changed",
        "site.changed",
        "site.redirects_changed",
    }
