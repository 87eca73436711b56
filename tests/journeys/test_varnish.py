"""The real thing: the product, Varnish before it, and the purges that the ledger's relay sends.

`pytest tests/journeys/test_varnish.py --edits 100 -s` runs it long.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from outbox.interface import EventRecord, Pipeline, record_events
from outbox.models import StepRun, StepStatus
from site_config import pipeline
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit
from tests.journeys.cache_tags.addresses import SYNC, Addresses, addresses_in, fixed_addresses
from tests.journeys.cache_tags.model_cdn import Request, Response
from tests.journeys.cache_tags.oracle import ask_in_process, is_still_right
from tests.journeys.http_asking import Heard, ask
from tests.journeys.running_product import Product, running_product
from tests.journeys.slow_origin import slow_origin
from tests.journeys.varnish_node import TOKEN, is_hit, running_varnish
from tests.outbox.waiting import wait_until

pytestmark = [
    pytest.mark.varnish,
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]

EDITS = 15
FIXED, ROOM = 30, 20


@dataclass
class Front:
    """What readers reach, and the website behind it."""

    node: Product
    website: Website


@pytest.fixture
def front(
    settings: Any, varnish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Front]:
    website = Website()
    variables = {"GALLEY_ROLE": "api", "GALLEY_WORKERS": "2", "ALLOWED_HOSTS": "*"}
    variables["SECRET_KEY"] = settings.SECRET_KEY  # it signs cursors
    with (
        running_product(tmp_path / "product.log", **variables) as product,
        running_varnish(varnish, product, tmp_path) as node,
    ):
        purges_go_to(node, settings)
        monkeypatch.setattr(pipeline, "PIPELINE", pipeline.make_pipeline())
        call_command("run_relay", "--once")
        yield Front(node, website)


def purges_go_to(node: Product, settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.CDN = {
        "BACKEND": "core.cdn.surrogate_key.SurrogateKeyCdn",
        "OPTIONS": {"urls": [node.address], "token": TOKEN},
    }


def heard_through(node: Product, request: Request) -> Heard:
    return ask(node, request.url, Host=request.host)


def test_a_change_is_seen_at_once(front: Front) -> None:
    post = front.website.post("Hello")
    address = "/api/v1/content/blog-posts/hello?fields=title"
    assert not is_hit(ask(front.node, address))
    # Of the product's processes, one may hear of the last change a moment later than the other, and
    # until then says that its answer is not to be kept.
    wait_until(lambda: is_hit(ask(front.node, address)))

    edit(post, title="Another")
    assert b"Hello" in ask(front.node, address).body
    call_command("run_relay", "--once")

    def is_new_and_kept() -> bool:
        answer = ask(front.node, address)
        # An old answer may come from a process's own memory for that moment, and not from Varnish.
        assert b"Another" in answer.body or not is_hit(answer)
        return is_hit(answer)

    wait_until(is_new_and_kept)


@pytest.mark.parametrize("is_purged_again", [True, False])
def test_an_answer_that_arrives_after_its_purge_goes_with_the_second(
    settings: Any,
    varnish: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_purged_again: bool,
) -> None:
    again = replace(pipeline.PURGE_CDN_AGAIN, delay_seconds=0.5)
    steps = (pipeline.PURGE_CDN, again) if is_purged_again else (pipeline.PURGE_CDN,)
    monkeypatch.setattr(pipeline, "PIPELINE", Pipeline({"content.updated": steps}))
    address = "/api/v1/content/blog-posts/hello"
    with (
        slow_origin() as (origin, product),
        running_varnish(varnish, product, tmp_path) as node,
        ThreadPoolExecutor() as pool,
    ):
        purges_go_to(node, settings)
        early = pool.submit(ask, node, address)
        assert origin.asked.wait(20)
        origin.state = b"new"
        with transaction.atomic():
            record_events([EventRecord("content.updated", "1", {"cache_tags": ["d-1"]})])
        call_command("run_relay", "--once")
        origin.gate.set()
        assert early.result().body == b"old"
        assert is_hit(ask(node, address)), "it was stored behind the purge's back"

        end = time.monotonic() + 20
        while StepRun.objects.exclude(status=StepStatus.DONE).exists():
            assert time.monotonic() < end
            call_command("run_relay", "--once")
        assert ask(node, address).body == (b"new" if is_purged_again else b"old")


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
            if item.url.startswith(SYNC) and fresh.status == 200:
                # An older token only tells again what the reader knows.
                held = Response(heard.status, heard.headers, heard.body)
                assert is_still_right(item, held, fresh), f"{place} ({heard.headers})"
            elif fresh.status == 200:
                assert heard.body == fresh.body, f"{place} ({heard.headers})"
            hits += is_hit(heard)
            asked += 1
            addresses.take_up(list(addresses_in(item, fresh)), most=1)
    # The second purge of each comes a minute later.
    first = StepRun.objects.exclude(step=pipeline.PURGE_CDN_AGAIN.name)
    assert not first.exclude(status=StepStatus.DONE).exists()
    assert hits > asked / 4
    sys.stdout.write(
        f"\nseed {seed}: {edits} edits, {asked} answers compared, {hits / asked:.0%} of them hits;"
        f" purged {statistics.median(waits) * 1000:.0f} ms after an edit (median),"
        f" {max(waits) * 1000:.0f} ms at most\n"
    )
