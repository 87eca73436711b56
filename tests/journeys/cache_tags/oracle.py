"""After each edit, everything that a shared cache holds is what the product would answer now."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from unittest.mock import patch
from urllib.parse import unquote

import orjson
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.management import call_command
from django.test import override_settings

from core.interface import utc_now
from outbox.interface import last_moment
from site_config import pipeline, purging
from site_config.serving import exchange
from tests.journeys.cache_tags.addresses import SYNC, Addresses, addresses_in, at_instants
from tests.journeys.cache_tags.model_cdn import (
    Entry,
    ModelCdn,
    Models,
    Request,
    Response,
)

# What must not decide the answer, unless it says so by `Vary`.
READERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("accept-language", "fr"),),
    (("cookie", "sessionid=none"), ("accept", "text/html,*/*")),
    (("accept", "application/json"), ("user-agent", "Mozilla/5.0"), ("x-forwarded-host", "a.b")),
)
Ask = Callable[[Request], Response]


class Stale(AssertionError):
    """A stored answer is not what a fresh one would be."""


@cache
def _product() -> WSGIHandler:
    """With all its middleware. The test client would take as long again as the product itself."""
    return WSGIHandler()


def ask_in_process(request: Request) -> Response:
    """The product's own answer; no cache is in between."""
    path, _, query = request.url.partition("?")
    asked = exchange.Request(
        method="GET",
        scheme="http",
        path=unquote(path),
        query=query,
        http_version="1.1",
        client="127.0.0.1:4711",
        server="127.0.0.1:80",
        headers=[("host", request.host), *request.headers],
    )
    response = _product().get_response(WSGIRequest(exchange.wsgi_environ(asked)))
    body = b"".join(response)
    names = {name.lower(): text for name, text in response.headers.items()}
    if response.cookies:
        names["set-cookie"] = response.cookies.output(header="")
    assert response.status_code < 500, f"{request}: {response.status_code} {body[:500]!r}"
    return Response(response.status_code, names, body)


def is_still_right(request: Request, held: Response, fresh: Response) -> bool:
    """Whether a stored answer tells its reader what a fresh one would.

    Of the past the same may be kept in another way by now. A page of the sync may have an older
    token, which only tells again what the reader knows: the token leads on as it should if the
    answer to it is right, and it is among the addresses.
    """
    if request.url.startswith(SYNC) and held.status == fresh.status == 200:
        return _told(held) == _told(fresh)
    if "as_of=" in request.url:
        return held.past == fresh.past
    return held.content == fresh.content


def _told(response: Response) -> tuple[str, str]:
    page = orjson.loads(response.body)
    return str(page["data"]), str(page["deleted"])


@dataclass(slots=True)
class Count:
    """How exact the purges were. An entry is purged in vain if its fresh answer is the same."""

    edits: int = 0
    checked: int = 0
    stored: int = 0
    purged: int = 0
    in_vain: int = 0
    by_edit: dict[str, list[int]] = field(default_factory=dict)

    def __str__(self) -> str:
        edits, purged = max(self.edits, 1), max(self.purged, 1)
        return (
            f"{self.edits} edits, {self.checked} answers compared, {self.stored} addresses stored;"
            f" {self.purged} purged, {self.purged / edits:.1f} an edit;"
            f" in vain {self.in_vain} ({self.in_vain / purged:.1%})"
        )

    def table(self) -> str:
        """Edit by edit: how often, purged on average, of these in vain."""
        lines = [
            f"{name:28} {times:5} {purged / times:9.1f} {in_vain / times:9.1f}"
            for name, (times, purged, in_vain) in sorted(self.by_edit.items())
        ]
        return "\n".join([f"{'edit':28} {'times':>5} {'purged':>9} {'in vain':>9}", *lines])


class Oracle:
    """Keeps a model cache filled, and compares it after each edit."""

    def __init__(
        self,
        cdn: ModelCdn,
        addresses: Addresses,
        chance: random.Random,
        visited: Sequence[Request] = (),
    ) -> None:
        """`visited` are taken up by turns, beside what answers lead to."""
        self.cdn, self.addresses, self._random = cdn, addresses, chance
        self._visited = list(visited)
        self.count = Count()

    def check(self, edit: str) -> None:
        """Sends the purges of an edit, compares everything, and fills the cache again.

        Raises:
            Stale: the cache held what is no longer so; now it does not.
        """
        call_command("run_relay", "--once")
        gone: dict[tuple[str, str], list[Entry]] = {}
        for address, entry in self.cdn.purged:
            gone.setdefault(address, []).append(entry)
        found: list[Request] = []
        stale: list[str] = []
        in_vain = 0
        for request in self.addresses:
            asked = Request(request.host, request.url, self._random.choice(READERS))
            fresh = ask_in_process(asked)
            if self._random.random() < 0.2 or request.url.startswith(SYNC):
                found += islice(addresses_in(asked, fresh), 40)
            # All that is held at the address, whoever it was stored for: none of these readers
            # may be answered anything else.
            entries = self.cdn.entries.get(asked.address, ())
            self.count.checked += len(entries)
            wrong = [x for x in entries if not is_still_right(asked, x.response, fresh)]
            if wrong:
                stale.append(self._report(edit, asked, wrong[0].response, fresh))
                self.cdn.forget(asked.address)
            if self.cdn.find(asked) is None:
                in_vain += any(
                    is_still_right(asked, entry.response, fresh)
                    for entry in gone.get(asked.address, ())
                )
                self.cdn.offer(asked, fresh)
        synced = [item for item in found if item.url.startswith(SYNC)]
        of_the_past = at_instants(list(self.addresses), _instants(), self._random)
        turns = (found, 12), (synced, 2), (of_the_past, 2), (self._visited, 2)
        for more, most in turns:
            for request in self.addresses.take_up(more, most=most):
                self.cdn.forget(request.address)
        self._note(edit, len(gone), in_vain)
        self.cdn.purged.clear()
        self.cdn.orders.clear()
        if stale:
            raise Stale("\n".join(stale))

    def _note(self, edit: str, purged: int, in_vain: int) -> None:
        count = self.count
        count.edits += 1
        count.purged += purged
        count.in_vain += in_vain
        count.stored = len(self.cdn.entries)
        numbers = count.by_edit.setdefault(edit, [0, 0, 0])
        for position, number in enumerate((1, purged, in_vain)):
            numbers[position] += number

    def _report(self, edit: str, asked: Request, held: Response, fresh: Response) -> str:
        where = next(
            (i for i, (a, b) in enumerate(zip(held.body, fresh.body, strict=False)) if a != b),
            min(len(held.body), len(fresh.body)),
        )
        start = max(0, where - 150)
        return (
            f"After {edit}, {asked} is stale ({held.status}, now {fresh.status}).\n"
            f"headers: {sorted(set(held.content[1]) ^ set(fresh.content[1]))}\n"
            f"tags:   {held.headers.get('surrogate-key')}\n"
            f"purged: {[' '.join(order) for order in self.cdn.orders]}\n"
            f"held:  …{held.body[start : where + 150]!r}…\n"
            f"fresh: …{fresh.body[start : where + 150]!r}…"
        )


def _instants() -> list[datetime]:
    """One that is settled, since a transaction has it, and one that the next may come before."""
    last = last_moment()
    return [utc_now(), *([] if last is None else [last])]


@contextmanager
def purges_reach(*models: ModelCdn) -> Iterator[None]:
    """The ledger's purge step orders from these models.

    It does not wait until serving processes have heard of the change: there are none.
    """
    backend = {"BACKEND": f"{Models.__module__}.Models", "OPTIONS": {"models": models}}
    with (
        override_settings(CDN=backend),
        patch.object(purging, "HEARD_SECONDS", 0),
        patch.object(pipeline, "PIPELINE", pipeline.make_pipeline()),
    ):
        yield
