from collections.abc import Iterator

import pytest

from accounts.interface import User
from tests.factories.documents import Library
from tests.people import editor, editorial_setup, stranger
from tests.webhooks.receiver import Receiver, running_receiver
from webhooks.interface import Actor

__all__ = ["editor", "editorial_setup", "stranger"]


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.com", name="Olive Owner")


@pytest.fixture
def actor(owner: User) -> Actor:
    return Actor(owner.pk)


@pytest.fixture
def stranger_actor() -> Actor:
    return Actor(User.objects.create_user("stranger@example.com").pk)


@pytest.fixture
def library() -> Library:
    return Library().open()


@pytest.fixture
def receiver(loopback_allowed: None) -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver
