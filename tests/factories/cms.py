"""Websites and pages for tests, made through Wagtail's own calls."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image as PillowImage
from wagtail.models import Locale, Page, Site

from cms.models import (
    BlogIndexPage,
    BlogPostAuthor,
    BlogPostPage,
    HomePage,
    ProfileIndexPage,
    ProfilePage,
    ServiceIndexPage,
    ServicePage,
    StandardPage,
)
from media.interface import CustomDocument, CustomImage


def make_image(
    title: str = "A picture", *, width: int = 640, height: int = 360, **fields: Any
) -> CustomImage:
    """Stores a small PNG of one colour, so that its sizes cost little."""
    data = BytesIO()
    PillowImage.new("RGB", (width, height), (30, 90, 120)).save(data, "PNG")
    file = ImageFile(BytesIO(data.getvalue()), name="picture.png")
    return CustomImage.objects.create(title=title, file=file, **fields)


def make_file(title: str = "Price list") -> CustomDocument:
    """Stores a small text file."""
    document = CustomDocument(title=title)
    document.file.save("prices.txt", ContentFile(b"one, two, three\n"), save=False)
    document.save()
    return document


class Website:
    """A website with its index pages, published."""

    def __init__(
        self, hostname: str = "localhost", *, slug: str = "site", is_default: bool = True
    ) -> None:
        self.english, _ = Locale.objects.get_or_create(language_code="en")
        # A test with real transactions ends by emptying the tables, the root of the tree included.
        self.root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
        self.french, _ = Locale.objects.get_or_create(language_code="fr")
        self.home = self.add(self.root, HomePage(title="Home", slug=slug, intro="Welcome."))
        Site.objects.filter(is_default_site=True).exclude(hostname=hostname).update(
            is_default_site=not is_default
        )
        self.site, _ = Site.objects.update_or_create(
            hostname=hostname,
            port=80,
            defaults={"root_page": self.home, "is_default_site": is_default, "site_name": "Test"},
        )
        self.blog = self.add(self.home, BlogIndexPage(title="Blog", slug="blog"))
        self.services = self.add(self.home, ServiceIndexPage(title="Services", slug="services"))
        self.people = self.add(self.home, ProfileIndexPage(title="People", slug="people"))

    def add(self, parent: Page, page: Page, *, is_published: bool = True) -> Any:
        """Adds a page below another; publishes it unless told not to."""
        page.live = False
        parent.refresh_from_db()
        parent.add_child(instance=page)
        revision = page.save_revision()
        if is_published:
            revision.publish()
            page.refresh_from_db()
        return page

    def post(
        self, title: str = "Hello", *, is_published: bool = True, **fields: Any
    ) -> BlogPostPage:
        """Adds a post; `authors` and `tags` as lists."""
        authors, tags = fields.pop("authors", []), fields.pop("tags", [])
        page = BlogPostPage(title=title, **fields)
        page.post_authors = [
            BlogPostAuthor(profile=author, sort_order=i) for i, author in enumerate(authors)
        ]
        page.tags.add(*tags)
        return self.add(self.blog, page, is_published=is_published)

    def profile(self, title: str = "Ada Lovelace", **fields: Any) -> ProfilePage:
        """Adds a person."""
        return self.add(self.people, ProfilePage(title=title, **fields))

    def service(self, title: str = "Editing", **fields: Any) -> ServicePage:
        """Adds a service."""
        fields = {"price": Decimal(480), "currency": "EUR"} | fields
        return self.add(self.services, ServicePage(title=title, **fields))

    def standard(
        self, title: str = "About", *, is_published: bool = True, **fields: Any
    ) -> StandardPage:
        """Adds a page of text below the home page."""
        return self.add(self.home, StandardPage(title=title, **fields), is_published=is_published)


def edit(page: Page, **fields: Any) -> Any:
    """Changes fields of a page and publishes it, as an editor does."""
    fresh = page.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(fresh, name, value)
    fresh.save_revision().publish()
    page.refresh_from_db()
    return page
