"""Which website a page is on, and at what path.

Wagtail keeps the same knowledge in a cache for an hour; a document's path must be right at
the moment of the edit that changes it, so this asks the database, once for a whole batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection
from wagtail.models import Locale, Page, PageViewRestriction, Site

_ROOT: Final = 1
_RESTRICTED: Final = 2
_LANGUAGE: Final = 3
# A root whose locale is that of its site has no prefix. Where two sites have the same top page,
# the one that comes first in Wagtail's own order has the pages.
_MAP: Final = f"""
SELECT {_ROOT}, s.id, p.url_path, CASE WHEN p.locale_id <> r.locale_id THEN p.locale_id END,
       LOWER(CASE s.site_name WHEN '' THEN s.hostname ELSE s.site_name END) AS name,
       LOWER(s.hostname) AS host, p.path
  FROM {Site._meta.db_table} s
  JOIN {Page._meta.db_table} r ON r.id = s.root_page_id
  JOIN {Page._meta.db_table} p ON p.translation_key = r.translation_key
UNION ALL
SELECT {_RESTRICTED}, 0, p.path, NULL, '', '', p.path
  FROM {PageViewRestriction._meta.db_table} v JOIN {Page._meta.db_table} p ON p.id = v.page_id
UNION ALL
SELECT {_LANGUAGE}, l.id, l.language_code, NULL, '', '', '' FROM {Locale._meta.db_table} l
ORDER BY name, host, path
"""  # noqa: S608 - names of tables


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
    language_codes: Mapping[int, str]
    """By the keys of Wagtail's locales."""

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

    def is_top(self, page: Page) -> bool:
        """Whether the page is on a website and the one above it is on none."""
        above = page.url_path.removesuffix("/").rpartition("/")[0] + "/"
        return not any(above.startswith(root.url_path) for root in self.roots)

    def is_restricted(self, page: Page) -> bool:
        """Whether the page or one above it is for certain people only."""
        return page.path.startswith(self.restricted_paths)


def read_site_map() -> SiteMap:
    """The map as the database has it now. Costs one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MAP)
        rows = cursor.fetchall()
    names = {key: text for kind, key, text, *_ in rows if kind == _LANGUAGE}
    return SiteMap(
        roots=tuple(
            SiteRoot(key, text, f"/{names[locale]}" if locale else "")
            for kind, key, text, locale, *_ in rows
            if kind == _ROOT
        ),
        restricted_paths=tuple(text for kind, _, text, *_ in rows if kind == _RESTRICTED),
        language_codes=names,
    )
