"""Reads the sample's texts: plain JSON, one file per page, links and pictures by key.

A page's key is its path below the English home page, such as `blog/tables-for-people`. A
French file bears the key of the page that it translates and holds only what differs.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

CONTENT: Final = Path(__file__).parent / "content"
HOME_KEY: Final = "home"
SOURCE_LOCALE: Final = "en"
TARGET_LOCALE: Final = "fr"

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://marginalia.example/")
# What others point at comes first: profiles before the posts they wrote, posts before services.
_TYPE_ORDER: Final = (
    "home",
    "standard",
    "blog_index",
    "service_index",
    "profile_index",
    "profile",
    "blog_post",
    "service",
)


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page in one language, as its file describes it."""

    key: str
    locale: str
    type: str
    slug: str
    data: dict[str, Any]

    @property
    def parent_key(self) -> str:
        """The key of the page above; the home page is above all that have no slash."""
        return self.key.rpartition("/")[0] or HOME_KEY

    @property
    def translation_key(self) -> UUID:
        """Shared by the languages of a page, and the same wherever the sample is loaded."""
        return stable_uuid(self.key)


def stable_uuid(name: str) -> UUID:
    """The identifier that the sample gives to a name, on every installation the same."""
    return uuid5(_NAMESPACE, name)


def read_json(name: str) -> Any:
    """The content of a file in the content folder."""
    return json.loads((CONTENT / name).read_text(encoding="utf-8"))


def read_pages() -> list[PageEntry]:
    """Every English page, parents and the pages that others point at first."""
    entries = [_entry(data) for data in _read_folder(SOURCE_LOCALE)]
    return sorted(
        entries,
        key=lambda entry: (_TYPE_ORDER.index(entry.type), entry.data["published_at"], entry.key),
    )


def read_translations(sources: list[PageEntry]) -> list[PageEntry]:
    """The French pages in the order of `sources`; what a file leaves out is as in English."""
    translations = {data["key"]: data for data in _read_folder(TARGET_LOCALE)}
    return [
        _entry({**source.data, **translations[source.key]})
        for source in sources
        if source.key in translations
    ]


def _read_folder(locale: str) -> list[dict[str, Any]]:
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((CONTENT / locale).rglob("*.json"))
    ]


def _entry(data: dict[str, Any]) -> PageEntry:
    return PageEntry(
        key=data["key"],
        locale=data["locale"],
        type=data.get("type", "blog_post"),
        slug=data["slug"],
        data=data,
    )
