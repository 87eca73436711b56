"""Motifs made of paper: sheets, spreads, cards, tables and folds."""

from random import Random

from cms.sample.artwork.painter import Painter, blend, rotated_box
from cms.sample.artwork.palettes import Palette


def text_lines(
    painter: Painter,
    random: Random,
    palette: Palette,
    *,
    left: float,
    top: float,
    width: float,
    count: int,
) -> None:
    """Lines of text as a reader sees them from afar: even, ragged, the last one short."""
    colour = blend(palette.paper, palette.ink, 0.42)
    for row in range(count):
        length = width * (random.uniform(0.9, 1) if row % 6 < 5 else random.uniform(0.35, 0.7))
        painter.box((left, top + row * 24), (length, 8), colour, 4)


def spread(painter: Painter, random: Random, palette: Palette) -> None:
    """An open book: the blocks of text high and close to the spine, notes in the margin."""
    painter.ground(palette.ground)
    painter.disc((1310, 180), 250, palette.accents[1])
    painter.sheet((800, 478), (1180, 720), 0, blend(palette.paper, palette.ink, 0.12), 0.5)
    for left in (222, 804):
        painter.box((left, 110), (574, 724), palette.paper, 6)
    for step in range(18):
        shade = blend(palette.paper, palette.ink, 0.26 - step * 0.014)
        painter.box((796 - step * 3, 110), (3, 724), shade)
        painter.box((802 + step * 3, 110), (3, 724), shade)
    text_lines(painter, random, palette, left=366, top=190, width=350, count=20)
    text_lines(painter, random, palette, left=880, top=190, width=350, count=20)
    for index, row in enumerate((2, 9, 10, 15)):
        top = 190 + row * 24
        painter.line([(262, top), (330 - index * 6, top)], palette.accents[0], 7)
        painter.line([(1262, top + 48), (1340 - index * 9, top + 48)], palette.accents[2], 7)
    painter.ring((545, 482), 58, palette.accents[0], 7)


def sheets(painter: Painter, random: Random, palette: Palette) -> None:
    """A loose pile of proofs, one of them marked."""
    painter.ground(palette.ground)
    painter.veil((random.uniform(300, 1300), 200), 330, palette.accents[3], 0.55)
    for index in range(6):
        centre = (random.uniform(360, 1240), random.uniform(300, 640))
        tone = blend(palette.paper, palette.accents[index % 4], 0.62 if index % 2 else 0.08)
        painter.sheet(centre, (430, 580), random.uniform(-24, 24), tone)
    painter.sheet((800, 470), (520, 680), 4, palette.paper, 0.45)
    colour = blend(palette.paper, palette.ink, 0.4)
    for row in range(19):
        width = 380 if row % 6 != 5 else 210
        start = rotated_box((800 - (380 - width) / 2, 210 + row * 28), (width, 9), 4)
        painter.polygon([(x - (row - 9) * 1.9, y) for x, y in start], colour)
    painter.ring((900, 400), 78, palette.accents[0], 10)
    painter.line([(640, 628), (760, 640), (850, 600)], palette.accents[0], 10)


def cards(painter: Painter, random: Random, palette: Palette) -> None:
    """A drawer of index cards with coloured tabs, one drawn out."""
    painter.ground(palette.ground)
    drawn = random.randrange(3, 6)
    for row in range(9):
        inset = 30 * (8 - row)
        top = 130 + row * 66
        lifted = 74 if row == drawn else 0
        left, width = 210 + inset, 1180 - 2 * inset
        tone = blend(palette.paper, palette.ink, 0.24 - row * 0.028)
        tab = left + 40 + (row * 3 % 7) * (width - 240) / 6
        corners = [
            (left, top - lifted),
            (left + width, top - lifted),
            (left + width, 960),
            (left, 960),
        ]
        painter.shadow(corners, offset=(0, -6), blur=22, depth=0.42, floor=top - lifted + 16)
        painter.box((tab, top - lifted - 34), (170, 60), palette.accents[row % 4], 10)
        painter.box((left, top - lifted), (width, 900), tone, 8)
        painter.box(
            (left + 40, top - lifted + 24), (width * 0.32, 9), blend(tone, palette.ink, 0.55), 4
        )
        painter.box(
            (left + 40, top - lifted + 42), (width * 0.2, 9), blend(tone, palette.ink, 0.3), 4
        )


def table(painter: Painter, random: Random, palette: Palette) -> None:
    """Columns of figures as bars, a rule at the head and one at the foot."""
    painter.ground(palette.ground)
    painter.sheet((800, 450), (1240, 700), 0, palette.paper, 0.3)
    painter.box((270, 210), (1060, 7), palette.ink)
    painter.box((270, 706), (1060, 7), palette.ink)
    for column in range(4):
        colour = palette.accents[column]
        painter.box(
            (290 + column * 262, 160), (150, 16), blend(palette.paper, palette.ink, 0.75), 8
        )
        for row in range(7):
            length = random.uniform(40, 220)
            shown = colour if row != 4 else blend(colour, palette.ink, 0.35)
            painter.box((290 + column * 262, 250 + row * 64), (length, 34), shown, 17)
    painter.ring((945, 523), 150, palette.accents[0], 9)


def folds(painter: Painter, random: Random, palette: Palette) -> None:
    """A leaflet folded in a zigzag, lit from the left."""
    painter.ground(palette.ground)
    painter.disc((1250, 240), 150, palette.accents[0])
    left, width, lean = 170.0, 210.0, 74.0
    outline = [(left, 250.0), (left + width * 6, 250.0), (left + width * 6, 720.0), (left, 720.0)]
    painter.shadow(outline, offset=(30, 60), blur=60, depth=0.5)
    for index in range(6):
        near, far = (0.0, lean) if index % 2 == 0 else (lean, 0.0)
        x = left + index * width
        face = [(x, 220 + near), (x + width, 220 + far), (x + width, 660 + far), (x, 660 + near)]
        tone = blend(palette.paper, palette.ink, 0.03 if index % 2 == 0 else 0.2)
        painter.polygon(
            face, blend(tone, palette.accents[index % 4], 0.5 if index in {1, 4} else 0)
        )
        for row in range(9):
            y = 290 + row * 36
            end = x + width * random.uniform(0.62, 0.84)
            slope = (far - near) / width
            start_y, end_y = y + near + slope * 34, y + near + slope * (end - x)
            painter.line([(x + 34, start_y), (end, end_y)], blend(tone, palette.ink, 0.5), 7)


def desk(painter: Painter, random: Random, palette: Palette) -> None:
    """A desk from above: everything at right angles, but for one pencil."""
    painter.ground(palette.ground)
    painter.sheet((560, 460), (560, 720), 0, palette.paper)
    text_lines(painter, random, palette, left=360, top=190, width=400, count=23)
    for row in (3, 8, 9, 16):
        painter.line([(360, 194 + row * 24), (360 + 300, 194 + row * 24)], palette.accents[0], 6)
    painter.sheet((1020, 520), (70, 640), 0, palette.accents[1])
    for mark in range(31):
        reach = 34 if mark % 5 == 0 else 18
        painter.box((986, 216 + mark * 20), (reach, 3), palette.paper)
    painter.shadow(rotated_box((1310, 280), (230, 230), 45), blur=40)
    painter.disc((1310, 280), 130, palette.paper)
    painter.disc((1310, 280), 104, blend(palette.ink, palette.accents[0], 0.2))
    painter.ring((1440, 280), 44, palette.paper, 18)
    painter.sheet((1280, 640), (400, 26), -31, palette.accents[2])
    painter.polygon(
        rotated_box((1440, 543), (40, 24), -31), blend(palette.paper, palette.accents[2], 0.3)
    )


def screen(painter: Painter, random: Random, palette: Palette) -> None:
    """A film with two lines of caption under a landscape."""
    painter.ground(palette.ground)
    painter.sheet((800, 440), (1220, 690), 0, palette.ink, 0.5)
    painter.box((214, 119), (1172, 642), blend(palette.ground[1], palette.accents[1], 0.45))
    painter.disc((random.uniform(980, 1120), 300), 96, palette.accents[0])
    ridge = [
        (214.0, 560.0),
        (430.0, 380.0),
        (640.0, 520.0),
        (880.0, 330.0),
        (1180.0, 540.0),
        (1386.0, 430.0),
    ]
    painter.polygon([*ridge, (1386, 761), (214, 761)], blend(palette.ground[0], palette.ink, 0.35))
    near = [(214.0, 660.0), (520.0, 520.0), (820.0, 640.0), (1120.0, 560.0), (1386.0, 650.0)]
    painter.polygon([*near, (1386, 761), (214, 761)], palette.ink)
    painter.box((480, 610), (640, 46), palette.paper, 12)
    painter.box((560, 674), (480, 46), palette.paper, 12)
    for index, (left, top, width) in enumerate(((506, 626, 588), (586, 690, 300), (900, 690, 114))):
        painter.box(
            (left, top), (width, 14), blend(palette.paper, palette.ink, 0.8 - index * 0.1), 7
        )
