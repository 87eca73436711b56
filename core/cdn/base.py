"""What every CDN adapter can do, and how it fails."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

_TAG: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Cdn(Protocol):
    """A cache in front of the site that can forget answers by the tags they carried."""

    def purge_tags(self, tags: Sequence[str]) -> None:
        """Makes the cache forget (or revalidate) every answer with one of `tags`.

        Safe to repeat. Returns when every node of the cache has taken the order.

        Raises:
            PurgeFailed: the cache was away or said no; a later try may succeed.
            PurgeImpossible: this order will never be taken.
        """


class PurgeFailed(Exception):
    """The cache did not take the order this time."""

    def __init__(self, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class PurgeImpossible(Exception):
    """The order itself is at fault, so that no later try can succeed."""


def tag_batches(tags: Sequence[str], *, max_tags: int, max_bytes: int) -> Iterator[str]:
    """The tags without repeats, joined by blanks, in header values of a size that caches take.

    Raises:
        PurgeImpossible: a tag holds something other than letters, digits and `._:-`.
    """
    batch: list[str] = []
    size = 0
    for tag in dict.fromkeys(tags):
        if not _TAG.fullmatch(tag):
            raise PurgeImpossible(f"{tag!r} is no cache tag.")
        if batch and (len(batch) == max_tags or size + len(tag) + 1 > max_bytes):
            yield " ".join(batch)
            batch, size = [], 0
        batch.append(tag)
        size += len(tag) + 1
    if batch:
        yield " ".join(batch)
