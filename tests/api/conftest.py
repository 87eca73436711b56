"""A website with documents, and a way to ask for them as a stranger would."""

from typing import Any

import pytest
from django.test import Client

from accounts.interface import User
from tests.api.callers import Caller, make_manager
from tests.factories.documents import Library
from tests.people import admin, editorial_setup, stranger

__all__ = ["admin", "editorial_setup", "stranger"]


@pytest.fixture
def library(db: None) -> Library:
    """A website on `testserver`, with nothing published yet."""
    return Library().open()


class Reader:
    """Asks the API and reads its JSON."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=headers)

    def json(self, path: str) -> Any:
        response = self.get(path)
        assert response.status_code == 200, response.content
        return response.json()

    def refusal(self, path: str) -> tuple[str, str]:
        """The place and the code of the one fault for which a request is refused."""
        response = self.get(path)
        assert response.status_code == 400, response.content
        assert response["Content-Type"] == "application/problem+json"
        (error,) = response.json()["errors"]
        return error["pointer"], error["code"]

    def slugs(self, path: str) -> list[str]:
        return [item["slug"] for item in self.json(path)["data"]]


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def owner(editorial_setup: None) -> Caller:
    """Manages webhooks of his own."""
    return Caller(make_manager("owner@example.com", "add_subscription"))


@pytest.fixture
def colleague(editorial_setup: None) -> Caller:
    """Has the same rights as the owner, for webhooks of her own."""
    return Caller(make_manager("colleague@example.com", "add_subscription"))


@pytest.fixture
def manager(editorial_setup: None) -> Caller:
    """Manages everybody's webhooks."""
    return Caller(make_manager("manager@example.com", "change_subscription"))


@pytest.fixture
def outsider(stranger: User) -> Caller:
    """Has a token, and no rights."""
    return Caller(stranger)


@pytest.fixture
def nobody(db: None) -> Caller:
    """Sends no credential."""
    return Caller()
