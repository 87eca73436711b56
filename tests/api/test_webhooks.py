"""Webhooks by the API: who may do what, and what comes of it."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from core.interface import utc_now
from tests.api.callers import HOOK, Caller, log_delivery
from tests.api.test_errors import assert_problem
from webhooks.interface import Attempt, Delivery, DeliveryStatus, Subscription

pytestmark = pytest.mark.django_db
UNKNOWN = UUID(int=7)
# Method, path below the webhook's address, body, status for whoever may.
ROUTES: list[tuple[str, str, Any, int]] = [
    ("GET", "", None, 200),
    ("HEAD", "", None, 200),
    ("PATCH", "", {"name": "Other"}, 200),
    ("POST", "/rotate-secret", None, 200),
    ("POST", "/pause", None, 200),
    ("POST", "/resume", None, 200),
    ("POST", "/test", None, 202),
    ("POST", "/dry-run", None, 200),
    ("POST", "/replay", {"first": 1, "last": 2}, 202),
    ("GET", "/deliveries", None, 200),
    ("GET", "/deliveries/{delivery}", None, 200),
    ("POST", "/deliveries/{delivery}/replay", None, 202),
    ("DELETE", "", None, 204),
]


@pytest.fixture
def people(
    owner: Caller, manager: Caller, colleague: Caller, outsider: Caller, nobody: Caller
) -> list[Caller]:
    return [owner, manager, colleague, outsider, nobody]


def rows() -> list[Any]:
    """All that the routes could change."""
    return [
        list(Subscription.objects.order_by("pk").values()),
        list(Delivery.objects.order_by("pk").values()),
    ]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route[0]}{route[1]}")
def test_each_route_for_each_kind_of_caller(
    people: list[Caller],
    route: tuple[str, str, Any, int],
) -> None:
    owner, manager, colleague, outsider, nobody = people
    method, below, content, status = route
    made = owner.make()
    delivery = log_delivery(made["id"])
    path = f"/webhooks/{made['id']}{below.format(delivery=delivery.pk)}"
    headers: dict[str, Any] = {"If_Match": '"1"'} if method == "PATCH" else {}
    before = rows()

    for caller, refused, code in (
        (colleague, 404, "not-found"),
        (outsider, 403, "forbidden"),
        (nobody, 401, "unauthenticated"),
    ):
        response = caller.send(method, path, content, **headers)
        assert response.status_code == refused, (caller, response.content)
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Type"] == "application/problem+json"
        assert "Access-Control-Allow-Origin" not in response
        if method != "HEAD":
            assert response.json()["type"].endswith(code)
        assert ("WWW-Authenticate" in response) == (refused == 401)
    assert rows() == before

    unknown = path.replace(made["id"], str(UNKNOWN))
    assert owner.send(method, unknown, content, **headers).status_code == 404
    assert rows() == before
    for caller in (owner, manager):
        response = caller.send(method, path, content, **headers)
        assert response.status_code == status, response.content
        assert response["Cache-Control"] == "private, no-store"
        if method == "DELETE":
            break
        headers = {name: f'"{Subscription.objects.get().version}"' for name in headers}


def test_a_session_is_no_credential(owner: Caller) -> None:
    owner.make()
    browser = Caller()
    browser.client.force_login(owner.user)

    for method, content in (("GET", None), ("POST", HOOK)):
        assert_problem_private(browser.send(method, "/webhooks", content), 401)


def assert_problem_private(response: Any, status: int) -> Any:
    assert response["Cache-Control"] == "private, no-store"
    response["Cache-Control"] = "no-store"
    codes = {400: "invalid-request", 401: "unauthenticated", 404: "not-found", 409: "conflict"}
    return assert_problem(response, status, codes[status])


@pytest.mark.parametrize("value", ["Bearer wagtail_wrong", "Bearer", "Basic YTpi", ""])
def test_a_wrong_credential_is_not_anonymous(owner: Caller, value: str) -> None:
    assert_problem_private(Caller().get("/webhooks", Authorization=value), 401)


def test_who_is_no_longer_active_or_lost_the_right_is_refused(owner: Caller) -> None:
    made = owner.make()
    user = owner.user
    user.groups.clear()
    assert owner.get(f"/webhooks/{made['id']}").status_code == 403
    user.is_active = False
    user.save()
    assert owner.get(f"/webhooks/{made['id']}").status_code == 401


def test_each_sees_his_own_and_a_manager_all(
    owner: Caller, colleague: Caller, manager: Caller
) -> None:
    own, hers = owner.make(name="A"), colleague.make(name="B")

    def names(caller: Caller) -> list[str]:
        return [item["name"] for item in caller.get("/webhooks").json()["data"]]

    assert names(owner) == ["A"]
    assert names(colleague) == ["B"]
    assert names(manager) == ["B", "A"]
    assert own["owner"] == str(owner.user.pk)
    assert hers["owner"] == str(colleague.user.pk)


def test_the_secret_is_shown_when_it_is_made_and_never_again(owner: Caller) -> None:
    made = owner.make()
    path = f"/webhooks/{made['id']}"
    rotated = owner.post(f"{path}/rotate-secret").json()["data"]
    delivery = log_delivery(made["id"])

    assert made["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    told = [
        owner.get("/webhooks"),
        owner.get(path),
        owner.send("PATCH", path, {"name": "Other"}, If_Match="*"),
        owner.post(f"{path}/pause"),
        owner.post(f"{path}/resume"),
        owner.get(f"{path}/deliveries"),
        owner.get(f"{path}/deliveries/{delivery.pk}"),
    ]
    for response in told:
        assert response.status_code == 200
        assert b"whsec_" not in response.content
        assert b"secret" not in response.content.replace(b"previous_secret_until", b"")
    stored = Subscription.objects.get()
    for secret in (made["secret"], rotated["secret"]):
        assert secret not in stored.secret + stored.previous_secret


def test_a_webhook_as_it_is_answered(owner: Caller) -> None:
    response = owner.post("/webhooks", HOOK | {"fields": "title", "scheme": "v1a"})

    assert response.status_code == 201
    made = response.json()["data"]
    assert response["Location"] == f"/api/v1/webhooks/{made['id']}"
    assert response["ETag"] == '"1"'
    assert made.pop("secret").startswith("whsk_")
    assert made.pop("public_key").startswith("whpk_")
    moments = [made.pop(name) for name in ("created_at", "updated_at")]
    assert moments[0] == moments[1]
    assert made == {
        "id": str(Subscription.objects.get().pk),
        "name": "Website",
        "url": "https://8.8.8.8/hooks",
        "event_types": ["content.*"],
        "content_types": [],
        "locales": [],
        "site": None,
        "fields": "title",
        "is_active": True,
        "paused_at": None,
        "paused_reason": None,
        "scheme": "v1a",
        "previous_secret_until": None,
        "owner": str(owner.user.pk),
        "version": 1,
    }


def test_a_change_needs_the_version_that_was_read(owner: Caller) -> None:
    path = f"/webhooks/{owner.make()['id']}"

    def change(name: str, **headers: Any) -> Any:
        return owner.send("PATCH", path, {"name": name}, **headers)

    assert change("B").status_code == 428
    for wrong in ('"2"', 'W/"1"', '"x"', '"2", "3"'):
        response = change("B", If_Match=wrong)
        assert response.status_code == 412, wrong
        assert response["ETag"] == '"1"'
    for malformed in ("1", "", '"1', "\u20ac"):
        assert change("B", If_Match=malformed).status_code == 400, malformed
    assert Subscription.objects.get().name == "Website"

    response = change("B", If_Match='"7", "1"')
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert change("C", If_Match='"1"').status_code == 412
    assert change("C", If_Match="*").json()["data"]["name"] == "C"
    assert owner.get(path)["ETag"] == '"3"'
    assert owner.send("DELETE", path, If_Match='"1"').status_code == 412
    assert owner.send("DELETE", path, If_Match='"3"').status_code == 204


@pytest.mark.parametrize(
    "url", ["https://xn--0.example/", "https://8.8.8.8:0/", "https://8.8.8.8:65536/"]
)
def test_a_url_that_nobody_can_call_is_refused_by_name(owner: Caller, url: str) -> None:
    path = f"/webhooks/{owner.make()['id']}"
    for response in (
        owner.post("/webhooks", HOOK | {"url": url}),
        owner.send("PATCH", path, {"url": url}, If_Match="*"),
    ):
        problem = assert_problem_private(response, 400)
        assert [(item["pointer"], item["code"]) for item in problem["errors"]] == [
            ("body/url", "refused")
        ]


def test_a_change_leaves_the_rest(owner: Caller) -> None:
    made = owner.make(content_types=["blog-posts"], fields="title")
    response = owner.send(
        "PATCH",
        f"/webhooks/{made['id']}",
        {"is_active": False, "content_types": []},
        kind="application/merge-patch+json",
        If_Match="*",
    )

    changed = response.json()["data"]
    assert (changed["is_active"], changed["content_types"]) == (False, [])
    assert (changed["fields"], changed["name"], changed["url"]) == ("title", "Website", HOOK["url"])


def test_pages_of_the_list(owner: Caller) -> None:
    for number in range(5):
        owner.make(name=f"Hook {number}")

    first = owner.get("/webhooks?limit=2")
    assert [item["name"] for item in first.json()["data"]] == ["Hook 4", "Hook 3"]
    page = first.json()["page"]
    assert (page["prev"], page["has_more"]) == (None, True)
    assert first["Link"] == f'</api/v1/webhooks?limit=2&after={page["next"]}>; rel="next"'
    second = owner.get(f"/webhooks?limit=2&after={page['next']}").json()
    assert [item["name"] for item in second["data"]] == ["Hook 2", "Hook 1"]
    last = owner.get(f"/webhooks?limit=2&after={second['page']['next']}").json()
    assert [item["name"] for item in last["data"]] == ["Hook 0"]
    assert (last["page"]["next"], last["page"]["has_more"]) == (None, False)
    back = owner.get(f"/webhooks?limit=2&before={last['page']['prev']}").json()
    assert [item["name"] for item in back["data"]] == ["Hook 2", "Hook 1"]


def test_a_cursor_is_of_one_callers_list(owner: Caller, manager: Caller) -> None:
    for _ in range(2):
        owner.make()
    cursor = owner.get("/webhooks?limit=1").json()["page"]["next"]

    for path in (f"/webhooks?after={cursor}&before={cursor}", "/webhooks?after=x", "/webhooks?x=1"):
        assert_problem_private(owner.get(path), 400)
    assert_problem_private(manager.get(f"/webhooks?after={cursor}"), 400)
    made = Subscription.objects.first()
    assert_problem_private(owner.get(f"/webhooks/{made.pk}/deliveries?after={cursor}"), 400)


def test_the_log_and_its_filters(owner: Caller) -> None:
    path = f"/webhooks/{owner.make()['id']}/deliveries"
    webhook_id = path.split("/")[2]
    log_delivery(webhook_id, 1)
    log_delivery(webhook_id, 2, status=DeliveryStatus.FAILED, event_type="content.moved")
    log_delivery(webhook_id, 3, status=DeliveryStatus.PENDING, settled_at=None)

    def numbers(query: str) -> list[int]:
        return [item["sequence"] for item in owner.get(path + query).json()["data"]]

    assert numbers("") == [3, 2, 1]
    assert numbers("?status=failed") == [2]
    assert numbers("?status=failed,pending") == [3, 2]
    assert numbers("?event_type=content.moved") == [2]
    assert numbers("?since=2100-01-01T00:00Z") == []
    assert numbers("?since=2000-01-01T00:00Z&limit=1") == [3]
    cursor = owner.get(f"{path}?limit=2").json()["page"]["next"]
    assert numbers(f"?limit=2&after={cursor}") == [1]
    for wrong in ("status=lost", "status=", "since=yesterday", "event=x", "limit=0"):
        response = owner.get(f"{path}?{wrong}")
        problem = assert_problem_private(response, 400)
        assert problem["errors"][0]["pointer"] == f"query/{wrong.partition('=')[0]}"


def test_a_delivery_shows_what_was_sent_and_what_came_back(owner: Caller) -> None:
    made = owner.make()
    delivery = log_delivery(made["id"])

    shown = owner.get(f"/webhooks/{made['id']}/deliveries/{delivery.pk}").json()["data"]
    assert shown["body"] == {"type": "content.published", "data": {"n": 1}}
    (attempt,) = shown["attempts"]
    assert attempt.pop("started_at").endswith("Z")
    assert attempt == {
        "duration_ms": 12,
        "status_code": 200,
        "error": None,
        "response_excerpt": "<script>alert(1)</script>",
    }
    again = owner.post(f"/webhooks/{made['id']}/deliveries/{delivery.pk}/replay")
    assert again.json()["data"]["status"] == "pending"
    for wrong in ("0", "01", "-1", "x", "9" * 30, "\u0661", "1%00"):
        response = owner.get(f"/webhooks/{made['id']}/deliveries/{wrong}")
        assert response.status_code == 404, wrong


def test_another_webhooks_delivery_is_not_there(owner: Caller) -> None:
    first, second = owner.make(), owner.make()
    delivery = log_delivery(first["id"])

    path = f"/webhooks/{second['id']}/deliveries/{delivery.pk}"
    assert owner.get(path).status_code == 404
    assert owner.post(f"{path}/replay").status_code == 404


@pytest.mark.parametrize("route", ["list", "log", "one", "delivery"])
def test_reads_cost_the_same_however_much_there_is(owner: Caller, route: str) -> None:
    def cost() -> int:
        path = {
            "list": "/webhooks?limit=100",
            "one": f"/webhooks/{made['id']}",
            "log": f"/webhooks/{made['id']}/deliveries?limit=100",
            "delivery": f"/webhooks/{made['id']}/deliveries/{delivery.pk}",
        }[route]
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(path).status_code == 200
        return len(queries)

    made = owner.make()
    delivery = log_delivery(made["id"])
    cost()
    counts = [cost()]
    for size in (10, 40):
        for number in range(size):
            owner.make()
            log_delivery(made["id"], 1000 * size + number)
            Attempt.objects.create(delivery=delivery, started_at=utc_now(), duration_ms=1)
        counts.append(cost())
    assert len(set(counts)) == 1, counts
    # The token, the person's permissions (of groups and his own), and the answer.
    assert counts[0] <= {"list": 4, "one": 4, "log": 5, "delivery": 6}[route]


def test_tests_are_limited_by_person_and_host(
    owner: Caller, colleague: Caller, settings: Settings
) -> None:
    hooks = [owner.make(url=f"https://8.8.4.{number}/x") for number in range(4)]
    sent = 0
    for turn in range(10):
        response = owner.post(f"/webhooks/{hooks[turn % 4]['id']}/test")
        assert response.status_code == 202
        sent += 1
    refused = owner.post(f"/webhooks/{hooks[0]['id']}/test")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert refused.json()["type"].endswith("too-many-requests")
    # Deleting and making anew forgets nothing.
    owner.send("DELETE", f"/webhooks/{hooks[0]['id']}")
    assert owner.post(f"/webhooks/{owner.make()['id']}/test").status_code == 429
    hers = colleague.make(url="https://8.8.4.1/y")
    assert colleague.post(f"/webhooks/{hers['id']}/test").status_code == 202
    tests = Delivery.objects.filter(event_type="webhook.test")
    assert set(tests.values_list("sequence", "status")) == {(None, "pending")}
    assert sent == 10
