from typing import Any

import pytest

from accounts.interface import User
from webhooks.interface import Actor


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.com", name="Olive Owner")


@pytest.fixture
def actor(owner: User) -> Actor:
    return Actor(owner.pk)


@pytest.fixture
def stranger_actor() -> Actor:
    return Actor(User.objects.create_user("stranger@example.com").pk)
