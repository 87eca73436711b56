"""The editors' pages of search: who opens them, what they show, what they change."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Site

from accounts.interface import User
from core.interface import utc_now
from search.admin.urls import search_urls
from search.models import ClickCount, Judgement, QueryCount, QueryRule, RuledResult, SynonymRule
from tests.api.conftest import Reader
from tests.factories.documents import Library, id_of
from tests.people import admin, client_of, editorial_setup, make_person, moderator

__all__ = ["admin", "editorial_setup", "moderator"]

HOSTILE = "<script>alert('x')</script>"
SYNONYMS = {"words": "boat, ship", "others": "", "locale": "en", "site": ""}
RULE = {"place": "1:en", "query": "boat", "pinned": "/post-car/", "hidden": ""}
TRY = "/admin/visitors-search/try/"


@pytest.fixture
def manager(editorial_setup: None) -> User:
    group = Group.objects.create(name="Searchers")
    rights = Permission.objects.filter(codename__in=["access_admin", "manage_search"])
    group.permissions.set(rights)
    return make_person("manager@example.com", group.name)


@pytest.fixture
def desk(manager: User) -> Client:
    return client_of(manager)


@pytest.fixture
def filled(library: Library, editorial_setup: None) -> Library:
    library.post("boat", title="The boat")
    library.post("ship", title="A ship")
    library.post("car", title="A car")
    library.save()
    return library


def text_of(response: Any) -> str:
    assert response.status_code == 200, response
    return str(response.content.decode())


def addresses() -> dict[str, str]:
    """Every page, with a rule of each kind there."""
    synonyms = SynonymRule.objects.create(locale="en", words="a\nb")
    rule = QueryRule.objects.create(site_id=1, locale="en", query="a")
    names = [str(item.name) for item in search_urls()]
    keys = {"search_synonyms": synonyms.pk, "search_rules": rule.pk}
    return {
        name: reverse(name, args=[keys[name.rpartition("_")[0]]])
        if name.endswith(("_edit", "_delete"))
        else reverse(name)
        for name in names
    }


def test_only_who_may_manage_searches_opens_any_page_or_changes_anything(
    filled: Library, desk: Client, moderator: User
) -> None:
    pages = addresses()
    stranger = client_of(make_person("reader@example.com", "Editors"))

    for url in pages.values():
        assert desk.get(url).status_code == 200, url
        for method in (stranger.get, stranger.post):
            refused = method(url, SYNONYMS | RULE)
            assert refused.status_code in {302, 403}, url
            assert "visitors-search" not in refused.headers.get("Location", "")
        assert Client().get(url).status_code == 302
    assert SynonymRule.objects.get().words == "a\nb"
    assert QueryRule.objects.get().query == "a"
    assert client_of(moderator).get(pages["search_report"]).status_code == 200
    menu = reverse("wagtailadmin_home")
    assert "visitors-search" in text_of(desk.get(menu))
    assert "visitors-search" not in text_of(stranger.get(menu))


def test_synonyms_are_made_changed_and_deleted_by_their_pages(
    filled: Library, desk: Client, reader: Reader
) -> None:
    made = desk.post(reverse("search_synonyms_add"), SYNONYMS)
    assert made.status_code == 302
    rule = SynonymRule.objects.get()
    assert (rule.words, rule.site_id) == ("boat\nship", None)
    assert "boat, ship" in text_of(desk.get(reverse("search_synonyms")))
    assert len(reader.slugs("/search?q=boat%20")) == 2

    edit = reverse("search_synonyms_edit", args=[rule.pk])
    assert "boat\nship" in text_of(desk.get(edit))
    desk.post(edit, {**SYNONYMS, "others": HOSTILE, "site": "1"})
    page = text_of(desk.get(reverse("search_synonyms")))
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page

    refused = text_of(desk.post(edit, {**SYNONYMS, "words": "boat"}))
    assert "two words at least" in refused
    desk.post(reverse("search_synonyms_delete", args=[rule.pk]))
    assert not SynonymRule.objects.exists()
    assert desk.get(edit).status_code == 404


def test_results_of_a_query_are_chosen_by_addresses(
    filled: Library, desk: Client, reader: Reader
) -> None:
    desk.post(reverse("search_rules_add"), {**RULE, "hidden": "post-boat", "is_suggested": "on"})

    rule = QueryRule.objects.get()
    assert reader.slugs("/search?q=boat") == ["post-car"]
    edit = reverse("search_rules_edit", args=[rule.pk])
    page = text_of(desk.get(edit))
    assert "/post-car/" in page
    assert "/post-boat/" in page
    filled.withdraw(id_of("post", "boat"))
    assert str(id_of("post", "boat")) in text_of(desk.get(edit))
    kept = {**RULE, "hidden": str(id_of("post", "boat"))}
    assert desk.post(edit, kept).status_code == 302
    assert not QueryRule.objects.get().is_suggested

    refused = text_of(desk.post(edit, {**RULE, "pinned": "/nowhere/"}))
    assert "/nowhere/: The website has no such published page" in refused
    twice = text_of(desk.post(reverse("search_rules_add"), {**RULE, "pinned": "/post-car/\n" * 2}))
    assert "stands here twice" in twice
    desk.post(reverse("search_rules_delete", args=[rule.pk]))
    assert not RuledResult.objects.exists()


def count(query: str, times: int, empty: int = 0, age: int = 0) -> None:
    day = utc_now().date() - timedelta(days=age)
    place: dict[str, Any] = {"site_id": 1, "locale": "en", "day": day, "query": query}
    QueryCount.objects.create(**place, times=times, empty=empty, found=0 if empty else 3)
    if not empty:
        ClickCount.objects.create(
            **place, document_id=id_of("post", "boat"), clicks=2, positions=2 * times
        )


def rows_of(desk: Client, **params: Any) -> list[list[str]]:
    response = desk.get(reverse("search_report"), params | {"export": "csv"})
    assert response["Content-Type"] == "text/csv"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_report_adds_up_days_and_comes_as_a_file(filled: Library, desk: Client) -> None:
    count("boat", 3)
    count("boat", 5, age=6)
    count("wharf", 4, empty=4)
    count("boat", 100, age=7)
    count("old", 7, age=31)

    page = text_of(desk.get(reverse("search_report"), {"days": 7}))
    assert page.index(">boat<") < page.index(">wharf<")
    assert "12 searches were answered; 4 found nothing." in page
    assert "old" not in rows_of(desk, days=30)[1]

    assert rows_of(desk, days=7) == [
        ["Query", "Asked", "Found nothing", "Most found", "Clicks", "Mean place"],
        ["boat", "8", "0", "3", "4", "4.0"],
        ["wharf", "4", "4", "0", "0", ""],
    ]
    assert [row[0] for row in rows_of(desk, days=7, show="empty")] == ["Query", "wharf"]
    assert rows_of(desk, days=1, show="clicks") == [
        ["Query", "Page", "Address", "Clicks", "Mean place"],
        ["boat", "The boat", "/post-boat/", "2", "3.0"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\uff1d"])
def test_no_cell_of_the_file_is_a_formula(filled: Library, desk: Client, start: str) -> None:
    count(f"{start}cmd|x", 1)

    [_, row] = rows_of(desk)

    assert row[0] == f"'{start}cmd|x"


def test_what_visitors_type_is_no_html(filled: Library, desk: Client) -> None:
    count(HOSTILE, 9)

    for params in ({}, {"show": "clicks"}, {"show": "nothing"}, {"days": "x"}, {"place": "9:xx"}):
        page = text_of(desk.get(reverse("search_report"), params))
        assert HOSTILE not in page
    assert HOSTILE not in text_of(desk.get(TRY, {"query": HOSTILE, "synonyms": HOSTILE + ", b"}))


def test_a_report_costs_as_many_queries_with_many_rows(filled: Library, desk: Client) -> None:
    numbers = []
    for size in (1, 30):
        for number in range(size):
            count(f"query {size} {number}", number + 1)
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("search_report"))
        numbers.append(len(queries))

    assert numbers[0] == numbers[1]


def test_a_query_is_tried_before_anybody_sees_the_change(
    filled: Library, desk: Client, reader: Reader
) -> None:
    given = {"query": "boat ", "place": "1:en"}
    plain = text_of(desk.get(TRY, given))
    assert "With the changes" not in plain
    assert "1 result" in plain

    changed = {**given, "synonyms": "boat, ship", "pinned": "/post-car/", "hidden": ""}
    page = text_of(desk.get(TRY, changed))
    now, after = page.split("With the changes")
    assert "A ship" not in now.partition("Now")[2]
    assert after.index("A car") < after.index("The boat") < after.index("A ship")
    ships = after.index("The boat")
    assert 'w-status--primary">on top<' in after[:ships]
    assert 'w-status--primary">on top<' not in after[ships:]
    assert "was 1" in after
    assert reader.slugs("/search?q=boat%20") == ["post-boat"]
    assert not SynonymRule.objects.exists()

    assert desk.post(TRY, {**changed, "keep": "1"}).status_code == 302
    assert reader.slugs("/search?q=boat") == ["post-car", "post-boat", "post-ship"]
    kept = text_of(desk.get(TRY, given))
    assert "With the changes" not in kept
    assert "/post-car/" in kept


def test_grades_give_a_score_before_and_after(filled: Library, desk: Client) -> None:
    given = {"query": "boat ", "place": "1:en"}
    grades = {
        f"grade-{id_of('post', 'boat')}": "0",
        f"grade-{id_of('post', 'ship')}": "3",
        f"grade-{id_of('post', 'car')}": "",
    }
    assert desk.post(TRY, {**given, **grades, "judge": "1"}).status_code == 302
    assert set(Judgement.objects.values_list("query", "grade")) == {("boat", 0), ("boat", 3)}

    page = text_of(desk.get(TRY, {**given, "synonyms": "boat, ship", "pinned": "/post-ship/"}))

    assert "nDCG@10 of 1 judged query: <strong>0.000</strong> now, <strong>1.000</strong>" in page
    below = text_of(desk.get(TRY, {**given, "synonyms": "boat, ship"}))
    assert "<strong>0.631</strong> with the changes" in below
    desk.post(TRY, {**given, f"grade-{id_of('post', 'ship')}": "", "judge": "1"})
    assert set(Judgement.objects.values_list("query", "grade")) == {("boat", 0)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"synonyms": "alone"}, "two words at least"),
        ({"synonyms": "a =>"}, "Write after =&gt;"),
        ({"pinned": "/nowhere/"}, "no such published page"),
        ({"query": "x " * 40}, "at most 32 words"),
        ({"place": "1:xx"}, "Select a valid choice"),
        ({"query": "-boat"}, "Nothing is found"),
    ],
)
def test_a_change_that_cannot_be_is_told_beside_its_field(
    filled: Library, desk: Client, changes: dict[str, str], told: str
) -> None:
    given = {"query": "boat", "place": "1:en", "pinned": "", "hidden": ""} | changes

    assert told in text_of(desk.get(TRY, given))
    for button in ("keep", "judge"):
        answer = desk.post(TRY, {**given, button: "1", "grade-x": "7"})
        assert answer.status_code == 302
    assert not SynonymRule.objects.exists()
    assert not QueryRule.objects.exists()
    assert not Judgement.objects.exists()


def act(page: str, name: str) -> str:
    """The address behind a link of the page."""
    found = re.findall(rf'<a href="([^"]*)" aria-label="{re.escape(name)}"', page)
    assert found, name
    return TRY + html.unescape(str(found[-1])).partition("#")[0]


def test_results_of_a_trial_are_put_on_top_and_kept_out_by_a_click(
    filled: Library, desk: Client, reader: Reader
) -> None:
    page = text_of(desk.get(TRY, {"query": "boat", "place": "1:en", "pinned": "post-car"}))
    page = text_of(desk.get(act(page, "Keep out: The boat")))
    page = text_of(desk.get(act(page, "Let in again: The boat")))
    page = text_of(desk.get(act(page, "Put on top: The boat")))
    assert "/post-car/\n/post-boat/" not in page
    assert "post-car\n/post-boat/" in page
    page = text_of(desk.get(act(page, "Not on top: A car")))
    after = page.partition("With the changes")[2]
    assert "The boat" in after
    assert "A car" not in after
    page = text_of(desk.get(act(page, "Keep out: The boat")))
    assert "Nothing is found." in page

    given = {"query": "boat", "place": "1:en", "hidden": "/post-boat/", "keep": "1"}
    assert desk.post(TRY, given).status_code == 302
    assert reader.slugs("/search?q=boat") == []
    edit = reverse("search_rules_edit", args=[QueryRule.objects.get().pk])
    assert 'href="/admin/visitors-search/try/?query=boat&amp;place=1%3Aen"' in text_of(
        desk.get(edit)
    )


def test_who_changed_what_searches_find_stands_in_the_log(
    filled: Library, manager: User, admin: User
) -> None:
    desk = client_of(manager)
    desk.post(reverse("search_synonyms_add"), SYNONYMS)
    desk.post(reverse("search_rules_add"), RULE)
    rule, synonyms = QueryRule.objects.get(), SynonymRule.objects.get()
    edit = reverse("search_rules_edit", args=[rule.pk])
    desk.post(edit, {**RULE, "pinned": "/nowhere/"})
    desk.post(edit, {**RULE, "hidden": "/post-ship/"})
    desk.post(reverse("search_rules_add"), RULE)
    change = {"query": "ship", "place": "1:en", "pinned": "/post-car/", "synonyms": "car, auto"}
    desk.post(TRY, {**change, "keep": "1"})
    assert f"Edited: {manager}" in re.sub(r"\s+", " ", text_of(desk.get(edit)))
    for name, pk in (("search_rules", rule.pk), ("search_synonyms", synonyms.pk)):
        for _again in range(2):
            desk.post(reverse(f"{name}_delete", args=[pk]))

    entries = ModelLogEntry.objects.filter(content_type__app_label="search").order_by("pk")
    assert [(entry.label, entry.action.removeprefix("wagtail.")) for entry in entries] == [
        ("boat, ship", "create"),
        ("boat", "create"),
        ("boat", "edit"),
        ("boat", "edit"),
        ("car, auto", "create"),
        ("ship", "create"),
        ("boat", "delete"),
        ("boat, ship", "delete"),
    ]
    assert {entry.user for entry in entries} == {manager}
    history = text_of(client_of(admin).get("/admin/reports/site-history/"))
    ship = QueryRule.objects.get(query="ship")
    assert f'href="/admin/visitors-search/queries/{ship.pk}/"' in history


def test_websites_have_the_names_that_editors_gave_them(filled: Library, desk: Client) -> None:
    url = reverse("search_rules_add")
    assert "localhost, English" in text_of(desk.get(url))

    Site.objects.filter(pk=1).update(site_name="The margin")
    page = text_of(desk.get(url))
    assert "The margin, English" in page
    assert "localhost, English" not in page
    assert "The margin" in text_of(desk.get(reverse("search_synonyms_add")))

    root = Site.objects.get(pk=1).root_page
    Site.objects.create(hostname="other.example", site_name="The margin", root_page=root)
    assert "The margin (localhost), English" in text_of(desk.get(url))
