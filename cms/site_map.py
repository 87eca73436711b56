"""Which website a page is on, and at what path.

Wagtail keeps the same knowledge in a cache for an hour; a document's path must be right at
the moment of the edit that changes it, so this asks the database, once for a whole batch.
"""

from dataclasses import dataclass

from wagtail.models import Page, PageViewRestriction, Site


@dataclass(frozen=True, slots=True)
class SiteRoot:
    """The top page of a website in one language."""

    site_id: int
    url_path: str
    prefix: str


@dataclass(frozen=True, slots=True)
class SiteMap:
    """The roots of all websites, and the places in the tree that visitors may not see."""

    roots: tuple[SiteRoot, ...]
    restricted_paths: tuple[str, ...]

    def locate(self, page: Page) -> tuple[int, str] | None:
        """The site's id and the path there, such as (1, "/fr/blog/bonjour/").

        The site's own language has no prefix; others begin with their code. A page above or
        beside every site root is nowhere: None. Where roots are nested, the inner one wins.
        """
        inside = [root for root in self.roots if page.url_path.startswith(root.url_path)]
        if not inside:
            return None
        root = max(inside, key=lambda item: len(item.url_path))
        return root.site_id, f"{root.prefix}/{page.url_path[len(root.url_path) :]}"

    def is_restricted(self, page: Page) -> bool:
        """Whether the page or one above it is for certain people only."""
        return page.path.startswith(self.restricted_paths)


def read_site_map() -> SiteMap:
    """The map as the database has it now. Costs three queries."""
    sites = list(Site.objects.select_related("root_page", "root_page__locale"))
    translations = Page.objects.filter(
        translation_key__in=[site.root_page.translation_key for site in sites]
    ).select_related("locale")
    by_key: dict[object, list[Page]] = {}
    for page in translations:
        by_key.setdefault(page.translation_key, []).append(page)
    roots = [
        SiteRoot(
            site_id=site.pk,
            url_path=page.url_path,
            prefix=""
            if page.locale_id == site.root_page.locale_id
            else f"/{page.locale.language_code}",
        )
        for site in sites
        for page in by_key[site.root_page.translation_key]
    ]
    restricted = PageViewRestriction.objects.values_list("page__path", flat=True)
    return SiteMap(roots=tuple(roots), restricted_paths=tuple(restricted))
