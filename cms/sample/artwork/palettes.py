"""The colours of the sample pictures: one small palette per mood, all of one family."""

from typing import NamedTuple

from cms.sample.artwork.painter import Colour


class Palette(NamedTuple):
    """`ground` is behind, `paper` is the light tone, `accents` are used in turn."""

    ground: tuple[Colour, Colour, Colour, Colour]
    paper: Colour
    ink: Colour
    accents: tuple[Colour, Colour, Colour, Colour]


INK: Colour = (24, 27, 52)
PAPER: Colour = (247, 241, 229)
VERMILION: Colour = (228, 87, 46)
OCHRE: Colour = (240, 172, 56)
TEAL: Colour = (42, 140, 130)
BLUE: Colour = (58, 92, 146)
PLUM: Colour = (104, 42, 74)
ROSE: Colour = (233, 163, 150)
SAGE: Colour = (152, 180, 128)
SKY: Colour = (164, 200, 214)

PALETTES: dict[str, Palette] = {
    "night": Palette(
        ((22, 25, 50), (38, 48, 92), (28, 33, 66), (70, 62, 110)),
        PAPER,
        INK,
        (VERMILION, OCHRE, SKY, TEAL),
    ),
    "paper": Palette(
        ((250, 244, 232), (244, 232, 212), (242, 228, 208), (232, 212, 188)),
        (255, 252, 246),
        INK,
        (VERMILION, BLUE, OCHRE, TEAL),
    ),
    "sea": Palette(
        ((24, 70, 88), (38, 120, 124), (20, 52, 78), (60, 150, 140)),
        PAPER,
        INK,
        (OCHRE, SKY, VERMILION, SAGE),
    ),
    "dawn": Palette(
        ((246, 196, 150), (236, 140, 110), (250, 214, 178), (214, 104, 96)),
        PAPER,
        PLUM,
        (PLUM, VERMILION, OCHRE, BLUE),
    ),
    "plum": Palette(
        ((70, 26, 56), (116, 44, 78), (52, 20, 48), (150, 66, 84)),
        PAPER,
        INK,
        (OCHRE, ROSE, VERMILION, SKY),
    ),
    "moss": Palette(
        ((58, 84, 62), (104, 132, 88), (44, 66, 56), (146, 160, 104)),
        PAPER,
        INK,
        (OCHRE, PAPER, VERMILION, SKY),
    ),
    "sky": Palette(
        ((196, 218, 224), (164, 200, 214), (222, 230, 226), (136, 178, 202)),
        PAPER,
        INK,
        (VERMILION, BLUE, OCHRE, TEAL),
    ),
    "ochre": Palette(
        ((246, 190, 84), (236, 158, 52), (250, 208, 116), (222, 132, 44)),
        PAPER,
        INK,
        (VERMILION, INK, PAPER, TEAL),
    ),
}
