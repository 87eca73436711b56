"""Loads the content of the benchmarks: real pages of Wagtail, written in bulk, then documents.

The database is empty and migrated. The documents come from the product's own rebuild, the same
code that publishing runs.
"""

from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from tqdm import tqdm
from wagtail.models import Page, Site

from bench.bulk_pages import insert_pages
from bench.content import SEED, Writer, write_posts
from bench.posts import link_posts, post_fields
from cms.models import (
    BlogIndexPage,
    BlogPostPage,
    HomePage,
    ProfileIndexPage,
    ProfilePage,
    ServiceIndexPage,
    ServicePage,
)
from cms.models.blog import BlogPostAuthor, BlogPostTag
from cms.rebuilding import count_work, rebuild_documents

SERVICES: Final = 200
PROFILES: Final = 100


def make_home() -> HomePage:
    """The home page, in place of Wagtail's welcome page, as the root of the default site."""
    root = Page.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Bench", slug="bench"))
    Site.objects.update(root_page=home, hostname="127.0.0.1", is_default_site=True)
    Page.objects.filter(depth=2).exclude(pk=home.pk).first().delete()
    return home


def index_page(home: Page, model: type[Page], slug: str) -> Page:
    """A page right below the home page."""
    home.refresh_from_db()
    return home.add_child(instance=model(title=slug.capitalize(), slug=slug))


def dated(writer: Writer, title: str, slug: str) -> dict[str, Any]:
    """The base fields of a page that is neither new nor old."""
    first = next(write_posts(1, authors=1, keys=range(1, 2))).published_at
    return {
        "title": title,
        "slug": slug,
        "first_published_at": first,
        "last_published_at": first,
        "search_description": writer.sentence(12),
    }


def load_profiles(home: Page, first_key: int) -> None:
    """100 people, each with some 300 words of biography."""
    writer = Writer(SEED + 1)
    parent = index_page(home, ProfileIndexPage, "people")
    insert_pages(
        parent,
        ProfilePage,
        first_key,
        (
            {
                "base": dated(writer, writer.words(2).title(), f"person-{number}"),
                "role": writer.words(2).capitalize(),
                "bio": writer.paragraph(),
            }
            for number in range(PROFILES)
        ),
    )


def load_services(home: Page, first_key: int) -> None:
    """200 services with a price."""
    writer = Writer(SEED + 2)
    parent = index_page(home, ServiceIndexPage, "services")
    insert_pages(
        parent,
        ServicePage,
        first_key,
        (
            {
                "base": dated(writer, writer.title(), f"service-{number}"),
                "summary": writer.sentence(16),
                "description": writer.body(),
                "price": Decimal(writer.random.randrange(100, 900_000)) / 100,
                "currency": "EUR",
            }
            for number in range(SERVICES)
        ),
    )


def load_posts(home: Page, first_key: int, count: int, authors_from: int) -> None:
    """The posts with their tags and authors."""
    parent = index_page(home, BlogIndexPage, "journal")
    posts = list(write_posts(count, authors=PROFILES, keys=range(first_key, first_key + count)))
    rows = (post_fields(post, reading_minutes=5, is_featured=False) for post in posts)
    insert_pages(parent, BlogPostPage, first_key, rows)
    link_posts(posts, first_key, authors_from, BlogPostTag, BlogPostAuthor)


def load(count: int) -> None:
    """Everything, with a progress bar over the documents; `count` is the number of posts."""
    with transaction.atomic():
        home = make_home()
        load_profiles(home, 1_000)
        load_services(home, 2_000)
        load_posts(home, 10_000, count, 1_000)
    with tqdm(total=count_work(), desc="Documents", unit=" pages") as bar:

        def advance(done: int) -> None:
            bar.update(done)

        rebuild_documents(restart=True, progress=advance)
        bar.total = bar.n  # tags get documents on the way
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
