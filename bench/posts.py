"""Posts of `bench.content` as rows, alike for the product and for stock Wagtail."""

from collections.abc import Sequence
from typing import Any

from taggit.models import Tag

from bench.content import COMMON_TAG, TAGS, Post


def post_fields(post: Post, **own: Any) -> dict[str, Any]:
    """The fields of a post's page, those of the base table under `base`."""
    return {
        "base": {
            "title": post.title,
            "slug": post.slug,
            "first_published_at": post.published_at,
            "last_published_at": post.published_at,
        },
        "date": post.published_at.date(),
        "intro": post.intro,
        "body": post.body,
        **own,
    }


def link_posts(
    posts: Sequence[Post],
    first_key: int,
    authors_from: int,
    tag_rows: type[Any],
    author_rows: type[Any],
) -> None:
    """Gives the posts, whose pages have keys from `first_key` on, their tags and authors."""
    names = (COMMON_TAG, *TAGS)
    made = Tag.objects.bulk_create(Tag(name=name, slug=name) for name in names)
    tags = {tag.name: tag for tag in made}
    tag_rows.objects.bulk_create(
        tag_rows(tag=tags[name], content_object_id=first_key + post.number)
        for post in posts
        for name in post.tags
    )
    author_rows.objects.bulk_create(
        author_rows(
            post_id=first_key + post.number, profile_id=authors_from + post.author, sort_order=0
        )
        for post in posts
    )
