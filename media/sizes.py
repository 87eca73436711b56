"""Every size in which an image is ever kept: no request and no template can ask for another."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class PublicSize:
    """A width in pixels and a format; an image is never enlarged to it."""

    width: int
    format: str

    @property
    def spec(self) -> str:
        """The same in Wagtail's words, which name the rendition's row."""
        return f"width-{self.width}|format-{self.format}"


WIDTHS: Final = (320, 640, 960, 1280, 1920)
FALLBACK_WIDTH: Final = 1280

# For a reader without WebP, and for other sites that show a link with its picture.
FALLBACK_FORMATS: Final = {
    "avif": "webp",
    "gif": "png",
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
}

PUBLIC_SIZES: Final = frozenset(
    [PublicSize(width, "webp") for width in WIDTHS]
    + [PublicSize(FALLBACK_WIDTH, chosen) for chosen in FALLBACK_FORMATS.values()]
)

# What the pages of Wagtail's admin show: lists, choosers, comparisons, the editor's previews.
ADMIN_SPECS: Final = frozenset(
    {
        "fill-600x338",
        "max-150x150",
        "max-165x165",
        "max-320x200",
        "max-400x400",
        "max-800x600",
        "width-500",
        "width-800",
    }
)
