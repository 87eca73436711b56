"""What surrounds the pages: the site itself, categories, menus, banner and settings."""

from typing import Any

from wagtail.models import Locale

from cms.models import Banner, Category, NavigationMenu, SiteSettings
from cms.sample.blocks import BlockResolver
from cms.sample.content_files import SOURCE_LOCALE, TARGET_LOCALE, read_json, stable_uuid
from cms.sample.registry import Registry


def read_locales() -> dict[str, Locale]:
    """The two languages of the sample, made where they are missing."""
    return {
        code: Locale.objects.get_or_create(language_code=code)[0]
        for code in (SOURCE_LOCALE, TARGET_LOCALE)
    }


def take_over_site(registry: Registry) -> None:
    """Put the sample's home page at the root of the default site, and drop the welcome page."""
    site = registry.site
    if site.root_page_id == registry.home.pk:
        return
    welcome = site.root_page
    site.site_name = read_json("site.json")["site_name"]
    site.root_page = registry.home
    site.save()
    if not welcome.is_root():
        welcome.delete()


def load_categories(registry: Registry) -> None:
    """Create the categories that are missing, the wider ones first, in both languages."""
    for entry in read_json("categories.json"):
        slugs = {SOURCE_LOCALE: entry["slug"], TARGET_LOCALE: entry[TARGET_LOCALE]["slug"]}
        for code, slug in slugs.items():
            parent = registry.categories.get((entry["parent"], code))
            category, is_new = Category.objects.get_or_create(
                translation_key=stable_uuid(f"category:{entry['slug']}"),
                locale=registry.locales[code],
                defaults={"slug": slug, "parent": parent, **_words(entry[code])},
            )
            registry.categories[entry["slug"], code] = category
            if is_new:
                registry.count("categories")
        registry.advance(f"category: {entry['slug']}")


def load_menus(registry: Registry) -> None:
    """Create the menus that are missing."""
    menus: dict[str, dict[str, list[dict[str, Any]]]] = read_json("site.json")["menus"]
    block = NavigationMenu._meta.get_field("items").stream_block
    for name, languages in menus.items():
        for code, items in languages.items():
            resolver = BlockResolver(registry, locale=code, name=f"menu:{name}")
            children = [{"type": "item", "value": resolver.link(item)} for item in items]
            _menu, is_new = NavigationMenu.objects.get_or_create(
                site=registry.site,
                name=name,
                locale=registry.locales[code],
                defaults={
                    "translation_key": stable_uuid(f"menu:{name}"),
                    "items": resolver.stream(block, children, "items"),
                },
            )
            if is_new:
                registry.count("menus")


def load_banner(registry: Registry) -> None:
    """Create and publish the banner in both languages, unless it is there."""
    entry = read_json("site.json")["banner"]
    key = stable_uuid("banner")
    for code, locale in registry.locales.items():
        if Banner.objects.filter(translation_key=key, locale=locale).exists():
            continue
        banner = Banner.objects.create(
            site=registry.site,
            locale=locale,
            translation_key=key,
            live=False,
            kind=entry["kind"],
            link_page=registry.page(entry["page"], code),
            **entry[code],
        )
        banner.save_revision().publish()
        registry.count("banners")


def load_settings(registry: Registry) -> None:
    """Fill the settings of the site, unless somebody has named the brand already."""
    settings = SiteSettings.for_site(registry.site)
    if settings.brand_name:
        return
    entry = read_json("site.json")["settings"]
    resolver = BlockResolver(registry, locale=SOURCE_LOCALE, name="settings")
    links = [{"type": "link", "value": link} for link in entry["social_links"]]
    block = SiteSettings._meta.get_field("social_links").stream_block
    settings.brand_name = entry["brand_name"]
    settings.tagline = entry["tagline"]
    settings.seo_title_suffix = entry["seo_title_suffix"]
    settings.seo_description = entry["seo_description"]
    settings.logo = registry.images[entry["logo"]]
    settings.seo_image = registry.images[entry["seo_image"]]
    settings.social_links = resolver.stream(block, links, "social_links")
    settings.default_locale = registry.locales[SOURCE_LOCALE]
    settings.save()
    registry.count("settings")


def _words(entry: dict[str, str]) -> dict[str, str]:
    return {"name": entry["name"], "description": entry["description"]}
