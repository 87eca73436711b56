"""The imports among the admin's reports: who sees which, and what a report may do in a browser."""

import gzip
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import GroupPagePermission, Page, Site

from accounts.interface import User
from cms.importing.content import Change, Note
from cms.importing.report import Outcome, ReportItem, ReportWriter
from cms.importing.report_files import store_report
from cms.models import HomePage, ImportRun, ImportSource
from tests.cms.editing import make_home
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/imports/"
TITLE = "<script>alert('Drafted')</script>"


@pytest.fixture(autouse=True)
def home(editorial_setup: None) -> HomePage:
    return make_home()


def make_run(tmp_path: Path, site: Site | None = None, **fields: Any) -> ImportRun:
    """A finished run with its report in the store."""
    source, _ = ImportSource.objects.get_or_create(
        site=site or Site.objects.get(is_default_site=True),
        name="wordpress",
        identity="https://margins.example",
    )
    counts = {"post": {"imported": 1200, "failed": 1}, "comment": {"skipped": 3}}
    fields = {"status": ImportRun.Status.FINISHED, "counts": counts} | fields
    run = ImportRun.objects.create(source=source, **fields)
    folder = tmp_path / str(run.pk)
    writer = ReportWriter(
        folder, source_name="wordpress", identity=source.identity, is_dry_run=False
    )
    note = Note(Change.DROPPED, "shortcode-unknown", "A shortcode is kept as text.")
    writer.add(
        ReportItem(
            kind="post",
            key="1",
            where="line 3",
            title=TITLE,
            outcome=Outcome.IMPORTED,
            notes=(note,),
        )
    )
    writer.finish()
    store_report(run.pk, folder)
    return run


def get(user: User, path: str) -> Any:
    return client_of(user).get(path)


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def test_who_may_change_the_home_page_reads_the_report(
    editor: User, moderator: User, admin: User, tmp_path: Path
) -> None:
    run = make_run(tmp_path)
    for user in (editor, moderator, admin):
        listed = get(user, LIST)
        assert listed.status_code == 200
        assert "1,200 imported" in body(listed)
        assert f"{LIST}{run.pk}/report.html" in body(listed)
        page = get(user, f"{LIST}{run.pk}/report.html")
        assert page.status_code == 200
        html = body(page)
        assert "&lt;script&gt;alert(&#x27;Drafted&#x27;)" in html
        assert "<script" not in html
    assert f'"{LIST}"' in body(get(editor, "/admin/"))


def test_others_are_refused_and_learn_of_nothing(
    stranger: User, editorial_setup: None, tmp_path: Path
) -> None:
    run = make_run(tmp_path)
    guest = make_person("guest@example.com")
    guest.user_permissions.add(Permission.objects.get(codename="access_admin"))
    elsewhere = Page.get_first_root_node().add_child(instance=HomePage(title="Other", slug="other"))
    group = Group.objects.create(name="Others")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    right = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=elsewhere, permission=right)
    neighbour = make_person("neighbour@example.com", "Others")
    for user in (stranger, guest, neighbour):
        for path in (LIST, f"{LIST}results/", f"{LIST}{run.pk}/report.html"):
            response = get(user, path)
            assert response.status_code in {302, 403, 404}, path
            if response.status_code == 302:
                assert response["Location"].startswith(("/admin/login/", "/admin/"))
                assert response["Location"] != path
        assert LIST not in body(get(user, "/admin/"))
    assert Client().get(f"{LIST}{run.pk}/report.html").status_code == 302
    # Once the neighbour's page is a website's home, he reads that website's imports alone.
    other = Site.objects.create(hostname="other.example", root_page=elsewhere)
    own = make_run(tmp_path, other)
    assert get(neighbour, LIST).status_code == 200
    assert "Drafted" in body(get(neighbour, f"{LIST}{own.pk}/report.html"))
    assert get(neighbour, f"{LIST}{run.pk}/report.html").status_code == 404
    assert str(run.pk) not in body(get(neighbour, LIST))


def test_a_report_is_kept_from_caches_and_can_run_nothing(editor: User, tmp_path: Path) -> None:
    run = make_run(tmp_path)
    page = get(editor, f"{LIST}{run.pk}/report.html")
    assert body(page).startswith("<!doctype html>")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Content-Type-Options"] == "nosniff"
    download = get(editor, f"{LIST}{run.pk}/report.json")
    assert download["Content-Type"] == "application/json"
    assert download["Content-Disposition"].startswith('attachment; filename="import-2')
    assert json.loads(body(download))["items"][0]["title"] == TITLE
    with default_storage.open(f"imports/{run.pk}/report.json.gz") as stored:
        assert json.loads(gzip.decompress(stored.read()))["source"] == "wordpress"


def test_a_report_that_is_not_there_is_a_404(editor: User, tmp_path: Path) -> None:
    run = make_run(tmp_path)
    for name in ("report.txt", "report.html.gz"):
        assert get(editor, f"{LIST}{run.pk}/{name}").status_code == 404
    assert get(editor, f"{LIST}{UUID(int=1)}/report.html").status_code == 404
    default_storage.delete(f"imports/{run.pk}/report.html.gz")
    assert get(editor, f"{LIST}{run.pk}/report.html").status_code == 404


def test_a_run_that_goes_on_or_failed_says_so(editor: User, tmp_path: Path) -> None:
    going = make_run(tmp_path, status=ImportRun.Status.RUNNING, counts={})
    broken = make_run(
        tmp_path, status=ImportRun.Status.FAILED, counts={}, error="Line 3: <b>no end"
    )
    html = body(get(editor, LIST))
    assert "Cut short" in html  # as only one import of a source runs at a time
    broken.started_at = going.started_at
    broken.save()
    assert "Not finished" in body(get(editor, LIST))
    assert f"{going.pk}/report.html" not in html
    assert f"{broken.pk}/report.html" in html
    assert "Line 3: &lt;b&gt;no end" in html
    assert get(editor, f"{LIST}?export=csv").status_code == 200
    assert get(editor, f"{LIST}?p=2").status_code == 200


def test_the_list_costs_the_same_for_any_number_of_runs(editor: User, tmp_path: Path) -> None:
    client = client_of(editor)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    make_run(tmp_path, user=editor)
    cost()
    first = cost()
    for _ in range(9):
        make_run(tmp_path, user=editor)
    assert cost() == first
