"""What a stranger writes into texts, folders and files: nothing of it runs, nothing comes from outside."""

import os
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Dialog, sync_playwright
from wagtail.models import Page

from cms.models import BlogPostPage
from media.interface import CustomDocument, CustomImage
from tests.cms.importing.exports import (
    SITE,
    cdata,
    entry,
    export,
    import_export,
    import_folder,
    public_documents,
)
from tests.cms.importing.harm import Markup, all_html, complaints
from tests.cms.importing.payloads import PAYLOADS
from tests.cms.importing.test_media import png_bomb
from tests.conftest import browser_path
from tests.factories.cms import Website
from tests.media.pictures import picture_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def website() -> None:
    Website()


# --- scripts --------------------------------------------------------------------------------------


def hostile_posts() -> list[str]:
    return [
        entry(number, f"Before.\n\n{payload}\n\nAfter.", title=payload, date="2020-01-05 10:00:00")
        for number, payload in enumerate(PAYLOADS, 1)
        if "\x0b" not in payload
    ]


def test_nothing_that_runs_gets_through_an_export(tmp_path: Path, client: Client) -> None:
    posts = hostile_posts()
    assert len(posts) >= 200
    block = (
        "<!-- wp:html -->{0}<!-- /wp:html -->"
        '<!-- wp:button --><a href="javascript:alert(1)">b</a><!-- /wp:button -->'
    )
    posts += [entry(1000 + n, block.format(payload)) for n, payload in enumerate(PAYLOADS[-40:])]
    menu = (
        "<wp:postmeta><wp:meta_key>_menu_item_url</wp:meta_key>"
        "<wp:meta_value>javascript:alert(1)</wp:meta_value></wp:postmeta>"
    )
    posts.append(entry(2000, type="nav_menu_item", extra=menu))
    done = import_export(tmp_path, export(posts))
    assert done.returncode == 0
    assert done.report["counts"]["post"]["imported"] == len(posts) - 1
    documents = public_documents(client)
    assert sum(document["type"] == "blog-posts" for document in documents) == len(posts) - 1
    assert [found for document in documents for found in complaints(document)] == []
    assert list(complaints(client.get("/api/v1/content/site").json())) == []
    assert {"script", "link-refused"} <= done.codes()


def test_nothing_that_runs_gets_through_markdown(tmp_path: Path, client: Client) -> None:
    files: dict[str, str | bytes] = {
        f"content/blog/p{number}.md": (
            f"+++\ntitle = '{number}'\ndate = 2020-01-05\n+++\n\nBefore.\n\n{payload}\n\nAfter.\n"
        )
        for number, payload in enumerate(PAYLOADS, 1)
    }
    files["content/blog/links.md"] = (
        "+++\ntitle = 'Links'\ndate = 2020-01-05\n+++\n"
        "[a](javascript:alert(1)) [b](<java\tscript:alert(1)>) ![c](data:text/html,x)\n"
        "<javascript:alert(1)> [d]: vbscript:x\n[d]\n"
        '[e](https://ok.example "\\"onclick=alert(1)")\n'
    )
    done = import_folder(tmp_path, files)
    assert done.returncode == 0
    documents = public_documents(client)
    assert sum(document["type"] == "blog-posts" for document in documents) == len(files)
    assert [found for document in documents for found in complaints(document)] == []


def test_the_oracle_sees_what_would_run() -> None:
    seen = [bool(Markup(payload).complaints) for payload in PAYLOADS]
    assert sum(seen) > len(PAYLOADS) * 0.95
    assert list(complaints({"body": [{"value": {"url": "java\tscript:x"}}]})) != []


@pytest.mark.chromium
def test_nothing_runs_in_a_browser(tmp_path: Path, client: Client) -> None:
    import_export(tmp_path, export(hostile_posts()))
    html = "\n".join(h for document in public_documents(client) for h in all_html(document))
    assert html.count("After.") > 150
    raw, clean = tmp_path / "raw.html", tmp_path / "clean.html"
    raw.write_text("<meta charset=utf-8>" + "\n".join(PAYLOADS[-60:-40]))
    clean.write_text("<meta charset=utf-8>" + html)
    report = tmp_path / "report" / "report.html"
    ran: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page()

        def note(dialog: Dialog) -> None:
            ran.append(page.url)
            dialog.dismiss()

        page.on("dialog", note)
        page.goto(raw.as_uri())
        page.wait_for_timeout(300)
        assert ran != []  # so a dialog would be seen
        ran.clear()
        for file in (clean, report):
            page.goto(file.as_uri())
            for link in page.locator("a").all()[:30]:
                link.dispatch_event("mouseover")
            page.wait_for_timeout(300)
        browser.close()
    assert ran == []


# --- folders and files ----------------------------------------------------------------------------

MATTER = "+++\ntitle = 'T{0}'\ndate = 2020-01-0{0}\n+++\n"


def test_a_folder_lets_nothing_in_from_outside(tmp_path: Path, client: Client) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "private.md").write_text(MATTER.format(9) + "SECRET-WORDS")
    (secret / "private.png").write_bytes(picture_bytes("png"))
    (tmp_path / "site/content/blog").mkdir(parents=True)
    (tmp_path / "site/content/blog/link.md").symlink_to(secret / "private.md")
    (tmp_path / "site/content/linked").symlink_to(secret)
    (tmp_path / "site/content/blog/photo.png").symlink_to(secret / "private.png")
    (tmp_path / "site/content/loop").symlink_to(tmp_path / "site/content")
    body = (
        "![a](../../../secret/private.png) ![b](photo.png) ![c](/../../secret/private.png)\n"
        f"![d]({secret}/private.png) ![e](file://{secret}/private.png)\n"
        "![f](..%2f..%2f..%2fsecret%2fprivate.png) [g](../../../secret/private.md)\n"
        "{{{{ include('../../../secret/private.md') }}}} {{%/* readFile \"/etc/passwd\" */%}}\n"
    )
    done = import_folder(tmp_path, {"content/blog/a.md": MATTER.format(1) + body})
    assert done.returncode == 0
    assert CustomImage.objects.count() == sum(
        item["kind"] == "image" and item["outcome"] == "imported" for item in done.report["items"]
    )
    for image in CustomImage.objects.all():
        with image.file.open() as file:
            assert file.read() != picture_bytes("png")
    text = str(public_documents(client))
    assert "T1" in text
    assert "SECRET-WORDS" not in text
    assert "root:x:0" not in text
    assert BlogPostPage.objects.count() == 1


def test_front_matter_cannot_climb_or_run(tmp_path: Path, client: Client) -> None:
    files: dict[str, str | bytes] = {
        "content/blog/a.md": (
            "---\ntitle: A\ndate: 2020-01-05\nslug: ../../admin\naliases:"
            " ['/../../x', 'javascript:alert(1)', '//evil.example/', '/ok/']\n---\nText."
        ),
        "content/blog/b.md": "---\ntitle: !!python/object/apply:os.system ['touch /tmp/ran']\n---\nText.",
        "content/blog/c.md": (
            "---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ntitle: C\ndate: 2020-01-05\n---\nText."
        ),
        "content/blog/d.md": "---\n"
        "a: &a0 [x]\n"
        + "".join(f"b{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
        + "title: D\n---\nText.",
        "content/blog/e.md": "+++\ntitle = 'E'\ndate = 2020-02-30\n+++\nText.",
        "content/blog/f.md": '{"title": "F", "date": "2020-13-45", "tags": {"a": [1, null]}}\nText.',
        "content/blog/g.md": "+++\nnot toml at all\n",
        "content/blog/h.md": b"\xff\xfe\x00bad",
        "content/blog/i.md": (
            "---\ntitle: [1, {x: 2}]\ndate: {}\nauthors: 5\ntags: text\ndraft: maybe\n---\nText."
        ),
        "content/blog/j.md": "---\n" + "[" * 20_000 + "\n---\nText.",
        "content/blog/k.md": "",
    }
    done = import_folder(tmp_path, files)
    assert done.returncode == 0
    assert not Path("/tmp/ran").exists()
    found = done.report["counts"]
    assert sum(found.get(kind, {}).get("found", 0) for kind in ("post", "page", "draft")) >= 10
    titles = set(Page.objects.values_list("title", flat=True))
    assert {"A", "C", "E", "F"} <= titles
    documents = public_documents(client)
    assert [x for document in documents for x in complaints(document)] == []
    assert client.get("/api/v1/content/resolve?path=/ok/").json()["redirect"]["to"]
    assert not Page.objects.filter(slug__contains=".").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.png", png_bomb()),
        ("torn.jpg", picture_bytes("jpg", (640, 480))[:400]),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("page.png", b"<script>alert(1)</script>"),
        ("empty.gif", b""),
    ],
)
def test_a_picture_that_is_none_becomes_a_placeholder(
    tmp_path: Path, name: str, data: bytes
) -> None:
    body = MATTER.format(1) + f"![alt]({name})\n"
    done = import_folder(
        tmp_path, {"content/blog/a/index.md": body, f"content/blog/a/{name}": data}
    )
    assert done.returncode == 0
    assert done.codes() & {"image-refused", "media-empty"}
    for image in CustomImage.objects.all():
        assert (image.width, image.height) == (320, 180)
    assert BlogPostPage.objects.count() == 1


def test_pipes_and_devices_in_a_folder_are_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "site" / "content" / "blog"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.md")
    os.mkfifo(folder / "photo.png")
    (folder / "zero.md").symlink_to("/dev/zero")
    done = import_folder(tmp_path, {"content/blog/a.md": MATTER.format(1) + "![x](photo.png)"})
    assert done.returncode == 0
    assert BlogPostPage.objects.count() == 1


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    done = import_folder(tmp_path, {})
    assert done.returncode == 1
    assert "Nothing was imported" in done.words


def test_attachments_are_refused_by_what_they_are(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "a.png").write_bytes(b"<svg onload=alert(1)>")
    (uploads / "b.pdf").write_bytes(b"<html><script>alert(1)</script>")
    (uploads / "c.png").symlink_to("/etc/passwd")
    attachments = [
        entry(n, type="attachment", extra=f"<wp:attachment_url>{cdata(url)}</wp:attachment_url>")
        for n, url in enumerate(
            (
                f"{SITE}/a.png",
                f"{SITE}/b.pdf",
                f"{SITE}/c.png",
                f"{SITE}/%2e%2e/%2e%2e/etc/passwd",
                "file:///etc/passwd",
                "http://169.254.169.254/latest/meta-data/x.png",
            ),
            1,
        )
    ]
    done = import_export(tmp_path, export(attachments), media_dir=uploads)
    assert done.returncode == 0
    assert {"image-refused", "file-refused"} <= done.codes()
    for thing in (*CustomImage.objects.all(), *CustomDocument.objects.all()):
        with thing.file.open() as file:
            content = file.read()
        assert b"Galley placeholder" in content
        assert b"root:" not in content
