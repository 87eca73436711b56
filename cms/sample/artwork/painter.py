"""A canvas in logical units that draws at twice the size, so that edges come out smooth."""

import math
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

SCALE = 2
SHADOW_SCALE = 16  # shadows are blurred, so a sixteenth of the canvas holds all their detail
GRAIN_SEED = 20161101
GREY = 128


def blend(first: Colour, second: Colour, amount: float) -> Colour:
    """`first` moved towards `second`; 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * amount) for a, b in zip(first, second, strict=True))
    return red, green, blue


def rotated_box(centre: Point, size: Point, degrees: float) -> list[Point]:
    """The corners of a rectangle turned about its centre."""
    turn = math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    half_width, half_height = size[0] / 2, size[1] / 2
    corners = (
        (-half_width, -half_height),
        (half_width, -half_height),
        (half_width, half_height),
        (-half_width, half_height),
    )
    return [(centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in corners]


@lru_cache(maxsize=4)
def grain(width: int, height: int) -> Image.Image:
    """Paper grain around middle grey. Pillow's own noise has no seed, hence the bytes."""
    noise = Image.frombytes("L", (width, height), Random(GRAIN_SEED).randbytes(width * height))
    soft = noise.filter(ImageFilter.BoxBlur(0.6))
    return Image.blend(Image.new("L", soft.size, GREY), soft, 0.1).convert("RGB")


class Painter:
    """Draws in logical pixels on a canvas of `SCALE` times that size."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE))
        self.draw = ImageDraw.Draw(self.image)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def ground(self, corners: Sequence[Colour]) -> None:
        """Fill with a gradient between four corner colours (left to right, top to bottom)."""
        seedling = Image.new("RGB", (2, 2))
        for index, colour in enumerate(corners):
            seedling.putpixel((index % 2, index // 2), colour)
        small = seedling.resize((64, 36), Image.Resampling.BICUBIC)
        self.image.paste(small.resize(self.image.size, Image.Resampling.BILINEAR))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self.draw.polygon(self._scaled(points), fill=colour)

    def box(self, corner: Point, size: Point, colour: Colour, radius: float = 0) -> None:
        """A rectangle from its upper left corner, the corners rounded by `radius`."""
        ends = self._scaled([corner, (corner[0] + size[0], corner[1] + size[1])])
        self.draw.rounded_rectangle(ends, radius * SCALE, fill=colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        x, y = centre
        self.draw.ellipse(
            self._scaled([(x - radius, y - radius), (x + radius, y + radius)]), fill=colour
        )

    def ring(self, centre: Point, radius: float, colour: Colour, thickness: float) -> None:
        x, y = centre
        self.draw.ellipse(
            self._scaled([(x - radius, y - radius), (x + radius, y + radius)]),
            outline=colour,
            width=round(thickness * SCALE),
        )

    def pie(
        self, centre: Point, radius: float, *, start: float, end: float, colour: Colour
    ) -> None:
        """A slice from `start` to `end` degrees, clockwise from three o'clock."""
        x, y = centre
        bounds = self._scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self.draw.pieslice((*bounds[0], *bounds[1]), start, end, fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, thickness: float) -> None:
        width = max(1, round(thickness * SCALE))
        self.draw.line(self._scaled(points), fill=colour, width=width, joint="curve")

    def text(
        self, centre: Point, text: str, size: float, colour: Colour, weight: float = 0
    ) -> None:
        """One line about its optical centre; `weight` thickens the strokes, in pixels."""
        font = ImageFont.load_default(size * SCALE)
        left, top, right, bottom = self.draw.textbbox((0, 0), text, font=font)
        x = centre[0] * SCALE - (left + right) / 2
        y = centre[1] * SCALE - (top + bottom) / 2
        self.draw.text((x, y), text, colour, font, stroke_width=round(weight * SCALE))

    def shadow(
        self,
        points: Sequence[Point],
        *,
        offset: Point = (10, 18),
        blur: float = 28,
        depth: float = 0.34,
        floor: float | None = None,
    ) -> None:
        """The shadow which a polygon throws on what is painted so far.

        Nothing is drawn below `floor`: whatever will be covered anyway need not be shaded.
        """
        factor = SCALE / SHADOW_SCALE
        size = (self.image.width // SHADOW_SCALE, self.image.height // SHADOW_SCALE)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(
            [((x + offset[0]) * factor, (y + offset[1]) * factor) for x, y in points],
            fill=round(255 * depth),
        )
        mask = mask.filter(ImageFilter.GaussianBlur(max(0.8, blur * factor)))
        bounds = mask.getbbox()
        if bounds is None:
            return
        left, top, right, bottom = bounds
        if floor is not None:
            bottom = max(top + 1, min(bottom, round(floor * factor)))
        area = (
            left * SHADOW_SCALE,
            top * SHADOW_SCALE,
            right * SHADOW_SCALE,
            bottom * SHADOW_SCALE,
        )
        large = mask.crop((left, top, right, bottom)).resize(
            (area[2] - area[0], area[3] - area[1]), Image.Resampling.BILINEAR
        )
        self.image.paste((14, 16, 34), area, large)

    def veil(self, centre: Point, radius: float, colour: Colour, opacity: float) -> None:
        """A translucent disc."""
        size = round(radius * 2 * SCALE)
        mask = Image.new("L", (size, size))
        ImageDraw.Draw(mask).ellipse((0, 0, size - 1, size - 1), fill=round(255 * opacity))
        corner = (round((centre[0] - radius) * SCALE), round((centre[1] - radius) * SCALE))
        self.image.paste(colour, (*corner, corner[0] + size, corner[1] + size), mask)

    def sheet(
        self, centre: Point, size: Point, degrees: float, colour: Colour, depth: float = 0.34
    ) -> list[Point]:
        """A rectangle of paper with its shadow; answers its corners."""
        corners = rotated_box(centre, size, degrees)
        self.shadow(corners, depth=depth)
        self.polygon(corners, colour)
        return corners

    def jpeg(self) -> bytes:
        """The finished picture, in logical size and with paper grain."""
        small = self.image.reduce(SCALE)
        finished = ImageChops.add(small, grain(*small.size), 1, -GREY)
        target = BytesIO()
        finished.save(target, "JPEG", quality=84)
        return target.getvalue()
