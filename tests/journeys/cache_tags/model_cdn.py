"""A shared cache that knows nothing of the product but its headers and its purges.

It never forgets by time: whatever it holds is what a purge failed to take out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_DIRECTIVE = re.compile(r"([a-z-]+)(?:=(\d+))?")
# Each answer has its own; two answers are the same without them.
_PER_ANSWER = frozenset({"x-request-id", "date", "age", "server"})
# How an answer about the past may be kept: it settles an hour later or with the next edit.
_HOW_KEPT = frozenset({"cache-control", "surrogate-key", "cache-tag"})


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader asks for; `headers` are those that a cache may have to look at, in order."""

    host: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> tuple[str, str]:
        return (self.host, self.url)

    def __str__(self) -> str:
        return f"{self.host}{self.url}"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """What a reader sees of it."""
        return self.content_without(frozenset())

    @property
    def past(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """What a reader sees of an answer about the past."""
        return self.content_without(_HOW_KEPT)

    def content_without(
        self, names: frozenset[str]
    ) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        left_out = _PER_ANSWER | names
        shown = {name: text for name, text in self.headers.items() if name not in left_out}
        return (self.status, tuple(sorted(shown.items())), self.body)


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored answer and the headers of the request that it depends on."""

    response: Response
    tags: frozenset[str]
    varies: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ModelCdn:
    """Stores what may be stored, and forgets what is purged.

    `is_blind_to` makes it overlook tags, as if answers did not carry them: so a test shows what
    that tag is for.
    """

    is_blind_to: Callable[[str], bool] = lambda _tag: False
    entries: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    purged: list[tuple[tuple[str, str], Entry]] = field(default_factory=list)
    orders: list[tuple[str, ...]] = field(default_factory=list)

    def find(self, request: Request) -> Response | None:
        """The stored answer that this request would get."""
        for entry in self.entries.get(request.address, ()):
            if entry.varies == _selected(request, (name for name, _ in entry.varies)):
                return entry.response
        return None

    def offer(self, request: Request, response: Response) -> bool:
        """Stores the answer if its headers allow that to a shared cache; says whether they do."""
        if not _may_store(response):
            return False
        names = [name.strip().lower() for name in response.headers.get("vary", "").split(",")]
        if "*" in names:
            return False
        entry = Entry(
            response=response,
            tags=frozenset(tag for tag in _tags(response) if not self.is_blind_to(tag)),
            varies=_selected(request, filter(None, names)),
        )
        self.entries.setdefault(request.address, []).append(entry)
        return True

    def purge_tags(self, tags: Sequence[str]) -> None:
        """What the ledger's step calls."""
        wanted = set(tags)
        self.orders.append(tuple(tags))
        for address, entries in list(self.entries.items()):
            gone = [entry for entry in entries if entry.tags & wanted]
            self.purged += [(address, entry) for entry in gone]
            kept = [entry for entry in entries if not entry.tags & wanted]
            if kept:
                self.entries[address] = kept
            else:
                del self.entries[address]

    def forget(self, address: tuple[str, str]) -> None:
        """Drops an address that nobody asks for any more."""
        self.entries.pop(address, None)


@dataclass(frozen=True, slots=True)
class Models:
    """For `settings.CDN`: the product's purges reach these models."""

    models: Sequence[ModelCdn]

    def purge_tags(self, tags: Sequence[str]) -> None:
        for model in self.models:
            model.purge_tags(tags)


def _tags(response: Response) -> Iterable[str]:
    keys = response.headers.get("surrogate-key", "").split()
    assert ",".join(keys) == response.headers.get("cache-tag", ""), "the two lists of tags differ"
    return keys


def _selected(request: Request, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    given = dict(request.headers)
    return tuple((name, given.get(name, "")) for name in names)


def _may_store(response: Response) -> bool:
    directives = dict(_DIRECTIVE.findall(response.headers.get("cache-control", "").lower()))
    if {"private", "no-store", "no-cache"} & directives.keys() or "public" not in directives:
        return False
    seconds = directives.get("s-maxage") or directives.get("max-age") or "0"
    return int(seconds) > 0 and "set-cookie" not in response.headers
