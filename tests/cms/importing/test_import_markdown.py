"""`manage.py import_markdown`: from a folder to what a visitor reads."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.models import Revision

from delivery.models import Document
from outbox.models import LedgerEvent
from tests.cms.importing.markdown_site import PIXEL, write
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db

FILES: dict[str, str | bytes] = {
    "config.toml": 'base_url = "https://old.example.com"',
    "content/_index.md": '+++\ntitle = "News"\n+++\n',
    "content/first.md": """+++
title = "First"
date = 2020-01-02
authors = ["Ada"]
aliases = ["first.html"]
[taxonomies]
tags = ["red"]
+++
See [the second](@/second/index.md#what-s-new), [it](https://old.example.com/second/) and
[nothing](https://old.example.com/gone/).

```rust
fn main() {}
```
""",
    "content/second/index.md": """+++
title = "Second"
date = 2020-01-03
+++
## What's *new*

![A dot](dot.png)

<script>alert(1)</script><p onclick="x()">Raw [words] <b>bold</b></p>

| a | b |
|---|---|
| 1 | `2` |
""",
    "content/second/dot.png": PIXEL,
    "content/hidden.md": '+++\ntitle = "Hidden"\ndate = 2020-01-04\ndraft = true\n+++\nCanary.',
    "content/broken.md": "+++\ntitle = \n+++\n",
}


def bring_in(folder: Path, tmp_path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "import_markdown",
        str(folder),
        "--no-fetch",
        "--report-dir",
        str(tmp_path / "report"),
        *arguments,
        stdout=out,
        verbosity=0,
    )
    return out.getvalue()


def post(slug: str) -> Any:
    response = Client().get(f"/api/v1/content/blog-posts/{slug}", {"include": "authors,tags"})
    assert response.status_code == 200, response.content
    return response.json()


def rows() -> tuple[int, int, int]:
    return Revision.objects.count(), Document.objects.count(), LedgerEvent.objects.count()


def test_a_folder_is_read_by_visitors(tmp_path: Path) -> None:
    Website()
    said = bring_in(write(tmp_path / "site", FILES), tmp_path)
    assert "1 failed" in said
    first = post("first")
    assert first["data"]["path"] == "/news/first/"
    assert first["data"]["published_at"].startswith("2020-01-02")
    assert {item["title"] for item in first["included"].values()} == {"Ada", "red"}
    text, code = (block["value"] for block in first["data"]["body"])
    assert text["html"] == (
        '<p>See <a href="/news/second/#what-s-new">the second</a>,'
        ' <a href="/news/second/">it</a> and'
        ' <a href="https://old.example.com/gone/">nothing</a>.</p>'
    )
    assert code == {"language": "rust", "code": "fn main() {}", "caption": ""}
    body = post("second")["data"]["body"]
    assert [block["type"] for block in body] == ["heading", "image", "rich_text", "table"]
    assert body[0]["value"] == {"text": "What's new", "level": "h2", "anchor": "what-s-new"}
    assert body[1]["value"]["alt"] == "A dot"
    assert body[1]["value"]["image"]["width"] == 1
    assert body[2]["value"]["html"] == "<p>Raw [words] <b>bold</b></p>"


def test_old_addresses_lead_to_the_pages(tmp_path: Path) -> None:
    Website()
    bring_in(write(tmp_path / "site", FILES), tmp_path)
    for path in ("/first/", "/first", "/first.html"):
        answer = Client().get("/api/v1/content/resolve", {"path": path}).json()
        assert answer["redirect"] == {"to": "/news/first/", "status": 301}, path


def test_drafts_stay_inside(tmp_path: Path) -> None:
    Website()
    bring_in(write(tmp_path / "site", FILES), tmp_path)
    assert Client().get("/api/v1/content/blog-posts/hidden").status_code == 404
    assert b"Canary" not in Client().get("/api/v1/content", {"limit": "100"}).content


def test_a_second_run_changes_nothing_and_a_changed_file_itself(tmp_path: Path) -> None:
    Website()
    folder = write(tmp_path / "site", FILES)
    bring_in(folder, tmp_path)
    before = rows()
    assert "0 imported, 0 updated" in bring_in(folder, tmp_path)
    assert rows() == before
    changed = str(FILES["content/first.md"]).replace("fn main", "fn other")
    write(folder, {"content/first.md": changed})
    assert "0 imported, 1 updated" in bring_in(folder, tmp_path)
    assert post("first")["data"]["body"][1]["value"]["code"] == "fn other() {}"
    assert rows()[0] == before[0] + 1


def test_a_rehearsal_writes_only_its_report(tmp_path: Path) -> None:
    Website()
    before = rows()
    said = bring_in(write(tmp_path / "site", FILES), tmp_path, "--dry-run")
    assert "nothing was written" in said
    assert rows() == before
    assert (tmp_path / "report" / "report.json").exists()


def test_wrong_arguments_are_told(tmp_path: Path) -> None:
    Website()
    with pytest.raises(CommandError, match="is not a folder") as refusal:
        bring_in(tmp_path / "nothing", tmp_path)
    assert refusal.value.returncode == 2
    with pytest.raises(CommandError, match="--base-url"):
        bring_in(tmp_path, tmp_path, "--base-url", "example.com")
    with pytest.raises(CommandError, match=r"Nothing was imported: config.toml: line 1"):
        bring_in(write(tmp_path / "x", {"config.toml": "="}), tmp_path)
