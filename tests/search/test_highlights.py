"""Which parts of a text are shown, and where they begin and end."""

from search.highlights import AFTER, BEFORE, MOST_FRAGMENTS, Sought, mark_fragments, mark_whole

HARBOUR = Sought("harbour", 0)
LIGHT = Sought("light", 1)


def filler(letters: int) -> str:
    """Words of three letters, and as many letters in all."""
    return ("abc " * (letters // 4 + 1))[:letters].rstrip().ljust(letters, "x")


def test_a_short_text_is_shown_whole_and_escaped() -> None:
    assert mark_whole("The <old> harbour", [HARBOUR]) == "The &lt;old&gt; <mark>harbour</mark>"
    assert mark_fragments("The old harbour", [HARBOUR]) == ("The old <mark>harbour</mark>",)
    assert mark_whole("Nothing here", [HARBOUR]) == ""
    assert mark_fragments("Nothing here", [HARBOUR]) == ()


def test_a_fragment_is_cut_between_words() -> None:
    text = f"{filler(400)} harbour yy {filler(400)}"
    (fragment,) = mark_fragments(text, [HARBOUR])
    before, _, rest = fragment.partition("<mark>harbour</mark>")
    assert before[0] == "…"
    assert rest[-1] == "…"
    first, *words = rest[:-1].split()
    assert first == "yy"
    assert set(words) == {"abc"}
    assert 0 < len(before) <= BEFORE + 1
    assert AFTER - 10 < len("harbour" + rest) <= AFTER + 1


def test_a_word_that_fills_the_fragment_is_cut() -> None:
    text = "harbour" + "x" * 2 * AFTER
    assert mark_fragments(text, [Sought("harbour", 0, is_beginning=True)]) == (
        "harbour" + "x" * (AFTER - len("harbour")) + "…",
    )


def test_a_line_begins_a_fragment_and_a_line_ends_one() -> None:
    text = f"{filler(300)}\nThe harbour\n{'y' * 2 * AFTER}"
    assert mark_fragments(text, [HARBOUR]) == ("The <mark>harbour</mark>",)


def test_fragments_do_not_overlap_and_stand_in_the_order_of_the_text() -> None:
    far = filler(3 * (AFTER + BEFORE))
    text = f"harbour {far} harbour light {far} light {far} harbour"
    found = mark_fragments(text, [HARBOUR, LIGHT])
    assert len(found) == min(MOST_FRAGMENTS, 4)
    # The one with both words is among them, wherever it stands.
    assert sum(part.count("<mark>") == 2 for part in found) == 1
    near = "harbour light harbour"
    (whole,) = mark_fragments(near, [HARBOUR, LIGHT])
    assert whole == "<mark>harbour</mark> <mark>light</mark> <mark>harbour</mark>"
