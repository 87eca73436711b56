"""Of any HTML, however broken, every visible word arrives and nothing that runs does."""

import html
import json
import re

import nh3
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.importing.content import Note
from cms.importing.html_blocks import blocks_from_html

TAGS = [
    *("p", "div", "span", "b", "i", "em", "strong", "code", "pre", "ul", "ol", "li", "a"),
    *("h1", "h2", "h4", "h6", "blockquote", "table", "thead", "tbody", "tr", "td", "th"),
    *("caption", "figure", "figcaption", "details", "summary", "dl", "dt", "dd"),
    *("section", "aside", "sup", "del", "cite", "q", "abbr", "main", "form", "label"),
    *("button", "select", "option", "svg", "math", "center", "font", "custom-tag"),
    *("cite", "footer", "hr", "br"),
]
ATTRIBUTES = [
    "",
    ' id="x"',
    ' class="gallery"',
    ' class="note"',
    ' href="/a"',
    ' href="javascript:evil()"',
    ' onclick="evil()"',
    " colspan=3",
    " rowspan=2",
    ' start="4"',
    " style='evil'",
]
LEAVES = [
    "<script>evil()</script>",
    "<style>evil</style>",
    '<img src="/i.png" alt="alt" onerror="evil()">',
    "<iframe src='https://e.example/x'></iframe>",
    "<br>",
    "<hr/>",
    "<!-- evil -->",
    "<input onfocus=evil()>",
]
SOUP = st.lists(
    st.one_of(
        st.sampled_from(TAGS).flatmap(
            lambda tag: st.sampled_from(ATTRIBUTES).map(lambda attribute: f"<{tag}{attribute}>")
        ),
        st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
        st.sampled_from(LEAVES),
        st.integers(0, 999).map(lambda number: f" w{number}w "),
    ),
    max_size=40,
).map("".join)


def visible_words(source: str) -> set[str]:
    """By another HTML5 parser than the importer's."""
    shown = html.unescape(nh3.clean(source, tags=set(), clean_content_tags={"script", "style"}))
    return set(re.findall(r"w\d+w", shown))


@given(SOUP)
@settings(max_examples=400, deadline=None)
def test_no_word_is_lost_and_no_script_survives(source: str) -> None:
    notes: list[Note] = []
    found = blocks_from_html(source, notes=notes)
    said = json.dumps(found) + json.dumps([note.message for note in notes])
    assert visible_words(source) <= set(re.findall(r"w\d+w", said))
    written = json.dumps(found)
    assert "evil" not in written
    assert "<script" not in written
    for block in found:
        if block["type"] == "rich_text":
            value = block["value"]
            allowed = {"p", "br", "hr", "a", "b", "i", "s", "code", "sup", "sub"}
            allowed |= {"ol", "ul", "li", "blockquote", "img"}
            attributes = {"a": {"href"}, "img": {"src", "alt"}}
            clean = nh3.clean(value, tags=allowed, attributes=attributes, link_rel=None)
            assert clean == value.replace("<br/>", "<br>").replace("<hr/>", "<hr>").replace(
                '"/>', '">'
            )


def test_the_measure_of_lost_words_can_fail() -> None:
    assert visible_words("<p> w1w <script> w2w </script><b> w3w ") == {"w1w", "w3w"}
    assert not visible_words("<p> w1w ") <= set(
        re.findall(r"w\d+w", json.dumps(blocks_from_html("<p>x", notes=[])))
    )
