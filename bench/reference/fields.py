"""What a site would have declared for Wagtail's own APIs, to show what ours shows."""

from typing import Any

from rest_framework.fields import Field
from wagtail.api import APIField

from cms.models import BlogPostPage, ProfilePage
from cms.models.blog import BlogPostAuthor


class FirstAuthor(Field):
    """The first author with role and biography: version 3 nests no further than a key."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="post_authors", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        """The author as plain values."""
        first = value.select_related("profile").first()
        if first is None:
            return None
        profile = first.profile
        return {
            "id": profile.pk,
            "title": profile.title,
            "slug": profile.slug,
            "role": profile.role,
            "bio": profile.bio,
        }


def declare_api_fields() -> None:
    """Sets `api_fields` on the models. A second call changes nothing."""
    common = [APIField("date"), APIField("intro"), APIField("body"), APIField("tags")]
    nested = APIField("post_authors")
    whole = APIField("author", serializer=FirstAuthor())
    BlogPostPage.api_fields = [*common, nested, whole]
    BlogPostAuthor.api_fields = [APIField("profile")]
    ProfilePage.api_fields = [APIField("role"), APIField("bio")]
