"""What is asked of each API: the same things, each in its own words."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import psycopg

from bench.content import COMMON_TAG, SEED
from bench.database import BenchError
from bench.servers import answer_of

PAGE: Final = 20
DEEP_PAGES: Final = 200

Paths = Mapping[str, Sequence[str]]
"""By scenario, the paths to ask in turn; a scenario that an API cannot answer is left out."""

SCENARIOS: Final[Mapping[str, str]] = {
    "single": "one post by slug, with author and tags",
    "list": "20 posts whole, with author and tags",
    "cards": "20 posts without their bodies, with author and tags",
    "tagged": "20 posts with a tag, as cards: first page",
    "deep": "the same, deep in the pages",
}
_CARD: Final = "fields=title,slug,path,summary,published_at,author(name,role),tags(title,slug)"


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts in the database: slugs and keys in the same, shuffled, order."""

    slugs: tuple[str, ...]
    keys: tuple[int, ...]
    tagged: int

    @property
    def deep_page(self) -> int:
        """How many pages the deep scenario skips: 200, or as many as there are."""
        return min(DEEP_PAGES, max(self.tagged // PAGE - 1, 0))


def read_posts(database: "psycopg.Connection[tuple[object, ...]]") -> Posts:
    """All posts, shuffled the same way each time."""
    rows = database.execute(
        "SELECT page.slug, page.id FROM wagtailcore_page page"
        " JOIN cms_blogpostpage post ON post.page_ptr_id = page.id ORDER BY page.id"
    ).fetchall()
    tagged = database.execute(
        "SELECT COUNT(*) FROM cms_blogposttag link JOIN taggit_tag tag ON tag.id = link.tag_id"
        " WHERE tag.name = %s",
        (COMMON_TAG,),
    ).fetchone()
    random.Random(SEED).shuffle(rows)
    slugs = tuple(str(row[0]) for row in rows)
    keys = tuple(int(str(row[1])) for row in rows)
    return Posts(slugs, keys, int(str(tagged[0])) if tagged else 0)


def galley_paths(posts: Posts, port: int) -> Paths:
    """For our API; the deep page is found by following the cursors, as a website would."""
    base = "/api/v1/content/blog-posts"
    tagged = f"{base}?limit={PAGE}&{_CARD}&filter%5Btags%5D={COMMON_TAG}"
    return {
        "single": [f"{base}/{slug}?include=author,tags" for slug in posts.slugs],
        "list": [f"{base}?limit={PAGE}&include=author,tags"],
        "cards": [f"{base}?limit={PAGE}&{_CARD}"],
        "tagged": [tagged],
        "deep": [f"{tagged}&after={_cursor(port, tagged, posts.deep_page)}"],
    }


def pages_of(port: int, path: str, most: int) -> list[str]:
    """The addresses of a list's pages, the first included, as a reader follows them."""
    pages = [path]
    for _ in range(most):
        cursor = _cursor(port, pages[-1], 1)
        if not cursor:
            break
        pages.append(f"{path}&after={cursor}")
    return pages


def _cursor(port: int, path: str, pages: int) -> str:
    cursor, following = "", path
    for _ in range(pages):
        status, body = answer_of(port, following)
        if status != 200:
            raise BenchError(f"{following} answers {status}: {body[:300]!r}")
        cursor = orjson.loads(body)["page"]["next"]
        following = f"{path}&after={cursor}"
    return cursor


def version_2_paths(posts: Posts) -> Paths:
    """For Wagtail's version 2. It reads by key: by slug it would list, which costs it more."""
    author = "post_authors(profile(role,bio))"
    listed = f"/api/v2/pages/?type=cms.BlogPostPage&limit={PAGE}&order=-first_published_at"
    cards = f"{listed}&fields=intro,date,tags,post_authors(profile(role))"
    skipped = PAGE * posts.deep_page
    return {
        "single": [f"/api/v2/pages/{key}/?fields=-author,{author}" for key in posts.keys],
        "list": [f"{listed}&fields=intro,date,body,tags,{author}"],
        "cards": [cards],
        "tagged": [f"{cards}&tags={COMMON_TAG}"],
        "deep": [f"{cards}&tags={COMMON_TAG}&offset={skipped}"],
    }


def version_3_paths(posts: Posts) -> Paths:
    """For Wagtail's version 3, whose lists hold titles and no more: no author, tag or text."""
    listed = f"/api/v3/pages/?type=cms.BlogPostPage&limit={PAGE}&order=-first_published_at"
    skipped = PAGE * posts.deep_page
    return {
        "single": [f"/api/v3/pages/{key}/" for key in posts.keys],
        "cards": [listed],
        "tagged": [f"{listed}&tags={COMMON_TAG}"],
        "deep": [f"{listed}&tags={COMMON_TAG}&offset={skipped}"],
    }


def static_paths() -> Paths:
    """For the server that answers with stored bytes."""
    return {name: [f"/{name}"] for name in SCENARIOS}
