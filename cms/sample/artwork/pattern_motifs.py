"""Motifs made of plain geometry: grids, arcs, waves, dials and large letters."""

import math
from random import Random

from cms.sample.artwork.painter import Painter, Point, blend
from cms.sample.artwork.palettes import Palette


def modules(painter: Painter, random: Random, palette: Palette) -> None:
    """A grid of squares, each holding a slice, a disc or a rest."""
    painter.ground(palette.ground)
    size = 225
    colours = (*palette.accents, palette.paper, palette.ink)
    for row in range(4):
        for column in range(-1, 8):
            x, y = column * size - 100.0, row * size * 1.0
            kind = random.randrange(6)
            back, front = random.sample(colours, 2)
            if kind < 4:
                painter.box((x, y), (size, size), back)
            if kind < 3:
                corner = random.randrange(4)
                centre = (x + size * (corner in {1, 2}), y + size * (corner in {2, 3}))
                painter.pie(centre, size, start=corner * 90, end=corner * 90 + 90, colour=front)
            elif kind == 3:
                painter.disc((x + size / 2, y + size / 2), size * 0.3, front)
            elif kind == 4:
                painter.ring((x + size / 2, y + size / 2), size * 0.36, front, 26)


def arcs(painter: Painter, random: Random, palette: Palette) -> None:
    """Rings from a corner, like the track of a heavy thing set in motion."""
    painter.ground(palette.ground)
    colours = (palette.paper, *palette.accents)
    centre = (random.choice((260.0, 1340.0)), 900.0)
    for index in range(9):
        radius = 860 - index * 92
        painter.disc(centre, radius, colours[index % 5])
        painter.disc(centre, radius - 26, blend(palette.ground[0], palette.ground[3], index / 9))
    painter.disc(centre, 70, palette.accents[0])
    painter.disc((1600 - centre[0], 230), 92, palette.accents[1])


def waves(painter: Painter, random: Random, palette: Palette) -> None:
    """Layers of cut paper, each throwing a shadow on the one behind."""
    painter.ground(palette.ground)
    painter.disc((random.uniform(420, 1180), 280), 150, palette.accents[0])
    tones = [blend(palette.ground[3], palette.ink, 0.05 + 0.15 * index) for index in range(6)]
    for index, tone in enumerate(tones):
        phase, height = random.uniform(0, 6), random.uniform(36, 74)
        base = 380 + index * 96
        edge: list[Point] = [
            (x, base + height * math.sin(x / 250 + phase) + 20 * math.sin(x / 90 + phase * 2))
            for x in range(-40, 1680, 20)
        ]
        outline = [*edge, (1680.0, 980.0), (-40.0, 980.0)]
        painter.shadow(outline, offset=(0, -12), blur=26, depth=0.4, floor=base + 130)
        painter.polygon(outline, tone)
        painter.line(edge, blend(tone, palette.paper, 0.35), 2)


def dial(painter: Painter, random: Random, palette: Palette) -> None:
    """A calendar wheel: 31 ticks, one of them today."""
    painter.ground(palette.ground)
    centre = (800.0, 450.0)
    painter.shadow([(440, 90), (1160, 90), (1160, 810), (440, 810)], blur=70, depth=0.35)
    painter.disc(centre, 390, palette.paper)
    today = random.randrange(3, 9)
    for day in range(31):
        turn = math.tau * day / 31 - math.tau / 4
        inner = 290 if day % 7 else 250
        points = [
            (centre[0] + r * math.cos(turn), centre[1] + r * math.sin(turn)) for r in (inner, 350)
        ]
        painter.line(
            points, palette.ink if day != today else palette.accents[0], 9 if day != today else 26
        )
    painter.pie(centre, 230, start=-90, end=-90 + 360 * today / 31, colour=palette.accents[1])
    painter.ring(centre, 230, palette.ink, 8)
    painter.disc(centre, 34, palette.accents[0])
    for index, x in enumerate((150, 1450)):
        painter.disc((x, 450 + (index * 2 - 1) * 170), 96, palette.accents[2 + index])


def steps(painter: Painter, random: Random, palette: Palette) -> None:
    """Six discs from outline to full: a draft on its way to the public."""
    painter.ground(palette.ground)
    painter.box((0, 446), (1600, 8), blend(palette.ground[0], palette.paper, 0.5))
    for index in range(6):
        centre = (190 + index * 244.0, 450.0)
        radius = 70 + index * 13
        painter.disc(centre, radius + 10, blend(palette.ground[0], palette.ground[1], index / 6))
        painter.ring(centre, radius, palette.paper, 9)
        painter.pie(
            centre, radius - 20, start=-90, end=-90 + 360 * (index + 0.02) / 5, colour=palette.paper
        )
    painter.disc((1410, 450), 100, palette.accents[0])
    for index in range(14):
        x = random.uniform(60, 1540)
        painter.disc(
            (x, random.choice((random.uniform(60, 240), random.uniform(670, 850)))),
            6 + index % 3 * 6,
            palette.accents[1 + index % 3],
        )


def coins(painter: Painter, random: Random, palette: Palette) -> None:
    """Translucent discs that add up where they meet."""
    painter.ground(palette.ground)
    for index in range(7):
        centre = (250 + index * 180 + random.uniform(-30, 30), 450 + random.uniform(-130, 130))
        painter.veil(centre, random.uniform(150, 260), palette.accents[index % 4], 0.62)
    for index in range(3):
        painter.ring((400 + index * 400.0, 450.0), 120 + index * 22, palette.paper, 9)


def balance(painter: Painter, random: Random, palette: Palette) -> None:
    """A beam with one large light disc and one small heavy square."""
    painter.ground(palette.ground)
    painter.polygon([(800, 560), (1010, 900), (590, 900)], palette.ink)
    painter.line([(240, 640), (1360, 470)], palette.paper, 26)
    painter.disc((1180, 280), 205, palette.accents[0])
    painter.veil((1180, 280), 132, palette.paper, 0.3)
    painter.sheet((360, 528), (170, 170), -8.6, palette.accents[1])
    for index in range(4):
        painter.disc((120 + index * 60 + random.uniform(-8, 8), 130), 16, palette.accents[index])


def ferns(painter: Painter, random: Random, palette: Palette) -> None:
    """Pressed ferns on a sheet."""
    painter.ground(palette.ground)
    painter.sheet((800, 450), (1180, 760), -1.5, palette.paper)
    for index in range(3):
        foot = (420 + index * 380.0, 800.0)
        lean = random.uniform(-0.16, 0.16)
        colour = blend(palette.ground[index], palette.ink, 0.2)
        stem: list[Point] = [
            (foot[0] + lean * s * 6 + s * s * 0.012, foot[1] - s * 6.6) for s in range(100)
        ]
        painter.line(stem, colour, 7)
        for step in range(12, 99, 5):
            x, y = stem[step]
            reach = 150 * math.sin(math.pi * (step / 100) ** 0.7) + 8
            for side in (-1, 1):
                tip = (x + side * reach, y - reach * 0.5)
                belly = (x + side * reach * 0.5, y - reach * 0.02)
                back = (x + side * reach * 0.4, y - reach * 0.42)
                painter.polygon([(x, y), belly, tip, back], colour)


def glyph(painter: Painter, random: Random, palette: Palette, *, text: str = "&") -> None:
    """One very large piece of type, cut by a disc."""
    painter.ground(palette.ground)
    left = random.choice((420.0, 1180.0))
    painter.disc((left, 450), 330, palette.accents[0])
    painter.ring((1600 - left, 210), 130, palette.accents[1], 20)
    painter.text(
        (806, 462),
        text,
        800 if len(text) == 1 else 520,
        blend(palette.ink, palette.ground[0], 0.2),
        16,
    )
    painter.text((794, 446), text, 800 if len(text) == 1 else 520, palette.paper, 16)
    for offset in (210, 446, 690):
        painter.box((0, offset), (1600, 3), blend(palette.ground[1], palette.paper, 0.4))


def gap(painter: Painter, random: Random, palette: Palette) -> None:
    """A colon, and the narrow space before it."""
    painter.ground(palette.ground)
    for index in range(3):
        painter.box(
            (120 + index * 250, 300),
            (200, 300),
            blend(palette.ground[1], palette.paper, 0.16 + index * 0.1),
            14,
        )
    painter.box((872, 220), (74, 460), palette.accents[0])
    painter.line([(872, 740), (946, 740)], palette.paper, 8)
    for x in (872, 946):
        painter.line([(x, 718), (x, 762)], palette.paper, 8)
    painter.disc((1090, 330), 84, palette.paper)
    painter.disc((1090, 570), 84, palette.paper)
    painter.veil((1420, random.uniform(240, 640)), 190, palette.accents[1], 0.7)
