"""Where in the tree a page may lie."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from wagtail.models import Locale, Page

from cms.importing.content import Change, ItemKind
from cms.importing.context import RunContext
from cms.importing.resolve import ItemNotes
from cms.importing.scratch import Spooled
from cms.site_map import SiteMap

_PAGE_PARENTS: Final = frozenset({"homepage", "standardpage"})
BLOG: Final = "blogindexpage"
PEOPLE: Final = "profileindexpage"
_TOP_DEPTH: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A page as a parent. `path` is empty for one that a rehearsal would have made."""

    pk: int
    path: str
    url_path: str
    depth: int
    locale_id: int
    model: str
    is_hidden: bool
    """Whether it, or a page above it, is for certain people only."""


def place_of_page(page: Page, site_map: SiteMap) -> Place:
    """The place that a page of the database is."""
    return Place(
        pk=page.pk,
        path=page.path,
        url_path=page.url_path,
        depth=page.depth,
        locale_id=page.locale_id,
        model=page.cached_content_type.model,
        is_hidden=site_map.is_restricted(page),
    )


class Places:
    """Finds the parents of the items of one batch, as the database has them now."""

    def __init__(self, run: RunContext, site_map: SiteMap) -> None:
        self._run = run
        self._site_map = site_map
        self._pages: dict[int, Place] = {}
        self._anchors: dict[int, Page] = {}
        self._tops: dict[int, Place] = {}
        self._indexes: dict[tuple[str, int], Place] = {}

    def parent_of(self, spooled: Spooled, notes: ItemNotes) -> Place | None:
        """The page below which an item goes.

        None where that is an index that does not exist yet: `missing_index` says which.
        """
        kind = spooled.item.kind
        locale = self.locale_of(spooled, notes)
        if kind is ItemKind.PROFILE:
            return self._index(PEOPLE, locale)
        if kind is ItemKind.POST:
            return self._blog_above(spooled) or self._index(BLOG, locale)
        key = spooled.parent
        while key is not None:
            place = self._of_item(key)
            if place is not None and place.model in _PAGE_PARENTS:
                return place
            if place is not None:
                message = "It lay below a blog, which takes posts only; it went beside the blog."
                notes.add(Change.CHANGED, "place-changed", message)
            else:
                message = "What it lay below is not here; it went one level up."
                notes.add(Change.CHANGED, "parent-missing", message)
            key = self._parent_key(key)
        return self.top(locale)

    def locale_of(self, spooled: Spooled, notes: ItemNotes) -> Locale:
        """The item's language, as far as the website has it."""
        code = spooled.item.locale
        locale = self._run.locale(code)
        if locale is None or (locale.pk != self._run.home.locale_id and not self._has_top(locale)):
            message = f"The website has no pages in the language “{code}”; it went to the others."
            notes.add(Change.CHANGED, "language-missing", message)
            locale = self._run.home.locale
        return locale

    def top(self, locale: Locale) -> Place:
        """The page below which pages and sections of that language go."""
        if locale.pk not in self._tops:
            page = self._anchor(locale)
            while page.cached_content_type.model not in _PAGE_PARENTS and page.depth > _TOP_DEPTH:
                page = page.get_parent()
            self._tops[locale.pk] = place_of_page(page, self._site_map)
        return self._tops[locale.pk]

    def missing_index(self, items: Iterable[Spooled]) -> list[tuple[str, Locale]]:
        """The indexes that these items need and that are not there, by model and language."""
        missing: dict[tuple[str, int], tuple[str, Locale]] = {}
        for spooled in items:
            if spooled.item.kind not in {ItemKind.POST, ItemKind.PROFILE}:
                continue
            notes = ItemNotes()
            if self.parent_of(spooled, notes) is None:
                model = BLOG if spooled.item.kind is ItemKind.POST else PEOPLE
                locale = self.locale_of(spooled, notes)
                missing[model, locale.pk] = (model, locale)
        return list(missing.values())

    def _has_top(self, locale: Locale) -> bool:
        return bool(
            Page.objects.filter(translation_key=self._run.home.translation_key, locale=locale)
        )

    def _anchor(self, locale: Locale) -> Page:
        """What the person named, in that language; else the home page in that language."""
        if locale.pk not in self._anchors:
            named = [page for page in (self._run.options.parent, self._run.home) if page]
            found = {
                page.translation_key: page
                for page in Page.objects.filter(
                    translation_key__in=[page.translation_key for page in named], locale=locale
                )
            }
            keys = [page.translation_key for page in named if page.translation_key in found]
            self._anchors[locale.pk] = found[keys[0]] if keys else self._run.home
        return self._anchors[locale.pk]

    def _blog_above(self, spooled: Spooled) -> Place | None:
        key = spooled.parent
        while key is not None:
            place = self._of_item(key)
            if place is not None and place.model == BLOG:
                return place
            key = self._parent_key(key)
        return None

    def _index(self, model: str, locale: Locale) -> Place | None:
        """The one that the importer made, else the first below the place that was named."""
        if (model, locale.pk) not in self._indexes:
            found = self._of_item(index_key(model, locale)) or self._find_index(model, locale)
            if found is None:
                return None
            self._indexes[model, locale.pk] = found
        return self._indexes[model, locale.pk]

    def _find_index(self, model: str, locale: Locale) -> Place | None:
        anchor = self._anchor(locale)
        if anchor.cached_content_type.model == model:
            return place_of_page(anchor, self._site_map)
        of_kind = Page.objects.filter(
            content_type__app_label="cms", content_type__model=model, locale=locale
        ).order_by("depth", "path")
        found = of_kind.child_of(anchor).first()
        if found is None and self._run.options.parent is None:
            found = of_kind.descendant_of(anchor).first()
        return None if found is None else place_of_page(found, self._site_map)

    def _of_item(self, key: str) -> Place | None:
        target = self._run.scratch.target_of(key)
        if target is None or target[0] != "page":
            return None
        pk = target[1]
        if pk not in self._pages:
            if pk < 0:
                self._pages[pk] = load_place(self._run, key)
            else:
                page = Page.objects.filter(pk=pk).first()
                if page is None:
                    return None
                self._pages[pk] = place_of_page(page, self._site_map)
        return self._pages[pk]

    def _parent_key(self, key: str) -> str | None:
        row = self._run.scratch.db.execute(
            "SELECT parent FROM items WHERE key = ?", (key,)
        ).fetchone()
        return row[0] if row else None


def index_key(model: str, locale: Locale) -> str:
    """How the importer remembers an index that it made by itself."""
    return f"galley:{model}:{locale.language_code}"


def save_place(run: RunContext, key: str, place: Place) -> None:
    """Remembers a page that a rehearsal would have made."""
    run.scratch.db.execute(
        "INSERT OR REPLACE INTO places VALUES (?, ?)", (key, json.dumps(asdict(place)))
    )


def load_place(run: RunContext, key: str) -> Place:
    """The page of `save_place`."""
    row = run.scratch.db.execute("SELECT data FROM places WHERE key = ?", (key,)).fetchone()
    return Place(**json.loads(row[0]))
