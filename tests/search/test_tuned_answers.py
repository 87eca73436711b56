"""Synonyms and results of a query, from the editor's save to the visitor's answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from accounts.interface import User
from core.interface import Forbidden, Invalid
from outbox.interface import sweep
from search.actions.save_query_rule import delete_query_rule, save_query_rule
from search.actions.save_synonyms import delete_synonyms, save_synonyms
from search.models import QueryRule, RuledResult, SynonymRule
from tests.api.conftest import Reader
from tests.factories.documents import Library, id_of
from tests.journeys.cache_tags.model_cdn import ModelCdn, Request
from tests.journeys.cache_tags.oracle import ask_in_process, purges_reach
from tests.people import editorial_setup, make_person

__all__ = ["editorial_setup"]


@pytest.fixture
def manager(transactional_db: None) -> User:
    return User.objects.create_superuser("manager@example.com", "x", name="Max")


def post(key: str) -> UUID:
    return id_of("post", key)


def fill(library: Library) -> None:
    library.post("boat", title="The boat")
    library.post("ship", title="A ship")
    library.post("car", title="A car")
    library.post("bateau", title="Le bateau", locale="fr")
    library.save()


def synonyms(user: User, words: str, others: str = "", **given: Any) -> SynonymRule:
    place: dict[str, Any] = {"site_id": 1, "locale": "en", "rule_id": None} | given
    return save_synonyms(user=user, words=words, others=others, **place)


def rule(user: User, query: str, **given: Any) -> QueryRule:
    wanted: dict[str, Any] = {"site_id": 1, "locale": "en", "pinned": (), "hidden": ()} | given
    return save_query_rule(user=user, query=query, **wanted)


def test_synonyms_hold_from_the_commit_on_without_a_rebuild(
    library: Library, reader: Reader, manager: User
) -> None:
    fill(library)
    assert reader.slugs("/search?q=boats%20") == ["post-boat"]

    made = synonyms(manager, "boat, ship\nvessel")
    assert reader.slugs("/search?q=boats%20") == ["post-boat", "post-ship"]
    assert reader.slugs("/search?q=SHIP%20") == ["post-ship", "post-boat"]
    assert set(reader.slugs("/search?q=vessel%20")) == {"post-boat", "post-ship"}
    assert reader.slugs("/search?q=%22boat%22") == ["post-boat"]

    synonyms(manager, "boat", "car", rule_id=made.pk)
    assert reader.slugs("/search?q=boat%20") == ["post-boat", "post-car"]
    assert reader.slugs("/search?q=car%20") == ["post-car"]

    delete_synonyms(user=manager, rule_id=made.pk)
    delete_synonyms(user=manager, rule_id=made.pk)
    assert reader.slugs("/search?q=boat%20") == ["post-boat"]


def test_synonyms_are_of_one_language_and_of_one_website_or_all(
    library: Library, reader: Reader, manager: User
) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    other.post("else", title="Elsewhere a ship")
    other.save()
    fill(library)
    synonyms(manager, "bateau, navire", locale="fr", site_id=None)
    synonyms(manager, "boat, ship", site_id=2)

    assert reader.slugs("/search?q=navire%20&locale=fr") == ["post-bateau"]
    assert reader.slugs("/search?q=navire%20") == []
    assert reader.slugs("/search?q=boat%20") == ["post-boat"]
    elsewhere = reader.get("/search?q=boat%20", host="other.example.com").json()
    assert [item["slug"] for item in elsewhere["data"]] == ["post-else"]


def test_pinned_results_are_marked_and_hidden_ones_gone_for_this_query_alone(
    library: Library, reader: Reader, manager: User
) -> None:
    fill(library)

    made = rule(manager, "Boat!", pinned=[post("car")], hidden=[post("boat")])

    answer = reader.json("/search?q=%20boat")
    assert [item["slug"] for item in answer["data"]] == ["post-car"]
    assert answer["data"][0]["search"]["pinned"] is True
    assert answer["page"]["total"] == 1
    assert reader.slugs("/search?q=the%20boat") == ["post-boat"]
    assert reader.slugs("/search?q=boat&sort=-published_at") == []
    assert "pinned" not in reader.json("/search?q=car")["data"][0]["search"]

    delete_query_rule(user=manager, rule_id=made.pk)
    assert reader.slugs("/search?q=boat") == ["post-boat"]


def test_what_is_not_public_any_more_is_not_shown_however_it_is_pinned(
    library: Library, reader: Reader, manager: User
) -> None:
    fill(library)
    rule(manager, "boat", pinned=[post("car")])

    library.withdraw(post("car"))

    answer = reader.json("/search?q=boat&facets=type")
    assert [item["slug"] for item in answer["data"]] == ["post-boat"]
    assert answer["page"]["total"] == 1
    assert answer["facets"]["type"] == [{"value": "blog-posts", "count": 1}]


def test_what_caches_hold_is_purged_by_each_change(library: Library, manager: User) -> None:
    fill(library)
    cdn = ModelCdn(is_blind_to=lambda tag: not tag.startswith("q-"))
    request = Request("testserver", "/api/v1/search?q=boat")

    def is_kept_after(change: Any) -> bool:
        cdn.offer(request, ask_in_process(request))
        assert cdn.find(request) is not None
        with purges_reach(cdn):
            change()
            sweep()
        return cdn.find(request) is not None

    made = []
    assert not is_kept_after(lambda: made.append(synonyms(manager, "a, b")))
    assert not is_kept_after(lambda: delete_synonyms(user=manager, rule_id=made[0].pk))
    assert not is_kept_after(lambda: synonyms(manager, "c, d", site_id=None))
    assert not is_kept_after(lambda: rule(manager, "boat", pinned=[post("car")]))
    assert not is_kept_after(
        lambda: delete_query_rule(user=manager, rule_id=QueryRule.objects.get().pk)
    )
    assert is_kept_after(lambda: None)


@pytest.mark.parametrize(
    ("words", "place", "code"),
    [
        ("", {}, "missing"),
        ("alone", {}, "too_few"),
        ("a,b,-!-", {}, "no_words"),
        ("one two three four five, b", {}, "too_long"),
        ("x" * 65 + ",b", {}, "too_long"),
        (",".join(f"w{number}" for number in range(21)), {}, "too_many"),
        ("a,b", {"locale": "de"}, "unknown_locale"),
        ("a,b", {"site_id": 7}, "unknown_site"),
    ],
)
def test_synonyms_that_cannot_be_are_refused(
    library: Library, manager: User, words: str, place: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        synonyms(manager, words, **place)

    assert [item.code for item in refused.value.issues] == [code]
    assert not SynonymRule.objects.exists()


@pytest.mark.parametrize(
    ("query", "results", "fault"),
    [
        ("  ?", {}, ("query", "no_words")),
        ("-boat", {}, ("query", "no_words")),
        ("x" * 129, {}, ("query", "no_words")),
        ("boat", {"pinned": [post("car")] * 2}, ("pinned", "repeated")),
        ("boat", {"hidden": [post("car")] * 2}, ("hidden", "repeated")),
        ("boat", {"pinned": [post("car")], "hidden": [post("car")]}, ("hidden", "contradiction")),
        ("boat", {"hidden": [post("nowhere")]}, ("hidden", "unknown_document")),
        ("boat", {"pinned": [post("bateau")]}, ("pinned", "unknown_document")),
        ("boat", {"pinned": [post(str(number)) for number in range(11)]}, ("pinned", "too_many")),
    ],
)
def test_results_that_cannot_be_are_refused(
    library: Library, manager: User, query: str, results: dict[str, Any], fault: tuple[str, str]
) -> None:
    fill(library)

    with pytest.raises(Invalid) as refused:
        rule(manager, query, **results)

    assert [(item.pointer, item.code) for item in refused.value.issues] == [fault]
    assert not QueryRule.objects.exists()


def test_who_has_no_right_changes_nothing(library: Library, editorial_setup: None) -> None:
    fill(library)
    nobody = make_person("nobody@example.com")

    for attempt in (
        lambda: synonyms(nobody, "a, b"),
        lambda: rule(nobody, "boat"),
        lambda: delete_synonyms(user=nobody, rule_id=1),
        lambda: delete_query_rule(user=nobody, rule_id=1),
    ):
        with pytest.raises(Forbidden), transaction.atomic():
            attempt()
    assert not SynonymRule.objects.exists()
    assert not QueryRule.objects.exists()


def test_of_two_who_save_the_same_query_at_once_one_has_the_last_word(
    library: Library, manager: User
) -> None:
    fill(library)
    wanted = [[post("boat"), post("car")], [post("ship"), post("boat")]] * 2
    ready = threading.Barrier(len(wanted))

    def save(pinned: list[UUID]) -> None:
        ready.wait(20)
        try:
            rule(manager, "vehicles", pinned=pinned)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(save, wanted))

    pinned = RuledResult.objects.order_by("position").values_list("document_id", flat=True)
    assert list(pinned) in wanted
