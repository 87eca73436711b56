"""What the public is told of an image."""

import re
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from media.interface import (
    CustomImage,
    CustomRendition,
    ImageSource,
    describe_image,
    describe_images,
)
from media.rendition_files import make_renditions
from media.sizes import ADMIN_SPECS, PUBLIC_SIZES, PublicSize
from tests.media.pictures import picture_bytes, save_image

pytestmark = pytest.mark.django_db
STORED = re.compile(r"/media/images/[0-9a-f]{32}\.(jpg|png|webp)")


def test_describes_a_wide_photograph() -> None:
    image = save_image(
        "harbour.jpg",
        (2400, 1200),
        description="Boats at dawn",
        credit="Ada Byron",
        focal_point_x=600,
        focal_point_y=900,
        focal_point_width=100,
        focal_point_height=100,
    )

    seen = describe_image(image)

    assert (seen.title, seen.alt, seen.credit) == ("Harbour", "Boats at dawn", "Ada Byron")
    assert (seen.width, seen.height, seen.focal_point) == (2400, 1200, (0.25, 0.75))
    assert [(one.width, one.height, one.type) for one in seen.sources] == [
        (320, 160, "image/webp"),
        (640, 320, "image/webp"),
        (960, 480, "image/webp"),
        (1280, 640, "image/webp"),
        (1920, 960, "image/webp"),
    ]
    assert (seen.src.width, seen.src.height, seen.src.type) == (1280, 640, "image/jpeg")
    urls = [one.url for one in (seen.src, *seen.sources)]
    assert len(set(urls)) == 6
    assert all(STORED.fullmatch(url) for url in urls)


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.gif", "image/png"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/webp"),
    ],
)
def test_small_image_is_never_enlarged(name: str, fallback: str) -> None:
    seen = describe_image(save_image(name, (700, 350)))

    assert [one.width for one in seen.sources] == [320, 640, 700]
    assert (seen.src.width, seen.src.height, seen.src.type) == (700, 350, fallback)


def test_second_call_makes_nothing_and_reads_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    images = [save_image(f"{number}.jpg", (400, 300)) for number in range(5)]
    first = describe_images(images)

    with django_assert_num_queries(1):
        second = describe_images(images)

    assert second == first
    assert CustomRendition.objects.count() == 5 * 3


def test_new_file_and_new_renditions_have_new_addresses() -> None:
    image = save_image("a.jpg", (400, 300))
    before = describe_image(image)
    image.file.save("a.jpg", ContentFile(picture_bytes("jpg", (800, 600)), name="a.jpg"))
    image.renditions.all().delete()

    after = describe_image(image)

    def urls(sources: tuple[ImageSource, ...]) -> set[str]:
        return {source.url for source in sources}

    assert urls(before.sources).isdisjoint(urls(after.sources))
    assert (after.width, after.src.width) == (800, 800)


def test_few_sizes_are_known() -> None:
    assert len(PUBLIC_SIZES) + len(ADMIN_SPECS) <= 30


def test_no_size_tells_where_a_picture_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Canary Cameras"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture_bytes("jpg", (400, 300), exif=exif, comment=b"canary comment")
    image = CustomImage(title="Here", file=ContentFile(data, name="a.jpg"))
    image.save()
    described = describe_image(image)
    thumbnail = image.get_rendition("max-165x165")

    assert b"Canary Cameras" in data
    for rendition in image.renditions.all():
        with rendition.file.open("rb") as file:
            content = file.read()
        assert b"anary" not in content
        assert b"Exif" not in content
    assert thumbnail.width == 165
    assert described.src.width == 400


def test_picture_is_turned_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = picture_bytes("jpg", (800, 400), exif=exif)
    image = CustomImage(title="Tall", file=ContentFile(data, name="a.jpg"))
    image.save()

    seen = describe_image(image)

    assert (seen.width, seen.height) == (400, 800)
    assert (seen.src.width, seen.src.height) == (400, 800)
    assert [(one.width, one.height) for one in seen.sources] == [(320, 640), (400, 800)]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_shown(mode: str) -> None:
    buffer = BytesIO()
    Image.new(mode, (40, 30)).save(buffer, "PNG")
    image = CustomImage(title=mode, file=ContentFile(buffer.getvalue(), name="a.png"))
    image.save()

    seen = describe_image(image)

    assert (seen.src.width, seen.src.type) == (40, "image/png")


def test_colours_of_print_are_turned_into_those_of_screens() -> None:
    buffer = BytesIO()
    Image.new("CMYK", (40, 30), (0, 0, 0, 255)).save(buffer, "JPEG")
    image = CustomImage(title="Black", file=ContentFile(buffer.getvalue(), name="a.jpg"))
    image.save()
    describe_image(image)

    with image.renditions.get(filter_spec="width-1280|format-jpeg").file.open("rb") as file:
        shown = Image.open(file)
        assert (shown.mode, shown.getpixel((5, 5))) == ("RGB", (0, 0, 0))


def test_of_two_who_make_the_same_size_one_gives_way() -> None:
    image = save_image("a.jpg", (400, 300))
    sizes = [PublicSize(320, "webp"), PublicSize(640, "webp")]
    storage = storages["renditions"]
    first = make_renditions(image, sizes[:1])
    before = len(storage.listdir("images")[1])

    second = make_renditions(image, sizes)

    assert image.renditions.count() == 2
    assert {row.pk for row in first} < {row.pk for row in second}
    assert all(storage.exists(row.file.name) for row in second)
    assert len(storage.listdir("images")[1]) == before + 1
