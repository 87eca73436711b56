"""Publishes the made-up texts as documents. Started by `bench.search_speed`.

It takes the number of texts. They are written by the function with which each publication ends,
in batches; the page tree before it, which searches never see, is left out.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid5

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 - needs the settings

from bench.ledger_end import put_readers_at_end  # noqa: E402
from bench.search_content import AUTHORS, TAGS, MadeText, write_texts  # noqa: E402
from delivery.interface import (  # noqa: E402
    DeliverySite,
    DocumentState,
    Reference,
    document_id_for,
    save_documents,
    save_sites,
)

SITE: Final = 1
BATCH: Final = 500
_SEO: Final[dict[str, Any]] = {
    "title": "",
    "description": "",
    "social_title": "",
    "social_description": "",
    "image": None,
    "canonical_url": None,
    "noindex": False,
}


def state_of(kind: str, key: int, type_name: str, **given: Any) -> DocumentState:
    """A document with the columns that all have."""
    document_id = document_id_for(kind, key)
    columns: dict[str, Any] = {
        "locale": "en",
        "slug": f"{kind}-{key}",
        "path": f"/{kind}-{key}/",
        "published_at": None,
        "updated_at": None,
        "content": {},
    }
    return DocumentState(
        id=document_id,
        source=f"{kind}:{key}",
        site_id=SITE,
        type=type_name,
        translation_key=uuid5(document_id, "translations"),
        revision=1,
        **(columns | given),
    )


def named() -> Iterator[DocumentState]:
    """Tags and authors."""
    for key in range(TAGS):
        place = {"locale": "", "path": ""}
        yield state_of("tag", key, "tags", title=f"Tag {key}", head={"name": f"Tag {key}"}, **place)
    for key in range(AUTHORS):
        head: dict[str, Any] = {
            "summary": "",
            "seo": _SEO,
            "name": f"Author {key}",
            "role": "Writer",
        }
        head |= {"skills": [], "links": [], "photo": None, "parent": None}
        yield state_of("profile", key, "profiles", title=f"Author {key}", head=head)


def post(text: MadeText) -> DocumentState:
    """A text as the document of a post."""
    author = document_id_for("profile", text.author)
    tags = [document_id_for("tag", key) for key in text.tags]
    blocks = []
    for place, (heading, words) in enumerate(zip(text.headings, text.paragraphs, strict=True)):
        value = {"text": heading, "level": "h2", "anchor": f"part-{place}"}
        blocks.append({"id": f"h{place}", "type": "heading", "value": value})
        html = {"html": f"<p>{words.capitalize()}.</p>"}
        blocks.append({"id": f"t{place}", "type": "rich_text", "value": html})
    return state_of(
        "post",
        text.number,
        "blog-posts",
        title=text.title,
        published_at=text.published_at,
        updated_at=text.published_at,
        head=_post_head(text, author, tags),
        content={"body": blocks},
        references=(
            Reference("author", 0, author),
            Reference("authors", 0, author),
            *(Reference("tags", place, tag) for place, tag in enumerate(tags)),
        ),
    )


def _post_head(text: MadeText, author: UUID, tags: list[UUID]) -> dict[str, Any]:
    return {
        "summary": text.summary,
        "seo": _SEO,
        "date": text.published_at.date().isoformat(),
        "reading_minutes": 1,
        "is_featured": False,
        "author": str(author),
        "authors": [str(author)],
        "tags": [str(tag) for tag in tags],
        "categories": [],
        "cover_image": None,
        "parent": None,
    }


def publish(count: int) -> None:
    """A website with so many posts."""
    site = DeliverySite(id=SITE, hostname="127.0.0.1", port=80, is_default=True)
    site.default_locale, site.locales = "en", ["en"]
    with transaction.atomic():
        save_sites([site])
        save_documents(list(named()))
    posts = (post(text) for text in write_texts(count))
    while batch := list(islice(posts, BATCH)):
        with transaction.atomic():
            save_documents(batch)
    # The indexes are made by the command that rebuilds them.
    put_readers_at_end()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


if __name__ == "__main__":
    begun = time.perf_counter()
    publish(int(sys.argv[1]))
    print(json.dumps({"seconds": time.perf_counter() - begun}))
