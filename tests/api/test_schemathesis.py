"""Cases that Schemathesis makes from the description: right ones, wrong ones, and odd ones.

No answer may be a 5xx, have a status, a type of content, a header or a body that is not described,
or accept what the description forbids.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.generation import GenerationMode

from site_config.wsgi import application
from tests.api.callers import HOOK, Caller, log_delivery
from tests.factories.documents import Library, days, paragraph
from webhooks.interface import Actor, create_subscription

pytestmark = pytest.mark.once

CASES_EACH = 35
WEBHOOK_CASES_EACH = 15
LEAST = 1500
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


def publish(library: Library) -> None:
    tag, image = library.tag(1), library.image(1)
    author = library.profile(1, photo=image)
    for number in range(5):
        body = [paragraph("<p>Text <b>bold</b></p>")]
        post = library.post(
            number, authors=[author], tags=[tag], cover=image, body=body, date=days(number)
        )
        library.service(number, "12.50", related=[post])
    library.post("fr", locale="fr", translation_key=UUID(int=1))
    library.save()


def make_plausible(case: schemathesis.Case, mode: GenerationMode) -> None:
    """Leaves so little of a right case that an answer is likely: cursors cannot be guessed."""
    if mode is not GenerationMode.POSITIVE:
        return
    usual = [name for name in case.query if name not in {"after", "before", "path"}]
    for name in ["after", "before", *usual[2:]]:
        case.query.pop(name, None)
    if case.path_parameters and len(usual) % 2:
        kind = {"blog-posts": "post", "profiles": "profile", "tags": "tag", "images": "image"}
        names = [kind[part] for part in case.path.split("/") if part in kind]
        case.path_parameters["key"] = f"{names[0] if names else 'service'}-1"


@pytest.fixture
def open_connection(db: None) -> Iterator[None]:
    """Keeps the test's transaction open over requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def try_operation(
    operation: Any,
    mode: GenerationMode,
    seen: Counter[int],
    amend: Callable[[schemathesis.Case, GenerationMode], None],
    cases: int = CASES_EACH,
) -> None:
    """Tries the cases of one kind for one operation, and counts the statuses of the answers."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def try_case(case: schemathesis.Case) -> None:
        amend(case, mode)
        response = case.call()
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    try_case()


@pytest.mark.slow
def test_no_case_breaks_the_description(open_connection: None) -> None:
    publish(Library(hostname="localhost").open())
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen: Counter[int] = Counter()

    for operation in schema.exclude(path_regex="/webhooks").get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try_operation(operation.ok(), mode, seen, make_plausible)

    assert seen.total() >= LEAST
    # Both sides of the contract were met, not only refusals.
    assert seen[200] >= 100, seen
    assert seen[400] >= 100, seen


@pytest.mark.slow
def test_no_case_breaks_the_description_of_webhooks(open_connection: None, owner: Caller) -> None:
    """As somebody who may manage webhooks, and has one with a delivery."""
    made = create_subscription(actor=Actor(owner.user.pk), **HOOK).subscription
    delivery = log_delivery(str(made.pk))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen: Counter[int] = Counter()

    def as_owner(case: schemathesis.Case, mode: GenerationMode) -> None:
        case.headers["Authorization"] = owner.headers["Authorization"]
        if mode is not GenerationMode.POSITIVE:
            return
        for name in ("after", "before"):
            case.query.pop(name, None)
        case.path_parameters |= {
            name: value
            for name, value in (("webhook_id", str(made.pk)), ("delivery_id", delivery.pk))
            if name in case.path_parameters
        }
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        if isinstance(case.body, dict) and "url" in case.body:
            case.body["url"] = HOOK["url"]

    for operation in schema.include(path_regex="/webhooks").get_all_operations():
        if operation.ok().method == "delete":
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try_operation(operation.ok(), mode, seen, as_owner, WEBHOOK_CASES_EACH)

    assert seen.total() >= 300, seen
    assert sum(seen[status] for status in (200, 201, 202)) >= 50, seen
    assert seen[400] >= 50, seen
