"""What has been loaded so far, by the keys that the content files use."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wagtail.models import Locale, Page, Site

from cms.models import Category
from cms.sample.content_files import HOME_KEY, SOURCE_LOCALE
from media.interface import CustomDocument, CustomImage


@dataclass(slots=True)
class Registry:
    """Keys to rows. `advance` is told each step, for a progress bar."""

    site: Site
    locales: dict[str, Locale]
    advance: Callable[[str], None]
    images: dict[str, CustomImage] = field(default_factory=dict)
    documents: dict[str, CustomDocument] = field(default_factory=dict)
    categories: dict[tuple[str, str], Category] = field(default_factory=dict)
    pages: dict[tuple[str, str], Page] = field(default_factory=dict)
    created: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        """Note that one more of a kind has been created."""
        self.created[kind] = self.created.get(kind, 0) + 1

    def page(self, key: str, locale: str) -> Page:
        """A page in the language asked for, or in English where it is not translated."""
        return self.pages.get((key, locale)) or self.pages[key, SOURCE_LOCALE]

    def category(self, slug: str, locale: str) -> Category:
        """A category in a language."""
        return self.categories[slug, locale]

    @property
    def home(self) -> Page:
        """The English home page."""
        return self.pages[HOME_KEY, SOURCE_LOCALE]
