"""The sample's pages: drafts first, so that all may link to all, then text and publication."""

from django.utils.dateparse import parse_datetime
from wagtail.models import Page

from cms.sample.content_files import HOME_KEY, SOURCE_LOCALE, PageEntry
from cms.sample.page_fields import PAGE_MODELS, fill_plain_fields, fill_references
from cms.sample.registry import Registry


def create_drafts(registry: Registry, entries: list[PageEntry]) -> list[tuple[Page, PageEntry]]:
    """Register every page, creating those that are missing; answer the new ones.

    Those that exist are left as they are.
    """
    drafts = []
    for entry in entries:
        page = _find(registry, entry)
        if page is None:
            page = _create_draft(registry, entry)
            drafts.append((page, entry))
            registry.count("pages" if entry.locale == SOURCE_LOCALE else "translations")
        registry.pages[entry.key, entry.locale] = page
        registry.advance(f"draft: {entry.data['title']}")
    return drafts


def publish_drafts(registry: Registry, drafts: list[tuple[Page, PageEntry]]) -> None:
    """Fill the new pages and publish them by Wagtail's own action."""
    for page, entry in drafts:
        fill_references(page, entry, registry)
        page.save_revision(clean=True).publish()
        registry.advance(f"published: {entry.data['title']}")


def _find(registry: Registry, entry: PageEntry) -> Page | None:
    """The page, wherever it has been moved to; else one of its name in its place."""
    model = PAGE_MODELS[entry.type]
    locale = registry.locales[entry.locale]
    found = model.objects.filter(translation_key=entry.translation_key, locale=locale).first()
    if found is None and entry.key != HOME_KEY:
        parent = registry.page(entry.parent_key, entry.locale)
        found = model.objects.child_of(parent).filter(slug=entry.slug).first()
    return found


def _create_draft(registry: Registry, entry: PageEntry) -> Page:
    """An unpublished page with its plain fields; a translation begins as a copy, as in the admin."""
    if entry.locale == SOURCE_LOCALE:
        page = PAGE_MODELS[entry.type](
            locale=registry.locales[entry.locale],
            translation_key=entry.translation_key,
            live=False,
            has_unpublished_changes=True,
        )
    else:
        source = registry.pages[entry.key, SOURCE_LOCALE]
        page = source.specific.copy_for_translation(registry.locales[entry.locale])
    fill_plain_fields(page, entry)
    page.draft_title = page.title
    page.first_published_at = parse_datetime(entry.data["published_at"])
    if page.pk:
        page.save()
    elif entry.key == HOME_KEY:
        Page.get_first_root_node().add_child(instance=page)
    else:
        registry.pages[entry.parent_key, entry.locale].add_child(instance=page)
    return page
