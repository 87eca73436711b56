"""From a description in the content files to the bytes of a picture."""

from collections.abc import Callable
from random import Random
from typing import Any

from cms.sample.artwork import paper_motifs, pattern_motifs, portraits
from cms.sample.artwork.painter import Painter
from cms.sample.artwork.palettes import PALETTES

MOTIFS: dict[str, Callable[..., None]] = {
    "arcs": pattern_motifs.arcs,
    "balance": pattern_motifs.balance,
    "cards": paper_motifs.cards,
    "coins": pattern_motifs.coins,
    "desk": paper_motifs.desk,
    "dial": pattern_motifs.dial,
    "ferns": pattern_motifs.ferns,
    "folds": paper_motifs.folds,
    "gap": pattern_motifs.gap,
    "glyph": pattern_motifs.glyph,
    "modules": pattern_motifs.modules,
    "portrait": portraits.portrait,
    "screen": paper_motifs.screen,
    "sheets": paper_motifs.sheets,
    "spread": paper_motifs.spread,
    "steps": pattern_motifs.steps,
    "table": paper_motifs.table,
    "waves": pattern_motifs.waves,
}


def draw_picture(
    *, motif: str, palette: str, seed: int, options: dict[str, Any] | None = None
) -> bytes:
    """A JPEG of 1600 x 900 (portraits 800 x 800). The same arguments give the same bytes."""
    side = (portraits.SIDE, portraits.SIDE) if motif == "portrait" else (1600, 900)
    painter = Painter(*side)
    MOTIFS[motif](painter, Random(seed), PALETTES[palette], **(options or {}))
    return painter.jpeg()
