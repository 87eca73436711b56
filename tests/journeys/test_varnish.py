"""The real thing: the product, Varnish before it, and the purges that the ledger's relay sends.

`pytest tests/journeys/test_varnish.py --edits 100 -s` runs it long.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from outbox.models import StepRun, StepStatus
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit
from tests.journeys.cache_tags.addresses import Addresses, addresses_in, fixed_addresses
from tests.journeys.cache_tags.model_cdn import Request
from tests.journeys.cache_tags.oracle import ask_in_process
from tests.journeys.http_asking import Heard, ask
from tests.journeys.running_product import Product, running_product
from tests.journeys.varnish_node import TOKEN, is_hit, running_varnish

pytestmark = [pytest.mark.varnish, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

EDITS = 15
FIXED, ROOM = 30, 20


@dataclass
class Front:
    """What readers reach, and the website behind it."""

    node: Product
    website: Website


@pytest.fixture
def front(settings: Any, varnish: str, tmp_path: Path) -> Iterator[Front]:
    website = Website()
    variables = {"GALLEY_ROLE": "api", "GALLEY_WORKERS": "2", "ALLOWED_HOSTS": "*"}
    variables["SECRET_KEY"] = settings.SECRET_KEY  # it signs cursors
    with (
        running_product(tmp_path / "product.log", **variables) as product,
        running_varnish(varnish, product, tmp_path) as node,
    ):
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        settings.CDN = {
            "BACKEND": "core.cdn.surrogate_key.SurrogateKeyCdn",
            "OPTIONS": {"urls": [node.address], "token": TOKEN},
        }
        call_command("run_relay", "--once")
        yield Front(node, website)


def heard_through(node: Product, request: Request) -> Heard:
    return ask(node, request.url, Host=request.host)


def test_a_change_is_seen_at_once(front: Front) -> None:
    post = front.website.post("Hello")
    address = "/api/v1/content/blog-posts/hello?fields=title"
    assert not is_hit(ask(front.node, address))
    assert is_hit(ask(front.node, address))

    edit(post, title="Another")
    assert b"Hello" in ask(front.node, address).body
    call_command("run_relay", "--once")

    assert b"Another" in ask(front.node, address).body
    assert is_hit(ask(front.node, address))


def test_only_who_has_the_token_purges(front: Front) -> None:
    def purge(**headers: str) -> int:
        return ask(front.node, "/", method="PURGE", **headers).status

    assert purge(Surrogate_Key="s-1") == 403
    assert purge(Surrogate_Key="s-1", X_Purge_Token="wrong") == 403
    assert purge(X_Purge_Token=TOKEN) == 400
    assert purge(Surrogate_Key="s-1", X_Purge_Token=TOKEN) == 200


def test_random_edits_leave_nothing_stale(front: Front, request: pytest.FixtureRequest) -> None:
    seed = int((request.config.getoption("--seeds") or "1").split(",")[0])
    edits = request.config.getoption("--edits") or EDITS
    editor, chance = RandomEditor(front.website, seed, edits_sites=True), random.Random(seed)
    addresses = Addresses(chance, chance.sample(fixed_addresses(), FIXED), room=ROOM)
    hits = asked = 0
    waits = []
    for _ in range(edits):
        action = editor.act()
        begun = time.perf_counter()
        call_command("run_relay", "--once")
        waits.append(time.perf_counter() - begun)
        for item in list(addresses):
            heard, fresh = heard_through(front.node, item), ask_in_process(item)
            place = f"seed {seed}, edit {editor.count}, {action}: {item}"
            assert heard.status == fresh.status, place
            if fresh.status == 200:
                assert heard.body == fresh.body, f"{place} ({heard.headers})"
            hits += is_hit(heard)
            asked += 1
            addresses.take_up(list(addresses_in(item, fresh)), most=1)
    assert not StepRun.objects.exclude(status=StepStatus.DONE).exists()
    assert hits > asked / 4
    sys.stdout.write(
        f"\nseed {seed}: {edits} edits, {asked} answers compared, {hits / asked:.0%} of them hits;"
        f" purged {statistics.median(waits) * 1000:.0f} ms after an edit (median),"
        f" {max(waits) * 1000:.0f} ms at most\n"
    )
