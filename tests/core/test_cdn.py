import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from core.cdn.fastly import FastlyCdn
from core.cdn.null import NullCdn
from core.cdn.surrogate_key import SurrogateKeyCdn
from core.interface import PurgeFailed, PurgeImpossible, get_cdn
from site_config.settings.parts.cdn import cdn_settings
from tests.core.http_server import Node, running_node

TAGS = ["d-1", "t-2-pages"]


@pytest.fixture(autouse=True)
def _nodes_on_loopback(loopback_allowed: None) -> None:
    pass


@pytest.fixture
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


@pytest.fixture
def other_node() -> Iterator[Node]:
    with running_node() as running:
        yield running


def test_without_settings_there_is_no_cdn() -> None:
    cdn = get_cdn()

    cdn.purge_tags(TAGS)
    assert isinstance(cdn, NullCdn)


def test_a_purge_names_the_tags_and_proves_who_asks(node: Node) -> None:
    cdn = SurrogateKeyCdn(urls=[f"{node.url}/purge"], token="secret", signing_key="key")
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        cdn.purge_tags([*TAGS, "d-1"])

    [order] = node.received
    assert (order.method, order.path) == ("PURGE", "/purge")
    assert order.headers["surrogate-key"] == "d-1 t-2-pages"
    assert order.headers["x-purge-token"] == "secret"
    assert order.headers["x-purge-timestamp"] == "1793491200"
    expected = hmac.new(b"key", b"1793491200.d-1 t-2-pages", hashlib.sha256).hexdigest()
    assert order.headers["x-purge-signature"] == expected


def test_without_token_and_key_nothing_of_them_is_sent(node: Node) -> None:
    SurrogateKeyCdn(urls=[node.url], header="xkey-purge").purge_tags(TAGS)

    [order] = node.received
    assert order.headers["xkey-purge"] == "d-1 t-2-pages"
    assert not [name for name in order.headers if name.startswith("x-purge")]


def test_many_tags_go_in_several_orders(node: Node) -> None:
    tags = [f"d-{number:036}" for number in range(450)]

    SurrogateKeyCdn(urls=[node.url]).purge_tags(tags)

    sent = [order.headers["surrogate-key"] for order in node.received]
    assert " ".join(sent).split() == tags
    assert max(map(len, sent)) <= 4096


def test_no_tags_no_order(node: Node) -> None:
    SurrogateKeyCdn(urls=[node.url]).purge_tags([])

    assert node.received == []


def test_each_node_is_asked_though_one_fails(node: Node, other_node: Node) -> None:
    node.status = 503
    node.headers = {"Retry-After": "7"}

    with pytest.raises(PurgeFailed) as caught:
        SurrogateKeyCdn(urls=[node.url, other_node.url]).purge_tags(TAGS)

    assert caught.value.retry_after_seconds == 7
    assert len(other_node.received) == 1


@pytest.mark.parametrize("status", [302, 401, 403, 404, 405, 500])
def test_a_refusal_that_a_person_may_cure_is_tried_again(node: Node, status: int) -> None:
    node.status = status

    with pytest.raises(PurgeFailed):
        SurrogateKeyCdn(urls=[node.url]).purge_tags(TAGS)


@pytest.mark.parametrize("status", [400, 413, 431])
def test_an_order_at_fault_is_not(node: Node, status: int) -> None:
    node.status = status

    with pytest.raises(PurgeImpossible):
        SurrogateKeyCdn(urls=[node.url]).purge_tags(TAGS)


def test_while_one_node_may_recover_the_order_is_tried_again(node: Node, other_node: Node) -> None:
    node.status, other_node.status = 400, 500

    with pytest.raises(PurgeFailed):
        SurrogateKeyCdn(urls=[node.url, other_node.url]).purge_tags(TAGS)


@pytest.mark.parametrize("tag", ["a b", "a\r\nX-Evil: 1", "", "é", "x" * 129])
def test_what_is_no_tag_is_not_sent(node: Node, tag: str) -> None:
    with pytest.raises(PurgeImpossible):
        SurrogateKeyCdn(urls=[node.url]).purge_tags([tag])
    assert node.received == []


def test_a_cache_on_a_network_that_is_not_allowed_waits_for_the_setting(
    node: Node, settings: Any
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []

    with pytest.raises(PurgeFailed, match="not public"):
        SurrogateKeyCdn(urls=[node.url]).purge_tags(TAGS)
    assert node.received == []


def test_fastly_is_asked_for_a_purge_at_once(node: Node) -> None:
    FastlyCdn(service_id="abc", token="secret", api_url=node.url).purge_tags(TAGS)

    [order] = node.received
    assert (order.method, order.path) == ("POST", "/service/abc/purge")
    assert order.headers["fastly-key"] == "secret"
    assert order.headers["surrogate-key"] == "d-1 t-2-pages"
    assert "fastly-soft-purge" not in order.headers


def test_the_environment_picks_the_adapter(
    monkeypatch: pytest.MonkeyPatch, settings: Any, node: Node
) -> None:
    monkeypatch.setenv("CDN_BACKEND", "surrogate-key")
    monkeypatch.setenv("CDN_PURGE_URLS", f"{node.url}/, {node.url}/b")
    settings.CDN = cdn_settings()

    get_cdn().purge_tags(TAGS)

    assert [order.path for order in node.received] == ["/", "/b"]


def test_fastly_needs_its_settings(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("CDN_BACKEND", "fastly")
    monkeypatch.setenv("CDN_FASTLY_SERVICE_ID", "abc")
    monkeypatch.setenv("CDN_FASTLY_TOKEN", "secret")
    settings.CDN = cdn_settings()

    assert isinstance(get_cdn(), FastlyCdn)
