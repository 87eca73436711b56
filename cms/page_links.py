"""Links in rich text that lead to a place on a page: `<a linktype="page" id="3" fragment="x">`.

Wagtail's own links to pages name the page alone. Here the place is kept by the editor's
conversions, shown in previews, and given to the public as `/path/#x`. A link that an editor
points at another page loses it, as it must.
"""

import html
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from draftjs_exporter.types import Element
from wagtail.admin.rich_text.converters.contentstate import link_entity
from wagtail.admin.rich_text.converters.html_to_contentstate import (
    ExternalLinkElementHandler,
    PageLinkElementHandler,
)
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.rich_text.pages import PageLinkHandler

_FEATURE: Final = "link"
_KEPT: Final = "fragment"
_UNQUOTED: Final = "!$'()*+,;=:@/?-._~"


def fragment_end(attributes: Mapping[str, str]) -> str:
    """The end of a link's address that names the place, fit for an HTML attribute; may be empty."""
    fragment = attributes.get(_KEPT, "")
    return html.escape(f"#{quote(fragment, safe=_UNQUOTED)}") if fragment else ""


class PlaceLinkHandler(PageLinkHandler):
    """Shows such links in previews."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        """As Wagtail's own; a link to a page that is gone has no address, and so no place."""
        opened = super().expand_db_attributes_many(attrs_list)
        return [
            tag.removesuffix('">') + fragment_end(attributes) + '">' if tag.endswith('">') else tag
            for tag, attributes in zip(opened, attrs_list, strict=True)
        ]


class _PlaceLinkElementHandler(PageLinkElementHandler):
    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, Any]:
        data: dict[str, Any] = super().get_attribute_data(attrs)
        if fragment := attrs.get(_KEPT):
            data[_KEPT] = fragment
        return data


def _place_link_entity(props: dict[str, Any]) -> Element:
    fragment = props.get(_KEPT)
    element = link_entity(props)
    if fragment and props.get("id") is not None:
        element.attr[_KEPT] = fragment
    return element


def keep_link_places(features: FeatureRegistry) -> None:
    """Teaches the editor and the previews; after Wagtail has registered its own."""
    features.register_link_type(PlaceLinkHandler)
    features.register_converter_rule(
        "contentstate",
        _FEATURE,
        {
            "from_database_format": {
                "a[href]": ExternalLinkElementHandler("LINK"),
                'a[linktype="page"]': _PlaceLinkElementHandler("LINK"),
            },
            "to_database_format": {"entity_decorators": {"LINK": _place_link_entity}},
        },
    )
    # What the editor lets through when words are copied from one place to another.
    data = features.plugins_by_editor["draftail"][_FEATURE].data
    if _KEPT not in data["attributes"]:
        data["attributes"] = [*data["attributes"], _KEPT]
