"""No draft leaks: a canary stands in everything hidden, and every address is crawled for it.

The crawl asks as a stranger, with a cookie of an editor's session, and with credentials that
are not good; as none of them may it find a canary in a body or a header. It begins with every
route of the API, follows every cursor, opens every document by id, slug and path, with every
field and inclusion, and then tries the addresses of the hidden things themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from api.v1.api import api
from cms import publishing
from cms.document_builders import pages as page_builder
from cms.models import ProfilePage
from cms.site_map import SiteMap
from delivery.interface import SavedChanges, all_types
from outbox.interface import LedgerEvent, announce
from outbox.models import LedgerHead
from search.entries import Label, SearchEntry, make_entry
from tests.journeys.canaries import CANARY, CanaryWebsite
from tests.journeys.search_lures import lay_lures
from webhooks.models import Subscription
from webhooks.payload import Wanted, make_bodies

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BASE = "/api/v1"
MAX_REQUESTS = 4000


@pytest.fixture
def canaries() -> CanaryWebsite:
    return CanaryWebsite()


class Crawler:
    """Requests addresses once each and keeps those whose answer has a canary in it."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers
        self.seen: dict[str, int] = {}
        self.leaks: list[str] = []

    def get(self, url: str, accept: str = "") -> dict | None:
        if url + accept in self.seen or len(self.seen) >= MAX_REQUESTS:
            return None
        form = {"Accept": accept} if accept else {}
        response = self.client.get(url, headers=self.headers | form)
        self.seen[url + accept] = response.status_code
        assert response.status_code < 500, url
        body = b"".join(response) if response.streaming else response.content
        text = body.decode("utf-8", "replace") + repr(list(response.headers.items()))
        # What the caller sent may come back to him: that tells him nothing.
        for echo in {url, quote(url), unquote(url), *re.findall(r"[\w.-]*xqcanary[\w.-]*", url)}:
            text = text.replace(echo, "")
        if CANARY in text.lower() or "987654.32" in text:
            at = text.lower().find(CANARY)
            self.leaks.append(f"{url}: …{text[max(0, at - 120) : at + 60]}…")
        is_json = "json" in response.headers.get("Content-Type", "")
        is_one = is_json and not response.streaming
        return response.json() if is_one and response.status_code == 200 else None

    def pages_of(self, url: str) -> Iterator[dict]:
        """Every document of a list, following its cursors."""
        cursor = ""
        while (answer := self.get(url + cursor)) is not None:
            yield from answer["data"]
            following = answer["page"]["next"]
            if following is None:
                return
            cursor = f"&after={quote(following)}"

    def follow_sync(self, query: str) -> None:
        """Everything that a mirror is told, from the first page to the last."""
        while (answer := self.get(f"{BASE}/content/sync?{query}")) is not None:
            query = f"limit=3&sync_token={quote(answer['next_sync_token'])}"
            if not answer["has_more"]:
                return


def all_selections(document_type) -> list[str]:
    """Queries that ask for everything there is to ask for, in each way."""
    references = [f.name for f in document_type.fields if f.kind in {"reference", "references"}]
    deep = [
        f"{name}.{inner.name}"
        for name in references
        for target in document_type.by_name[name].targets
        for other in all_types()
        if other.name == target
        for inner in other.fields
        if inner.kind in {"reference", "references"}
    ]
    fields = [field.name for field in document_type.fields]
    return [
        "limit=2",
        "limit=100&format=json",
        f"limit=100&include={','.join(references)}" if references else "limit=99",
        f"limit=100&include={','.join(deep)}" if deep else "limit=98",
        f"limit=100&fields={','.join(fields)}" if fields else "limit=97",
        "limit=100&count=true",
        "limit=100&locale=fr,en",
    ]


def crawl(crawler: Crawler, canaries: CanaryWebsite) -> None:
    listed = [item for item in all_types() if item.is_listed]
    for path in ("site", "sitemap", "site?format=json", "site?include=logo"):
        crawler.get(f"{BASE}/content/{path}")
    crawler.get(f"{BASE}/openapi.json")
    list(crawler.pages_of(f"{BASE}/content?limit=3"))
    list(crawler.pages_of(f"{BASE}/services?limit=1"))
    for item in listed:
        for query in all_selections(item):
            for document in crawler.pages_of(f"{BASE}/content/{item.name}?{query}"):
                crawler.get(f"{BASE}/content/{item.name}/{document['id']}")
                if document.get("slug"):
                    crawler.get(f"{BASE}/content/{item.name}/{document['slug']}?format=json")
                if document.get("path"):
                    crawler.get(f"{BASE}/content/resolve?path={quote(document['path'])}")
        for field in item.fields:
            for operator in ("eq", "ne", "in", "gte", "lte"):
                for value in (CANARY, "a", "987654.32", "2020-01-01"):
                    crawler.get(
                        f"{BASE}/content/{item.name}?filter[{field.name}][{operator}]={value}"
                    )
            crawler.get(f"{BASE}/content/{item.name}?sort={field.name}")
            crawler.get(f"{BASE}/content/{item.name}?sort=-{field.name}")
    try_other_ways(crawler, [item.name for item in listed])
    search(crawler)
    try_hidden_addresses(crawler, canaries, [item.name for item in listed])


def try_other_ways(crawler: Crawler, types: list[str]) -> None:
    """The same content as a mirror, a generator of static pages and a look back would have it."""
    for choice in ("", "&type=blog-posts,profiles", "&locale=fr,en"):
        crawler.follow_sync(f"initial=true&limit=3{choice}")
    moment = LedgerHead.objects.get().moment
    assert moment is not None
    past = quote(moment.isoformat())
    future = quote((moment + timedelta(days=400)).isoformat())
    for path in ("", *(f"/{name}" for name in types)):
        crawler.get(f"{BASE}/content{path}", accept="application/x-ndjson")
        list(crawler.pages_of(f"{BASE}/content{path}?limit=100&as_of={past}"))
        crawler.get(f"{BASE}/content{path}?as_of={future}")
    for path in ("site", "sitemap", "resolve?path=/"):
        joint = "&" if "?" in path else "?"
        crawler.get(f"{BASE}/content/{path}{joint}as_of={past}")
        crawler.get(f"{BASE}/content/{path}{joint}as_of={future}")


def search(crawler: Crawler) -> None:
    """Every way to get a word out of the search, without naming the canary itself."""
    call_command("run_relay", "--once")
    base, facets = f"{BASE}/search", "type,tags,category,author,price,published_at"
    shown = f"facets={facets}&limit=3"
    for document in crawler.pages_of(f"{base}?{shown}"):
        crawler.get(f"{base}/related/{document['type']}/{document['id']}?limit=20")
    # The beginning of it, slips of it, what stands beside it in hidden fields, and everything.
    for typed in ("xqcanar", "xqcnary", "xqcanaryy", "xqcanray", "draft", "hello", "editing", "1"):
        list(crawler.pages_of(f"{base}?q={typed}&{shown}"))
        crawler.get(f"{base}?q={typed}&highlight=false")
        crawler.get(f"{base}?q={typed}%20-hello&locale=fr,en&{shown}")
        crawler.get(f"{base}/suggest?q={typed}&limit=20")
    for typed in ("x", "xq", "xqcanar", "h", "d"):
        crawler.get(f"{base}/suggest?q={typed}&limit=20")
        crawler.get(f"{base}/suggest?q={typed}&limit=20&locale=fr")
    for value in (CANARY, "987654.32", "no"):
        crawler.get(f"{base}?filter[tags]={value}&{shown}")
    crawler.get(f"{base}?q=hello&explain=true")
    crawler.get(f"{base}?filter[price][gte]=1&{shown}")


def try_hidden_addresses(crawler: Crawler, canaries: CanaryWebsite, types: list[str]) -> None:
    secrets = canaries.secrets
    for name in types:
        for key in sorted(secrets.ids | secrets.slugs):
            crawler.get(f"{BASE}/content/{name}/{key}?locale=en,fr")
        for slug in sorted(secrets.slugs):
            crawler.get(f"{BASE}/content/{name}?filter[slug]={slug}")
            crawler.get(f"{BASE}/content/{name}?filter[tags]={slug}")
    for path in sorted(secrets.paths):
        crawler.get(f"{BASE}/content/resolve?path={quote(path)}")
        crawler.get(f"{BASE}/content/resolve?path={quote(path.rstrip('/'))}")
        crawler.get(path)
    for page in secrets.pages:
        for route in ("pages", "images", "documents"):
            crawler.get(f"/api/manage/v3/{route}/{page.pk}/")
            crawler.get(f"/api/manage/v3/{route}/")


def crawler_of(caller: str, django_user_model) -> Crawler:
    client = Client()
    if caller == "editor":
        # The public API never looks at the session: an editor sees there what everyone sees.
        user = django_user_model.objects.create_user("editor@example.org", "pw", name="Ed")
        client.force_login(user)
        return Crawler(client)
    return Crawler(client)


# What was public once was rightly announced then; these never were.
NEVER_PUBLIC = ("draft", "newer", "scheduled", "later", "banner", "unused", "password", "user")


def leaking_announcements(canaries: CanaryWebsite) -> list[str]:
    """Whatever webhooks and the queue would tell of a hidden thing beyond its id and its hours."""
    hidden = re.compile(rf"{CANARY}-({'|'.join(NEVER_PUBLIC)})|987654", re.IGNORECASE)
    elsewhere = f"{CANARY}-othersite"
    leaks = []
    announced = [told for told in map(announce, LedgerEvent.objects.all()) if told is not None]
    everything = Subscription(event_types=["*"])
    bodies = make_bodies([Wanted(told, everything) for told in announced])
    assert any('"document":{' in body for body in bodies)
    for told, body in zip(announced, bodies, strict=True):
        text = repr(told) + body
        on_this_site = told.data["site_id"] == canaries.website.site.pk
        if hidden.search(text) or (on_this_site and elsewhere in text):
            leaks.append(text)
    return leaks


@pytest.mark.parametrize("caller", ["stranger", "editor"])
def test_no_caller_finds_a_canary(canaries, caller, django_user_model):
    lay_lures(canaries)
    crawler = crawler_of(caller, django_user_model)
    crawl(crawler, canaries)
    assert crawler.leaks == []
    assert sum(status == 200 for status in crawler.seen.values()) > 100
    hidden = [f"{BASE}/content/blog-posts/{key}?locale=en,fr" for key in canaries.secrets.ids]
    assert {crawler.seen[url] for url in hidden} == {404}
    assert leaking_announcements(canaries) == []
    assert LedgerEvent.objects.filter(data__title="Hello").exists()


def test_the_answers_for_hidden_and_for_nothing_look_the_same(canaries):
    client = Client()

    def answer(key: str) -> tuple[int, dict]:
        response = client.get(f"{BASE}/content/blog-posts/{key}", headers={"X-Request-ID": "a" * 8})
        body = response.json()
        body.pop("instance")
        return response.status_code, body

    nothing = answer("00000000-0000-4000-8000-000000000000")
    assert nothing[0] == 404
    assert {str(answer(key)) for key in canaries.secrets.ids} == {str(nothing)}


def break_view_restrictions(monkeypatch) -> None:
    monkeypatch.setattr(SiteMap, "is_restricted", lambda self, page: False)


def break_withdrawal(monkeypatch) -> None:
    monkeypatch.setattr(publishing, "remove_documents", lambda *a, **k: SavedChanges())


def break_live_check(monkeypatch) -> None:
    """Publishes whatever is saved, whether it is live or not."""
    original = publishing.fresh_pages

    def all_live(*args):
        found = original(*args)
        for page in found:
            page.live = True
        return found

    monkeypatch.setattr(publishing, "fresh_pages", all_live)


def break_site_filter(monkeypatch) -> None:
    """Puts every page on the first site."""
    original = SiteMap.locate
    first: list[int] = []

    def on_first_site(self, page):
        place = original(self, page)
        if place is None:
            return None
        first[:] = first or [place[0]]
        return first[0], place[1]

    monkeypatch.setattr(SiteMap, "locate", on_first_site)


def break_account_privacy(monkeypatch) -> None:
    original = page_builder.build_profile

    def with_account(page, context):
        fields = original(page, context)
        name = page.user.name if page.user else ""
        return type(fields)(**{**_fields(fields), "head": {**fields.head, "role": name}})

    monkeypatch.setitem(page_builder.BUILDERS, ProfilePage, with_account)


def _fields(value) -> dict:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


MUTATIONS = (break_view_restrictions, break_withdrawal, break_live_check, break_site_filter)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda item: item.__name__)
def test_the_crawl_finds_the_canary_when_a_filter_is_gone(monkeypatch, mutation):
    mutation(monkeypatch)
    canaries = CanaryWebsite()
    crawler = Crawler(Client())
    crawl(crawler, canaries)
    assert crawler.leaks
    # What is taken back too late was announced rightly when it came.
    assert bool(leaking_announcements(canaries)) == (mutation is not break_withdrawal)


def test_the_crawl_finds_what_the_account_behind_a_profile_is_called(monkeypatch):
    break_account_privacy(monkeypatch)
    canaries = CanaryWebsite()
    publishing.publish_page(canaries.author)
    crawler = Crawler(Client())
    crawl(crawler, canaries)
    assert crawler.leaks


@pytest.mark.parametrize(
    ("field", "leaks_at"),
    [
        ("body", {"search"}),
        ("title", {"search", "suggest"}),
        ("tags", {"search", "suggest"}),
    ],
)
def test_the_crawl_finds_the_canary_when_the_index_has_a_draft(
    canaries: CanaryWebsite, monkeypatch: Any, field: str, leaks_at: set[str]
) -> None:
    """Through matches, corrections, suggestions and counts: the documents have no canary."""
    secret = f"{CANARY}-draft-leaked"
    word: Any = (Label(uuid4(), "leaked", secret),) if field == "tags" else secret

    def of_the_draft(*given: Any, **options: Any) -> SearchEntry:
        return replace(make_entry(*given, **options), **{field: word})

    monkeypatch.setattr("search.indexing.make_entry", of_the_draft)
    crawler = Crawler(Client())

    search(crawler)

    assert {re.split(r"[?:]", leak)[0].rpartition("/")[2] for leak in crawler.leaks} >= leaks_at
    corrected = [leak for leak in crawler.leaks if "highlight=false" in leak]
    assert any("did_you_mean" in leak for leak in corrected)


def test_every_route_of_the_api_is_known_to_the_crawl_or_closed_to_strangers(client):
    known = {
        "/content",
        "/content/resolve",
        "/content/site",
        "/content/sitemap",
        "/content/sync",
        "/content/{type_name}",
        "/content/{type_name}/{key}",
        "/services",
        "/services/{key}",
        "/search",
        "/search/clicks",
        "/search/suggest",
        "/search/related/{searched_type}/{key}",
    }
    routes = {
        f"{prefix}{path}".replace("//", "/")
        for prefix, router in api._routers
        for path in router.path_operations
    }
    assert {
        route for route in routes if route.startswith(("/content", "/services", "/search"))
    } <= known
    closed = routes - known
    assert {route.split("/")[1] for route in closed} == {"webhooks"}
    for route in closed:
        for method in (client.get, client.post, client.patch, client.delete):
            answer = method(
                BASE + re.sub(r"\{\w+\}", "0198c0de-0000-7000-8000-000000000001", route)
            )
            assert answer.status_code in {401, 405}, route
