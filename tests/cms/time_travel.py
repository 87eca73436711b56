"""Everything that the public can ask a website for, kept at instants and asked for again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
from django.test import Client

from delivery.models import Document, Redirect

BASE = "/api/v1/content"
LISTS = (
    "?limit=100&count=true",
    "?limit=100&locale=fr,en&sort=title",
    "?locale=fr",
    "?type=pages,images&limit=3&fields=title,path,parent(title)",
    "/blog-posts?limit=2&include=author,tags,categories.parent",
    "/blog-posts?limit=100&locale=fr,en&format=json&sort=-updated_at,title",
    "/blog-posts?filter[tags]=a",
    "/blog-posts?filter[tags][in]=a,b&filter[authors][nin]=red-1&include=authors.photo",
    "/blog-posts?filter[reading_minutes][gte]=1&sort=reading_minutes&count=true",
    "/services?sort=-price&fields=title,price",
    "/services?filter[price][gt]=300&filter[currency]=EUR",
    "/services?filter[currency]=EUR&limit=1",
    "/profiles?include=photo",
    "/pages?sort=title&limit=2",
    "/blog-indexes",
    "/tags",
    "/categories?locale=fr,en",
    "/images?fields=alt,src",
    "/site",
    "/site?locale=fr,en",
    "/sitemap",
    "/sitemap?limit=3",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, when it was given."""

    at: datetime
    url: str
    status: int
    body: bytes


@dataclass
class TimeTraveller:
    """Keeps answers as they are given, and later asks for each again as of its instant."""

    host: str = "localhost"
    kept: list[Kept] = field(default_factory=list)
    _client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    _paths: set[str] = field(default_factory=set)
    _singles: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Keeps what every address answers now: also those at which something was once."""
        self._remember()
        at = datetime.now(UTC)
        addresses = [BASE + url for url in LISTS]
        addresses += [f"{BASE}/{single}" for single in sorted(self._singles)]
        addresses += [f"{BASE}/resolve?path={quote(path)}" for path in sorted(self._paths)]
        for address in addresses:
            self.kept += self._pages(at, address)

    def differences(self) -> list[str]:
        """The answers that are not what they were. Those of errors only by their status."""
        return [
            f"{item.at.isoformat()} {item.url}\n  was {item.body!r}\n  now {body!r} ({status})"
            for item in self.kept
            for status, body in [self._ask(_as_of(item.url, item.at))]
            if (status, body) != (item.status, item.body)
        ]

    def _remember(self) -> None:
        for key, type_name, slug, path in Document.objects.values_list(
            "id", "type", "slug", "path"
        ):
            if type_name != "site":
                self._singles |= {
                    f"{type_name}/{key}?include=parent&locale=fr,en",
                    f"{type_name}/{quote(slug)}",
                }
            self._paths |= {path} - {""}
        self._paths |= set(Redirect.objects.values_list("path", flat=True))

    def _pages(self, at: datetime, address: str) -> Iterator[Kept]:
        """The answer, and those that its cursors lead to."""
        cursor = ""
        while True:
            status, body = self._ask(address + cursor)
            assert status < 500, address
            yield Kept(at, address + cursor, status, body)
            page: Any = _json(body).get("page", {}) if status == 200 else {}
            if page.get("next") is None:
                return
            cursor = f"{'&' if '?' in address else '?'}after={page['next']}"

    def _ask(self, url: str) -> tuple[int, bytes]:
        answer = self._client.get(url, headers={"host": self.host})
        return answer.status_code, answer.content if answer.status_code == 200 else b""


def _as_of(url: str, at: datetime) -> str:
    return f"{url}{'&' if '?' in url else '?'}as_of={quote(at.isoformat())}"


def _json(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(body)
    return found
