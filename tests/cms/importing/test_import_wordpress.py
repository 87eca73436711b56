"""`manage.py import_wordpress`, from the file to what visitors read."""

import io
import json
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Revision

from cms.importing.content import Status
from cms.models import BlogPostPage, Category, ImportRun, NavigationMenu, ProfilePage, StandardPage
from delivery.models import Document
from media.interface import CustomImage
from outbox.models import LedgerEvent
from tests.cms.importing.shelf import picture, report
from tests.cms.importing.wxr_file import (
    BASE,
    HOST,
    attachment,
    author,
    category,
    comment,
    entry,
    export,
    item,
    term,
    write,
)
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


def bring(path, folder, *arguments, **options):
    """Runs the command without asking any server; gives what it said."""
    said = io.StringIO()
    call_command(
        "import_wordpress",
        str(path),
        *arguments,
        no_fetch=True,
        report_dir=folder,
        verbosity=0,
        stdout=said,
        **options,
    )
    return said.getvalue()


def resolve(path):
    return Client(HTTP_HOST="localhost").get(f"/api/v1/content/resolve?path={quote(path, safe='')}")


PARTS = (
    author("ann", "Ann"),
    category("news", "News"),
    term("nav_menu", "primary", "Primary"),
    item(
        1,
        f'Hello <a href="{BASE}/?p=2#more">there</a>.\n\n[gallery ids="7"]',
        title="First",
        creator="ann",
        is_sticky=1,
        terms=[("category", "news", "News"), ("post_tag", "red", "Red")],
        meta={"_thumbnail_id": "7"},
        comments=comment(5),
    ),
    item(2, "Second", title="Second", link=f"{BASE}/2020/01/05/second/", post_name="second"),
    item(3, "About CANARY-3", kind="page", title="Private", status="private"),
    item(4, "Draft CANARY-4", title="Draft CANARY-4", status="draft", link=f"{BASE}/?p=4"),
    item(5, "Password CANARY-5", title="Hidden CANARY-5", post_password="CANARY-5"),
    item(6, "Child", kind="page", title="Child", post_parent=8),
    item(8, "Parent", kind="page", title="Parent", post_name="parent"),
    attachment(7, "2020/01/cat.png", parent=1, alt="A cat"),
    entry(20, "primary", type="post_type", object="page", object_id=8),
    entry(21, "primary", type="post_type", object="page", object_id=6, parent=20),
)


def test_an_export_becomes_a_website(tmp_path):
    Website()
    said = bring(write(tmp_path, *PARTS), tmp_path / "report")
    first, second = (BlogPostPage.objects.get(slug=slug) for slug in ("post-1", "second"))
    assert (first.title, first.is_featured, first.live) == ("First", True, True)
    assert first.post_authors.get().profile.title == "Ann"
    assert [tag.name for tag in first.tags.all()] == ["Red"]
    assert [found.name for found in first.categories.all()] == ["News"]
    assert first.cover_image.default_alt_text == "A cat"
    assert [block.block_type for block in first.body] == ["rich_text", "gallery"]
    assert f'linktype="page" id="{second.pk}" fragment="more"' in first.body[0].value.source
    assert first.body[1].value["images"][0]["image"] == first.cover_image
    child = StandardPage.objects.get(title="Child")
    assert child.get_parent().title == "Parent"
    (top,) = NavigationMenu.objects.get(name="main").items
    assert (top.value["label"], top.value["children"][0]["page"].pk) == ("Parent", child.pk)
    assert "1 comments" in said
    written = json.loads((tmp_path / "report" / "comments.json").read_text(encoding="utf-8"))
    assert [found["text"] for found in written["comments"]] == ["Well said."]
    counts = ImportRun.objects.get().counts
    assert counts["post"] == {"imported": 4}
    assert counts["page"] == {"imported": 3}
    assert counts["comment"] == {"skipped": 1}


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/?p=1", "/blog-2/post-1/"),
        ("/post-1/", "/blog-2/post-1/"),
        ("/2020/01/05/second/", "/blog-2/second/"),
        ("/?p=2", "/blog-2/second/"),
        ("/?page_id=8", "/parent/"),
        ("/?attachment_id=7", "/blog-2/post-1/"),
        ("/author/ann/", "/people/ann/"),
        ("/category/news/", "/blog-2/"),
        ("/tag/red/", "/blog-2/"),
    ],
)
def test_old_addresses_lead_on(tmp_path, path, target):
    """The website has a blog already, so the imported one is its second."""
    Website()
    bring(write(tmp_path, *PARTS), tmp_path / "report")
    answer = resolve(path)
    assert answer.status_code == 200
    assert answer.json()["redirect"]["status"] == 301
    assert answer.json()["redirect"]["to"] == target


def test_nothing_hidden_is_shown(tmp_path):
    Website()
    bring(write(tmp_path, *PARTS), tmp_path / "report")
    assert BlogPostPage.objects.get(title="Hidden CANARY-5").get_view_restrictions().exists()
    assert not BlogPostPage.objects.get(title="Draft CANARY-4").live
    client = Client(HTTP_HOST="localhost")
    for path in ("/api/v1/content?limit=100", "/api/v1/content/sitemap", "/api/v1/content/site"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"CANARY" not in answer.content
    for number in (3, 4, 5):
        assert b"CANARY" not in resolve(f"/?p={number}").content
    assert not Document.objects.filter(title__contains="CANARY").exists()


def test_what_looks_for_hidden_texts_can_find_one(tmp_path, monkeypatch):
    """The test before is worth something: a status that is read wrong is seen by it."""
    monkeypatch.setattr(
        "cms.importing.sources.wordpress.entries.read_status", lambda _item: (Status.PUBLISHED, [])
    )
    Website()
    bring(write(tmp_path, *PARTS), tmp_path / "report")
    shown = Client(HTTP_HOST="localhost").get("/api/v1/content?limit=100").content
    assert {number for number in (b"4", b"5") if b"CANARY-" + number in shown} == {b"4", b"5"}
    assert b"CANARY-3" in resolve("/page-3/").content


def test_a_second_run_changes_nothing_and_a_change_just_that(tmp_path):
    Website()
    path = write(tmp_path, *PARTS)
    bring(path, tmp_path / "1")
    rows = (Revision, Document, LedgerEvent, Redirect, CustomImage, Category, ProfilePage)
    before = [model.objects.count() for model in rows]
    said = bring(path, tmp_path / "2")
    assert [model.objects.count() for model in rows] == before
    assert said.splitlines()[1].startswith("Imported: 0 imported, 0 updated,")
    changed = [part.replace("Second", "Changed") for part in PARTS]
    write(tmp_path, *changed)
    bring(path, tmp_path / "3")
    found = report(tmp_path / "3")["items"]
    assert [key for key, entry in found.items() if entry["outcome"] == "updated"] == ["post:2"]
    assert BlogPostPage.objects.get(slug="second").title == "Changed"


def test_a_dry_run_writes_nothing_but_the_report(tmp_path):
    Website()
    path = write(tmp_path, *PARTS)
    pages = BlogPostPage.objects.count()
    bring(path, tmp_path / "dry", dry_run=True)
    assert BlogPostPage.objects.count() == pages
    assert not ImportRun.objects.exists()
    assert (tmp_path / "dry" / "comments.json").exists()
    dry = report(tmp_path / "dry")["items"]
    bring(path, tmp_path / "wet")
    wet = report(tmp_path / "wet")["items"]
    assert dry.keys() == wet.keys()
    assert {key: entry["outcome"] for key, entry in dry.items()} == {
        key: entry["outcome"] for key, entry in wet.items()
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("map.csv", "ann,ann-here\nbob,Bob Here\n"),
        ("map.json", '{"ann": "ann-here", "Bob": "bob here"}'),
        ("map.txt", "ann = ann-here\n\nBOB=Bob Here\n"),
    ],
)
def test_authors_may_be_profiles_that_are_here(tmp_path, name, content):
    site = Website()
    ann = site.add(site.people, ProfilePage(title="Somebody", slug="ann-here"))
    bob = site.add(site.people, ProfilePage(title="Bob Here", slug="b"))
    (tmp_path / name).write_text(content, encoding="utf-8")
    parts = [author("ann", "Ann A."), author("b.o.b", "Bob"), author("cy", "Cy")]
    parts += [item(1, creator="ann"), item(2, creator="b.o.b"), item(3, creator="cy")]
    path = write(tmp_path, *parts)
    bring(path, tmp_path / "1", author_map=[str(tmp_path / name), "nobody=b"])
    bylines = {page.slug: page.post_authors.get().profile_id for page in BlogPostPage.objects.all()}
    cy = ProfilePage.objects.get(title="Cy")
    assert bylines == {"post-1": ann.pk, "post-2": bob.pk, "post-3": cy.pk}
    assert ProfilePage.objects.count() == 3
    found = report(tmp_path / "1")["items"]
    assert found["author:ann"]["outcome"] == "unchanged"
    assert [note["code"] for note in found["author:ann"]["notes"]] == ["author-mapped"]
    assert [note["code"] for note in found["author-map:nobody"]["notes"]] == ["author-unknown"]
    before = Revision.objects.count()
    bring(path, tmp_path / "2", author_map=[str(tmp_path / name)])
    assert (Revision.objects.count(), ProfilePage.objects.count()) == (before, 3)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("ann", "write NAME=PROFILE"),
        ("ann=", "write NAME=PROFILE"),
        ("ann=nobody", "has no profile"),
        ("@/none.csv", "cannot be read"),
        ("@{folder}/broken.json", "cannot be read"),
        ("@{folder}/list.json", "no JSON object"),
        ("@{folder}/half.csv", "write NAME=PROFILE"),
    ],
)
def test_a_wrong_map_of_authors_is_a_wrong_argument(tmp_path, argument, words):
    Website()
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "half.csv").write_text("ann\n", encoding="utf-8")
    path = write(tmp_path, *PARTS)
    with pytest.raises(CommandError, match=words) as problem:
        bring(path, tmp_path / "report", author_map=[argument.format(folder=tmp_path)])
    assert problem.value.returncode == 2
    assert not ImportRun.objects.exists()


def test_files_come_from_a_folder(tmp_path):
    Website()
    folder = tmp_path / "copies" / "2020" / "01"
    folder.mkdir(parents=True)
    picture(folder, "cat.png", width=77)
    bring(write(tmp_path, *PARTS), tmp_path / "report", media_dir=tmp_path / "copies")
    assert BlogPostPage.objects.get(slug="post-1").cover_image.width == 77


def test_a_broken_file_imports_nothing_and_leaves_with_1(tmp_path):
    Website()
    path = tmp_path / "export.xml"
    path.write_text(export(*PARTS)[:-400], encoding="utf-8")
    with pytest.raises(CommandError, match=r"Nothing was imported: Line .* cut off") as problem:
        bring(path, tmp_path / "report")
    assert problem.value.returncode == 1
    assert not BlogPostPage.objects.exists()
    assert "cut off" in json.dumps(report(tmp_path / "report"))


def test_a_file_that_is_not_there_is_a_wrong_argument(tmp_path):
    with pytest.raises(CommandError, match="is not a file") as problem:
        bring(tmp_path / "none.xml", tmp_path / "report")
    assert problem.value.returncode == 2


def test_an_export_without_items_is_an_empty_import(tmp_path):
    Website()
    bring(write(tmp_path), tmp_path / "report")
    assert ImportRun.objects.get().counts == {"section": {"imported": 1}}
    assert ImportRun.objects.get().source.identity == HOST
