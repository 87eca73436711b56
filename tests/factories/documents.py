"""Published documents for tests of the reading side, saved without any page behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from delivery.interface import (
    DeliverySite,
    DocumentState,
    Redirect,
    Reference,
    Value,
    document_id_for,
    remove_documents,
    save_documents,
    save_redirects,
    save_sites,
)

BIRTH = datetime(2026, 1, 1, 12, tzinfo=UTC)
SEO = {
    "title": "",
    "description": "",
    "social_title": "",
    "social_description": "",
    "image": None,
    "canonical_url": None,
    "noindex": False,
}


def id_of(kind: str, key: object) -> UUID:
    """The id of the document that `Library` makes for a kind and key."""
    return document_id_for(kind, key)


def paragraph(html: str) -> dict[str, Any]:
    """A block of rich text."""
    return {"id": "b1", "type": "rich_text", "value": {"html": html}}


@dataclass
class Library:
    """A website's published documents. Call what is wanted, then `save`."""

    site_id: int = 1
    hostname: str = "testserver"
    is_default: bool = True
    states: list[DocumentState] = field(default_factory=list)

    def open(self, *others: "Library") -> "Library":
        """Makes the website known, and others beside it."""
        with transaction.atomic():
            save_sites([library.row() for library in (self, *others)])
        return self

    def row(self) -> DeliverySite:
        return DeliverySite(
            id=self.site_id,
            hostname=self.hostname,
            port=80,
            is_default=self.is_default,
            default_locale="en",
            locales=["en", "fr"],
        )

    def save(self) -> None:
        """Publishes what was added since the last call."""
        with transaction.atomic():
            save_documents(self.states)
        self.states.clear()

    def withdraw(self, *ids: UUID) -> None:
        with transaction.atomic():
            remove_documents(ids)

    def redirect(self, path: str, *, target: UUID | None = None, url: str = "") -> None:
        with transaction.atomic():
            rule = Redirect(
                site_id=self.site_id, source=path, path=path, document_id=target, url=url
            )
            save_redirects([rule])

    def add(
        self,
        kind: str,
        key: object,
        type_name: str,
        *,
        head: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | None = None,
        references: Sequence[tuple[str, UUID]] = (),
        values: Iterable[Value] = (),
        **columns: Any,
    ) -> UUID:
        document_id = id_of(kind, key)
        date = columns.pop("date", BIRTH)
        defaults: dict[str, Any] = {
            "locale": "en",
            "slug": f"{kind}-{key}",
            "path": f"/{kind}-{key}/",
            "title": f"{kind.capitalize()} {key}",
            "translation_key": uuid5(document_id, "translations"),
        }
        self.states.append(
            DocumentState(
                id=document_id,
                source=f"{kind}:{key}",
                site_id=self.site_id,
                type=type_name,
                published_at=date,
                updated_at=date,
                revision=1,
                head={"summary": "", "seo": SEO} | dict(head or {}),
                content=content or {},
                references=tuple(
                    Reference(name, position, target)
                    for position, (name, target) in enumerate(references)
                ),
                values=tuple(values),
                **(defaults | columns),
            )
        )
        return document_id

    def tag(self, key: object) -> UUID:
        name = f"Tag {key}"
        return self.add(
            "tag", key, "tags", head={"name": name}, locale="", path="", date=None, title=name
        )

    def image(self, key: object) -> UUID:
        head = {
            "alt": f"Picture {key}",
            "credit": "",
            "width": 640,
            "height": 360,
            "focal_point": None,
            "src": f"/media/{key}.png",
            "sources": [],
            "srcset": f"/media/{key}.320.webp 320w",
        }
        return self.add("image", key, "images", head=head, locale="", path="")

    def profile(self, key: object, *, photo: UUID | None = None, **columns: Any) -> UUID:
        head: dict[str, Any] = {
            "name": f"Profile {key}",
            "role": "Editor",
            "skills": [],
            "links": [],
            "photo": None if photo is None else str(photo),
            "parent": None,
        }
        references = [] if photo is None else [("photo", photo)]
        content = {"bio": {"html": "<p>Reads proofs.</p>"}}
        return self.add(
            "profile",
            key,
            "profiles",
            head=head,
            content=content,
            references=references,
            **columns,
        )

    def post(
        self,
        key: object,
        *,
        authors: Sequence[UUID] = (),
        tags: Sequence[UUID] = (),
        categories: Sequence[UUID] = (),
        cover: UUID | None = None,
        body: Sequence[Any] = (),
        mentions: Sequence[UUID] = (),
        minutes: int | None = 3,
        is_featured: bool = False,
        **columns: Any,
    ) -> UUID:
        head = {
            "date": "2026-01-01",
            "reading_minutes": minutes,
            "is_featured": is_featured,
            "author": str(authors[0]) if authors else None,
            "authors": [str(item) for item in authors],
            "tags": [str(item) for item in tags],
            "categories": [str(item) for item in categories],
            "cover_image": None if cover is None else str(cover),
            "parent": None,
        }
        references = [
            *(("author", item) for item in authors[:1]),
            *(("authors", item) for item in authors),
            *(("tags", item) for item in tags),
            *(("categories", item) for item in categories),
            *(("cover_image", item) for item in (cover,) if item),
            *(("body", item) for item in mentions),
        ]
        values = [] if minutes is None else [Value("reading_minutes", minutes)]
        values.append(Value("is_featured", is_featured))
        return self.add(
            "post",
            key,
            "blog-posts",
            head=head,
            content={"body": list(body)},
            references=references,
            values=values,
            **columns,
        )

    def service(
        self, key: object, price: str, *, related: Sequence[UUID] = (), **columns: Any
    ) -> UUID:
        head = {
            "price": price,
            "currency": "EUR",
            "billing_unit": "once",
            "availability": "available",
            "features": [],
            "image": None,
            "related_posts": [str(item) for item in related],
            "parent": None,
        }
        return self.add(
            "service",
            key,
            "services",
            head=head,
            content={"description": [], "faq": []},
            references=[("related_posts", item) for item in related],
            values=[Value("price", Decimal(price)), Value("currency", "EUR")],
            **columns,
        )


def days(number: int) -> datetime:
    """So many days after the first."""
    return BIRTH + timedelta(days=number)
