"""Custom fields (postmeta): those of WordPress itself, those that have a place here, all others."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from cms.importing.content import Change, Note
from cms.importing.sources.wordpress.markup import shorten, words
from cms.importing.sources.wordpress.records import RawItem

_INTERNAL: Final = re.compile(
    r"^(?:_edit_(?:last|lock)|_thumbnail_id|_wp_page_template|_wp_old_slug|_wp_old_date|_wp_attach.*"
    r"|_wp_trash_.*|_wp_desired_post_slug|_wp_suggested_.*|_menu_item_.*|_oembed_.*|_publicize_.*"
    r"|_pingme|_encloseme|_attachment_original_parent_id|_wpas_.*|_rest_api_.*|_jetpack_.*|footnotes"
    r"|_wp_ignored_hooked_blocks|_wp_convert_.*|_yoast_wpseo_.*|rank_math_.*|_aioseo_.*|_aioseop_.*"
    r"|geo_public|_g_feedback_.*|_elementor_.*(?:css|version).*)$"
)
_SEO_TITLES: Final = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_aioseop_title")
_SEO_DESCRIPTIONS: Final = (
    "_yoast_wpseo_metadesc",
    "rank_math_description",
    "_aioseo_description",
    "_aioseop_description",
)
_VARIABLE: Final = re.compile(r"%%?\w+%?%|#\w+")
_MAX_TITLE: Final = 255
_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What a plug-in told search engines of an item."""

    title: str
    description: str
    noindex: bool


def read_search_words(item: RawItem) -> SearchWords:
    """Title, description and noindex of Yoast, Rank Math or All in One SEO."""
    robots = item.meta_value("_yoast_wpseo_meta-robots-noindex") == "1"
    return SearchWords(
        title=_plain(item, _SEO_TITLES),
        description=_plain(item, _SEO_DESCRIPTIONS),
        noindex=robots or "noindex" in item.meta_value("rank_math_robots"),
    )


def _plain(item: RawItem, keys: tuple[str, ...]) -> str:
    """The first of these fields that is a text, and no template such as `%%title%% %%sep%%`."""
    for key in keys:
        text = words(item.meta_value(key))
        if text and not _VARIABLE.search(text):
            return shorten(text, _MAX_TITLE)
    return ""


def note_custom_fields(item: RawItem) -> list[Note]:
    """Names the fields that have no place here, so that nobody loses them unawares."""
    others = Counter(key for key, value in item.meta if not _INTERNAL.match(key) and value.strip())
    notes = []
    enclosures = others.pop("enclosure", 0)
    if enclosures:
        addresses = [value.split("\n")[0].strip() for key, value in item.meta if key == "enclosure"]
        message = f"Files that feeds offered with it (enclosures): {', '.join(addresses)[:500]}"
        notes.append(Note(Change.DROPPED, "enclosure", message))
    if others:
        names = [f"{key} ({count})" if count > 1 else key for key, count in sorted(others.items())]
        listed = ", ".join(name[:60] for name in names[:_LISTED])
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        message = f"Custom fields without a place here: {listed}{more}."
        notes.append(Note(Change.DROPPED, "custom-fields", message))
    return notes
