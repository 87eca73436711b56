"""A website's settings, menus and banners to documents, one for each of its languages."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid5

from wagtail.models import Locale, Page, Site

from cms.document_builders.context import DocumentContext, source_of
from cms.models import Banner, NavigationMenu, SiteSettings
from delivery.interface import (
    DeliverySite,
    DocumentState,
    clean_text,
    document_id_for,
)


def read_site_locales(site: Site) -> list[Locale]:
    """The languages in which the website has a home page that is live; its own comes first."""
    own = site.root_page.locale_id
    homes = Page.objects.filter(
        translation_key=site.root_page.translation_key, live=True
    ).select_related("locale")
    locales = {home.locale_id: home.locale for home in homes}
    locales.setdefault(own, site.root_page.locale)
    return sorted(locales.values(), key=lambda item: (item.pk != own, item.language_code))


def describe_site(site: Site, settings: SiteSettings, locales: Iterable[Locale]) -> DeliverySite:
    """The row by which a request finds its website."""
    codes = [locale.language_code for locale in locales]
    default = settings.default_locale or site.root_page.locale
    return DeliverySite(
        id=site.pk,
        hostname=site.hostname.lower(),
        port=site.port,
        is_default=site.is_default_site,
        default_locale=default.language_code if default.language_code in codes else codes[0],
        locales=codes,
    )


def build_site_document(
    site: Site, settings: SiteSettings, row: DeliverySite, locale: Locale, names: Mapping[str, str]
) -> tuple[DocumentState, DocumentContext]:
    """The document of a website in one language, and what it refers to. Costs two queries."""
    context = DocumentContext(site.pk)
    code = locale.language_code
    brand = clean_text(settings.brand_name or site.site_name)
    title = brand or site.hostname
    head = _head(site, settings, row, names, context)
    content = {
        "navigation": _navigation(site, locale, context),
        "banners": _banners(site, locale, context),
    }
    state = DocumentState(
        id=document_id_for("site", code, site_id=site.pk),
        source=source_of("site", site.pk),
        site_id=site.pk,
        type="site",
        locale=code,
        translation_key=uuid5(document_id_for("site", "", site_id=site.pk), "translations"),
        slug=f"site-{site.pk}",
        path="",
        title=title,
        published_at=None,
        updated_at=None,
        revision=None,
        head=head,
        content=content,
        references=context.references(),
    )
    return state, context


def _head(
    site: Site,
    settings: SiteSettings,
    row: DeliverySite,
    names: Mapping[str, str],
    context: DocumentContext,
) -> dict[str, Any]:
    """The light fields: brand, defaults, languages."""
    brand = clean_text(settings.brand_name or site.site_name)
    title = brand or site.hostname
    own = site.root_page.locale.language_code
    return {
        "summary": clean_text(settings.tagline),
        "seo": {
            "title": title,
            "description": clean_text(settings.seo_description),
            "social_title": title,
            "social_description": clean_text(settings.seo_description),
            "image": context.refer_image("seo.image", settings.seo_image_id),
            "canonical_url": None,
            "noindex": False,
        },
        "brand": {"name": brand, "tagline": clean_text(settings.tagline)},
        "defaults": {
            "title_suffix": clean_text(settings.seo_title_suffix),
            "description": clean_text(settings.seo_description),
        },
        "social_links": [
            {"label": clean_text(child.value["label"]), "url": child.value["url"]}
            for child in settings.social_links
        ],
        "default_locale": row.default_locale,
        "locales": [
            {
                "code": item,
                "name": names.get(item, item),
                "path": "/" if item == own else f"/{item}/",
            }
            for item in row.locales
        ],
        "logo": context.refer_image("logo", settings.logo_id),
        "default_image": context.refer_image("default_image", settings.seo_image_id),
    }


def _navigation(site: Site, locale: Locale, context: DocumentContext) -> dict[str, Any]:
    context.field_name = "navigation"
    menus = NavigationMenu.objects.filter(site=site, locale=locale).order_by("name")
    return {
        menu.name: [child.block.to_delivery(child.value, context) for child in menu.items]
        for menu in menus
    }


def _banners(site: Site, locale: Locale, context: DocumentContext) -> list[dict[str, Any]]:
    banners = Banner.objects.filter(site=site, locale=locale, live=True).order_by("pk")
    return [
        {
            "text": clean_text(banner.text),
            "kind": banner.kind,
            "link": _banner_link(banner, context),
        }
        for banner in banners
    ]


def _banner_link(banner: Banner, context: DocumentContext) -> dict[str, Any] | None:
    if banner.link_page_id is None and not banner.link_url:
        return None
    context.field_name = "banners"
    page = None if banner.link_page_id is None else context.page_by_key(banner.link_page_id)
    return {"label": clean_text(banner.link_label), "page": page, "url": banner.link_url or None}
