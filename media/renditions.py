"""What the public is told of an image, and the files that go with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wagtail.images.models import Filter

from media.models import CustomImage, CustomRendition
from media.storages import IMAGE_TYPES, extension_of

WIDTHS: Final = (320, 640, 960, 1280, 1920)
FALLBACK_WIDTH: Final = 1280

WEBP_SPECS: Final = {width: f"width-{width}|format-webp" for width in WIDTHS}
FALLBACK_SPECS: Final = {
    extension: f"width-{FALLBACK_WIDTH}|format-{chosen}"
    for extension, chosen in {
        "avif": "webp",
        "gif": "png",
        "jpeg": "jpeg",
        "jpg": "jpeg",
        "png": "png",
        "webp": "webp",
    }.items()
}
PUBLIC_SPECS: Final = frozenset((*WEBP_SPECS.values(), *FALLBACK_SPECS.values()))


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

    Making a rendition reads and decodes the original: call this where content is published,
    never where it is read. A second call makes nothing. Raises `SourceImageIOError` when an
    original is gone.
    """
    found: dict[tuple[int, str, str], CustomRendition] = {}
    rows = CustomRendition.objects.filter(image__in=images, filter_spec__in=PUBLIC_SPECS)
    for rendition in rows:
        found[rendition.image_id, rendition.filter_spec, rendition.focal_point_key] = rendition
    return [_describe(image, found) for image in images]


def _describe(
    image: CustomImage, found: dict[tuple[int, str, str], CustomRendition]
) -> ImageDescription:
    filters = {spec: Filter(spec=spec) for spec in _specs_of(image)}
    keys = {spec: (image.pk, spec, made.get_cache_key(image)) for spec, made in filters.items()}
    missing = [filters[spec] for spec, key in keys.items() if key not in found]
    made = {made.spec: row for made, row in image.create_renditions(*missing).items()}
    renditions = {spec: made.get(spec) or found[key] for spec, key in keys.items()}
    return ImageDescription(
        title=image.title,
        alt=image.description,
        credit=image.credit,
        width=image.width,
        height=image.height,
        focal_point=_focal_point(image),
        src=_source(renditions[FALLBACK_SPECS[extension_of(image.file.name)]]),
        sources=tuple(_unique(_source(renditions[WEBP_SPECS[width]]) for width in _widths_of(image))),
    )


def _widths_of(image: CustomImage) -> list[int]:
    """The widths below the original's, and the next one, at which the original's own size is kept."""
    smaller = [width for width in WIDTHS if width < image.width]
    return smaller + [width for width in WIDTHS if width >= image.width][:1]


def _specs_of(image: CustomImage) -> dict[str, None]:
    specs = [WEBP_SPECS[width] for width in _widths_of(image)]
    return dict.fromkeys([*specs, FALLBACK_SPECS[extension_of(image.file.name)]])


def _source(rendition: CustomRendition) -> ImageSource:
    return ImageSource(
        url=rendition.url,
        width=rendition.width,
        height=rendition.height,
        type=IMAGE_TYPES[extension_of(rendition.file.name)],
    )


def _unique(sources: Iterable[ImageSource]) -> list[ImageSource]:
    return list({source.width: source for source in sources}.values())


def _focal_point(image: CustomImage) -> tuple[float, float] | None:
    if image.focal_point_x is None or image.focal_point_y is None:
        return None
    x, y = image.focal_point_x / image.width, image.focal_point_y / image.height
    return (round(min(x, 1.0), 4), round(min(y, 1.0), 4))
