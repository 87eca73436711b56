"""Editors who publish at the same moment, each with a connection and a transaction of his own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from wagtail.models import Page, PageViewRestriction

from cms import publishing
from cms.rebuilding import rebuild_documents
from cms.site_map import SiteMap, read_site_map
from delivery.models import Document, DocumentReference, DocumentVersion
from outbox.models import LedgerEvent
from tests.cms.documents import document
from tests.factories.cms import Website, make_image

pytestmark = pytest.mark.django_db(transaction=True)

PAUSE_SECONDS = 1.0


def in_parallel(*tasks: Callable[[], object]) -> None:
    """Runs each task in a thread, and raises what one of them raised."""

    def run(task: Callable[[], object]) -> None:
        try:
            task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for future in [pool.submit(run, task) for task in tasks]:
            future.result(timeout=120)


def test_posts_that_share_what_is_new_are_all_published():
    website, image = Website(), make_image()
    posts = [
        website.post(f"Post {n}", is_published=False, tags=["new"], cover_image=image)
        for n in range(4)
    ]
    revisions = [post.get_latest_revision() for post in posts]
    in_parallel(*[revision.publish for revision in revisions])
    assert all(document(post) is not None for post in posts)
    assert Document.objects.filter(type__in=("tags", "images")).count() == 2
    targets = set(DocumentReference.objects.filter(field="tags").values_list("target_id"))
    assert targets == set(Document.objects.filter(type="tags").values_list("id"))
    assert DocumentVersion.objects.filter(type="tags").count() == 1
    assert rebuild_documents(restart=True) == 0
    sequences = list(LedgerEvent.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, len(sequences) + 1))


def test_an_image_stays_public_when_its_last_use_ends_as_a_new_one_begins():
    website, image = Website(), make_image()
    old = website.post("Old", cover_image=image)
    new = website.post("New", is_published=False, cover_image=image).get_latest_revision()
    in_parallel(new.publish, Page.objects.get(pk=old.pk).specific.unpublish)
    assert Document.objects.filter(type="images").count() == 1
    assert rebuild_documents(restart=True) == 0


def publish_while_the_parent_becomes_private(monkeypatch) -> Document | None:
    """The document of the page afterwards. The publisher dawdles once it has read the map."""
    website = Website()
    post = website.post("Members only", is_published=False)
    revision = post.get_latest_revision()
    has_read, is_private = threading.Event(), threading.Event()

    def read_and_wait() -> SiteMap:
        found = read_site_map()
        if threading.current_thread().name == "publisher":
            has_read.set()
            is_private.wait(PAUSE_SECONDS)
        return found

    monkeypatch.setattr(publishing, "read_site_map", read_and_wait)

    def publish() -> None:
        threading.current_thread().name = "publisher"
        revision.publish()

    def restrict() -> None:
        assert has_read.wait(60)
        with transaction.atomic():
            PageViewRestriction.objects.create(
                page_id=website.blog.pk, restriction_type=PageViewRestriction.LOGIN
            )
        is_private.set()

    in_parallel(publish, restrict)
    post.refresh_from_db()
    assert post.live
    return document(post)


def test_a_page_published_while_its_parent_becomes_private_stays_hidden(monkeypatch):
    assert publish_while_the_parent_becomes_private(monkeypatch) is None


@pytest.mark.postgresql
def test_without_taking_turns_the_page_would_leak(monkeypatch):
    """SQLite has one writer at a time anyway; only PostgreSQL can show what the lock is for."""
    monkeypatch.setattr(publishing, "lock_ledger", lambda: None)
    assert publish_while_the_parent_becomes_private(monkeypatch) is not None
