"""Names that resolve to what a test says."""

import socket
from typing import Any

import pytest


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Names resolve to these addresses: a list for each look-up, the last one for all later ones."""
    real, left = socket.getaddrinfo, list(answers)

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, port, *args, **kwargs)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [entry for item in addresses for entry in real(item, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
