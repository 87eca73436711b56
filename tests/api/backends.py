"""Services outside the process, as far as a probe can tell."""

from django.core.files.storage import Storage


class AwayStorage(Storage):
    """A storage that does not answer."""

    def exists(self, name: str) -> bool:
        raise ConnectionError("password=secret")
