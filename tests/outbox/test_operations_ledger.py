"""The ledger in Operations: finding an event, and what one event's page tells."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from outbox.interface import FinalError, LedgerEvent
from outbox.models import StepRun
from outbox.relay import Relay
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.people import client_of

pytestmark = pytest.mark.django_db
LEDGER = "/admin/operations/ledger/"
DOCUMENT = "0195f0a0-0000-7000-8000-000000000001"


@pytest.fixture
def ledger(empty_ledger: None, on_call: OnCall, record: Recorder) -> None:
    record(DOCUMENT, title="Ink & <Paper>", path="/blog/ink/", document_id=DOCUMENT)
    record("b", kind="content.updated", title="Glue", path="/blog/glue/")
    record("c", kind="user.changed")
    Relay().drain()


def _found(user: User, query: str) -> list[int]:
    response = client_of(user).get(f"{LEDGER}?{query}")
    assert response.status_code == 200
    return [event.sequence for event in response.context["object_list"]]


def test_events_are_found_by_number_document_id_type_and_words(
    ledger: None, operator: User
) -> None:
    event_id = LedgerEvent.objects.get(pk=2).id
    for query, events in {
        "": [3, 2, 1],
        "q=2": [2],
        "q=99": [],
        f"q={DOCUMENT}": [1],
        f"q={DOCUMENT.upper()}": [1],
        f"q={event_id}": [2],
        "q=b": [2, 1],  # the subject, and a path
        "q=paper": [1],
        "q=/blog/": [2, 1],
        "q=%00": [3, 2, 1],  # no text at all
        "q=99999999999999999999999": [],
        "type=content.updated": [2],
        "type=content.updated&type=content.published": [2, 1],
        "type=nothing": [3, 2, 1],
        "type=content.published&q=glue": [],
    }.items():
        assert _found(operator, query) == events, query


def test_words_are_looked_for_in_the_latest_events_only(
    ledger: None, operator: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr("outbox.admin.ledger.SEARCHED_BACK", 2)
    assert _found(operator, "q=paper") == []
    assert _found(operator, "q=glue") == [2]
    assert _found(operator, f"q={DOCUMENT}") == [1]


def test_an_events_page_tells_what_followed_and_what_others_hear(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    def fail(_event: LedgerEvent) -> None:
        raise FinalError("<b>broken</b>")

    on_call.answers["tell"] = fail
    record(DOCUMENT, title="Ink & <Paper>", path="/ink/", cache_tags=["d1"], document_id=DOCUMENT)
    record(DOCUMENT, kind="content.updated")
    Relay().drain()
    response = client_of(operator).get(f"{LEDGER}1/")
    html = response.content.decode()

    assert [run.step for run in response.context["runs"]] == ["purge", "search", "tell"]
    assert "FinalError: &lt;b&gt;broken&lt;/b&gt;" in html
    assert "Ink &amp; &lt;Paper&gt;" in html
    assert f'"id": "{LedgerEvent.objects.get(pk=1).id}"' in response.context["announcement"]
    assert "cache_tags" not in response.context["announcement"]
    assert "cache_tags" in response.context["facts"]
    assert f'href="{LEDGER}2/"' in html
    dead = StepRun.objects.get(event=1, step="tell")
    assert f"/admin/bulk/outbox/steprun/retry/?id={dead.pk}&amp;next=" in html


def test_onlookers_are_offered_nothing_to_do(ledger: None, onlooker: User) -> None:
    html = client_of(onlooker).get(f"{LEDGER}1/").content.decode()
    assert "/admin/bulk/" not in html


def test_a_step_that_is_not_planned_yet_is_named(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    record("a")
    response = client_of(operator).get(f"{LEDGER}1/")
    assert response.context["unplanned"] == ["Purge", "Search", "Tell"]


def test_what_is_not_there_is_a_404(ledger: None, operator: User) -> None:
    for number in ("4", "0", "99999999999999999999999999"):
        assert client_of(operator).get(f"{LEDGER}{number}/").status_code == 404


def test_an_event_costs_the_same_whatever_it_holds(
    ledger: None, record: Recorder, operator: User
) -> None:
    client = client_of(operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LEDGER}1/").status_code == 200
        return len(queries)

    cost()
    first = cost()
    for _ in range(3):
        record(DOCUMENT, "x")
    Relay().drain()
    assert cost() == first
