"""The cache tags are complete: a cache that hears purges alone never shows what is no longer so.

GALLEY_ORACLE_EDITS=1000 python -m pytest tests/journeys/test_cache_tags.py -s
"""

import os
import random
from collections.abc import Callable

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect

from cms.models import StandardPage
from outbox.interface import LedgerEvent
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit
from tests.journeys.model_cdn import ModelCdn, Seen, ask, deaf_to, documents, lists_and_settings

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MOST_IN_CI = 100
EDITS = int(os.environ.get("GALLEY_ORACLE_EDITS", "40"))
MOST_KEPT = 100
KINDS = {"documents": "d-", "lists": "t-", "slugs": "n-", "sites": "s-"}
"""Each kind of tag; a cache that is deaf to one of them must be caught."""


class Oracle:
    """Edits a website at random, and after each edit compares every cache with the API."""

    def __init__(self, seed: int) -> None:
        self.editor = RandomEditor(Website(), seed)
        self.whole = ModelCdn()
        self.deaf = deaf_to(KINDS)
        self.caught: dict[str, list[str]] = {name: [] for name in KINDS}
        self.wrong: list[str] = []
        self._client = Client()
        self._random = random.Random(seed)
        self._position = self._head()

    def run(self, edits: int) -> None:
        for _ in range(edits):
            self._fill()
            self.compare(f"edit {self.editor.count + 1} {self.editor.act()}")

    def keep(self, url: str) -> None:
        """A reader asks for this address through each of the caches."""
        seen = ask(self._client, url)
        assert seen.is_kept, url
        self._position = self._head()
        for cdn in (self.whole, *self.deaf):
            cdn.keep(url, seen)

    def compare(self, action: str) -> None:
        """Purges what the action has changed, and looks at all that is still kept."""
        fresh, tags = self._reader(), self._purged_tags()
        for cdn in (self.whole, *self.deaf):
            cdn.purge(tags, fresh)
            wrong = cdn.faults(fresh)
            found = self.wrong if cdn is self.whole else self.caught[cdn.name]
            found += [f"{action}: {url}" for url in wrong]
            for url in wrong:  # told once
                del cdn.kept[url]

    def _fill(self) -> None:
        """Readers come by: some addresses are asked for that are not kept."""
        fresh = self._reader()
        known = [*lists_and_settings(), *documents()]
        for url in self._random.sample(known, min(len(known), 40)):
            for cdn in (self.whole, *self.deaf):
                if url not in cdn.kept:
                    cdn.keep(url, fresh(url))
        for cdn in (self.whole, *self.deaf):
            for url in self._random.sample(sorted(cdn.kept), max(0, len(cdn.kept) - MOST_KEPT)):
                del cdn.kept[url]

    def _reader(self) -> Callable[[str], Seen]:
        """Asks for each address once; valid until the next edit."""
        seen: dict[str, Seen] = {}

        def fresh(url: str) -> Seen:
            if url not in seen:
                seen[url] = ask(self._client, url)
            return seen[url]

        return fresh

    def _purged_tags(self) -> set[str]:
        events = LedgerEvent.objects.filter(sequence__gt=self._position)
        tags = {tag for event in events for tag in event.data["cache_tags"]}
        self._position = self._head()
        return tags

    @staticmethod
    def _head() -> int:
        last = LedgerEvent.objects.order_by("-sequence").first()
        return 0 if last is None else last.sequence


@pytest.mark.parametrize("seed", [1, 2] if EDITS <= MOST_IN_CI else [1])
def test_a_cache_that_hears_all_purges_is_right_after_each_edit(seed: int) -> None:
    oracle = Oracle(seed)
    oracle.run(EDITS // 2 if EDITS <= MOST_IN_CI else EDITS)
    whole = oracle.whole
    caught = {name: len(found) for name, found in oracle.caught.items()}
    print(  # noqa: T201 — the ratio is what a person reads here
        f"\nseed {seed}: {oracle.editor.count} edits, {whole.purged} answers purged,"
        f" {whole.in_vain / max(whole.purged, 1):.0%} of them in vain; deaf caches caught: {caught}"
    )
    assert oracle.wrong == [], "\n".join(oracle.editor.log)
    assert whole.purged > 0
    assert min(caught["documents"], caught["lists"]) > 0, "the comparison sees nothing"


def rename_an_author(website: Website) -> Callable[[], object]:
    author = website.profile("Ada")
    website.post("Hello", authors=[author])
    return lambda: edit(author, title="Grace")


def add_a_post(website: Website) -> Callable[[], object]:
    return lambda: website.post("Hello")


def take_a_slug(website: Website) -> Callable[[], object]:
    """An older page of the same slug is the answer again."""
    elder, other = website.standard("Elder", slug="wanted"), website.standard("Other")
    website.add(other, StandardPage(title="Younger", slug="wanted"))
    elder.unpublish()
    return lambda: elder.get_latest_revision().publish()


def lead_elsewhere(website: Website) -> Callable[[], object]:
    rule = Redirect.objects.create(
        old_path="/old", site=website.site, redirect_link="https://www.example.com/one"
    )

    def change() -> None:
        rule.redirect_link = "https://www.example.com/two"
        rule.save()

    return change


@pytest.mark.parametrize(
    ("kind", "prepare", "url"),
    [
        ("documents", rename_an_author, "/api/v1/content/blog-posts/hello"),
        ("lists", add_a_post, "/api/v1/content/blog-posts"),
        ("slugs", take_a_slug, "/api/v1/content/pages/wanted"),
        ("sites", lead_elsewhere, "/api/v1/content/resolve?path=/old/"),
    ],
)
def test_without_one_kind_of_tag_a_cache_is_wrong(
    kind: str, prepare: Callable[[Website], Callable[[], object]], url: str
) -> None:
    oracle = Oracle(seed=1)
    change = prepare(oracle.editor.website)
    oracle.keep(url)
    change()
    oracle.compare(kind)
    assert oracle.wrong == []
    assert oracle.caught[kind] == [f"{kind}: {url}"]
    assert [name for name, found in oracle.caught.items() if found] == [kind]
