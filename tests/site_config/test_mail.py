import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from site_config.settings.parts import mail

VARIABLES = ("EMAIL_HOST", "EMAIL_SECURITY", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield monkeypatch
    monkeypatch.undo()
    importlib.reload(mail)


def read() -> ModuleType:
    return importlib.reload(mail)


@pytest.mark.parametrize(
    ("security", "port", "starts_tls", "speaks_tls"),
    [("none", 25, False, False), ("starttls", 587, True, False), ("tls", 465, False, True)],
)
def test_the_security_decides_the_port(
    environment: pytest.MonkeyPatch, security: str, port: int, starts_tls: bool, speaks_tls: bool
) -> None:
    environment.setenv("EMAIL_SECURITY", security)

    settings: Any = read()

    found = (settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL)
    assert found == (port, starts_tls, speaks_tls)


def test_an_unknown_security_stops_the_start(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EMAIL_SECURITY", "ssl")

    with pytest.raises(ImproperlyConfigured, match="EMAIL_SECURITY must be one of none, starttls"):
        read()
