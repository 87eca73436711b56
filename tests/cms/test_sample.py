"""The sample website is complete, valid and loaded once."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from PIL import Image
from taggit.models import Tag
from wagtail.fields import StreamField
from wagtail.models import Locale, ModelLogEntry, Page, PageLogEntry, Revision, Site

from cms.blocks.body import BodyBlock
from cms.models import (
    Banner,
    BlogPostPage,
    Category,
    HomePage,
    NavigationMenu,
    ProfilePage,
    ServicePage,
    SiteSettings,
    StandardPage,
)
from delivery.models import Document, DocumentVersion
from media.models import CustomDocument, CustomImage
from outbox.models import LedgerEvent

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.usefixtures("first_run"),
]

IN_MEMORY = {
    name: {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    for name in ("default", "renditions")
}
CREATED = (
    "Loaded the sample content: 33 images, 2 documents, 20 categories, 32 pages,"
    " 13 translations, 4 menus, 2 banners, 1 settings.\n"
)
COUNTED = (
    Page,
    Revision,
    PageLogEntry,
    ModelLogEntry,
    LedgerEvent,
    Document,
    DocumentVersion,
    CustomImage,
    CustomDocument,
    Category,
    Tag,
    NavigationMenu,
    Banner,
)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_sample", *arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


@pytest.fixture(scope="module")
def first_run(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Loads the sample once for the module: drawing the pictures takes some seconds."""
    with (
        override_settings(STORAGES=IN_MEMORY | {"staticfiles": IN_MEMORY["default"]}),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield run()
        transaction.set_rollback(True)


def streams(page: Page) -> Iterator[tuple[StreamField, Any]]:
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            yield field, getattr(page, field.name)


def blocks_of(pages: Any, field: str = "body") -> Counter[str]:
    return Counter(child.block_type for page in pages for child in getattr(page, field))


def test_first_run_tells_what_it_made(first_run: str) -> None:
    assert first_run == CREATED


@pytest.mark.parametrize(
    ("model", "english", "french"),
    [
        (HomePage, 1, 1),
        (StandardPage, 3, 1),
        (BlogPostPage, 14, 4),
        (ServicePage, 6, 2),
        (ProfilePage, 5, 2),
        (Category, 10, 10),
        (NavigationMenu, 2, 2),
        (Banner, 1, 1),
    ],
)
def test_counts_by_language(model: Any, english: int, french: int) -> None:
    assert model.objects.filter(locale__language_code="en").count() == english
    assert model.objects.filter(locale__language_code="fr").count() == french


def test_everything_is_published_and_translations_are_linked() -> None:
    assert not Page.objects.filter(depth__gt=1, live=False).exists()
    assert not Page.objects.filter(depth__gt=1, has_unpublished_changes=True).exists()
    english = set(Page.objects.filter(locale__language_code="en").values_list("translation_key"))
    french = Page.objects.filter(locale__language_code="fr")
    assert french.count() == 13
    assert set(french.values_list("translation_key")) <= english
    assert Banner.objects.filter(live=True).count() == 2


def test_documents_arose_by_the_normal_path() -> None:
    documents = Document.objects.values_list("type", "locale")
    assert Counter(documents) == {
        ("blog-indexes", "en"): 1,
        ("blog-indexes", "fr"): 1,
        ("blog-posts", "en"): 14,
        ("blog-posts", "fr"): 4,
        ("categories", "en"): 10,
        ("categories", "fr"): 5,
        ("images", ""): 33,
        ("pages", "en"): 6,
        ("pages", "fr"): 4,
        ("profiles", "en"): 5,
        ("profiles", "fr"): 2,
        ("services", "en"): 6,
        ("services", "fr"): 2,
        ("site", "en"): 1,
        ("site", "fr"): 1,
        ("tags", ""): 16,
    }
    assert LedgerEvent.objects.count() >= Document.objects.count()


def test_the_site_shows_the_sample() -> None:
    site = Site.objects.get()
    assert site.site_name == "Marginalia Studio"
    assert type(site.root_page.specific) is HomePage
    assert [page.slug for page in Page.get_first_root_node().get_children()] == [
        "marginalia",
        "marginalia-fr",
    ]
    settings = SiteSettings.for_site(site)
    assert settings.brand_name == "Marginalia Studio"
    assert settings.default_locale == Locale.objects.get(language_code="en")
    assert len(settings.social_links) == 3


def test_every_block_type_is_used_at_least_twice() -> None:
    used = blocks_of(BlogPostPage.objects.filter(locale__language_code="en"))
    assert set(used) == set(BodyBlock().child_blocks)
    assert min(used.values()) >= 2
    callouts = [
        child.value["kind"]
        for post in BlogPostPage.objects.all()
        for child in post.body.blocks_by_name("callout")
    ]
    assert set(callouts) == {"info", "tip", "warning", "danger"}


def test_every_stream_would_pass_the_editor() -> None:
    cleaned = 0
    for page in Page.objects.filter(depth__gt=1).specific():
        for field, value in streams(page):
            field.stream_block.clean(value)
            cleaned += len(value)
    for menu in NavigationMenu.objects.all():
        menu._meta.get_field("items").stream_block.clean(menu.items)
    assert cleaned == 460


def test_posts_are_whole() -> None:
    for post in BlogPostPage.objects.all():
        assert post.cover_image is not None
        assert post.post_authors.count() >= 1
        assert post.tags.count() >= 2
        assert {category.locale_id for category in post.categories.all()} == {post.locale_id}
        assert post.reading_minutes in {4, 5}
        assert post.first_published_at.date() == post.date
    assert Tag.objects.count() == 16
    dates = BlogPostPage.objects.order_by("date").values_list("date", flat=True)
    assert (str(dates.first()), str(dates.last())) == ("2025-05-15", "2026-10-22")


def test_links_in_a_translation_lead_to_translations() -> None:
    post = BlogPostPage.objects.get(slug="la-marge-est-le-message")
    linked = [
        Page.objects.get(pk=number)
        for child in post.body.blocks_by_name("rich_text")
        for number in re.findall(r'linktype="page" id="(\d+)"', child.value.source)
    ]
    assert [page.url_path for page in linked] == ["/marginalia-fr/services/audit-editorial/"]
    assert [author.profile.url_path for author in post.post_authors.all()] == [
        "/marginalia-fr/equipe/ines-carvalho/",
        "/marginalia/team/aiko-tanabe/",
    ]


def test_services_have_prices_in_three_currencies() -> None:
    prices = ServicePage.objects.filter(locale__language_code="en").values_list(
        "slug", "price", "currency", "billing_unit"
    )
    assert set(prices) == {
        ("editorial-audit", Decimal(2400), "EUR", "once"),
        ("reading-design", Decimal(780), "EUR", "day"),
        ("publishing-site", Decimal(24500), "USD", "once"),
        ("accessibility-review", Decimal(1900), "USD", "once"),
        ("translation-desk", Decimal(85), "EUR", "hour"),
        ("bilingual-typesetting", Decimal(1860000), "JPY", "month"),
    }
    for service in ServicePage.objects.all():
        assert len(service.features) >= 4
        assert len(service.faq) >= 2
        assert service.service_related_posts.count() >= 2


def test_categories_are_nested() -> None:
    for code, top in (
        ("en", ["Craft", "Engineering", "Studio"]),
        ("fr", ["Atelier", "Métier", "Technique"]),
    ):
        categories = Category.objects.filter(locale__language_code=code)
        assert [category.name for category in categories.filter(parent=None)] == top
        wider = categories.exclude(parent=None).values_list("parent__locale__language_code")
        assert set(wider) == {(code,)}


def test_pictures_and_files_are_real() -> None:
    for image in CustomImage.objects.all():
        portrait = "portrait" in image.description
        assert (image.width, image.height) == ((800, 800) if portrait else (1600, 900))
        assert image.description
        assert len(image.file_hash) == 40
    assert CustomImage.objects.exclude(focal_point_x=None).count() == 15
    with default_storage.open(CustomImage.objects.first().file.name) as file:
        Image.open(file).verify()
    pdf = CustomDocument.objects.get(title="Editorial checklist")
    data = default_storage.open(pdf.file.name).read()
    assert data.startswith(b"%PDF-1.4\n")
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start : start + 4] == b"xref"
    sizes = CustomDocument.objects.get(title="Paper sizes")
    assert default_storage.open(sizes.file.name).read().count(b"\n") == 10


def test_a_second_run_changes_nothing() -> None:
    before = counts()
    with CaptureQueriesContext(connection) as queries:
        assert run() == "The sample content is loaded already.\n"
    assert len(queries) == 1
    assert run("--restore") == "Loaded the sample content: nothing new.\n"
    assert counts() == before


def test_restore_brings_back_what_was_deleted_and_keeps_what_was_edited() -> None:
    BlogPostPage.objects.get(slug="tables-for-people").delete()
    edited = BlogPostPage.objects.get(slug="captions-before-video")
    edited.title, edited.slug = "Subtitles first", "subtitles-first"
    edited.save_revision().publish()
    pages = Page.objects.count()

    assert run() == "The sample content is loaded already.\n"
    assert Page.objects.count() == pages

    assert run("--restore") == "Loaded the sample content: 1 pages.\n"
    assert Page.objects.count() == pages + 1
    assert BlogPostPage.objects.get(slug="tables-for-people").live
    assert BlogPostPage.objects.get(pk=edited.pk).title == "Subtitles first"
    assert not BlogPostPage.objects.filter(slug="captions-before-video").exists()


def test_refuses_a_site_with_a_home_page_of_its_own() -> None:
    home = Site.objects.get().root_page
    pages = Page.objects.filter(translation_key=home.translation_key)
    pages.update(translation_key=uuid4(), title="Our own")
    before = counts()
    with pytest.raises(CommandError, match="Our own"):
        run()
    assert counts() == before
