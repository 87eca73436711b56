"""The block editor's own blocks by what is done with them."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final = frozenset(
    {
        *("paragraph", "heading", "list", "list-item", "quote", "code", "preformatted", "table"),
        *("separator", "html", "subhead", "text-columns", "math"),
    }
)
"""HTML that stands for itself."""

LAYOUTS: Final = frozenset(
    {
        *("group", "row", "stack", "grid", "columns", "column", "section"),
        *("accordion", "accordion-item", "accordion-panel", "accordion-heading"),
        *("tabs", "tab", "buttons-group"),
    }
)
"""Boxes around other blocks."""

BUILT_BY_WEBSITE: Final = frozenset(
    {
        *("archives", "calendar", "categories", "latest-posts", "latest-comments", "page-list"),
        *("rss", "search", "tag-cloud", "query", "loginout", "navigation", "navigation-link"),
        *("navigation-submenu", "home-link", "avatar", "read-more", "term-description"),
        *("template-part", "page-list-item", "legacy-widget", "widget-group", "terms-query"),
        *("breadcrumbs", "time-to-read", "icon"),
    }
)
"""Filled by WordPress when it shows the page, as are all named `post-…`, `comment…`, `query…`, `site-…`."""

MARKERS: Final[Mapping[str, str]] = {
    "spacer": "",
    "more": "",
    "nextpage": "The text had several pages; it is one now.",
}
"""Blocks without content, and what to say of them. Empty space is layout, which needs no note."""
