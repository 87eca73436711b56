"""What a body says: the announcement, and the public document of that very instant."""

import json
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.interface import find_site, read_document, single_query
from outbox.interface import FinalError, LedgerEvent
from tests.factories.documents import Library, paragraph
from tests.webhooks.doing import publish, subscribe
from webhooks.fan_out import send_webhooks_many
from webhooks.interface import Actor, Delivery, preview_new, preview_subscription
from webhooks.payload import MAX_BODY_BYTES

pytestmark = pytest.mark.django_db(transaction=True)
URL = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def _loopback(loopback_allowed: None) -> None:
    pass


def fan_out() -> list[dict[str, Any]]:
    """The bodies that the step makes of the whole ledger, in its order."""
    assert set(send_webhooks_many(list(LedgerEvent.objects.order_by("sequence")))) <= {None}
    rows = Delivery.objects.order_by("sequence").values_list("body", flat=True)
    return [json.loads(body) for body in rows]


def as_of(event: LedgerEvent, **params: str) -> dict[str, Any]:
    """The document of an event as the API gives it for that instant."""
    site = find_site("testserver", 80, event.occurred_at)
    query = single_query(event.data["document_type"], event.subject, params)
    return json.loads(read_document(site, query).body)["data"]


def test_a_body_is_the_announcement_with_its_document(actor: Actor, library: Library) -> None:
    subscribe(actor, URL, fields="title,authors(name)")
    author = library.profile(1)
    post = library.post("a", authors=[author])
    library.save()

    [body] = fan_out()

    event = LedgerEvent.objects.get(subject=str(post))
    assert body == {
        "type": "content.published",
        "timestamp": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "sequence": event.sequence,
        "data": {
            "id": str(post),
            "type": "blog-posts",
            "locale": "en",
            "site_id": 1,
            "slug": "post-a",
            "path": "/post-a/",
            "version": 1,
            "revision": 1,
            "title": "Post a",
            "document": {
                "id": str(post),
                "type": "blog-posts",
                "title": "Post a",
                "authors": [
                    {
                        "id": str(author),
                        "type": "profiles",
                        "slug": "profile-1",
                        "path": "/profile-1/",
                        "title": "Profile 1",
                        "name": "Profile 1",
                    }
                ],
            },
        },
    }


def test_a_document_that_is_told_of_is_whole_where_another_names_it(
    actor: Actor, library: Library
) -> None:
    fields = "title,authors(bio)"
    subscribe(actor, URL, fields=fields)
    author = library.profile(1)
    library.save()
    post = library.post("a", authors=[author])
    library.save()

    [body] = [body for body in fan_out() if body["data"]["id"] == str(post)]

    event = LedgerEvent.objects.get(subject=str(post))
    assert body["data"]["document"] == as_of(event, fields=fields)
    assert body["data"]["document"]["authors"][0]["bio"]


@pytest.mark.parametrize("seed", range(4))
def test_each_document_is_the_one_of_its_events_own_instant(
    actor: Actor, library: Library, seed: int
) -> None:
    """Many edits first, then all bodies at once: each is what the API says as of its instant."""
    selections = ["", "title,tags", "title,author(name,photo(alt)),body", "authors(bio,photo)"]
    for fields in selections:
        subscribe(actor, URL, fields=fields)
    edits = random.Random(seed)
    pictures = [library.image(number) for number in range(2)]
    for number in range(30):
        word = f"Word {number}"
        kind = edits.choice(["tag", "profile", "post", "post", "post", "image", "withdraw"])
        if kind == "tag":
            library.tag(edits.randrange(2))
        elif kind == "profile":
            library.profile(edits.randrange(2), photo=edits.choice([*pictures, None]), title=word)
        elif kind == "image":
            library.image(edits.randrange(2))
        elif kind == "withdraw":
            library.withdraw(library.tag(9), *edits.sample(pictures, 1))
            library.states.pop()
        else:
            _random_post(library, edits, word)
        library.save()

    fan_out()

    events = {event.sequence: event for event in LedgerEvent.objects.all()}
    checked = 0
    for delivery in Delivery.objects.select_related("subscription"):
        event, body = events[delivery.sequence or 0], json.loads(delivery.body)
        fields = delivery.subscription.fields
        params = {"fields": fields} if fields else {}
        assert body["data"]["document"] == as_of(event, **params), (event, fields)
        checked += 1
    assert checked >= 20


def _random_post(library: Library, edits: random.Random, word: str) -> None:
    authors = [library.profile(number) for number in range(2) if edits.random() < 0.5]
    tags = [library.tag(number) for number in range(2) if edits.random() < 0.5]
    cover = library.image(edits.randrange(2))
    library.states.clear()
    library.post(
        edits.randrange(3),
        title=word,
        authors=authors,
        tags=tags,
        cover=edits.choice([cover, None]),
        body=[paragraph(f"<p>{word}</p>")],
    )


def test_what_is_withdrawn_has_no_document_and_no_title(actor: Actor, library: Library) -> None:
    subscribe(actor, URL)
    post = library.post("a", title="Canary")
    library.save()
    library.withdraw(post)

    published, withdrawn = fan_out()

    assert published["data"]["document"]["title"] == "Canary"
    assert withdrawn["type"] == "content.unpublished"
    assert "Canary" not in json.dumps(withdrawn)
    assert "document" not in withdrawn["data"]
    assert "document_omitted" not in withdrawn["data"]


def test_a_long_document_is_left_out(actor: Actor, library: Library) -> None:
    subscribe(actor, URL)
    publish(library, "short", body=[paragraph("x" * 18_000)])
    publish(library, "long", body=[paragraph("x" * 20_000)])

    short, long = fan_out()

    assert "document" in short["data"]
    assert "document" not in long["data"]
    assert long["data"]["document_omitted"] is True
    assert long["data"]["title"] == "Post long"
    bodies = Delivery.objects.values_list("body", flat=True)
    assert all(len(body.encode()) < MAX_BODY_BYTES for body in bodies)


def test_an_image_is_a_change_of_media(actor: Actor, library: Library) -> None:
    subscribe(actor, URL, event_types=["media.*"], content_types=[], locales=["fr"])
    image = library.image("x")
    publish(library, "a")

    [body] = fan_out()

    assert (body["type"], body["data"]["change"]) == ("media.changed", "published")
    assert body["data"]["document"]["id"] == str(image)
    assert body["data"]["document"]["alt"] == "Picture x"


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, ["a", "b", "c"]),
        ({"locales": ["fr"]}, ["b"]),
        ({"site": 2}, ["c"]),
        ({"event_types": ["content.updated"]}, []),
        ({"event_types": ["content.published"], "locales": ["en"], "site": 1}, ["a"]),
        ({"content_types": ["services"]}, []),
    ],
)
def test_filters_choose(actor: Actor, wishes: dict[str, Any], expected: list[str]) -> None:
    first, second = Library(), Library(site_id=2, hostname="other.example", is_default=False)
    first.open(second)
    subscribe(actor, URL, **wishes)
    publish(first, "a")
    publish(first, "b", locale="fr")
    publish(second, "c")

    assert [body["data"]["slug"][-1] for body in fan_out()] == expected


def test_a_website_has_no_type_and_no_language(actor: Actor, library: Library) -> None:
    subscribe(actor, URL, event_types=["*"], content_types=["services"], locales=["fr"])
    with_site = Library(hostname="renamed.example")
    with_site.open()

    assert [body["type"] for body in fan_out()] == ["site.changed"]


def test_fanning_out_takes_as_many_statements_for_fifty_events_as_for_one(
    actor: Actor, library: Library
) -> None:
    subscribe(actor, URL)
    subscribe(actor, URL, fields="title,authors(name)")
    author = library.profile(1)
    for number in range(50):
        library.post(number, authors=[author])
        library.save()
    events = list(LedgerEvent.objects.filter(data__document_type="blog-posts"))
    counts = []
    for batch in (events[:1], events[1:]):
        with CaptureQueriesContext(connection) as captured:
            send_webhooks_many(batch)
        counts.append(len([q for q in captured if not q["sql"].startswith("INSERT")]))

    assert counts[0] == counts[1]
    assert Delivery.objects.count() == 100


def test_one_event_that_cannot_be_told_stops_no_other(actor: Actor, library: Library) -> None:
    subscribe(actor, URL)
    publish(library, "a", "b")
    events = list(LedgerEvent.objects.filter(type="content.published").order_by("sequence"))
    events[0].data = {"document_type": "blog-posts", "locale": "en"}

    failures = send_webhooks_many(events)

    assert isinstance(failures[0], FinalError)
    assert failures[1] is None
    assert Delivery.objects.filter(sequence=events[1].sequence).exists()


def test_a_preview_shows_what_would_be_sent_and_sends_nothing(
    actor: Actor, library: Library
) -> None:
    publish(library, "a", "b", "c")
    made = subscribe(actor, URL, fields="title").subscription

    shown = preview_subscription(actor=actor, subscription_id=made.pk, events=2)
    changed = preview_subscription(actor=actor, subscription_id=made.pk, events=2, fields="path")
    thought = preview_new(events=3, content_types=["services"])

    documents = [json.loads(item.body)["data"]["document"] for item in shown]
    assert [item["title"] for item in documents] == ["Post b", "Post c"]
    assert json.loads(changed[0].body)["data"]["document"]["path"] == "/post-b/"
    assert thought == []
    made.refresh_from_db()
    assert (made.fields, Delivery.objects.count()) == ("title", 0)
