"""What the quality of search is measured on: typing errors, halves, and judgements by hand."""

import re
from collections import Counter

import pytest

from bench.database import BenchError
from bench.misspelling import misspell
from bench.search_collections import Half, judged_queries, load_cranfield, load_rust_blog


def distance(one: str, other: str) -> int:
    """Edits between two words; two letters that change places are one (Damerau)."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, against in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@pytest.mark.parametrize("number", range(1, 60))
def test_a_third_of_the_longer_words_gets_one_edit(number: int) -> None:
    text = "which boundary layers of hypersonic bodies become turbulent by heating it"
    words, typed = text.split(), misspell(text, number).split()
    edits = [distance(word, made) for word, made in zip(words, typed, strict=True)]
    # boundary, layers, hypersonic, bodies, become, turbulent, heating: 7 words, so 3 edits
    assert Counter(edits) == {0: 8, 1: 3}
    assert all(len(word) >= 6 for word, edit in zip(words, edits, strict=True) if edit)
    assert all(word[0] == made[0] for word, made in zip(words, typed, strict=True))


def test_a_query_is_always_misspelt_alike_and_others_differently() -> None:
    query = "supersonic boundary layers"
    assert misspell(query, 1) == misspell(query, 1) != query
    assert len({misspell(query, number) for number in range(20)}) > 10
    assert misspell("is it so", 1) == "is it so"


def test_halves_share_no_query() -> None:
    assert [number for number in range(1, 7) if Half.ODD.has(number)] == [1, 3, 5]
    assert [number for number in range(1, 7) if Half.HELD.has(number)] == [2, 4, 6]
    assert all(Half.ALL.has(number) for number in range(1, 7))


def test_the_blogs_queries_are_many_and_of_every_kind_in_both_halves() -> None:
    queries = judged_queries("rust_blog")
    assert len(queries) >= 60
    assert [query.number for query in queries] == list(range(1, len(queries) + 1))
    assert len({query.text for query in queries}) == len(queries)
    kinds = Counter((query.kind, query.number % 2) for query in queries)
    assert {kind for kind, _ in kinds} == {"navigational", "topical", "misspelt", "question"}
    assert len(kinds) == 8
    assert min(kinds.values()) >= 7
    for query in queries:
        assert set(query.grades.values()) <= {1, 2, 3}, query
        assert 3 in query.grades.values(), query
        assert all(re.fullmatch(r"(inside-rust/)?\d{4}/\d\d/\d\d/\S+", key) for key in query.grades)


def test_cranfield_is_whole() -> None:
    try:
        cranfield = load_cranfield()
    except BenchError as error:
        pytest.skip(str(error))
    assert (len(cranfield.texts), len(cranfield.queries)) == (1400, 225)
    assert sum(len(query.grades) for query in cranfield.queries) == 1837
    assert cranfield.queries[0].grades["184"] == 3
    assert (len(cranfield.judged(Half.ODD)), len(cranfield.judged(Half.HELD))) == (113, 112)
    first = cranfield.texts[0]
    assert first.title.startswith("experimental investigation of the aerodynamics")
    assert "an experimental study of a wing in a propeller slipstream" in first.body


def test_every_judged_post_is_in_the_blog() -> None:
    try:
        blog = load_rust_blog()
    except BenchError as error:
        pytest.skip(str(error))
    texts = {text.key: text for text in blog.texts}
    assert len(texts) == 750
    assert {key for query in blog.queries for key in query.grades} <= set(texts)
    cargo = texts["2014/11/20/Cargo"]
    assert cargo.title == "Cargo: Rust's community crate host"
    assert cargo.headings[:2] == ("What is Cargo?", "A Community on Cargo")
    assert cargo.body.split()[:8] == [
        "Today",
        "it",
        "is",
        "my",
        "pleasure",
        "to",
        "announce",
        "that",
    ]
    assert "crates.io is" in cargo.body
    assert "https" not in cargo.body
