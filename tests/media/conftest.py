import pytest
from django.core.cache import cache

from tests.people import admin, colleague, editor, editorial_setup, moderator, stranger

__all__ = ["admin", "colleague", "editor", "editorial_setup", "moderator", "stranger"]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Wagtail remembers renditions by the image's key, and tests use the same keys again."""
    cache.clear()
