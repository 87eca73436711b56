"""The list of steps in Operations, and what a person may decide there."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from accounts.interface import User
from outbox.dispatching import InProcessDispatcher
from outbox.interface import FinalError, LedgerEvent, RetryableError
from outbox.models import StepRun, StepStatus
from outbox.relay import Relay
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.people import client_of

pytestmark = pytest.mark.django_db
STEPS = "/admin/operations/steps/"
ACTIONS = "/admin/bulk/outbox/steprun/"
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def failures(empty_ledger: None, on_call: OnCall, record: Recorder) -> None:
    """Of the step “search”: event 1 is dead, event 2 is tried again, event 3 is done."""

    def fail(event: LedgerEvent) -> None:
        if event.subject == "a":
            raise FinalError(EVIL)
        if event.subject == "b":
            raise RetryableError("The receiver is away.")

    on_call.answers["search"] = fail
    record("a", title="Dead", path="/dead/")
    record("b", title="Failing", path="/failing/")
    record("c", title="Done", path="/done/")
    Relay().drain()
    on_call.answers.clear()


def _run(sequence: int, step: str = "search") -> StepRun:
    return StepRun.objects.get(event=sequence, step=step)


def _text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def _shown(client: Client, query: str = "") -> set[int]:
    response = client.get(f"{STEPS}{query}")
    assert response.status_code == 200
    return {run.event_id for run in response.context["object_list"]}


def _decide(client: Client, action: str, *runs: StepRun, query: str = "") -> Any:
    ids = "&".join(f"id={run.pk}" for run in runs)
    return client.post(
        f"{ACTIONS}{action}/?{ids}{query}&next={STEPS}", {"note": "The disk is full"}
    )


def test_what_is_not_done_is_listed_with_its_error_escaped(failures: None, operator: User) -> None:
    html = _text(client_of(operator), STEPS)
    assert "FinalError: &lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
    assert EVIL not in html
    assert "The receiver is away." in html
    assert "1 of 10 tries" in html
    assert "/failing/" in html
    assert "/done/" not in html


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ("", {1, 2}),
        ("?status=dead", {1}),
        ("?status=failing", {2}),
        ("?status=waiting", {2}),
        ("?status=dead&status=failing", {1, 2}),
        ("?status=running", set()),
        ("?step=search", {1, 2}),
        ("?step=purge", set()),
        ("?subject=b", {2}),
        ("?happened_from=2100-01-01", set()),
        ("?happened_to=2100-01-01", {1, 2}),
    ],
)
def test_filters(failures: None, operator: User, query: str, events: set[int]) -> None:
    assert _shown(client_of(operator), query) == events


@pytest.mark.parametrize("query", ["?status=done", "?step=none", "?happened_from=soon", "?p=99"])
def test_a_filter_that_makes_no_sense_harms_nothing(
    failures: None, operator: User, query: str
) -> None:
    assert client_of(operator).get(f"{STEPS}{query}").status_code == 200


@pytest.mark.parametrize("query", ["status=done", "step=none", "happened_from=soon"])
def test_all_of_a_filter_that_makes_no_sense_is_nothing(
    failures: None, operator: User, query: str
) -> None:
    client = client_of(operator)
    assert _shown(client, f"?{query}") == set()

    client.post(f"{ACTIONS}discard/?id=all&{query}&next={STEPS}")
    assert [_run(n).status for n in (1, 2, 3)] == ["dead", "waiting", "done"]


def test_all_of_a_step_that_left_the_pipeline_is_that_steps_alone(
    failures: None, operator: User
) -> None:
    StepRun.objects.create(event_id=3, step="gone", subject="c")
    client = client_of(operator)
    assert _shown(client, "?step=gone") == {3}

    client.post(f"{ACTIONS}discard/?id=all&step=gone&next={STEPS}")
    assert _run(3, "gone").status == StepStatus.DISCARDED
    assert [_run(n).status for n in (1, 2, 3)] == ["dead", "waiting", "done"]


def test_a_dead_step_is_tried_again_and_the_decision_is_kept(
    failures: None, on_call: OnCall, operator: User
) -> None:
    client = client_of(operator)
    run = _run(1)
    question = _text(client, f"{ACTIONS}retry/?id={run.pk}&next={STEPS}")
    assert "Try these steps again?" in question
    assert _run(1).status == StepStatus.DEAD  # a question changes nothing

    response = _decide(client, "retry", run)
    assert (response.status_code, response["Location"]) == (302, STEPS)
    assert (_run(1).status, _run(1).tries) == (StepStatus.WAITING, 0)
    assert "1 step is due again." in _text(client, STEPS)
    Relay().drain()
    assert _run(1).status == StepStatus.DONE

    entry = ModelLogEntry.objects.get(action="outbox.retry_step")
    assert (entry.user, entry.object_id) == (operator, "1")
    assert entry.data == {"step": "search", "note": "The disk is full"}
    event = _text(client, "/admin/operations/ledger/1/")
    assert "“The disk is full”" in event


def test_a_discarded_step_is_settled_and_holds_up_nobody(
    failures: None, record: Recorder, on_call: OnCall, operator: User
) -> None:
    record("b")
    Relay().drain()
    assert _run(4).status == StepStatus.WAITING  # behind the failing one of its subject

    _decide(client_of(operator), "discard", _run(2))
    assert _run(2).status == StepStatus.DISCARDED
    assert _run(2).settled_at is not None
    Relay().drain()
    assert _run(4).status == StepStatus.DONE
    assert _run(2).status == StepStatus.DISCARDED
    assert on_call.sequences("search") == [1, 2, 3, 4]
    assert _shown(client_of(operator), "?status=discarded") == {2}

    # Who changes his mind has it done after all.
    _decide(client_of(operator), "retry", _run(2))
    Relay().drain()
    assert _run(2).status == StepStatus.DONE


def test_many_at_once_and_all_that_the_filters_show(failures: None, operator: User) -> None:
    client = client_of(operator)
    _decide(client, "discard", _run(1), _run(2), _run(3))
    assert [_run(n).status for n in (1, 2, 3)] == ["discarded", "discarded", "done"]

    response = client.post(f"{ACTIONS}retry/?id=all&subject=b&next={STEPS}")
    assert response.status_code == 302
    assert [_run(n).status for n in (1, 2, 3)] == ["discarded", "waiting", "done"]


def test_what_runs_is_left_alone(failures: None, operator: User) -> None:
    StepRun.objects.filter(pk=_run(1).pk).update(status=StepStatus.RUNNING)
    for action in ("retry", "discard"):
        _decide(client_of(operator), action, _run(1))
    assert _run(1).status == StepStatus.RUNNING
    html = _text(client_of(operator), f"{ACTIONS}discard/?id={_run(1).pk}&next={STEPS}")
    assert "None of these steps stands where this could be done" in html


def test_a_queued_run_that_is_discarded_is_passed_over(
    failures: None, on_call: OnCall, record: Recorder, operator: User, monkeypatch: Any
) -> None:
    record("d")
    monkeypatch.setattr(InProcessDispatcher, "dispatch", lambda _self, _claims: None)
    Relay().run_pass()
    monkeypatch.undo()
    assert _run(4).status == StepStatus.QUEUED
    _decide(client_of(operator), "discard", _run(4))
    Relay().drain()
    assert _run(4).status == StepStatus.DISCARDED
    assert 4 not in on_call.sequences("search")


def test_only_those_who_may_act_do(
    failures: None, onlooker: User, editor: User, moderator: User, stranger: User
) -> None:
    for person in (onlooker, editor, moderator, stranger):
        client = client_of(person)
        for action in ("retry", "discard"):
            address = f"{ACTIONS}{action}/?id={_run(1).pk}&next={STEPS}"
            assert client.get(address).status_code == 302
            assert client.post(address).status_code == 302
    assert Client().post(f"{ACTIONS}retry/?id={_run(1).pk}").status_code == 302
    assert _run(1).status == StepStatus.DEAD
    assert not ModelLogEntry.objects.filter(action__startswith="outbox.").exists()
    assert "data-bulk-action-checkbox" not in _text(client_of(onlooker), STEPS)


def test_a_foreign_form_is_refused(failures: None, operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(f"{ACTIONS}discard/?id={_run(1).pk}").status_code == 403
    assert _run(1).status == StepStatus.DEAD


@pytest.mark.parametrize("ids", ["id=x", "id=-1", "id=999999999999999999", "id=²", ""])
def test_ids_that_are_none_harm_nothing(failures: None, operator: User, ids: str) -> None:
    for method in ("get", "post"):
        ask = getattr(client_of(operator), method)
        assert ask(f"{ACTIONS}discard/?{ids}&next={STEPS}").status_code in {200, 302}
    assert _run(1).status == StepStatus.DEAD


def test_the_list_costs_the_same_for_any_number_of_runs(
    failures: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    client = client_of(operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(STEPS).status_code == 200
        return len(queries)

    cost()
    first = cost()
    record(*"efghijklmn")
    assert cost() == first
