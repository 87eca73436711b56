"""An import whose process is killed at any statement is finished by the next one."""

import json
import os
import random
import re
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageLogEntry, PageViewRestriction, Revision

from cms.importing import apply
from cms.models import Category, ImportedItem, NavigationMenu
from cms.rebuilding import Gaps, find_gaps
from delivery.models import Document
from media.interface import CustomImage
from tests.cms.importing.shelf import HOST, bring_in, image, item, picture, post, text
from tests.cms.importing.test_second_runs import everything
from tests.database_template import restore_template
from tests.factories.cms import Website

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = 14
_KEY = re.compile(r'(linktype|embedtype)="(\w+)"([^>]*?) id="(\d+)"')


def things(folder: Path) -> list[Any]:
    """Several batches of posts that name each other in both directions."""
    more = [
        post(
            f"p{n}",
            1 + n % 28,
            body=text(f'<p><a href="/p{(n * 7) % 40}/">a</a> <a href="/p{n + 1}/">b</a></p>'),
            tags=(f"t{n % 3}",),
        )
        for n in range(40)
    ]
    pictures = [image(f"i{n}", picture(folder, f"i{n}.png", colour=n)) for n in range(3)]
    return [*everything(folder), *pictures, *more, item("page", "last", addresses=(f"//{HOST}/l",))]


class Statements:
    """Counts the statements of a connection, and kills the process at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.count, self._last = 0, last

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def fresh_website() -> None:
    connections.close_all()
    restore_template(connection.settings_dict["NAME"])
    Website()


def content() -> dict[str, Any]:
    """What is there, with names in place of keys."""
    pages = {page.pk: page for page in Page.objects.specific()}
    names = {("page", str(pk)): page.url_path for pk, page in pages.items()}
    names |= {("image", str(row.pk)): row.title for row in CustomImage.objects.all()}

    def named(value: Any) -> str:
        raw = json.dumps(value, default=str, sort_keys=True)
        return _KEY.sub(lambda m: names[m.group(2), m.group(4)], raw.replace('\\"', '"'))

    body = {
        page.url_path: named(page.body.stream_block.get_prep_value(page.body))
        for page in pages.values()
        if hasattr(page, "body")
    }
    return {
        "pages": sorted(
            (p.url_path, p.title, p.live, p.numchild, p.depth, str(p.first_published_at)[:10])
            for p in pages.values()
            if "galley" not in p.url_path
        ),
        "body": body,
        "revisions": Counter(Revision.objects.values_list("object_str", flat=True)),
        "log": Counter(PageLogEntry.objects.values_list("label", "action")),
        "restricted": sorted(PageViewRestriction.objects.values_list("page__url_path", flat=True)),
        "documents": sorted(Document.objects.exclude(path="").values_list("path", "title")),
        "redirects": sorted(Redirect.objects.values_list("old_path", "redirect_page__url_path")),
        "categories": sorted(Category.objects.values_list("slug", "parent__slug"), key=str),
        "images": sorted(CustomImage.objects.values_list("title", "file_hash")),
        "menus": NavigationMenu.objects.count(),
        "items": sorted(ImportedItem.objects.values_list("key", "digest", "has_pending_redirects")),
    }


def killed_import(folder: Path, source: list[Any], at: int) -> bool:
    """Imports in a process of its own that dies at that statement; whether it did."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with connection.execute_wrapper(Statements(at)):
                bring_in(source, folder)
            code = 0
        finally:
            os._exit(code)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def test_a_killed_import_is_finished_by_the_next(tmp_path):
    source = things(tmp_path)
    fresh_website()
    statements = Statements()
    with connection.execute_wrapper(statements):
        bring_in(source, tmp_path / "whole")
    expected = content()
    points = random.Random(4).sample(range(1, statements.count), KILLS)
    for at in sorted(points):
        fresh_website()
        assert killed_import(tmp_path / "killed", source, at)
        bring_in(source, tmp_path / "resumed")
        found = content()
        for name, value in expected.items():
            assert found[name] == value, f"{name}, killed at statement {at}"
        assert find_gaps() == Gaps((), (), (), 0)
        assert Page.find_problems() == ([], [], [], [], [])
        third = bring_in(source, tmp_path / "third")
        assert {o for counts in third.counts.values() for o in counts} == {"unchanged"}


def test_the_comparison_fails_when_links_are_not_taken_up_again(tmp_path, monkeypatch):
    source = things(tmp_path)
    fresh_website()
    bring_in(source, tmp_path / "whole")
    expected = content()
    fresh_website()
    monkeypatch.setattr(apply, "look_again", lambda run: None)
    bring_in(source, tmp_path / "partly")
    assert content()["body"] != expected["body"]
