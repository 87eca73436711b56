"""How often the cluster is asked for one search."""

from collections.abc import Callable
from typing import Any

import pytest

from search.engines.elasticsearch.connection import Connection
from tests.search.cluster import SharedEngine
from tests.search.contract.conftest import Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.elasticsearch, pytest.mark.once]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each request that a search sends."""
    requests: list[str] = []
    read = Connection.read

    def noted(self: Connection, call: Callable[[Any], Any], *rest: Any) -> Any:
        requests.append("read")
        return read(self, call, *rest)

    monkeypatch.setattr(Connection, "read", noted)
    return requests


@pytest.mark.parametrize(
    ("typed", "found", "requests"),
    [
        ("lighthouse ", "Lighthouse keepers", 1),
        ("lighthou", "Lighthouse keepers", 1),
        ("keepers lighthou", "Lighthouse keepers", 1),
        # The engine proposes, and is asked again what of it a visitor may find; then for hits.
        ("lighthuose", "Lighthouse keepers", 3),
        ("keepres lighthou", "Lighthouse keepers", 3),
    ],
)
def test_only_what_may_be_misspelt_is_asked_about_again(
    elasticsearch_engine: SharedEngine,
    asked: list[str],
    typed: str,
    found: str,
    requests: int,
) -> None:
    shelf = Shelf(elasticsearch_engine)
    shelf.library.post("a", title="Lighthouse keepers")
    shelf.library.post("b", title="Lightness")
    shelf.fill()
    asked.clear()

    assert shelf.titles(typed)[0] == found
    assert len(asked) == requests
