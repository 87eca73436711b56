"""How good a ranking is, by the measures that everybody uses.

nDCG@k: each document found at rank i gives its gain divided by log2(i + 1); the sum over the
first k ranks is divided by the same sum of the best ranking there is (Järvelin and Kekäläinen
2002, with the gains as they are, as `trec_eval` has `ndcg_cut`). Recall@k: the share of all
relevant documents among the first k. MRR: the mean of 1 / rank of the first relevant document.
A query that finds nothing counts 0 in all three.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.relevance import NDCG_DEPTH, dcg, ndcg

__all__ = [
    "NDCG_DEPTH",
    "RECALL_DEPTH",
    "Quality",
    "dcg",
    "ndcg",
    "quality_of",
    "recall",
    "reciprocal_rank",
]

RECALL_DEPTH: Final = 100


def recall(ranking: Sequence[str], grades: Mapping[str, int], depth: int = RECALL_DEPTH) -> float:
    """The share of the relevant documents that stand among the first `depth`."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 divided by the rank of the first relevant document; 0 where there is none."""
    ranks = (rank for rank, key in enumerate(ranking, start=1) if grades.get(key, 0) > 0)
    first = next(ranks, None)
    return 1 / first if first else 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """The means over a set of queries; `empty` counts those that found nothing at all."""

    queries: int
    ndcg: float
    recall: float
    mrr: float
    empty: int


def quality_of(
    rankings: Mapping[int, Sequence[str]], judged: Mapping[int, Mapping[str, int]]
) -> Quality:
    """The means over the queries in `judged`; one that has no ranking counts as empty."""
    count = len(judged)
    pairs = [(rankings.get(number, ()), grades) for number, grades in judged.items()]
    return Quality(
        queries=count,
        ndcg=sum(ndcg(ranking, grades) for ranking, grades in pairs) / count,
        recall=sum(recall(ranking, grades) for ranking, grades in pairs) / count,
        mrr=sum(reciprocal_rank(ranking, grades) for ranking, grades in pairs) / count,
        empty=sum(not ranking for ranking, _ in pairs),
    )
