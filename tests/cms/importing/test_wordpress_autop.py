"""Paragraphs of the classic editor: what WordPress's own `wpautop` gives, in balanced HTML."""

import pytest

from cms.importing.sources.wordpress.autop import add_paragraphs


def flat(html):
    """Without the line ends between blocks, which nobody sees."""
    return html.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  \n\n \t\n", ""),
        ("one", "<p>one</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("one\r\n\r\ntwo\r\rthree", "<p>one</p><p>two</p><p>three</p>"),
        ("one\n \t \n\n\ntwo", "<p>one</p><p>two</p>"),
        ("one\ntwo", "<p>one<br />two</p>"),
        ("one  \n  two", "<p>one<br />two</p>"),
        ("one<br>\ntwo", "<p>one<br>two</p>"),
        ("one<br />\n\ntwo", "<p>one</p><p>two</p>"),
        ("<p>one</p>\n\n<p>two</p>", "<p>one</p><p>two</p>"),
        ("<p>one\ntwo</p>", "<p>one<br />two</p>"),
        ('<p class="a">one</p>two', '<p class="a">one</p><p>two</p>'),
        ("one<p>two", "<p>one</p><p>two"),
        ("<h2>Title</h2>\ntext", "<h2>Title</h2><p>text</p>"),
        ("text\n<h2>Title</h2>\ntext", "<p>text</p><h2>Title</h2><p>text</p>"),
        ("<h2>a\n\nb</h2>", "<h2>a<br /><br />b</h2>"),
        ("<div>text</div>", "<div>text</div>"),
        ("<div>\none\n\ntwo\n</div>", "<div><p>one</p><p>two</p></div>"),
        ("<blockquote>said</blockquote>", "<blockquote><p>said</p></blockquote>"),
        ("<blockquote><p>said</p></blockquote>", "<blockquote><p>said</p></blockquote>"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<ul><li>a\n\nb</li></ul>", "<ul><li><p>a</p><p>b</p></li></ul>"),
        (
            "<ul>\n<li>a\n<ol>\n<li>b</li>\n</ol>\n</li>\n</ul>",
            "<ul><li>a<ol><li>b</li></ol></li></ul>",
        ),
        (
            "<table>\n<tr>\n<td>a\nb</td>\n</tr>\n</table>",
            "<table><tr><td>a<br />b</td></tr></table>",
        ),
        ("<em>one\n\ntwo</em>", "<p><em>one</em></p><p><em>two</em></p>"),
        (
            '<a href="x">one\n\n<b>two\n\nthree</b></a>',
            '<p><a href="x">one</a></p><p><a href="x"><b>two</b></a></p><p><a href="x"><b>three</b></a></p>',
        ),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        ("one <pre>a\n\nb</pre> two", "<p>one</p><pre>a\n\nb</pre><p>two</p>"),
        (
            "<pre><code>if a < b:\n\n  <p></code></pre>",
            "<pre><code>if a < b:\n\n  <p></code></pre>",
        ),
        ("<script>\n\nlet a\n\n</script>", "<script>\n\nlet a\n\n</script>"),
        ("<!-- a\n\nb -->text", "<p><!-- a\n\nb -->text</p>"),
        ("<!-- only -->", ""),
        ('<img src="a.jpg"\nalt="b" />', '<p><img src="a.jpg"\nalt="b" /></p>'),
        ("one\n<hr />\ntwo", "<p>one</p><hr /><p>two</p>"),
        ("a < b\n\nc > d", "<p>a < b</p><p>c > d</p>"),
        ("<audio>\n\n<source src='a'></audio>", "<p><audio>\n\n<source src='a'></audio></p>"),
        ("[gallery]\n\n[caption]x[/caption]", "<p>[gallery]</p><p>[caption]x[/caption]</p>"),
        ("<span></span>\n\ntext", "<p>text</p>"),
        ("text</div>\n\nmore", "<p>text</p></div><p>more</p>"),
        ("<pre>never closed\n\nx", "<pre>never closed\n\nx"),
    ],
)
def test_texts_get_the_paragraphs_that_they_had(text, expected):
    given = add_paragraphs(text)
    shown = given if "<pre" in expected or "<script" in expected else flat(given)
    kept = ("<pre", "<script", "<img", "<audio", "<!-- a")
    if any(mark in expected for mark in kept):
        assert "".join(given.split("\n")) == "".join(expected.split("\n"))
        assert all(part in given for part in _kept_parts(expected))
    else:
        assert shown == expected


def _kept_parts(expected):
    """What has to come through with its line ends."""
    for start, end in (
        ("<pre", "</pre>"),
        ("<script", "</script>"),
        ("<!--", "-->"),
        ("<audio", "</audio>"),
    ):
        if start in expected and end in expected:
            yield expected[expected.index(start) : expected.index(end) + len(end)]


@pytest.mark.parametrize(
    "unit", ["<a ", "<!--", "<b>", "\n", "<p>", "<pre", '<a b="', "[x", " \n "]
)
def test_time_grows_no_faster_than_the_text(unit):
    """A text of this length took minutes with a parser that looks back."""
    given = add_paragraphs(unit * 60_000)
    assert len(given) < len(unit) * 60_000 * 10 + 100
