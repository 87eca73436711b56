"""Files as a stranger hands them over, and the commands that take them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.test import Client

from cms.models import ImportRun

SITE = "https://old.example"
HEAD = f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Old</title><link>{SITE}</link>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{SITE}</wp:base_site_url><wp:base_blog_url>{SITE}</wp:base_blog_url>
"""
TAIL = "</channel></rss>\n"


def cdata(text: str) -> str:
    """Text as WordPress writes it, whatever stands in it."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def entry(number: int, body: str = "Words.", **fields: Any) -> str:
    """An item of an export: a published post unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "date": "2020-01-05 10:00:00",
        "status": "publish",
        "parent": 0,
        "type": "post",
        "extra": "",
    } | fields
    return f"""<item><title>{cdata(values["title"])}</title><link>{SITE}/?p={number}</link>
<dc:creator>ann</dc:creator><content:encoded>{cdata(body)}</content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>
<wp:post_date>{values["date"]}</wp:post_date><wp:post_date_gmt>{values["date"]}</wp:post_date_gmt>
<wp:post_name>{cdata(values["slug"])}</wp:post_name><wp:status>{values["status"]}</wp:status>
<wp:post_parent>{values["parent"]}</wp:post_parent><wp:post_type>{values["type"]}</wp:post_type>
{values["extra"]}</item>
"""


def export(entries: Iterable[str]) -> str:
    return HEAD + "".join(entries) + TAIL


@dataclass(frozen=True)
class Done:
    """What a command came to: its report, its words, and how it left."""

    report: dict[str, Any]
    words: str
    returncode: int

    def item(self, key_end: str) -> dict[str, Any]:
        """The one item of the report whose place, key or title ends so."""
        found = [
            item
            for item in self.report["items"]
            if any(item[name].endswith(key_end) for name in ("key", "where", "title"))
        ]
        assert len(found) == 1, (key_end, [item["key"] for item in self.report["items"]])
        return found[0]

    def codes(self) -> set[str]:
        """Every code that was noted."""
        return {note["code"] for item in self.report["items"] for note in item["notes"]}


def run_command(name: str, path: Path, folder: Path, **options: Any) -> Done:
    """Imports `path`, asking no server; the report goes into `folder`."""
    out, returncode = StringIO(), 0
    try:
        call_command(name, str(path), report_dir=folder, no_fetch=True, stdout=out, **options)
    except CommandError as refused:
        out.write(str(refused))
        returncode = refused.returncode
    file = folder / "report.json"
    report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Done(report, out.getvalue(), returncode)


def import_export(tmp_path: Path, text: str | bytes, **options: Any) -> Done:
    """Imports this as an export of WordPress."""
    file = tmp_path / "export.xml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return run_command("import_wordpress", file, tmp_path / "report", **options)


def import_folder(tmp_path: Path, files: dict[str, str | bytes], **options: Any) -> Done:
    """Imports these as a folder of Markdown."""
    folder = tmp_path / "site"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    options.setdefault("base_url", SITE)
    return run_command("import_markdown", folder, tmp_path / "report", **options)


def last_run() -> ImportRun:
    return ImportRun.objects.latest("started_at")


def public_documents(client: Client) -> list[dict[str, Any]]:
    """Everything that the API gives to a visitor."""
    found: list[dict[str, Any]] = []
    address = "/api/v1/content?limit=100"
    while address:
        answer = client.get(address).json()
        for row in answer["data"]:
            whole = client.get(f"/api/v1/content/{row['type']}/{row['id']}")
            assert whole.status_code == 200
            found.append(whole.json()["data"])
        mark = answer["page"]["next"]
        address = f"/api/v1/content?limit=100&after={mark}" if mark else ""
    return found
