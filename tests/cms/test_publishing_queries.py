"""How many statements a publication takes: exactly, and however large the website is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from delivery.interface import Document
from delivery.prepared import Prepared
from tests.factories.cms import Website, make_image
from tests.factories.documents import id_of

pytestmark = pytest.mark.django_db(transaction=True)

# Wagtail's part and ours, without savepoints. The same on both databases: PostgreSQL wakes the
# relays with a statement, SQLite needs one more for the admin's search.
AGAIN = 63
FIRST = 73
RENAMED = 48
_OURS = ("delivery_", "outbox_")
_FRAMES = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def statements(act: Callable[[], Any]) -> list[str]:
    """What the database is told, but for where savepoints begin and end."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found = [query["sql"].strip() for query in captured.captured_queries]
    return [sql for sql in found if not sql.startswith(_FRAMES)]


def republication(post: Page, number: int = 1) -> list[str]:
    """The statements of publishing a post with another introduction."""
    draft = post.get_latest_revision_as_object()
    draft.intro = f"Introduction {number}"
    revision = draft.save_revision()
    return statements(revision.publish)


def first_publication(website: Website, title: str, **fields: Any) -> list[str]:
    """The statements of publishing a post for the first time."""
    post = website.post(title, is_published=False, **fields)
    revision = post.get_latest_revision()
    return statements(revision.publish)


def renaming(page: Page, title: str) -> list[str]:
    """The statements of publishing a page under another title."""
    draft = page.get_latest_revision_as_object()
    draft.title = title
    revision = draft.save_revision()
    return statements(revision.publish)


def make_post(website: Website, title: str = "Hello") -> Any:
    """A post that has everything once, or twice."""
    author = website.profile(f"Author of {title}")
    return website.post(title, authors=[author], tags=["a", "b"], cover_image=make_image())


def test_publishing_again():
    post = make_post(Website())
    republication(post)

    found = republication(post, 2)

    assert len(found) == AGAIN
    written = [sql for sql in found if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql.split('"')[1] for sql in written if any(name in sql for name in _OURS)] == [
        "delivery_documentversion",
        "delivery_documentversion",
        "delivery_document",
        "outbox_ledgerhead",
        "outbox_ledgerevent",
    ]


def test_publishing_for_the_first_time():
    website = Website()
    make_post(website)
    image, author = make_image(), website.profile("Another")
    first_publication(website, "Warm", authors=[author], tags=["x", "y"], cover_image=make_image())

    found = first_publication(website, "New", authors=[author], tags=["a", "b"], cover_image=image)

    assert len(found) == FIRST


def test_renaming_what_others_show():
    website = Website()
    author = website.profile("Ada")
    website.post("One", authors=[author])
    renaming(author, "Ada B.")

    found = renaming(author, "Ada Byron")

    assert Document.objects.get(id=id_of("page", author.pk)).title == "Ada Byron"
    assert len(found) == RENAMED


def test_the_number_does_not_grow_with_the_website():
    website = Website()
    post = make_post(website)
    republication(post)
    before = republication(post, 2)
    for number in range(8):
        make_post(website, f"Other {number}")

    assert len(republication(post, 3)) == len(before)


def test_the_number_does_not_grow_with_what_shows_the_page():
    website = Website()
    author = website.profile("Ada")
    website.post("First", authors=[author])
    renaming(author, "Ada B.")
    before = renaming(author, "Ada C.")
    for number in range(6):
        website.post(f"More {number}", authors=[author])

    assert len(renaming(author, "Ada D.")) == len(before)


def test_a_publication_that_writes_all_anew_is_counted(monkeypatch):
    post = make_post(Website())
    republication(post)
    before = republication(post, 2)
    monkeypatch.setattr(Prepared, "has_references_of", lambda *_: False)

    assert len(republication(post, 3)) == len(before) + 3
