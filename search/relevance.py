"""How good a ranking is against what people have judged, by the measure that everybody uses.

nDCG@k: each document found at rank i gives its gain divided by log2(i + 1); the sum over the
first k ranks is divided by the same sum of the best ranking there is (Järvelin and Kekäläinen
2002, with the gains as they are, as `trec_eval` has `ndcg_cut`).
"""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

NDCG_DEPTH: Final = 10


def dcg(gains: Sequence[float]) -> float:
    """The discounted sum of the gains, which stand in the order of the ranking."""
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = NDCG_DEPTH) -> float:
    """1 for the best order there is, 0 for nothing of use among the first `depth`."""
    best = dcg(sorted(grades.values(), reverse=True)[:depth])
    return dcg([grades.get(key, 0) for key in ranking[:depth]]) / best if best else 0.0
