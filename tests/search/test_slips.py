"""How many slips lie between two words."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.database.spelling import distance

WORDS = st.text("abc", max_size=6)


def defined(left: str, right: str) -> int:
    """As the textbook has it: the least of dropping, adding, changing and swapping neighbours."""

    @cache
    def least(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        costs = [least(i - 1, j) + 1, least(i, j - 1) + 1]
        costs.append(least(i - 1, j - 1) + (left[i - 1] != right[j - 1]))
        if i > 1 and j > 1 and left[i - 2 : i] == right[j - 2 : j][::-1]:
            costs.append(least(i - 2, j - 2) + 1)
        return min(costs)

    return least(len(left), len(right))


@given(WORDS, WORDS)
def test_it_is_the_textbooks(left: str, right: str) -> None:
    assert distance(left, right) == defined(left, right)


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("accessible", "accessible", 0),
        ("acessible", "accessible", 1),
        ("acecssible", "accessible", 1),
        ("axxessible", "accessible", 2),
        ("", "abc", 3),
    ],
)
def test_slips(left: str, right: str, slips: int) -> None:
    assert distance(left, right) == distance(right, left) == slips
