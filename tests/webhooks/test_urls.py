"""Which URLs a webhook may have: T-70, T-71 and T-74, at the moment at which it is saved."""

from typing import Any

import pytest

from core.interface import Invalid
from tests.internal_hosts import INTERNAL_HOSTS
from tests.webhooks.doing import subscribe
from tests.webhooks.resolving import answering
from webhooks.interface import Actor, Subscription

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("host", INTERNAL_HOSTS)
def test_t70_an_internal_address_is_refused_at_save(actor: Actor, host: str) -> None:
    with pytest.raises(Invalid) as caught:
        subscribe(actor, f"https://{host}/")

    assert {issue.pointer for issue in caught.value.issues} == {"url"}
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"]],
)
def test_t71_every_address_of_a_name_must_be_public(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    answering(monkeypatch, addresses)

    with pytest.raises(Invalid) as caught:
        subscribe(actor, "https://hooks.example/")
    assert [issue.code for issue in caught.value.issues] == ["refused"]


@pytest.mark.parametrize(
    "url",
    [
        "http://good.example/",
        "http://good@127.0.0.1/",
        "http://127.0.0.1#@good.example/",
        "https://good.example@127.0.0.1/",
        "https://user:pass@hooks.example/",
        "https://hooks.example:22/",
        "https://hooks.example:25/",
        "https://hooks.example:6379/",
        "https://hooks.ex\tample/",
        "https://hooks.example/%00\0",
        "gopher://hooks.example/",
        "file:///etc/passwd",
        "ftp://hooks.example/",
        "//hooks.example/",
        "https:///",
        "",
        None,
        17,
    ],
)
def test_t74_tricks_with_urls_are_refused(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, url: Any
) -> None:
    answering(monkeypatch, ["93.184.215.14"])

    with pytest.raises(Invalid) as caught:
        subscribe(actor, url)
    assert {issue.pointer for issue in caught.value.issues} == {"url"}


def test_t74_a_plain_public_url_is_taken(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["93.184.215.14"])

    for url in (
        "https://hooks.example/x?y=1",
        "https://HOOKS.example:8443/",
        "https://hooks.example",
    ):
        subscribe(actor, url)
