"""The cache tags are complete: a cache that obeys only headers and purges is never stale.

`pytest tests/journeys/test_cache_tags.py -k random --edits 1000 --seeds 1,2,3 -s` runs it long and prints
how exact the purges were. `--addresses 80` makes it quicker: fewer at a time, which change as it goes on.
"""

import logging
import random
import sys
from collections.abc import Callable

import pytest
from django.db import transaction
from wagtail.contrib.redirects.models import Redirect

from cms.models import StandardPage
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit
from tests.journeys.cache_tags.addresses import (
    BASE,
    MAIN_HOST,
    Addresses,
    addresses_in,
    fixed_addresses,
)
from tests.journeys.cache_tags.model_cdn import ModelCdn, Request
from tests.journeys.cache_tags.oracle import Oracle, Stale, ask_in_process, purges_reach
from tests.journeys.cache_tags.routes import (
    EXAMPLES,
    FROM_ANSWERS,
    NEVER_PURGED,
    NOT_STORED,
    parameters,
    parameters_of,
    routes,
    routes_of,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EDITS = 40
ADDRESSES = 220
SEEDS = "1"
MOST_FAULTS = 5


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Many answers are that there is nothing; a thousand edits would log a hundred thousand."""
    caplog.set_level(logging.ERROR)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        given = metafunc.config.getoption("--seeds") or SEEDS
        metafunc.parametrize("seed", [int(text) for text in given.split(",")])


def test_random_edits_leave_nothing_stale(seed: int, request: pytest.FixtureRequest) -> None:
    edits = request.config.getoption("--edits") or EDITS
    editor = RandomEditor(Website(), seed, edits_sites=True)
    Website("second.example.com", slug="second", is_default=False)
    cdn, chance = ModelCdn(), random.Random(seed)
    room = (request.config.getoption("--addresses") or ADDRESSES) // 2
    fixed = fixed_addresses()
    addresses = Addresses(chance, chance.sample(fixed, min(room, len(fixed))), room=room)
    oracle = Oracle(cdn, addresses, chance, visited=fixed)
    faults: list[str] = []
    with purges_reach(cdn):
        oracle.check("beginning")
        for _ in range(edits):
            name = editor.act()
            try:
                oracle.check(name)
            except Stale as fault:
                faults.append(f"seed {seed}, edit {editor.count}: {fault}\n{editor.log[-5:]}")
            if len(faults) == MOST_FAULTS:
                break
            if editor.count % 100 == 0:
                sys.stdout.write(f"\nseed {seed}: {oracle.count}\n{oracle.count.table()}\n")
                sys.stdout.flush()
    assert not faults, "\n".join(faults)
    assert oracle.count.checked > edits * room / 2
    assert oracle.count.purged > edits
    sys.stdout.write(f"\nseed {seed}: {oracle.count}\n{oracle.count.table()}\n")


def test_every_route_is_asked() -> None:
    """Who adds a public route adds addresses, or says why no cache keeps its answers."""
    asked = routes_of(fixed_addresses())
    exempt = NOT_STORED.keys() | NEVER_PURGED.keys()

    assert routes() - asked - exempt == set()
    assert exempt - routes() == set()
    assert not asked & exempt
    for url in EXAMPLES:
        request = Request(MAIN_HOST, url)
        assert routes_of([request]) <= NOT_STORED.keys()
        assert not ModelCdn().offer(request, ask_in_process(request)), url


def test_every_parameter_is_asked() -> None:
    known = parameters()
    website = Website()
    website.post("Hello", authors=[website.profile("Ada")])
    website.service("Editing")
    fixed = fixed_addresses()
    found = [item for request in fixed for item in addresses_in(request, ask_in_process(request))]
    second = next(item for item in found if "after=" in item.url)
    found += addresses_in(second, ask_in_process(second))

    asked = parameters_of([*fixed, *found])
    assert {item for item in known - asked if item[1] not in FROM_ANSWERS} == set()
    assert {name for _, name in asked} >= {"after", "before", "sync_token"}


def only_needs(kind: str, urls: list[str], change: Callable[[], object]) -> bool:
    """Whether a cache that overlooks the tags of this kind is stale after a change; another is not."""
    whole, blind = ModelCdn(), ModelCdn(is_blind_to=lambda tag: tag.startswith(kind))
    requests = [Request(MAIN_HOST, BASE + url) for url in urls]
    oracles = [
        Oracle(cdn, Addresses(random.Random(1), requests, room=0), random.Random(1))
        for cdn in (whole, blind)
    ]
    with purges_reach(whole, blind):
        for oracle in oracles:
            oracle.check("beginning")
            assert len(oracle.cdn.entries) == len(urls)
        change()
        oracles[0].check("change")
        try:
            oracles[1].check("change")
        except Stale:
            return True
    return False


def test_without_the_tags_of_documents_it_is_stale() -> None:
    website = Website()
    author = website.profile("Ada")
    website.post("Hello", authors=[author])
    urls = ["/content/blog-posts/hello", "/content/blog-posts/hello?include=author"]

    assert only_needs("d-", urls, lambda: edit(author, title="Countess"))


def test_without_the_tags_of_types_it_is_stale() -> None:
    website = Website()
    website.post("Hello")

    assert only_needs("t-", ["/content/blog-posts"], lambda: website.post("Another"))
    assert only_needs("t-", ["/content?limit=2"], lambda: website.service("Editing"))
    assert only_needs("t-", ["/content/sitemap"], lambda: website.standard("About"))


def test_without_the_tags_of_slugs_it_is_stale() -> None:
    website = Website()
    about = website.standard("About")
    older = website.standard("Team")
    older.unpublish()
    website.add(about, StandardPage(title="Team"))

    # Of two pages with one slug, the older is found.
    again = older.get_latest_revision().publish
    assert only_needs("n-", ["/content/pages/team"], again)


def test_without_the_tags_of_slugs_a_filter_is_stale() -> None:
    website = Website()
    author = website.profile("Ada", slug="ada")
    website.post("Hello", authors=[author])
    urls = [f"/content/blog-posts?filter[author]={slug}&fields=title" for slug in ("ada", "none")]

    assert only_needs("n-", urls, lambda: edit(author, slug="none"))


def test_without_the_tags_of_paths_it_is_stale() -> None:
    """A redirect gives way to a page at its path; a path with a query gets a rule of its own."""
    website = Website()

    @transaction.atomic
    def add_rule(path: str) -> None:
        Redirect.add_redirect(path, "https://example.com/", site=website.site)

    add_rule("/about")
    assert only_needs("p-", ["/content/resolve?path=/about"], lambda: website.standard("About"))
    with_query = ["/content/resolve?path=/about/%3Fp%3D1"]
    assert only_needs("p-", with_query, lambda: add_rule("/about?p=1"))


def test_without_the_tags_of_sites_it_is_stale() -> None:
    """A host name without a website of its own shows the default one, until it has one."""
    website = Website()
    website.standard("About")
    website.site.hostname = "www.example.com"
    website.site.save()
    other = Website("second.example.com", slug="second", is_default=False)

    def take_the_name() -> None:
        other.site.hostname = MAIN_HOST
        other.site.save()

    assert only_needs("s-", ["/content/pages?fields=path", "/content/site"], take_the_name)
