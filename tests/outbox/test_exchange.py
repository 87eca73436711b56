"""Other programs hear of each change: in order, confirmed, and as the schemas say."""

import json
import runpy
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from amqp import Channel
from django.core.management import CommandError, call_command
from django.test import Client

from core.interface import utc_now
from delivery.interface import all_types
from outbox import exchange as exchange_module
from outbox.event_schemas import SCHEMAS
from outbox.exchange import Exchange
from outbox.interface import ANNOUNCED_TYPES, LedgerEvent, RetryableError, event_schema
from site_config import announcing
from tests.journeys.nothing_lost.mutations import send_and_hope
from tests.journeys.running_product import free_port
from tests.outbox.exchange_listening import Listener, listening
from tests.outbox.waiting import wait_until
from tests.tcp_proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
DATA: dict[str, Any] = {
    "document_id": "0198c0de-0000-7000-8000-00000000000d",
    "document_type": "blog-posts",
    "site_id": 1,
    "locale": "en",
    "slug": "hello",
    "path": "/blog/hello/",
    "title": "Héllo",
    "previous_path": "/blog/helo/",
    "version": 3,
    "revision": None,
    "go_live_at": "2099-01-02T03:04:00Z",
    "expire_at": None,
}


def event(kind: str, sequence: int = 7, subject: str = "", **data: Any) -> LedgerEvent:
    subject = subject or ("site:1" if kind.startswith("site.") else DATA["document_id"])
    merged = {"site_id": 1} if kind.startswith("site.") else DATA | data
    return LedgerEvent(
        sequence=sequence,
        id=uuid.uuid4(),
        type=kind,
        subject=subject,
        occurred_at=utc_now(),
        data=merged,
    )


def check(message: dict[str, Any]) -> None:
    """Fails unless the message fits the schema of messages, and its data that of its type."""
    for name, value in (("message", message), (message["type"], message["data"])):
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.Draft202012Validator(schema, format_checker=checker).validate(value)
        assert set(value) == set(schema["properties"])


SINGULAR = {
    "blog-posts": "blog-post",
    "blog-indexes": "blog-index",
    "services": "service",
    "profiles": "profile",
    "pages": "page",
    "tags": "tag",
    "categories": "category",
    "images": "image",
    "site": "site",
}


def test_routing_keys_name_one_thing_of_each_type() -> None:
    keys = {}
    for item in all_types():
        message = announcing.message_of(event("content.moved", document_type=item.name))
        assert message is not None
        keys[item.name] = message.routing_key
    expected = {name: f"content.moved.{one}" for name, one in SINGULAR.items()}
    assert keys == expected | {"images": "media.changed.image"}
    site = announcing.message_of(event("site.redirects_changed"))
    assert site is not None
    assert site.routing_key == "site.redirects_changed"


def test_a_type_that_no_release_knows_any_more_keeps_its_name() -> None:
    message = announcing.message_of(event("content.deleted", document_type="recipes"))
    assert message is not None
    assert message.routing_key == "content.deleted.recipes"


def test_the_schemas_are_served_where_messages_say(client: Client) -> None:
    for name in (*ANNOUNCED_TYPES, "message"):
        answer = client.get(f"/api/v1/schemas/events/{name}.schema.json")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/json"
        assert answer["Cache-Control"].startswith("public")
        assert answer.content == (SCHEMAS / f"{name}.schema.json").read_bytes()
        jsonschema.Draft202012Validator.check_schema(answer.json())
    assert client.get("/api/v1/schemas/events/content.gone.schema.json").status_code == 404
    assert event_schema("content.gone") is None


def test_the_command_tells_when_a_schema_is_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    call_command("export_event_schemas", check=True)

    monkeypatch.setattr("outbox.event_schemas.SCHEMAS", tmp_path)
    with pytest.raises(CommandError, match="Run bin/schemas"):
        call_command("export_event_schemas", check=True)
    call_command("export_event_schemas")
    call_command("export_event_schemas", check=True)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in SCHEMAS.iterdir()}


@pytest.mark.parametrize(
    ("broker", "is_there"), [("amqp://broker.example.com//", True), ("", False)]
)
def test_the_step_is_there_where_a_broker_is(settings: Any, broker: str, is_there: bool) -> None:
    settings.CELERY_BROKER_URL = broker
    pipeline = runpy.run_path(str(ROOT / "site_config" / "pipeline.py"))["PIPELINE"]

    with_step = set(pipeline.types_with("announce_to_exchange"))
    announced = {kind for kind in ANNOUNCED_TYPES if kind != "media.changed"}
    assert with_step == (announced if is_there else set())


class TestOnARealBroker:
    pytestmark = [pytest.mark.rabbitmq, pytest.mark.once]

    @pytest.fixture
    def listener(self, rabbitmq_url: str, settings: Any) -> Iterator[Listener]:
        settings.CELERY_BROKER_URL = rabbitmq_url
        settings.EVENT_SOURCE = "https://galley.example.com/"
        settings.EVENT_SCHEMAS_URL = "https://api.example.com"
        with listening(rabbitmq_url) as listener:
            yield listener

    def test_a_change_arrives_as_a_cloud_event(self, listener: Listener) -> None:
        published = event("content.published")
        announcing.announce_to_exchange(published)

        [heard] = listener.take()
        assert heard.routing_key == "content.published.blog-post"
        assert heard.event == {
            "specversion": "1.0",
            "id": str(published.id),
            "source": "https://galley.example.com/",
            "type": "content.published",
            "subject": DATA["document_id"],
            "time": published.occurred_at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": "https://api.example.com/api/v1/schemas/events/content.published.schema.json",
            "sequence": "00000000000000000007",
            "partitionkey": DATA["document_id"],
            "data": {
                "id": DATA["document_id"],
                "type": "blog-posts",
                "locale": "en",
                "site_id": 1,
                "slug": "hello",
                "path": "/blog/hello/",
                "title": "Héllo",
                "version": 3,
                "revision": None,
            },
        }
        assert heard.headers == {"sequence": 7, "partitionkey": DATA["document_id"]}
        assert heard.properties == {
            "content_type": "application/cloudevents+json; charset=utf-8",
            "delivery_mode": 2,
            "message_id": str(published.id),
            "type": "content.published",
            "timestamp": heard.properties["timestamp"],
            "app_id": "galley",
            "application_headers": heard.headers,
        }

    def test_each_type_fits_its_schema(self, listener: Listener) -> None:
        kinds = [kind for kind in ANNOUNCED_TYPES if kind != "media.changed"]
        image: dict[str, Any] = {"document_type": "images", "locale": "", "slug": "", "path": ""}
        events = [event(kind) for kind in kinds] + [event("content.updated", **image)]
        assert announcing.announce_all_to_exchange(events) == [None] * len(events)

        messages = [heard.event for heard in listener.take()]
        assert [message["type"] for message in messages] == [*kinds, "media.changed"]
        for message in messages:
            check(message)

    def test_what_is_not_announced_takes_no_message(self, listener: Listener) -> None:
        events = [event("site.history_removed"), event("site.changed"), event("users.created")]

        assert announcing.announce_all_to_exchange(events) == [None, None, None]
        assert [heard.event["type"] for heard in listener.take()] == ["site.changed"]

    def test_many_go_out_in_order_on_one_connection(
        self, listener: Listener, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exchange, opened = Exchange(rabbitmq_url), []
        connect = exchange._connect

        def count(deadline: float) -> Any:
            opened.append(deadline)
            return connect(deadline)

        monkeypatch.setattr(exchange, "_connect", count)
        messages = [
            message
            for number in range(500)
            if (message := announcing.message_of(event("content.updated", number)))
        ]
        for start in range(0, 500, 50):
            assert exchange.publish(messages[start : start + 50]) == [None] * 50
        exchange.close()

        heard = listener.take()
        assert [item.headers["sequence"] for item in heard] == list(range(500))
        assert len(opened) == 1

    def test_queues_choose_by_type(self, listener: Listener, rabbitmq_url: str) -> None:
        with listening(rabbitmq_url, "content.*.blog-post") as posts:
            announcing.announce_all_to_exchange(
                [event("content.deleted"), event("site.changed"), event("content.moved")]
            )
            assert [item.routing_key for item in posts.take()] == [
                "content.deleted.blog-post",
                "content.moved.blog-post",
            ]

    def test_a_refused_message_is_to_be_sent_again(self, rabbitmq_url: str, settings: Any) -> None:
        """A queue that is full and says so stands for a broker that cannot keep a message."""
        settings.CELERY_BROKER_URL = rabbitmq_url
        exchange = Exchange(rabbitmq_url)
        message = announcing.message_of(event("content.updated"))
        assert message is not None
        assert exchange.publish([message]) == [None]
        channel: Channel = exchange._channel
        full = {"x-max-length": 0, "x-overflow": "reject-publish"}
        queue = channel.queue_declare(exclusive=True, arguments=full).queue
        channel.queue_bind(queue, "galley.events", "content.#")

        [outcome] = exchange.publish([message])

        exchange.close()
        assert isinstance(outcome, RetryableError)
        assert "refused" in str(outcome)

    def test_a_connection_that_ended_meanwhile_is_opened_again(
        self, listener: Listener, proxy: Proxy, proxied: Callable[[], list[Any]]
    ) -> None:
        assert proxied() == [None]
        proxy.stop()
        proxy.start()

        assert proxied() == [None]
        assert len(listener.take()) == 2

    def test_a_broker_that_is_gone_is_told_of_at_once(
        self, proxy: Proxy, proxied: Callable[[], list[Any]]
    ) -> None:
        assert proxied() == [None]
        proxy.stop()

        [outcome] = proxied()

        assert isinstance(outcome, RetryableError)
        assert "refused" in str(outcome).lower(), "it waited for an answer"

    def test_the_next_node_is_asked_where_one_is_gone(
        self, listener: Listener, rabbitmq_url: str
    ) -> None:
        exchange = Exchange(f"amqp://galley:x@127.0.0.1:{free_port()}//;{rabbitmq_url}")
        message = announcing.message_of(event("content.updated"))
        assert message is not None

        assert exchange.publish([message]) == [None]

        exchange.close()
        assert len(listener.take()) == 1

    def test_a_child_process_has_a_connection_of_its_own(
        self, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours = exchange_module.exchange_at(rabbitmq_url)
        assert exchange_module.exchange_at(rabbitmq_url) is ours
        monkeypatch.setattr("os.getpid", lambda: -1)
        assert exchange_module.exchange_at(rabbitmq_url) is not ours

    def test_a_broker_that_hangs_costs_at_most_ten_seconds_and_then_nothing(
        self,
        proxy: Proxy,
        through: Exchange,
        proxied: Callable[[], list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert exchange_module.PUBLISH_SECONDS <= 10
        monkeypatch.setattr(exchange_module, "_REST_SECONDS", 3600.0)
        assert proxied() == [None]
        monkeypatch.setattr(exchange_module, "PUBLISH_SECONDS", 1.0)
        proxy.hang()
        [outcome] = proxied()
        assert isinstance(outcome, RetryableError)
        assert "TimeoutError" in str(outcome)

        [outcome] = proxied()
        assert isinstance(outcome, RetryableError)
        assert "away a moment ago" in str(outcome), "it asked again at once"

        proxy.go_on()
        monkeypatch.setattr(exchange_module, "PUBLISH_SECONDS", 8.0)
        monkeypatch.setattr(exchange_module, "_REST_SECONDS", 0.0)
        through._rests_until = 0.0
        wait_until(lambda: proxied() == [None])

    def test_without_confirmations_what_the_broker_never_read_counts_as_sent(
        self,
        listener: Listener,
        proxy: Proxy,
        proxied: Callable[[], list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(Exchange, "_send", send_and_hope)
        assert proxied() == [None]
        wait_until(lambda: bool(listener.take()))
        proxy.hang()

        assert proxied() == [None]

        proxy.stop()
        assert listener.take() == []

    def test_a_broker_that_hangs_before_it_greets_us_is_not_waited_for(
        self, proxy: Proxy, proxied: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchange_module, "_CONNECT_SECONDS", 0.5)
        # So that only the wait for the greeting can end it.
        monkeypatch.setattr(exchange_module, "PUBLISH_SECONDS", 3600.0)
        proxy.hang()

        [outcome] = proxied()

        assert isinstance(outcome, RetryableError)
        assert "timed out" in str(outcome)

    @pytest.fixture
    def proxy(self, rabbitmq_url: str) -> Iterator[Proxy]:
        address = urllib.parse.urlsplit(rabbitmq_url)
        proxy = Proxy(free_port(), address.hostname or "", address.port or 0)
        proxy.start()
        yield proxy
        proxy.stop()

    @pytest.fixture
    def through(self, rabbitmq_url: str, proxy: Proxy) -> Iterator[Exchange]:
        """One that reaches the broker through the proxy alone."""
        port = urllib.parse.urlsplit(rabbitmq_url).port
        exchange = Exchange(rabbitmq_url.replace(f":{port}", f":{proxy.port}"))
        yield exchange
        exchange.close()

    @pytest.fixture
    def proxied(self, through: Exchange) -> Callable[[], list[Any]]:
        """Publishes one message through the proxy, always over the same connection."""
        message = announcing.message_of(event("content.updated"))
        assert message is not None
        return lambda: list(through.publish([message]))
