"""The addresses that readers ask for: every route and parameter, and what the answers lead to."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from delivery.interface import DocumentType, Kind, all_types, get_type
from tests.journeys.cache_tags.model_cdn import Request, Response

BASE = "/api/v1"
MAIN_HOST = "localhost"
HOSTS = (
    MAIN_HOST,
    "second.example.com",
    "unknown.example.com",
    "localhost:8080",
    "third.example.com",
)
SYNC = f"{BASE}/content/sync"
SYNC_BEGINNINGS = (
    "/content/sync?initial=true",
    "/content/sync?initial=true&limit=3",
    "/content/sync?initial=true&type=blog-posts,images&locale=fr,en",
)
OF_A_RELEASE = (
    f"{BASE}/openapi.json",
    f"{BASE}/schemas/events/content.published.schema.json",
    "/api/docs",
    "/api/docs/problems/not-found",
)
_SEARCHES = (
    "/search",
    "/search?facets=type,tags,category,author,price,published_at&limit=3",
    "/search?q=hello%20team&facets=tags,author&highlight=true&explain=false",
    "/search?q=p&sort=-published_at&fields=title,tags(title)&format=json&limit=2",
    "/search?q=editing%20-none&locale=fr,en&type=services,pages&include=parent",
    "/search?filter[price][gte]=1&filter[tags][nin]=none&sort=price",
    "/search/suggest?q=p&locale=fr,en&limit=5",
    "/search/suggest?q=t",
    "/search/related/pages/team?type=pages,blog-posts&limit=3&include=parent&format=json",
    "/search/related/pages/jobs?locale=fr,en&fields=title",
)
_REFERENCES = (Kind.REFERENCE, Kind.REFERENCES)
_DEPTH = 4
_VALUES = {
    Kind.TEXT: ("EUR", "standard"),
    Kind.INTEGER: ("1",),
    Kind.DECIMAL: ("500",),
    Kind.DATE: ("2020-01-01",),
    Kind.TIME: ("2020-01-01",),
}


def fixed_addresses() -> list[Request]:
    """Those that can be asked for whatever the content is."""
    urls = [
        *("/content", "/content?limit=3&sort=title", "/content?type=pages,images&locale=fr,en"),
        *("/content/site", "/content/site?locale=fr,en", "/content/site?fields=navigation,logo"),
        *("/content/site?include=logo&format=json", "/content/sitemap", "/content/sitemap?limit=3"),
        *("/services", "/services?sort=price&locale=fr,en", "/content/resolve?path=/"),
        *("/content/resolve?path=/fr/", "/content/resolve?path=/blog", "/content/nothing"),
        *("/content/resolve?path=/old", "/content/resolve?path=/%3Fp%3D1"),
        *("/content/pages/team", "/content/pages/jobs", "/content/pages/no-such-slug"),
        *("/content?filter[title]=none&count=true", "/content/pages/jobs?locale=fr,en"),
        *("/content/resolve?path=/blog&include=parent&format=json", "/services/editing"),
        *("/services/editing?include=parent&locale=fr,en", "/content?include=parent&format=json"),
        *("/services?limit=2&count=true&format=json", "/services?include=parent&fields=title"),
        *("/services?filter[currency]=EUR", "/content?fields=title,path&count=true"),
        *_SEARCHES,
    ]
    requests = [Request(MAIN_HOST, BASE + url) for url in SYNC_BEGINNINGS]
    requests += [Request(MAIN_HOST, url) for url in OF_A_RELEASE]
    for item in all_types():
        if item.is_listed:
            urls += _lists_of(item)
    requests += [Request(MAIN_HOST, BASE + url) for url in urls]
    for host in HOSTS[1:]:
        requests += [Request(host, BASE + url) for url in urls[:: 1 + len(urls) // 14]]
        requests += [
            Request(host, f"{BASE}/content/site"),
            Request(host, f"{BASE}/content/sitemap"),
            Request(host, f"{BASE}/content/sync?initial=true"),
        ]
    return list(dict.fromkeys(requests))


def _lists_of(item: DocumentType) -> Iterator[str]:
    base = f"/content/{item.name}"
    yield from (base, f"{base}?limit=2&count=true", f"{base}?limit=100&format=json")
    yield from (f"{base}?locale=fr", f"{base}?locale=fr-CA,fr,en&limit=3", f"{base}?fields=title")
    yield from (f"{base}?sort=-title", f"{base}?sort=updated_at&limit=3")
    for field in item.fields:
        if field.is_sortable:
            yield f"{base}?sort=-{field.name}&limit=3"
        if field.is_filterable and field.kind in _VALUES:
            for value in _VALUES[field.kind]:
                yield f"{base}?filter[{field.name}]={value}"
        if field.is_filterable and field.kind in _REFERENCES:
            yield f"{base}?filter[{field.name}]=no-such-slug"
            yield f"{base}?filter[{field.name}][nin]=a,no-such-slug"
    for chain in _chains(item, _DEPTH):
        yield f"{base}?include={chain}&limit=5"
    yield from _nested_fields(item)


def _chains(item: DocumentType, depth: int, before: str = "") -> Iterator[str]:
    """Ways along references: at each depth all of one type's, but only one way further down."""
    references = [field for field in item.fields if field.kind in _REFERENCES]
    if not references or not depth:
        return
    yield ",".join(f"{before}{field.name}" for field in references)
    for field in references[-2:]:
        for target in filter(None, map(get_type, field.targets)):
            yield from _chains(target, depth - 1, f"{before}{field.name}.")
            break


def _nested_fields(item: DocumentType) -> Iterator[str]:
    for field in item.fields:
        if field.kind in _REFERENCES:
            yield f"/content/{item.name}?fields=title,{field.name}(title,parent)&limit=4".replace(
                ",parent", ",parent" if _has_parent(field.targets) else ""
            )


def _has_parent(targets: tuple[str, ...]) -> bool:
    return any("parent" in found.by_name for found in filter(None, map(get_type, targets)))


def addresses_in(request: Request, response: Response) -> Iterator[Request]:
    """Those that an answer leads to: the pages beside it, and each document by id, slug and path."""
    if response.status != 200 or not response.body.startswith(b'{"data":'):
        return
    answer: dict[str, Any] = orjson.loads(response.body)
    if request.url.startswith(SYNC):
        yield _after_sync(request, answer["next_sync_token"])
    page = answer.get("page") or {}
    plain = "&".join(
        part for part in request.url.split("&") if not part.startswith(("after=", "before="))
    )
    mark = "&" if "?" in plain else "?"
    for name, cursor in (("after", page.get("next")), ("before", page.get("prev"))):
        if cursor:
            yield Request(request.host, f"{plain}{mark}{name}={quote(cursor)}")
    data = answer["data"]
    for document in data if isinstance(data, list) else [data]:
        for url in _ways_to(document):
            yield Request(request.host, BASE + url)


def _after_sync(request: Request, token: str) -> Request:
    limit = next((part for part in request.url.split("&") if part.startswith("limit=")), "")
    ending = f"&{limit}" if limit else ""
    return Request(request.host, f"{SYNC}?sync_token={quote(token)}{ending}")


def at_instants(
    requests: Sequence[Request], instants: Sequence[datetime], chance: random.Random
) -> list[Request]:
    """One of these addresses as of each instant. The sync has no past; nor have releases."""
    able = [
        item
        for item in requests
        if item.url.startswith((f"{BASE}/content", f"{BASE}/services"))
        and not item.url.startswith(SYNC)
        and "as_of=" not in item.url
    ]
    found = []
    for instant in instants if able else ():
        item = chance.choice(able)
        mark = "&" if "?" in item.url else "?"
        url = f"{item.url}{mark}as_of={quote(instant.isoformat())}"
        found.append(Request(item.host, url))
    return found


def _ways_to(document: dict[str, Any]) -> Iterator[str]:
    path, name = document.get("path"), document.get("type")
    if path:
        yield f"/content/resolve?path={quote(path)}"
        yield f"/content/resolve?path={quote(path.rstrip('/') or '/')}&fields=title,seo"
    found = get_type(name) if name else None
    if found is None or not found.is_listed:
        return
    base, slug = f"/content/{name}", quote(str(document.get("slug") or document["id"]))
    yield from (f"{base}/{document['id']}", f"{base}/{slug}", f"{base}/{slug}?locale=fr,en")
    yield f"{base}/{document['id']}?locale=fr,en&format=json"
    yield f"{base}/{slug}?fields=title,updated_at"
    yield f"{base}?filter[slug][in]={slug},none"
    if name == "services":
        yield f"/services/{slug}?fields=title,price&format=json"
    for chain in _chains(found, 2):
        yield f"{base}/{slug}?include={chain}&format=json"
    for other in all_types():
        for field in other.fields:
            if field.is_filterable and name in field.targets:
                yield f"/content/{other.name}?filter[{field.name}]={slug}&fields=title,{field.name}"
                yield f"/content/{other.name}?filter[{field.name}][in]={document['id']},a"


class Addresses:
    """The fixed addresses and as many of the others as there is room for, changing all the time."""

    def __init__(self, chance: random.Random, fixed: list[Request], *, room: int) -> None:
        self._random, self._room = chance, room
        self.fixed = fixed
        self._others: list[Request] = []
        self._seen: set[tuple[str, str]] = {item.address for item in self.fixed}

    def __iter__(self) -> Iterator[Request]:
        yield from list(self.fixed)
        yield from list(self._others)

    def take_up(self, found: Sequence[Request], most: int) -> list[Request]:
        """Takes up to `most` new ones of `found`; gives those that it let go for them."""
        new = {item.address: item for item in found if item.address not in self._seen}
        chosen = self._random.sample(list(new.values()), min(most, len(new)))
        self._others += chosen
        self._seen |= {item.address for item in chosen}
        gone = []
        while len(self._others) > self._room:
            gone.append(self._others.pop(self._random.randrange(len(self._others))))
        self._seen -= {item.address for item in gone}
        return gone
