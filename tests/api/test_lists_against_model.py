"""Any list, whatever its filters, order, languages and pages, equals the same done in Python."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Reader
from tests.factories.documents import Library, days, id_of

LOCALES = ("en", "fr")


@dataclass(frozen=True)
class Post:
    """What the model knows of a published post."""

    key: int
    slug: str
    locale: str
    text: UUID
    title: str
    date: datetime | None
    minutes: int | None
    tags: tuple[int, ...]
    author: int | None

    @property
    def id(self) -> UUID:
        return id_of("post", self.key)


def make_posts() -> list[Post]:
    draw = random.Random(7)
    return [
        Post(
            key=key,
            slug=f"slug-{key % 30}",
            locale=draw.choice(LOCALES),
            text=UUID(int=1000 + draw.randrange(45)) if key % 3 else UUID(int=5000 + key),
            title=draw.choice("abcde"),
            date=draw.choice([None, *(days(number) for number in range(4))]),
            minutes=draw.choice([None, 1, 2, 3, 10]),
            tags=tuple(sorted(draw.sample(range(4), draw.randrange(4)))),
            author=draw.choice([None, 0, 1]),
        )
        for key in range(60)
    ]


def one_per_language(posts: list[Post]) -> list[Post]:
    """Wagtail has one page for each text and language."""
    return list({(post.text, post.locale): post for post in posts}.values())


POSTS = one_per_language(make_posts())


@pytest.fixture
def posts(library: Library) -> None:
    tags = [library.tag(number) for number in range(4)]
    authors = [library.profile(number) for number in range(2)]
    for post in POSTS:
        library.post(
            post.key,
            slug=post.slug,
            locale=post.locale,
            translation_key=post.text,
            title=post.title,
            date=post.date,
            minutes=post.minutes,
            tags=[tags[number] for number in post.tags],
            authors=[] if post.author is None else [authors[post.author]],
        )
    library.save()


Condition = Callable[[Post], bool]

FILTERS: dict[str, Condition] = {
    "filter[tags]=tag-0": lambda post: 0 in post.tags,
    "filter[tags][ne]=tag-1": lambda post: 1 not in post.tags,
    "filter[tags][in]=tag-1,tag-2": lambda post: bool({1, 2} & set(post.tags)),
    "filter[tags][nin]=tag-2,tag-3": lambda post: not {2, 3} & set(post.tags),
    f"filter[author]={id_of('profile', 1)}": lambda post: post.author == 1,
    "filter[author][ne]=profile-0": lambda post: post.author != 0,
    "filter[reading_minutes][gte]=2": lambda post: post.minutes is not None and post.minutes >= 2,
    "filter[reading_minutes][lt]=10": lambda post: post.minutes is not None and post.minutes < 10,
    "filter[reading_minutes][nin]=1,3": lambda post: post.minutes not in {1, 3},
    "filter[published_at][gt]=2026-01-02T12:00:00Z": lambda post: (
        post.date is not None and post.date > days(1)
    ),
    "filter[published_at][ne]=2026-01-02T12:00:00Z": lambda post: post.date != days(1),
    "filter[title][in]=a,c": lambda post: post.title in "ac",
    "filter[slug]=slug-3": lambda post: post.slug == "slug-3",
}
# Each gives a key that sorts up; what is empty comes last in both directions, but a date.
SORTS: dict[str, Callable[[Post], Any]] = {
    "title": lambda post: post.title,
    "published_at": lambda post: (post.date is not None, post.date or days(0)),
    "updated_at": lambda post: post.date,
    "reading_minutes": lambda post: post.minutes,
}


def in_order(found: list[Post], sort: list[str]) -> list[str]:
    down = sort[0].startswith("-")
    found = sorted(found, key=lambda post: post.id.hex, reverse=down)
    for key in reversed(sort):
        value = SORTS[key.lstrip("-")]
        filled = [post for post in found if value(post) is not None]
        empty = [post for post in found if value(post) is None]
        found = sorted(filled, key=value, reverse=key.startswith("-")) + empty
    return [str(post.id) for post in found]


def best_languages(chain: tuple[str, ...]) -> list[Post]:
    best: dict[UUID, Post] = {}
    for post in POSTS:
        rank = chain.index(post.locale) if post.locale in chain else len(chain)
        present = best.get(post.text)
        if rank < len(chain) and (present is None or rank < chain.index(present.locale)):
            best[post.text] = post
    return list(best.values())


def read_all(reader: Reader, address: str) -> list[str]:
    """All ids, forward, each page checked against the one read back from the next."""
    ids: list[str] = []
    pages: list[list[str]] = []
    cursor = ""
    while True:
        answer = reader.json(address + cursor)
        pages.append([item["id"] for item in answer["data"]])
        ids += pages[-1]
        if answer["page"]["prev"] is not None and pages[-1]:
            back = reader.json(f"{address}&before={answer['page']['prev']}")
            assert [item["id"] for item in back["data"]] == pages[-2]
        if answer["page"]["next"] is None:
            assert answer["page"]["total"] == len(ids)
            return ids
        cursor = f"&after={answer['page']['next']}"


queries = st.tuples(
    st.lists(
        st.sampled_from(sorted(FILTERS)), max_size=3, unique_by=lambda item: item.split("=")[0]
    ),
    st.lists(st.sampled_from(sorted(SORTS)), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
    ),
    st.sampled_from([("en",), ("fr",), ("fr", "en"), ("en", "fr")]),
    st.integers(3, 40),
)


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=queries)
def test_lists_equal_the_model(
    posts: None, reader: Reader, query: tuple[list[str], tuple[str, ...], tuple[str, ...], int]
) -> None:
    filters, sort, chain, limit = query
    conditions = [FILTERS[item] for item in filters]
    expected = [post for post in best_languages(chain) if all(test(post) for test in conditions)]

    parts = [*filters, f"sort={','.join(sort)}", f"locale={','.join(chain)}", f"limit={limit}"]
    found = read_all(reader, f"/content/blog-posts?{'&'.join(parts)}&fields=slug&count=true")

    assert found == in_order(expected, list(sort))
