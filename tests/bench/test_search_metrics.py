"""The measures of search, against sums done by hand."""

from math import log2

import pytest

from bench.search_metrics import dcg, ndcg, quality_of, recall, reciprocal_rank

GRADES = {"a": 3, "b": 2, "c": 1}


def test_gain_is_divided_by_the_logarithm_of_the_rank() -> None:
    # 3 / log2(2) + 0 / log2(3) + 1 / log2(4) = 3 + 0 + 0.5
    assert dcg([3, 0, 1]) == pytest.approx(3.5)


def test_the_best_order_is_one_and_any_other_less() -> None:
    assert ndcg(["a", "b", "c"], GRADES) == 1.0
    # (1/1 + 2/1.584963 + 3/2) / (3/1 + 2/1.584963 + 1/2) = 3.761860 / 4.761860
    assert ndcg(["c", "b", "a"], GRADES) == pytest.approx(0.789998, abs=1e-6)
    # Only b, at rank 3: (2/2) / 4.761860
    assert ndcg(["x", "y", "b"], GRADES) == pytest.approx(0.210002, abs=1e-6)


def test_what_stands_below_the_depth_gives_nothing() -> None:
    assert ndcg([*"0123456789", "a"], GRADES) == 0.0
    assert ndcg([*"012345678", "a"], GRADES) == pytest.approx(3 / log2(11) / 4.761860, abs=1e-6)


def test_the_best_order_is_cut_at_the_depth_too() -> None:
    many = {f"{number}": 1 for number in range(25)}
    assert ndcg([f"{number}" for number in range(10)], many) == 1.0


def test_recall_counts_the_relevant_ones_within_its_depth() -> None:
    assert recall(["a", "x", "c"], GRADES) == pytest.approx(2 / 3)
    assert recall([*["x"] * 100, "a"], GRADES) == 0.0
    assert recall(["a", "a"], GRADES) == pytest.approx(1 / 3)


def test_the_first_relevant_rank_counts() -> None:
    assert reciprocal_rank(["x", "y", "c", "a"], GRADES) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"], GRADES) == 0.0


def test_means_count_queries_that_found_nothing_as_zero() -> None:
    judged = {1: GRADES, 3: {"a": 1}, 5: {"z": 2}}
    found = quality_of({1: ["a", "b", "c"], 3: ["x", "a"], 5: []}, judged)
    assert found.ndcg == pytest.approx((1 + 1 / log2(3) + 0) / 3)
    assert found.recall == pytest.approx((1 + 1 + 0) / 3)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert (found.queries, found.empty) == (3, 1)
    assert quality_of({}, judged).empty == 3
