"""A real site of 754 files: everything that its readers had is there."""

import copy
import html
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Revision, Site

from cms.importing.options import ImportOptions
from cms.importing.run import run_import
from cms.importing.sources.markdown.source import MarkdownSource
from cms.models import ImportRun
from delivery.models import Document
from outbox.models import LedgerEvent
from tests.cms.importing.rust_blog import HOST, File, files, folder
from tests.factories.cms import Website

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]

LISTED = "body,authors,path,published_at,title,summary"
TAGS = re.compile(r"<!--.*?-->|<script.*?</script>|<style.*?</style>|<[^>]*>", re.DOTALL)
ADDRESSES = re.compile(
    r"\]\((?:[^()]|\([^()]*\))*\)|\]\s?\[[^\]]*\]|^[\s>]*\[[^^\]][^\]]*\]:\s*\S+.*$|\[\^[^\]]+\]|\{#.*?\}"
    r"|<https?:[^>]*>|https?:\S+",
    re.MULTILINE,
)
LINES = re.compile(r"</?(?:p|li|ul|ol|br|hr|blockquote|img|sup|sub)\b[^>]*>")
INLINE = re.compile(r"</?[a-z][^>]*>")
WORDS = re.compile(r"[^\W\d_]{3,}")


def bring_in(report: Path) -> ImportRun:
    options = ImportOptions(
        site=Site.objects.get(is_default_site=True), fetches_media=False, report_dir=report
    )
    return run_import(MarkdownSource(folder(), base_url=HOST), options)


class Blog:
    """The blog as the API gives it."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.files = files()
        self.client = Client()
        self.posts: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        after = ""
        while True:
            query = {
                "limit": "100",
                "include": "authors",
                "fields": "body,authors,path,published_at,title,summary",
            }
            answer = self.client.get(
                "/api/v1/content/blog-posts", query | ({"after": after} if after else {})
            )
            assert answer.status_code == 200, answer.content
            page = answer.json()
            self.posts |= {post["path"]: post for post in page["data"]}
            self.names |= {key: item["title"] for key, item in page["included"].items()}
            after = page["page"]["next"] or ""
            if not after:
                return

    def resolve(self, path: str) -> str:
        """Where the visitor of a path ends up; empty for nowhere."""
        answer = self.client.get("/api/v1/content/resolve", {"path": path})
        if answer.status_code != 200:
            return ""
        found = answer.json()
        return found["redirect"]["to"] if "redirect" in found else found["data"]["path"]

    def post_of(self, file: File) -> Any:
        return self.posts[self.resolve(file.url)]


@pytest.fixture(scope="module")
def blog(django_db_setup: None, django_db_blocker: Any) -> Iterator[Blog]:
    folder()
    with django_db_blocker.unblock(), tempfile.TemporaryDirectory() as report, transaction.atomic():
        Website()
        yield Blog(bring_in(Path(report)))
        transaction.set_rollback(True)


def values(body: list[Any], kind: str) -> list[Any]:
    return [block["value"] for block in body if block["type"] == kind]


def html_of(value: Any) -> Iterator[str]:
    """All HTML in a piece of the API's output."""
    if isinstance(value, dict):
        if set(value) == {"html"}:
            yield value["html"]
        else:
            for part in value.values():
                yield from html_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from html_of(part)


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)


def words_shown(post: Any) -> Iterator[str]:
    """What a reader of the post sees outside of code."""
    yield post["title"]
    for text in html_of(post["body"]):
        without_code = re.sub(r"<code>.*?</code>", "", text, flags=re.DOTALL)
        yield html.unescape(re.sub(r"<[^>]+>", "", without_code))
    for block in post["body"]:
        if block["type"] in {"heading", "quote"}:
            yield block["value"]["text"]


def fold(names: list[str]) -> list[str]:
    """Without accents and capitals: whoever is written in two ways is one person."""
    letters = (unicodedata.normalize("NFKD", name).casefold() for name in names)
    return ["".join(a for a in name if not unicodedata.combining(a)) for name in letters]


def test_every_post_is_live_with_its_date_and_authors(blog: Blog) -> None:
    assert blog.run.counts["post"] == {"imported": 750}
    assert len(blog.posts) == 750
    assert sum(file.is_post for file in blog.files) == 750
    for file in blog.files:
        if not file.is_post:
            continue
        post = blog.post_of(file)
        assert post["published_at"].startswith(file.date), file.path
        names = [" ".join(blog.names[author["id"]].split()) for author in post["authors"]]
        assert fold(names) == fold(file.strings("authors")), file.path
    assert not any(counts.get("failed") for counts in blog.run.counts.values())


def test_every_code_block_is_there_to_the_letter(blog: Blog) -> None:
    found_fences = 0
    for file in blog.files:
        if not file.is_post:
            continue
        codes = values(blog.post_of(file)["body"], "code")
        left = Counter(
            tuple(line.strip() for line in code["code"].strip("\n").split("\n")) for code in codes
        )
        wanted = Counter(
            tuple(line.strip() for line in "\n".join(fence).strip("\n").split("\n"))
            for fence in file.fences
            if "".join(fence).strip()
        )
        assert not wanted - left, (file.path, wanted - left)
        if not file.has_other_code:
            assert len(codes) == sum(wanted.values()), file.path
        found_fences += sum(wanted.values())
    assert found_fences > 800


def test_every_address_that_was_leads_to_the_page(blog: Blog) -> None:
    aliases = 0
    for file in blog.files:
        target = blog.resolve(file.url)
        assert target, file.url
        assert blog.resolve(file.url.rstrip("/")) == target
        for alias in file.aliases:
            assert blog.resolve(alias) == target, alias
            aliases += 1
    assert aliases >= 623
    assert blog.resolve("/2015/01/09/no-such-post/") == ""


def bare(path: str) -> str:
    return path.strip("/").removesuffix(".html")


def test_no_link_of_the_blog_is_dead_that_was_alive(blog: Blog) -> None:
    known = {bare(path) for file in blog.files for path in (file.url, *file.aliases)}
    paths = set(blog.posts) | {blog.resolve(file.url) for file in blog.files}
    paths |= {blog.resolve(path) for path in ("/inside-rust/", "/releases/", "/rust-blog/")}
    links = 0
    for file in blog.files:
        if not file.is_post:
            continue
        text = " ".join(html_of(blog.post_of(file)["body"]))
        hrefs = [href.split("#")[0] for href in re.findall(r'<a href="([^"]*)"', text)]
        inside = [href for href in hrefs if re.match(r"/(?!documents/)", href)]
        assert set(inside) <= paths, (file.path, set(inside) - paths)
        left = {bare(href.removeprefix(HOST)) for href in hrefs if href.startswith(HOST)}
        assert not left & known, (file.path, left & known)
        wanted = {bare(path) for path in file.links()} & known
        missing = {blog.resolve(f"/{path}") for path in wanted} - set(inside)
        assert not missing, (file.path, missing)
        links += len(inside)
    assert links > 400


# Slips of the authors' own: Markdown in the cell of an HTML table, a space in an address, a space
# before the closing stars. By the rules of CommonMark these show as they are written, here and there.
WRITTEN_SO = {
    ("/rust-blog/increasing-rusts-reach/", "]("),
    ("/rust-blog/project-goals-2025-december-update/", "]("),
    ("/rust-blog/project-goals-2025-march-update/", "**H"),
    ("/rust-blog/project-goals-2025-november-update/", "]("),
    ("/rust-blog/project-goals-2025-september-update/", "]("),
    ("/rust-blog/project-goals-update-october-2025/", "]("),
    ("/inside-rust/this-development-cycle-in-cargo-1-81/", "]("),
}


def test_no_head_and_no_markdown_is_shown(blog: Blog) -> None:
    signs = re.compile(r"\+\+\+|\]\(|^#{1,6} |```|~~~|^\[[^\]]+\]: |\*\*\w|\{#", re.MULTILINE)
    shown = {
        (path, found.group(0))
        for path, post in blog.posts.items()
        for words in words_shown(post)
        for found in signs.finditer(words)
    }
    assert shown == WRITTEN_SO


def test_the_words_are_those_of_the_files(blog: Blog) -> None:
    lost: dict[str, set[str]] = {}
    for file in blog.files:
        if not file.is_post:
            continue
        post = blog.post_of(file)
        said = " ".join(strings_in([post["title"], post["summary"], post["body"]]))
        said += html.unescape(INLINE.sub("", LINES.sub(" ", " ".join(html_of(post["body"])))))
        plain = said.replace("_", "")
        shown = set(WORDS.findall(plain))
        prose = re.sub(r"[`*_]", "", TAGS.sub(" ", ADDRESSES.sub(" ", file.prose)))
        missing = set(WORDS.findall(html.unescape(prose))) - shown
        if missing:
            lost[str(file.path)] = missing
    assert not lost


@pytest.mark.parametrize(
    ("measure", "kind", "block"),
    [
        (test_every_code_block_is_there_to_the_letter, "code", None),
        (test_the_words_are_those_of_the_files, "rich_text", None),
        (
            test_no_link_of_the_blog_is_dead_that_was_alive,
            "code",
            {"type": "rich_text", "value": {"html": '<p><a href="/rust-blog/gone/">x</a></p>'}},
        ),
        (
            test_no_link_of_the_blog_is_dead_that_was_alive,
            "code",
            {"type": "rich_text", "value": {"html": f'<p><a href="{HOST}/2014/10/30/Stability/">'}},
        ),
        (
            test_no_head_and_no_markdown_is_shown,
            "code",
            {"type": "rich_text", "value": {"html": "<p>[a](b)</p>"}},
        ),
    ],
)
def test_each_measure_can_fail(blog: Blog, measure: Any, kind: str, block: Any) -> None:
    """A block put in the place of another, or nothing in its place."""
    path = next(path for path, post in blog.posts.items() if values(post["body"], "code"))
    body = blog.posts[path]["body"]
    place = next(index for index, found in enumerate(body) if found["type"] == kind)
    changed = [*body[:place], *([block] if block else []), *body[place + 1 :]]
    broken = copy.copy(blog)
    broken.posts = blog.posts | {path: blog.posts[path] | {"body": changed}}
    with pytest.raises(AssertionError):
        measure(broken)


def test_a_second_run_changes_nothing(blog: Blog) -> None:
    def rows() -> tuple[int, ...]:
        return tuple(model.objects.count() for model in (Revision, Document, LedgerEvent, Redirect))

    before = rows()
    with tempfile.TemporaryDirectory() as report:
        run = bring_in(Path(report))
    assert rows() == before
    assert {outcome for counts in run.counts.values() for outcome in counts} == {
        "unchanged",
        "skipped",
    }
