"""What the cache has done, in numbers."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counters:
    """Since the start of the process."""

    hits: int = 0
    """Answered from memory, fresh; 304 included."""
    shared_hits: int = 0
    """Answered from the store that processes share."""
    stale: int = 0
    """Answered from memory with an old answer, while a new one was fetched or could not be."""
    misses: int = 0
    """Asked the origin."""
    coalesced: int = 0
    """Waited for an answer that another request had asked for already."""
    stored: int = 0
    outdated: int = 0
    """Not stored, because a tag was purged while the answer was computed."""
    not_storable: int = 0
    purges: int = 0
    """Orders to purge."""
    purged: int = 0
    """Entries that they took."""
    failures: int = 0
    """The origin gave no answer, or a failure."""

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return asdict(self)
