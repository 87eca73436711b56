"""Portraits built of a dozen shapes: a face, a fringe, a collar, now and then glasses."""

from random import Random

from cms.sample.artwork.painter import Colour, Painter, blend
from cms.sample.artwork.palettes import Palette

SIDE = 800
SKINS: tuple[Colour, ...] = ((242, 205, 176), (224, 172, 132), (178, 118, 82), (120, 76, 54))
HAIRS: tuple[Colour, ...] = ((38, 30, 38), (92, 54, 36), (176, 96, 48), (196, 190, 186))


def back_hair(painter: Painter, style: str, hair: Colour) -> None:
    """What falls behind the face."""
    if style == "long":
        painter.box((228, 210), (344, 470), hair, 150)
    elif style == "bun":
        painter.disc((400, 128), 74, hair)
        painter.box((252, 170), (296, 300), hair, 140)
    elif style == "bob":
        painter.box((226, 178), (348, 348), hair, 120)


def front_hair(painter: Painter, style: str, hair: Colour) -> None:
    """What lies over the forehead."""
    if style == "short":
        painter.pie((400, 318), 160, start=180, end=360, colour=hair)
        painter.polygon([(240, 320), (272, 320), (262, 388), (242, 360)], hair)
        painter.polygon([(560, 320), (528, 320), (538, 388), (558, 360)], hair)
    elif style == "bob":
        painter.pie((400, 328), 158, start=180, end=360, colour=hair)
    elif style == "curls":
        for index in range(9):
            painter.disc((262 + index * 34.5, 262 - 72 * (1 - ((index - 4) / 4) ** 2)), 58, hair)
    else:
        painter.pie((330, 300), 158, start=178, end=318, colour=hair)
        painter.pie((470, 300), 158, start=222, end=362, colour=hair)


def features(
    painter: Painter,
    skin: Colour,
    ink: Colour,
    accent: Colour,
    *,
    glasses: bool,
    beard: Colour | None,
) -> None:
    """Eyes, nose and mouth; glasses and a beard if there are any."""
    if beard is not None:
        painter.pie((400, 410), 147, start=8, end=172, colour=beard)
    for x in (344, 456):
        painter.disc((x, 372), 13, ink)
        painter.line([(x - 26, 334), (x + 26, 330 if x < 400 else 338)], blend(skin, ink, 0.7), 9)
        if glasses:
            painter.ring((x, 374), 46, ink, 9)
    if glasses:
        painter.line([(390, 368), (410, 368)], ink, 9)
    painter.line([(400, 380), (388, 432), (406, 436)], blend(skin, ink, 0.4), 8)
    painter.pie((400, 462), 40, start=12, end=168, colour=blend(accent, skin, 0.25))


def portrait(
    painter: Painter,
    random: Random,
    palette: Palette,
    *,
    skin: int,
    hair: int,
    style: str,
    glasses: bool = False,
    beard: bool = False,
) -> None:
    """A head and shoulders, looking at the reader."""
    painter.ground(palette.ground)
    painter.disc(
        (400 + random.uniform(-40, 40), 380), 318, blend(palette.ground[1], palette.accents[1], 0.8)
    )
    skin_tone, hair_tone = SKINS[skin], HAIRS[hair]
    back_hair(painter, style, hair_tone)
    painter.box((96, 600), (608, 420), palette.accents[0], 200)
    painter.box((342, 470), (116, 190), blend(skin_tone, palette.ink, 0.16), 56)
    painter.polygon([(310, 604), (400, 730), (490, 604)], blend(skin_tone, palette.ink, 0.16))
    painter.polygon([(296, 606), (342, 586), (398, 730), (352, 716)], palette.paper)
    painter.polygon([(504, 606), (458, 586), (402, 730), (448, 716)], palette.paper)
    for x in (252, 548):
        painter.disc((x, 392), 30, blend(skin_tone, palette.ink, 0.08))
    painter.box((252, 226), (296, 334), skin_tone, 146)
    front_hair(painter, style, hair_tone)
    features(
        painter,
        skin_tone,
        palette.ink,
        palette.accents[0],
        glasses=glasses,
        beard=hair_tone if beard else None,
    )
