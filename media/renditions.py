"""What the public is told of an image, and the files that go with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from media.models import CustomImage, CustomRendition
from media.rendition_files import make_renditions
from media.sizes import FALLBACK_FORMATS, FALLBACK_WIDTH, PUBLIC_SIZES, WIDTHS, PublicSize
from media.storages import IMAGE_TYPES, extension_of


@dataclass(frozen=True, slots=True)
class ImageSource:
    """One size of an image: what a `srcset` needs to know."""

    url: str
    width: int
    height: int
    type: str


@dataclass(frozen=True, slots=True)
class ImageDescription:
    """An image as the public sees it. `focal_point` is (x, y) in fractions of width and height."""

    title: str
    alt: str
    credit: str
    width: int
    height: int
    focal_point: tuple[float, float] | None
    src: ImageSource
    sources: tuple[ImageSource, ...]


def describe_image(image: CustomImage) -> ImageDescription:
    """`describe_images` for one."""
    return describe_images([image])[0]


def describe_images(images: Sequence[CustomImage]) -> list[ImageDescription]:
    """The descriptions, in the order of `images`: one query, then what is missing is made.

    Sizes are whole pictures, so a new focal point changes no file and no address; a new original
    changes them all. Making a rendition reads and decodes the original: call this where content is published,
    never where it is read. A second call makes nothing. Raises `SourceImageIOError` when an
    original is gone.
    """
    found: dict[tuple[int, str], CustomRendition] = {}
    specs = [size.spec for size in PUBLIC_SIZES]
    for row in CustomRendition.objects.filter(image__in=images, filter_spec__in=specs):
        found[row.image_id, row.filter_spec] = row
    return [_describe(image, found) for image in images]


def _describe(
    image: CustomImage, found: dict[tuple[int, str], CustomRendition]
) -> ImageDescription:
    fallback, scaled = _sizes_of(image)
    missing = {size for size in (fallback, *scaled) if (image.pk, size.spec) not in found}
    if missing:
        made = make_renditions(image, missing)
        found |= {(image.pk, row.filter_spec): row for row in made}
    sources = [_source(found[image.pk, size.spec]) for size in scaled]
    return ImageDescription(
        title=image.title,
        alt=image.description,
        credit=image.credit,
        width=image.width,
        height=image.height,
        focal_point=_focal_point(image),
        src=_source(found[image.pk, fallback.spec]),
        sources=tuple(sources),
    )


def _sizes_of(image: CustomImage) -> tuple[PublicSize, list[PublicSize]]:
    """The fallback; the widths below the original's and the next one, which keeps its own size."""
    widths = [width for width in WIDTHS if width < image.width]
    widths += WIDTHS[len(widths) : len(widths) + 1]
    chosen = FALLBACK_FORMATS.get(extension_of(image.file.name), "png")
    return PublicSize(FALLBACK_WIDTH, chosen), [PublicSize(width, "webp") for width in widths]


def _source(rendition: CustomRendition) -> ImageSource:
    return ImageSource(
        url=rendition.url,
        width=rendition.width,
        height=rendition.height,
        type=IMAGE_TYPES[extension_of(rendition.file.name)],
    )


def _focal_point(image: CustomImage) -> tuple[float, float] | None:
    if image.focal_point_x is None or image.focal_point_y is None:
        return None
    x, y = image.focal_point_x / image.width, image.focal_point_y / image.height
    return (round(min(x, 1.0), 4), round(min(y, 1.0), 4))
