"""Which fields of a page each entry of a content file fills."""

from decimal import Decimal
from typing import Any, Final

from django.utils.dateparse import parse_date
from wagtail.models import Page

from cms.models import (
    BlogIndexPage,
    BlogPostAuthor,
    BlogPostPage,
    HomePage,
    ProfileIndexPage,
    ProfilePage,
    ServiceIndexPage,
    ServicePage,
    ServiceRelatedPost,
    StandardPage,
)
from cms.sample.blocks import BlockResolver
from cms.sample.content_files import PageEntry
from cms.sample.registry import Registry

PAGE_MODELS: Final[dict[str, type[Page]]] = {
    "home": HomePage,
    "standard": StandardPage,
    "blog_index": BlogIndexPage,
    "blog_post": BlogPostPage,
    "service_index": ServiceIndexPage,
    "service": ServicePage,
    "profile_index": ProfileIndexPage,
    "profile": ProfilePage,
}

_PLAIN_FIELDS: Final = (
    "title",
    "slug",
    "seo_title",
    "search_description",
    "social_title",
    "social_description",
    "noindex",
    "intro",
    "summary",
    "role",
    "currency",
    "billing_unit",
    "availability",
)
_IMAGE_FIELDS: Final = {
    "cover": "cover_image",
    "image": "image",
    "photo": "photo",
    "social_image": "social_image",
}


def fill_plain_fields(page: Page, entry: PageEntry) -> None:
    """Set what refers to nothing else, which is enough to store the page as a draft."""
    for name in _PLAIN_FIELDS:
        if name in entry.data:
            setattr(page, name, entry.data[name])
    if "price" in entry.data:
        page.price = Decimal(entry.data["price"])
    if "date" in entry.data:
        page.date = parse_date(entry.data["date"])


def fill_references(page: Page, entry: PageEntry, registry: Registry) -> None:
    """Set what refers to pictures, files, categories and other pages."""
    for key, field in _IMAGE_FIELDS.items():
        if key in entry.data:
            setattr(page, field, registry.images[entry.data[key]])
    resolver = BlockResolver(registry, locale=entry.locale, name=entry.key)
    if "bio" in entry.data:
        page.bio = resolver.rich_text(entry.data["bio"])
    for field, children in _streams(entry, resolver).items():
        block = page._meta.get_field(field).stream_block
        setattr(page, field, resolver.stream(block, children, field))
    if entry.type == "blog_post":
        _fill_post(page, entry, registry)
    elif entry.type == "service":
        page.service_related_posts.set(
            [
                ServiceRelatedPost(sort_order=order, post=registry.page(key, entry.locale))
                for order, key in enumerate(entry.data.get("related", ()))
            ]
        )


def _streams(entry: PageEntry, resolver: BlockResolver) -> dict[str, list[dict[str, Any]]]:
    """The stream fields of an entry, each as a list of blocks."""
    data, streams = entry.data, {}
    if "body" in data:
        streams["description" if entry.type == "service" else "body"] = data["body"]
    for field in ("features", "skills"):
        if field in data:
            streams[field] = [{"type": "item", "value": text} for text in data[field]]
    if "links" in data:
        streams["links"] = [{"type": "link", "value": link} for link in data["links"]]
    if "faq" in data:
        streams["faq"] = [
            {"type": "question", "value": resolver.question(item)} for item in data["faq"]
        ]
    return streams


def _fill_post(page: Page, entry: PageEntry, registry: Registry) -> None:
    page.post_authors.set(
        [
            BlogPostAuthor(sort_order=order, profile=registry.page(f"team/{slug}", entry.locale))
            for order, slug in enumerate(entry.data["authors"])
        ]
    )
    page.categories.set(
        [registry.category(slug, entry.locale) for slug in entry.data["categories"]]
    )
    page.tags.set(entry.data["tags"])
