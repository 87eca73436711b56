"""People who call the API with tokens of their own."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import APIToken

from accounts.interface import User
from core.interface import utc_now
from tests.people import make_person
from webhooks.interface import Attempt, Delivery, DeliveryStatus

HOOK: dict[str, Any] = {
    "name": "Website",
    "url": "https://8.8.8.8/hooks",
    "event_types": ["content.*"],
}


def make_manager(email: str, *permissions: str) -> User:
    """Somebody who may enter the admin and has these permissions on webhooks."""
    group, _ = Group.objects.get_or_create(name=f"Webhooks {'-'.join(permissions)}")
    codes = ["access_admin", *permissions]
    group.permissions.set(Permission.objects.filter(codename__in=codes))
    assert group.permissions.count() == len(codes)
    return make_person(email, group.name)


class Caller:
    """Asks as one person, or as nobody, and sends JSON."""

    def __init__(self, user: User | None = None) -> None:
        self.user: Any = user
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self.headers: dict[str, str] = {}
        if user is not None:
            _, token = APIToken.create_token(user=user, name="tests")
            self.headers["Authorization"] = f"Bearer {token}"

    def send(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        raw: bytes | None = None,
        kind: str = "application/json",
        **headers: Any,
    ) -> Any:
        """Sends the content as JSON, or the bytes as they are; no body without either."""
        body = raw if raw is not None else b"" if content is None else orjson.dumps(content)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            f"/api/v1{path}",
            body,
            content_type=kind if body else "",
            headers=self.headers | given,
        )

    def get(self, path: str, **headers: Any) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, content: Any = None, **headers: Any) -> Any:
        return self.send("POST", path, content, **headers)

    def make(self, **changes: Any) -> dict[str, Any]:
        """A new webhook as the API answers."""
        response = self.post("/webhooks", HOOK | changes)
        assert response.status_code == 201, response.content
        made: dict[str, Any] = response.json()["data"]
        return made


def log_delivery(webhook_id: str, number: int = 1, **fields: Any) -> Delivery:
    """A delivery that arrived, with what its receiver answered."""
    fields = {
        "event_id": UUID(int=number),
        "event_type": "content.published",
        "subject": f"subject-{number}",
        "body": f'{{"type":"content.published","data":{{"n":{number}}}}}',
        "status": DeliveryStatus.DELIVERED,
        "tries": 1,
        "settled_at": utc_now(),
    } | fields
    delivery = Delivery.objects.create(subscription_id=webhook_id, sequence=number, **fields)
    Attempt.objects.create(
        delivery=delivery,
        started_at=utc_now(),
        duration_ms=12,
        status_code=200,
        response_excerpt="<script>alert(1)</script>",
    )
    return delivery
