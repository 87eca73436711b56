"""Foreign HTML becomes blocks: what each element turns into, and that no word is lost."""

import json
import time
from typing import Any

import pytest

from cms.importing.content import Note
from cms.importing.html_blocks import blocks_from_html, text_from_html


def read(source: str, **options: Any) -> tuple[list[Any], list[Note]]:
    notes: list[Note] = []
    return [dict(block) for block in blocks_from_html(source, notes=notes, **options)], notes


def blocks(source: str) -> list[Any]:
    return read(source)[0]


def codes(source: str) -> list[str]:
    return [note.code for note in read(source)[1]]


def text(value: str) -> dict[str, Any]:
    return {"type": "rich_text", "value": value}


def code(language: str, value: str, caption: str = "") -> dict[str, Any]:
    return {"type": "code", "value": {"language": language, "code": value, "caption": caption}}


def image(src: str, alt: str = "", caption: str = "") -> dict[str, Any]:
    return {"type": "image", "value": {"image": src, "alt": alt, "caption": caption}}


def heading(words: str, level: str, anchor: str = "") -> dict[str, Any]:
    return {"type": "heading", "value": {"text": words, "level": level, "anchor": anchor}}


def test_paragraphs_and_lists_that_follow_each_other_are_one_text() -> None:
    assert blocks("<p>One</p>\n<p>Two <em>and</em></p><ul><li>a<ol><li>b</ol><li>c</ul><hr>") == [
        text("<p>One</p><p>Two <i>and</i></p><ul><li>a<ol><li>b</li></ol></li><li>c</li></ul><hr/>")
    ]


def test_marks_are_the_ones_that_the_editor_knows() -> None:
    source = "<strong>a</strong> <em>b</em> <del>c</del> <kbd>d</kbd> x<sup>2</sup> y<sub>i</sub>"
    assert blocks(source) == [
        text(
            "<p><b>a</b> <i>b</i> <s>c</s> <code>d</code> x<sup>2</sup> y<sub>i</sub></p>",
        )
    ]


def test_tags_that_overlap_come_out_nested() -> None:
    assert blocks("<p><b>a<i>b</b>c</i>") == [text("<p><b>a</b><b><i>b</i></b><i>c</i></p>")]


def test_a_link_around_several_marks_stays_one() -> None:
    assert blocks('<p><a href="/x">a <code>b</code> <i>c</i></a><a href="/y">d</a></p>') == [
        text('<p><a href="/x">a <code>b</code> <i>c</i></a><a href="/y">d</a></p>')
    ]


def test_white_space_is_what_a_browser_shows() -> None:
    assert blocks("<p>  a \n <b> b</b>  <br> c  </p><div>\n</div>d") == [
        text("<p>a <b>b</b><br/>c</p><p>d</p>")
    ]


def test_words_are_escaped() -> None:
    assert blocks("<p>&lt;script&gt; &amp;amp; <code>a &lt; b</code></p>") == [
        text("<p>&lt;script&gt; &amp;amp; <code>a &lt; b</code></p>")
    ]


def test_headings_keep_words_and_anchors() -> None:
    assert blocks('<h2 id="What-is_new.1">What <em>is</em> <code>new</code></h2>') == [
        heading("What is new", "h2", "What-is_new.1")
    ]


def test_headings_of_level_one_move_all_down_and_deep_ones_up() -> None:
    found, notes = read("<h1>a</h1><h2>b</h2><h3>c</h3><h5>d</h5><h1>e</h1>")
    assert [block["value"]["level"] for block in found] == ["h2", "h3", "h4", "h4", "h2"]
    assert [note.message for note in notes] == [
        "Headings of level 1 became level 2.",
        "Headings of level 2 became level 3.",
        "Headings of level 3 became level 4.",
        "Headings of level 5 became level 4.",
    ]
    assert [block["value"]["level"] for block in blocks("<h3>a</h3><h4>b</h4>")] == ["h3", "h4"]
    assert [block["value"]["level"] for block in blocks("<h1>a</h1><h2>b</h2>")] == ["h2", "h2"]


def test_an_anchor_before_a_heading_becomes_its_own() -> None:
    assert blocks('<a name="Why"></a><h2>Why?</h2>') == [heading("Why?", "h2", "Why")]
    assert blocks('<h2><a id="Why"></a>Why?</h2>') == [heading("Why?", "h2", "Why")]


def test_links_to_a_paragraph_lead_to_the_heading_before_it() -> None:
    found, notes = read('<h2 id="a">A</h2><p id="p">x</p><p><a href="#p">up</a></p>')
    assert found[1] == text('<p>x</p><p><a href="#a">up</a></p>')
    assert [note.code for note in notes] == ["anchor-moved"]


def test_links_to_a_heading_without_id_lead_to_the_anchor_it_gets() -> None:
    assert blocks('<p><a href="#a-b">x</a></p><h2>A b</h2>')[0] == text(
        '<p><a href="#a-b">x</a></p>'
    )


def test_a_link_to_a_place_that_is_not_there_keeps_its_words() -> None:
    found, notes = read('<p><a href="#gone">x</a></p>')
    assert found == [text("<p>x</p>")]
    assert [note.code for note in notes] == ["fragment-to-nowhere"]


def test_a_heading_too_long_for_its_block_is_a_bold_line() -> None:
    words = "word " * 50
    found, notes = read(f"<h2>{words}</h2>")
    assert found == [text(f"<p><b>{words.strip()}</b></p>")]
    assert [note.code for note in notes] == ["heading-too-long"]


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ('<pre><code class="language-rust">x\n</code></pre>', "rust"),
        ('<pre><code class="lang-rs">x</code></pre>', "rust"),
        ('<pre data-lang="toml" class="z-code"><code data-lang="toml">x</code></pre>', "toml"),
        (
            '<div class="language-sh highlighter-rouge"><div class="highlight"><pre>x</pre></div></div>',
            "bash",
        ),
        (
            '<figure class="highlight"><pre><code class="language-c++">x</code></pre></figure>',
            "cpp",
        ),
        ("<pre>x</pre>", "text"),
    ],
)
def test_code_knows_its_language(source: str, language: str) -> None:
    assert read(source) == ([code(language, "x")], [])


def test_code_is_kept_to_the_letter() -> None:
    source = "<pre>\n<code>  if (a &lt; b) {\n\n\t<span>return</span>;   \n  }\n</code></pre>"
    assert blocks(source) == [code("text", "  if (a < b) {\n\n\treturn;   \n  }")]


def test_an_unknown_language_is_plain_text_and_noted() -> None:
    found, notes = read('<pre><code class="language-klingon">x</code></pre>')
    assert found == [code("text", "x")]
    assert [(note.code, "klingon" in note.message) for note in notes] == [("code-language", True)]


def test_code_in_a_list_stands_between_its_lines() -> None:
    found, notes = read("<ol><li>a<pre>x</pre>b<li>c</ol>")
    assert found == [text("<p>1. a</p>"), code("text", "x"), text("<p>b</p><p>2. c</p>")]
    assert [note.code for note in notes] == ["list-split"]
    assert blocks("<ul><li>a<li>b<pre>x</pre><li>c<li>d</ul>") == [
        text("<ul><li>a</li><li>b</li></ul>"),
        code("text", "x"),
        text("<ul><li>c</li><li>d</li></ul>"),
    ]


def test_a_list_that_starts_late_keeps_its_numbers() -> None:
    assert blocks('<ol start="3"><li>c<li>d</ol>') == [text("<p>3. c</p><p>4. d</p>")]


def test_a_plain_quotation_is_a_quote_with_its_author() -> None:
    assert blocks(
        "<blockquote><p>One.</p><p>Two.</p><footer>— <cite>Ada</cite></footer></blockquote>"
    ) == [{"type": "quote", "value": {"text": "One.\n\nTwo.", "attribution": "Ada"}}]
    assert blocks("<figure><blockquote>One.</blockquote><figcaption>Ada</figcaption></figure>") == [
        {"type": "quote", "value": {"text": "One.", "attribution": "Ada"}}
    ]


def test_a_quotation_with_links_is_rich_text() -> None:
    assert blocks('<blockquote><p>One <a href="/x">x</a></p><p>Two</p></blockquote>') == [
        text('<blockquote>One <a href="/x">x</a><br/><br/>Two</blockquote>')
    ]


def test_images_alone_among_words_and_with_a_caption() -> None:
    assert blocks('<p><img src="/a.png" alt="A" onerror="x()"></p>') == [image("/a.png", "A")]
    assert blocks('<p>see <img src="a.png" alt="&quot;A&quot;"> here</p>') == [
        text('<p>see <img src="a.png" alt="&quot;A&quot;"/> here</p>')
    ]
    assert blocks('<figure><img src="a.png"><figcaption>By <b>me</b></figcaption></figure>') == [
        image("a.png", "", "By me")
    ]


def test_a_picture_that_links_elsewhere_keeps_its_link_below() -> None:
    assert blocks('<a href="/a-big.png"><img src="/a.png"></a>') == [image("/a.png")]
    found, notes = read('<a href="/more"><img src="/a.png" alt="A"></a>')
    assert found == [image("/a.png", "A"), text('<p><a href="/more">A</a></p>')]
    assert [note.code for note in notes] == ["image-link"]


def test_an_image_that_is_loaded_late_is_found() -> None:
    assert blocks('<img src="data:image/gif;base64,R0" data-src="/a.png">') == [image("/a.png")]
    assert codes('<p>x<img src="data:image/gif;base64,R0">') == ["image-refused"]


def test_what_is_called_a_gallery_is_one() -> None:
    source = (
        '<div class="wp-block-gallery"><figure><img src="1.png"><figcaption>One</figcaption></figure>'
        '<figure><img src="2.png" alt="2"></figure></div>'
    )
    assert blocks(source) == [
        {
            "type": "gallery",
            "value": {
                "images": [
                    {"image": "1.png", "alt": "", "caption": "One"},
                    {"image": "2.png", "alt": "2", "caption": ""},
                ]
            },
        }
    ]


def test_a_table_has_headings_caption_and_cells_of_html() -> None:
    source = (
        "<table><caption>C</caption><thead><tr><th>a<th>b</thead>"
        '<tr><td>1<td><a href="/x"><b>2</b></a><tr><td colspan=2>w</table>'
    )
    found, notes = read(source)
    assert found == [
        {
            "type": "table",
            "value": {
                "caption": "C",
                "columns": ["a", "b"],
                "rows": [["1", '<a href="/x"><b>2</b></a>'], ["w", ""]],
            },
        }
    ]
    assert [note.code for note in notes] == ["cell-span"]


def test_a_cell_over_two_rows_moves_the_others() -> None:
    found = blocks("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>")
    assert found[0]["value"]["rows"] == [["a", "b"], ["", "c"]]


def test_frames_are_embeds() -> None:
    assert blocks('<iframe src="//www.youtube.com/embed/abc123" title="T"></iframe>') == [
        {"type": "embed", "value": {"url": "https://www.youtube.com/embed/abc123", "caption": "T"}}
    ]
    assert blocks('<script src="https://gist.github.com/a/1.js"></script>') == [
        {"type": "embed", "value": {"url": "https://gist.github.com/a/1", "caption": ""}}
    ]
    assert blocks('<video><source src="/a.mp4"></video>') == [
        text('<p><a href="/a.mp4">a.mp4</a></p>')
    ]


def test_something_to_unfold_is_an_open_remark() -> None:
    found, notes = read("<details><summary>More</summary><p>One</p><ul><li>a</ul></details>")
    assert found == [
        {
            "type": "callout",
            "value": {"kind": "info", "title": "More", "text": "<p>One</p><ul><li>a</li></ul>"},
        }
    ]
    assert [note.code for note in notes] == ["details-unfolded"]


def test_a_list_of_definitions_keeps_its_terms_in_bold() -> None:
    assert blocks("<dl><dt>T</dt><dd>D</dd></dl>") == [text("<p><b>T</b></p><p>D</p>")]


def test_addresses_are_handed_over() -> None:
    seen: list[str] = []

    def address(url: str) -> str:
        seen.append(url)
        return f"file:{url}"

    found, _ = read('<a href="x.md#a">x</a><a href="#t">t</a><img src="i.png">', address=address)
    assert seen == ["x.md#a", "i.png"]
    assert 'href="file:x.md#a"' in found[0]["value"]
    assert 'src="file:i.png"' in found[0]["value"]


REFUSED = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "blob:https://x/y",
]


@pytest.mark.parametrize("url", REFUSED)
def test_a_dangerous_link_keeps_only_its_words(url: str) -> None:
    found, notes = read(f'<p><a href="{url}">word</a></p>')
    assert found == [text("<p>word</p>")]
    assert [note.code for note in notes] == ["link-refused"]


@pytest.mark.parametrize(
    ("source", "dropped"),
    [
        ("<p>a</p><script>alert(1)</script>", "A <script> was dropped."),
        ("<style>p{}</style><p>a</p>", "A <style> was dropped."),
        ('<p onclick="alert(1)">a</p>', "The event handler onclick of <p> was dropped."),
        ("<svg onload=alert(1)><text>word</text></svg><p>a", "The event handler onload of <svg>"),
        ("<p>a</p><textarea>draft</textarea>", "A <textarea> was dropped: “draft”."),
    ],
)
def test_what_runs_is_dropped_and_noted(source: str, dropped: str) -> None:
    found, notes = read(source)
    assert found == [text("<p>a</p>")]
    assert notes[0].message.startswith(dropped)


def test_where_goes_into_each_note() -> None:
    assert [note.where for note in read("<script></script>", where="line 3")[1]] == ["line 3"]


def test_words_alone() -> None:
    assert text_from_html("<p>a <b>b</b></p>&amp;<ul><li>c</ul>") == "a b & \N{BULLET} c"


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td", "span", "a"])
def test_tags_that_nest_without_end_take_no_time(tag: str) -> None:
    for depth in (900, 50_000):
        started = time.monotonic()
        found, _ = read(f"<{tag}>" * depth + "word")
        assert time.monotonic() - started < 5
        assert "word" in json.dumps(found)


def test_a_table_of_endless_cells_stays_bounded() -> None:
    wide = "<table><tr><th>a" + "<td colspan=1000 rowspan=1000>x" * 200
    found, _ = read(wide + "<tr><td>y" * 3000 + "</table>")
    assert len(json.dumps(found)) < 2_000_000
