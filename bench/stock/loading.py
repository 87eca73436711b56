"""Loads the posts of `bench.content` into a stock site. Started as a program of its own."""

import sys

import django

django.setup()

from django.apps import apps  # noqa: E402 - needs the settings
from django.db import connection, transaction  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from bench.bulk_pages import insert_pages  # noqa: E402
from bench.content import SEED, Writer, write_posts  # noqa: E402
from bench.posts import link_posts, post_fields  # noqa: E402
from bench.stock.models import (  # noqa: E402
    StockHomePage,
    StockPostAuthor,
    StockPostPage,
    StockPostTag,
    StockProfilePage,
)

PROFILES = 100
FIRST_PROFILE = 1_000
FIRST_POST = 10_000


def _make_tables() -> None:
    """Those of this app, which has no migrations; all others are there."""
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("bench_stock").get_models():
            editor.create_model(model)


def _add_below(parent: Page, slug: str) -> Page:
    parent.refresh_from_db()
    page: Page = parent.add_child(instance=StockHomePage(title=slug.capitalize(), slug=slug))
    return page


def _load_profiles(home: Page) -> None:
    writer = Writer(SEED + 1)
    rows = (
        {
            "base": {"title": writer.words(2).title(), "slug": f"person-{number}"},
            "role": writer.words(2).capitalize(),
            "bio": writer.paragraph(),
        }
        for number in range(PROFILES)
    )
    insert_pages(_add_below(home, "people"), StockProfilePage, FIRST_PROFILE, rows)


def _load_posts(home: Page, count: int) -> None:
    keys = range(FIRST_POST, FIRST_POST + count)
    posts = list(write_posts(count, authors=PROFILES, keys=keys))
    insert_pages(_add_below(home, "journal"), StockPostPage, FIRST_POST, map(post_fields, posts))
    link_posts(posts, FIRST_POST, FIRST_PROFILE, StockPostTag, StockPostAuthor)


def load(count: int) -> None:
    """Everything, into a database that `bench.stock.bare` has migrated."""
    _make_tables()
    with transaction.atomic():
        root = Page.get_first_root_node()
        home = root.add_child(instance=StockHomePage(title="Bench", slug="bench"))
        Site.objects.update(root_page=home, hostname="127.0.0.1", is_default_site=True)
        _load_profiles(home)
        _load_posts(home, count)


if __name__ == "__main__":
    load(int(sys.argv[1]))
