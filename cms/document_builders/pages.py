"""Page to document, for each type of page.

A builder gets the page as the database holds it and gives the fields of its type: light ones
for the head, heavy ones for the content, and the values to filter and sort by. It asks only
for what hangs on the page, and decides nothing about who may see it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from cms.blocks.body import stream_to_delivery
from cms.currencies import exponent_of
from cms.document_builders.context import DocumentContext, page_document_id, source_of
from cms.models import (
    BasePage,
    BlogIndexPage,
    BlogPostPage,
    HomePage,
    ProfileIndexPage,
    ProfilePage,
    ServiceIndexPage,
    ServicePage,
    StandardPage,
)
from delivery.interface import DocumentState, Value


@dataclass(frozen=True, slots=True)
class TypeFields:
    """The fields of a page's own type, before the common ones."""

    summary: str
    head: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    values: tuple[Value, ...] = ()
    image_id: int | None = None


def _stream(name: str, stream: Any, context: DocumentContext) -> list[Mapping[str, Any]]:
    context.field_name = name
    return stream_to_delivery(stream, context)


def _words(stream: Any, context: DocumentContext) -> list[str]:
    return [context.text(child.value) for child in stream]


def _links(stream: Any, context: DocumentContext) -> list[dict[str, str]]:
    return [
        {"label": context.text(child.value["label"]), "url": child.value["url"]} for child in stream
    ]


def _questions(stream: Any, context: DocumentContext) -> list[Mapping[str, Any]]:
    context.field_name = "faq"
    return [child.block.to_delivery(child.value, context) for child in stream]


def build_blog_post(page: BlogPostPage, context: DocumentContext) -> TypeFields:
    """A post. Costs three queries, for authors, tags and categories, and those of its text."""
    profiles = list(page.post_authors.order_by("sort_order").values_list("profile_id", flat=True))
    authors = context.refer_pages("authors", profiles)
    # By key, not by name: a new name of one would change the order in every post that has it.
    tags = sorted(tag.pk for tag in page.tags.all())
    categories = page.categories.order_by("pk").values_list("pk", flat=True)
    if profiles:
        context.refer_page("author", profiles[0])
    return TypeFields(
        summary=context.text(page.intro),
        head={
            "date": page.date.isoformat(),
            "reading_minutes": page.reading_minutes,
            "is_featured": page.is_featured,
            "author": authors[0] if authors else None,
            "authors": list(dict.fromkeys(authors)),
            "tags": context.refer_dependants("tags", "tag", tags),
            "categories": context.refer_dependants("categories", "category", categories),
            "cover_image": context.refer_image("cover_image", page.cover_image_id),
        },
        content={"body": _stream("body", page.body, context)},
        values=(
            Value("date", datetime.combine(page.date, time(), UTC)),
            Value("reading_minutes", page.reading_minutes),
            Value("is_featured", page.is_featured),
        ),
        image_id=page.cover_image_id,
    )


def build_blog_index(page: BlogIndexPage, context: DocumentContext) -> TypeFields:
    """The top of a blog."""
    return TypeFields(summary=context.text(page.intro))


def build_service(page: ServicePage, context: DocumentContext) -> TypeFields:
    """A service. The price keeps the decimals of its currency."""
    price = page.price.quantize(Decimal(1).scaleb(-exponent_of(page.currency)))
    related = page.service_related_posts.order_by("sort_order").values_list("post_id", flat=True)
    return TypeFields(
        summary=context.text(page.summary),
        head={
            "price": str(price),
            "currency": page.currency,
            "billing_unit": page.billing_unit,
            "availability": page.availability,
            "features": _words(page.features, context),
            "image": context.refer_image("image", page.image_id),
            "related_posts": list(dict.fromkeys(context.refer_pages("related_posts", related))),
        },
        content={
            "description": _stream("description", page.description, context),
            "faq": _questions(page.faq, context),
        },
        values=(
            Value("price", price),
            Value("currency", page.currency),
            Value("billing_unit", page.billing_unit),
            Value("availability", page.availability),
        ),
        image_id=page.image_id,
    )


def build_profile(page: ProfilePage, context: DocumentContext) -> TypeFields:
    """A person. The account behind it stays out."""
    context.field_name = "bio"
    return TypeFields(
        summary=context.text(page.role),
        head={
            "name": context.text(page.title),
            "role": context.text(page.role),
            "skills": _words(page.skills, context),
            "links": _links(page.links, context),
            "photo": context.refer_image("photo", page.photo_id),
        },
        content={"bio": {"html": context.html(page.bio)}},
        image_id=page.photo_id,
    )


def _build_text_page(kind: str) -> Callable[[Any, DocumentContext], TypeFields]:
    def build(page: Any, context: DocumentContext) -> TypeFields:
        return TypeFields(
            summary=context.text(page.intro),
            head={"kind": kind},
            content={"body": _stream("body", getattr(page, "body", None), context)},
            values=(Value("kind", kind),),
        )

    return build


BUILDERS: Mapping[type[BasePage], Callable[[Any, DocumentContext], TypeFields]] = {
    BlogPostPage: build_blog_post,
    BlogIndexPage: build_blog_index,
    ServicePage: build_service,
    ProfilePage: build_profile,
    HomePage: _build_text_page("home"),
    StandardPage: _build_text_page("standard"),
    ServiceIndexPage: _build_text_page("service-index"),
    ProfileIndexPage: _build_text_page("profile-index"),
}


def _seo(page: BasePage, fields: TypeFields, context: DocumentContext) -> dict[str, Any]:
    title = context.text(page.seo_title or page.title)
    description = context.text(page.search_description) or fields.summary
    return {
        "title": title,
        "description": description,
        "social_title": context.text(page.social_title) or title,
        "social_description": context.text(page.social_description) or description,
        "image": context.refer_image("seo.image", page.social_image_id or fields.image_id),
        "canonical_url": page.canonical_url or None,
        "noindex": page.noindex,
    }


def build_page_document(
    page: BasePage, *, parent_id: int | None, place: tuple[int, str], locale: str
) -> tuple[DocumentState, DocumentContext]:
    """The document of a page, and what it refers to.

    `place` is the key of its website and its path there, `locale` the code of its language.

    Raises:
        KeyError: a page class that has no builder (`cms.checks` refuses to start with one).
    """
    site_id, path = place
    context = DocumentContext(site_id)
    fields = BUILDERS[type(page)](page, context)
    head = {
        "summary": fields.summary,
        "seo": _seo(page, fields, context),
        **fields.head,
        "parent": context.refer_page("parent", parent_id),
    }
    state = DocumentState(
        id=page_document_id(page.pk),
        source=source_of("page", page.pk),
        site_id=site_id,
        type=page.document_type,
        locale=locale,
        translation_key=page.translation_key,
        slug=page.slug,
        path=path,
        title=context.text(page.title),
        published_at=page.first_published_at,
        updated_at=page.last_published_at,
        revision=None if page.alias_of_id else page.live_revision_id,
        head=head,
        content=fields.content,
        references=context.references(),
        values=fields.values,
    )
    return state, context
