"""A website with documents, and a way to ask for them as a stranger would."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.documents import Library


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
