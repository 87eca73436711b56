from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet

from core.interface import utc_now
from outbox.interface import FinalError, LedgerEvent, purge_cdn
from outbox.models import StepRun, StepStatus
from outbox.pipelines import Pipeline
from site_config import pipeline
from tests.core.http_server import Node, running_node
from tests.outbox.conftest import Recorder

pytestmark = pytest.mark.django_db

PURGED = [
    "content.published",
    "content.updated",
    "content.moved",
    "content.unpublished",
    "content.deleted",
    "site.changed",
    "site.redirects_changed",
    "site.history_removed",
    "search.indexed",
]


def purges() -> QuerySet[StepRun]:
    """What is to be seen to by the step that these tests are about."""
    return StepRun.objects.filter(step="purge_cdn")


@pytest.fixture
def node(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A cache in front, and a pipeline that does nothing but purge it once."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with running_node() as running:
        settings.CDN = {
            "BACKEND": "core.cdn.surrogate_key.SurrogateKeyCdn",
            "OPTIONS": {"urls": [running.url]},
        }
        found = pipeline.make_pipeline()
        step = found.steps["purge_cdn"]
        types = dict.fromkeys(found.types_with(step.name), (step,))
        monkeypatch.setattr(pipeline, "PIPELINE", Pipeline(types))
        yield running


@pytest.mark.parametrize("kind", PURGED)
def test_each_change_is_purged(node: Node, record: Recorder, kind: str) -> None:
    record("a", kind=kind, cache_tags=["d-a", "t-1-pages"])

    call_command("run_relay", "--once")
    call_command("run_relay", "--once")

    [order] = node.received
    assert order.method == "PURGE"
    assert order.headers["surrogate-key"] == "d-a t-1-pages"
    assert purges().get().status == StepStatus.DONE


def test_a_cache_that_is_away_gets_its_orders_later(node: Node, record: Recorder) -> None:
    node.status = 503
    node.headers = {"Retry-After": "40"}
    record("a", "b", cache_tags=["d-a"])
    call_command("run_relay", "--once")
    waiting = purges().filter(status=StepStatus.WAITING, tries=1)
    assert waiting.count() == 2
    assert waiting[0].last_error == f"RetryableError: {node.url} answered 503."

    node.status = 200
    call_command("ledger", "replay", "--unfinished")
    call_command("run_relay", "--once")

    assert purges().filter(status=StepStatus.DONE).count() == 2
    # One order for both events, once while the cache was away and once after.
    assert [order.headers["surrogate-key"] for order in node.received] == ["d-a", "d-a"]


def test_one_order_names_what_all_events_changed(node: Node, record: Recorder) -> None:
    record("a", cache_tags=["d-a", "t-pages"])
    record("broken", cache_tags="d-x")
    record("b", cache_tags=["d-b", "t-pages"])

    call_command("run_relay", "--once")

    [order] = node.received
    assert order.headers["surrogate-key"] == "d-a t-pages d-b"
    assert list(purges().order_by("event").values_list("status", flat=True)) == [
        StepStatus.DONE,
        StepStatus.DEAD,
        StepStatus.DONE,
    ]


def test_a_tag_that_no_cache_takes_harms_its_own_event_alone(node: Node, record: Recorder) -> None:
    record("a", cache_tags=["d-a"])
    record("b", cache_tags=["no tag"])

    call_command("run_relay", "--once")

    assert [order.headers["surrogate-key"] for order in node.received] == ["d-a"]
    assert list(purges().order_by("event").values_list("status", flat=True)) == [
        StepStatus.DONE,
        StepStatus.DEAD,
    ]


@pytest.mark.parametrize("tags", [None, "d-a", [1], ["a b"]])
def test_an_event_without_sound_tags_is_dead(node: Node, tags: object) -> None:
    with pytest.raises(FinalError):
        purge_cdn(LedgerEvent(sequence=1, data={"cache_tags": tags}))
    assert node.received == []


def test_a_cdn_is_purged_once_more(node: Node, record: Recorder, monkeypatch: Any) -> None:
    """What was on its way to it when the first purge came is stored after that."""
    found = pipeline.make_pipeline()
    assert found.types_with("purge_cdn_again") == PURGED
    assert "purge_cdn_again" not in found.steps["send_webhooks"].needs
    steps = tuple(step for step in found.steps.values() if step.name.startswith("purge_cdn"))
    monkeypatch.setattr(pipeline, "PIPELINE", Pipeline({"content.updated": steps}))

    record("a", kind="content.updated", cache_tags=["d-a"])
    call_command("run_relay", "--once")
    call_command("run_relay", "--once")
    assert len(node.received) == 1
    again = StepRun.objects.get(step="purge_cdn_again")
    assert again.status == StepStatus.WAITING
    seconds = (again.next_try_at - again.event.occurred_at).total_seconds()
    assert 5 <= seconds < 15

    StepRun.objects.filter(pk=again.pk).update(next_try_at=utc_now())
    call_command("run_relay", "--once")
    assert [order.headers["surrogate-key"] for order in node.received] == ["d-a", "d-a"]
    assert not StepRun.objects.exclude(status=StepStatus.DONE).exists()


def test_nothing_else_is_purged(node: Node) -> None:
    assert pipeline.make_pipeline().types_with("purge_cdn") == PURGED
    assert pipeline.make_pipeline().steps["send_webhooks"].needs == ("purge_cdn",)


def test_without_a_cdn_nothing_is_to_be_done_for_it() -> None:
    found = pipeline.make_pipeline()
    assert [name for name in found.steps if name.startswith("purge_cdn")] == []
    assert found.steps["send_webhooks"].needs == ()
    assert set(PURGED) <= set(found.steps_by_type)
