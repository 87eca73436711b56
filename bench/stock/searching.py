"""Wagtail's own search over the texts of a collection. Started as a program of its own.

It reads `{"texts": [...], "asked": {...}, "operators": [...]}` from its input and prints, for each
operator ("and", "or"), what each query found.
"""

import json
import sys
from html import escape
from typing import Any

import django

django.setup()

from django.apps import apps  # noqa: E402 - needs the settings
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402
from wagtail.rich_text import RichText  # noqa: E402

from bench.bulk_pages import insert_pages  # noqa: E402
from bench.search_metrics import RECALL_DEPTH  # noqa: E402
from bench.stock.models import StockHomePage, StockPostPage  # noqa: E402
from core.interface import utc_now  # noqa: E402

FIRST_POST = 10_000


def load(texts: list[dict[str, str]]) -> None:
    """A page for each text, with its summary as the introduction and its body as rich text."""
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("bench_stock").get_models():
            editor.create_model(model)
    now = utc_now()
    with transaction.atomic():
        root = Page.get_first_root_node()
        home = root.add_child(instance=StockHomePage(title="Bench", slug="bench"))
        Site.objects.update(root_page=home, hostname="127.0.0.1", is_default_site=True)
        rows = (
            {
                "base": {
                    "title": text["title"][:255],
                    "slug": f"text-{number}",
                    "first_published_at": now,
                    "last_published_at": now,
                },
                "date": now.date(),
                "intro": text["summary"][:500],
                "body": [("rich_text", RichText(escape(text["body"])))],
            }
            for number, text in enumerate(texts)
        )
        insert_pages(home, StockPostPage, FIRST_POST, rows)
    call_command("update_index", verbosity=0)


def rank(told: dict[str, Any], operator: str) -> dict[str, dict[str, list[str]]]:
    """What each query finds."""
    keys = [text["key"] for text in told["texts"]]

    def find(query: str) -> list[str]:
        found = StockPostPage.objects.live().search(query, operator=operator)
        return [keys[page.pk - FIRST_POST] for page in found[:RECALL_DEPTH]]

    return {
        spelling: {number: find(query) for number, query in queries.items()}
        for spelling, queries in told["asked"].items()
    }


if __name__ == "__main__":
    work = json.load(sys.stdin)
    load(work["texts"])
    print(json.dumps({operator: rank(work, operator) for operator in work["operators"]}))
