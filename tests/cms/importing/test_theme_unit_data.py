"""The data that WordPress's own themes are tested with: every count, address and status."""

import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Revision

from cms.importing.content import ItemKind, SourceItem, Status
from cms.importing.sources.wordpress.source import WordPressSource
from cms.models import BlogPostPage, ImportRun, NavigationMenu, StandardPage
from delivery.models import Document, DocumentVersion
from media.interface import CustomImage
from outbox.models import LedgerEvent
from tests.cms.importing.shelf import report
from tests.factories.cms import Website

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("GALLEY_SHARED_DATA", ROOT.parent / "shared" / "data"))
FILE = SHARED / "wordpress" / "themeunittestdata.wordpress.xml"
PAGED = (ItemKind.POST, ItemKind.PAGE, ItemKind.PROFILE, ItemKind.SECTION)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.is_file(), reason=f"needs {FILE.name}: set GALLEY_SHARED_DATA"),
]


@dataclass
class Imported:
    folder: Path
    items: dict[str, SourceItem]
    comments: list[dict[str, Any]]
    run: ImportRun


def bring(folder: Path) -> None:
    call_command(
        "import_wordpress",
        str(FILE),
        no_fetch=True,
        report_dir=folder,
        verbosity=0,
        stdout=io.StringIO(),
    )


@pytest.fixture(scope="module")
def imported(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Imported]:
    """One import for all tests of this file; its rows vanish with the last of them."""
    folder = tmp_path_factory.mktemp("theme")
    with django_db_blocker.unblock(), transaction.atomic():
        Website()
        bring(folder)
        source = WordPressSource(FILE)
        things = list(source.items())
        source.close()
        yield Imported(
            folder=folder,
            items={thing.key: thing for thing in things if isinstance(thing, SourceItem)},
            comments=json.loads((folder / "comments.json").read_text(encoding="utf-8"))["comments"],
            run=ImportRun.objects.get(),
        )
        transaction.set_rollback(True)


def resolve(address: str) -> Any:
    """What the website is told of an address of the old one."""
    parts = urlsplit(address)
    # As every web server does, and WordPress with it.
    path = parts.path.replace("//", "/") or "/"
    path += f"?{parts.query}" if parts.query else ""
    url = f"/api/v1/content/resolve?fields=title,path&path={quote(path, safe='')}"
    return Client(HTTP_HOST="localhost").get(url)


def test_every_count_is_accounted_for(imported: Imported) -> None:
    counts = imported.run.counts
    assert counts == {
        "profile": {"imported": 2},
        "category": {"imported": 68},
        "section": {"imported": 1},
        "post": {"imported": 58},
        "page": {"imported": 21},
        "image": {"imported": 35},
        "file": {"imported": 2},
        "menu": {"imported": 6},
        "comment": {"skipped": 33},
    }
    entries = sum(
        int(note.message.split()[4])
        for item in imported.items.values()
        for note in item.notes
        if note.code == "menu-entries"
    )
    assert entries == 70
    assert len(imported.comments) == 33
    told = report(imported.folder)["items"]
    assert Counter(entry["kind"] for entry in told.values()) == {
        kind: sum(outcomes.values()) for kind, outcomes in counts.items()
    }


def test_every_old_address_answers(imported: Imported) -> None:
    host = "wpthemetestdata.wordpress.com"
    asked = 0
    for item in imported.items.values():
        if item.kind not in PAGED:
            continue
        for address in item.addresses:
            if urlsplit(address).hostname != host:
                continue
            asked += 1
            answer = resolve(address)
            expected = 200 if item.status is Status.PUBLISHED else 404
            assert answer.status_code == expected, (item.key, address)
    assert asked > 700


def test_each_address_leads_to_its_own_page(imported: Imported) -> None:
    others = {}
    for item in imported.items.values():
        if item.kind not in {ItemKind.POST, ItemKind.PAGE} or item.status is not Status.PUBLISHED:
            continue
        answer = resolve(item.addresses[0]).json()
        path = answer["data"]["path"] if "data" in answer else answer["redirect"]["to"]
        title = resolve(path).json()["data"]["title"]
        if title != item.title:
            others[item.key] = title
    # The page that WordPress put its list of posts in: the blog itself stands there.
    assert others == {"page:703": "Blog"}


def test_statuses_are_kept(imported: Imported) -> None:
    hidden = {
        page.title: (page.live, page.go_live_at is not None, page.get_view_restrictions().exists())
        for page in BlogPostPage.objects.all()
        if not page.live or page.get_view_restrictions().exists()
    }
    assert hidden == {
        "Draft": (False, False, False),
        "Scheduled": (False, True, False),
        'Template: Password Protected (the password is "enter")': (True, False, True),
    }
    assert [page.title for page in BlogPostPage.objects.filter(is_featured=True)] == [
        "Template: Sticky"
    ]
    assert StandardPage.objects.filter(live=True).count() == 21


def test_no_hidden_text_is_in_any_document(imported: Imported) -> None:
    hidden = ("drafted and not published", "scheduled to be published", "until the password")
    client = Client(HTTP_HOST="localhost")
    cursor, seen = "", 0
    while True:
        answer = client.get(f"/api/v1/content?limit=100&fields=title,summary,body,seo{cursor}")
        assert answer.status_code == 200
        assert not any(words in answer.content.decode() for words in hidden)
        seen += len(answer.json()["data"])
        if not answer.json()["page"]["has_more"]:
            break
        cursor = f"&after={answer.json()['page']['next']}"
    assert seen > 150
    told = json.dumps(list(DocumentVersion.objects.values_list("head", "content")), default=str)
    assert not any(words in told for words in hidden)
    assert "all children, except one, grow up" in told.lower()


def test_nothing_raw_is_shown(imported: Imported) -> None:
    raw = ("<!-- wp:", "[caption", "[gallery", "[/", "<!--more", "<!--nextpage", "block.invalid")
    seen = 0
    for title, content in Document.objects.values_list("title", "content"):
        value = json.loads(content) if isinstance(content, str) else content
        # A text about blocks may show their marks as code.
        for block in value.get("body") or ():
            seen += 1
            shown = json.dumps(block["value"]) if block["type"] != "code" else ""
            assert not any(mark in shown for mark in raw), (title, shown)
    assert seen > 400


def test_the_tree_and_the_menus_are_kept(imported: Imported) -> None:
    third = StandardPage.objects.get(title="Level 3")
    assert [page.title for page in third.get_ancestors()][-2:] == ["Level 1", "Level 2"]
    menus = {menu.name: len(menu.items) for menu in NavigationMenu.objects.all()}
    assert menus == {
        "main": 3,
        "social-menu": 5,
        "short": 3,
        "all-pages-flat": 18,
        "all-pages": 7,
        "empty-menu": 0,
    }


def test_private_data_of_commenters_stays_out(imported: Imported) -> None:
    written = (imported.folder / "comments.json").read_text(encoding="utf-8")
    assert "author_email" not in written
    assert "author_IP" not in written
    assert "@example.org" not in written
    assert Counter(found["kind"] for found in imported.comments) == {
        "comment": 29,
        "pingback": 2,
        "trackback": 2,
    }
    ids = {found["id"] for found in imported.comments}
    assert all(found["parent"] is None or found["parent"] in ids for found in imported.comments)


def test_a_second_run_changes_nothing(imported: Imported, tmp_path: Path) -> None:
    rows = (Revision, Document, DocumentVersion, LedgerEvent, Redirect, CustomImage)
    before = [model.objects.count() for model in rows]
    bring(tmp_path)
    assert [model.objects.count() for model in rows] == before
    again = ImportRun.objects.order_by("-started_at").first()
    assert again is not None
    assert {
        outcome for kind, counts in again.counts.items() if kind != "comment" for outcome in counts
    } == {"unchanged"}
