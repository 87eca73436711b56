"""The form behind a post's editor."""

from typing import Any

from django.db.models import Q

from cms.page_form import PageForm


class PostForm(PageForm):
    """As every page's; offers the categories of the post's language, and those that it has already.

    A post made from another language's has that one's until somebody changes it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("categories")
        post: Any = self.instance
        if field is None or post.locale_id is None:
            return
        held = [category.pk for category in post.categories.all()]
        among = Q(locale_id=post.locale_id) | Q(pk__in=held)
        field.queryset = field.queryset.filter(among).select_related("locale")
        field.label_from_instance = lambda category: _label(category, post.locale_id)


def _label(category: Any, locale_id: int) -> str:
    return str(category) if category.locale_id == locale_id else f"{category} ({category.locale})"
