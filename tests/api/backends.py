"""Services outside the process, as far as a probe can tell."""

from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.files.storage import Storage


class AwayCache(BaseCache):
    """A cache that does not answer."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        raise ConnectionError("password=secret")


class NearStorage(Storage):
    """A storage that answers."""

    def exists(self, name: str) -> bool:
        return False
