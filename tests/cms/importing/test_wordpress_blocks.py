"""The block editor's blocks."""

import json

import pytest

from cms.importing.sources.wordpress.block_grammar import parse_blocks
from tests.cms.importing.wxr_file import BASE, attachment, body_of, codes_of, item, read_item

UPLOADS = f"{BASE}/wp-content/uploads"


def picture(number):
    return f"{UPLOADS}/2020/01/picture-{number}.jpg"


def shown(number, alt="", caption=""):
    return {"image": picture(number), "alt": alt, "caption": caption}


def block(name, inner="", **attributes):
    said = f" {json.dumps(attributes)}" if attributes else ""
    return f"<!-- wp:{name}{said} -->\n{inner}\n<!-- /wp:{name} -->\n\n"


def void(name, **attributes):
    said = f" {json.dumps(attributes)}" if attributes else ""
    return f"<!-- wp:{name}{said} /-->\n\n"


def paragraph(text):
    return block("paragraph", f"<p>{text}</p>")


def notes_of(tmp_path, content, *others, **fields):
    return codes_of(read_item(tmp_path, item(1, content, **fields), *others, key="post:1"))


def test_texts_are_joined(tmp_path):
    text = (
        paragraph("One")
        + paragraph("two\nlines")
        + block("list", "<ul><!-- wp:list-item --><li>a</li><!-- /wp:list-item --></ul>")
        + block("separator", '<hr class="wp-block-separator"/>')
        + block("heading", '<h3 id="there">Three</h3>', level=3)
        + paragraph('See <a href="#there">three</a>.')
    )
    assert body_of(tmp_path, text) == [
        ("rich_text", "<p>One</p><p>two lines</p><ul><li>a</li></ul><hr/>"),
        ("heading", {"text": "Three", "level": "h3", "anchor": "there"}),
        ("rich_text", '<p>See <a href="#there">three</a>.</p>'),
    ]


def test_links_to_a_heading_reach_over_other_blocks(tmp_path):
    text = (
        paragraph('<a href="#end">Down</a>')
        + block("image", f'<figure><img src="{picture(7)}" alt=""/></figure>', id=7)
        + block("heading", '<h2 id="end">End</h2>')
    )
    assert body_of(tmp_path, text, attachment(7)) == [
        ("rich_text", '<p><a href="#end">Down</a></p>'),
        ("image", shown(7)),
        ("heading", {"text": "End", "level": "h2", "anchor": "end"}),
    ]
    assert notes_of(tmp_path, text, attachment(7)) == []


def test_quotes_code_and_poems(tmp_path):
    text = (
        block(
            "quote", '<blockquote class="wp-block-quote"><p>Said</p><cite>Ann</cite></blockquote>'
        )
        + block(
            "pullquote",
            "<figure><blockquote><p>Told <b>b</b></p><cite>Bob</cite></blockquote></figure>",
        )
        + block("code", '<pre class="wp-block-code"><code>a &lt; b &#91;gallery]\n\nc</code></pre>')
        + block("preformatted", '<pre class="wp-block-preformatted">x\n  y</pre>')
        + block("verse", '<pre class="wp-block-verse">Roses\nare <em>red</em></pre>')
    )
    assert body_of(tmp_path, text) == [
        ("quote", {"text": "Said", "attribution": "Ann"}),
        ("quote", {"text": "Told b", "attribution": "Bob"}),
        ("code", {"language": "text", "code": "a < b [gallery]\n\nc", "caption": ""}),
        ("code", {"language": "text", "code": "x\n  y", "caption": ""}),
        ("rich_text", "<p>Roses<br/>are <i>red</i></p>"),
    ]


def test_a_table_keeps_its_head_and_caption(tmp_path):
    text = block(
        "table",
        '<figure class="wp-block-table"><table><thead><tr><th>A</th><th>B</th></tr></thead><tbody>'
        "<tr><td>1</td><td><b>2</b></td></tr></tbody></table><figcaption>Numbers</figcaption></figure>",
    )
    assert body_of(tmp_path, text) == [
        ("table", {"caption": "Numbers", "columns": ["A", "B"], "rows": [["1", "<b>2</b>"]]})
    ]


def test_images_lead_to_the_upload_by_their_number(tmp_path):
    figure = (
        '<figure class="wp-block-image"><img src="https://elsewhere.example/copy.jpg" alt="A &amp; B"/>'
        '<figcaption class="wp-element-caption">Of a <em>cat</em></figcaption></figure>'
    )
    text = block("image", figure, id=7, sizeSlug="large")
    assert body_of(tmp_path, text, attachment(7)) == [("image", shown(7, "A & B", "Of a cat"))]
    outside = {"image": "https://elsewhere.example/copy.jpg", "alt": "A & B", "caption": "Of a cat"}
    assert body_of(tmp_path, text) == [("image", outside)]
    assert notes_of(tmp_path, block("image", "<figure></figure>")) == ["image-without-address"]


@pytest.mark.parametrize(
    "gallery",
    [
        block(
            "gallery",
            '<figure class="wp-block-gallery has-nested-images">'
            + block("image", f'<figure><img src="{picture(8)}" alt="Eight"/></figure>', id=8)
            + block(
                "image",
                f'<figure><img src="{picture(7)}" alt=""/><figcaption>7</figcaption></figure>',
                id=7,
            )
            + '<figcaption class="blocks-gallery-caption">Both</figcaption></figure>',
        ),
        block(
            "gallery",
            '<figure class="wp-block-gallery"><ul class="blocks-gallery-grid">'
            f'<li><figure><img src="{UPLOADS}/2020/01/picture-8-300x200.jpg" alt="Eight" data-id="8"/>'
            "</figure></li>"
            f'<li><figure><img src="{picture(7)}" alt=""/><figcaption>7</figcaption></figure></li></ul>'
            '<figcaption class="blocks-gallery-caption">Both</figcaption></figure>',
            ids=[8, 7],
        ),
    ],
)
def test_galleries_new_and_old(tmp_path, gallery):
    others = [attachment(7), attachment(8)]
    assert body_of(tmp_path, gallery, *others) == [
        ("gallery", {"images": [shown(8, "Eight"), shown(7, "", "7")]}),
        ("rich_text", "<p>Both</p>"),
    ]
    assert notes_of(tmp_path, gallery, *others) == ["gallery-caption"]


def test_a_gallery_that_names_only_numbers(tmp_path):
    found = body_of(tmp_path, void("gallery", ids=[7, 99]), attachment(7, alt="A"))
    assert found == [("gallery", {"images": [shown(7, "A")]})]
    assert notes_of(tmp_path, void("gallery", ids=[99])) == ["gallery-empty"]


def test_boxes_are_flattened_and_that_is_said(tmp_path):
    text = block(
        "columns",
        '<div class="wp-block-columns">'
        + block("column", f'<div class="wp-block-column">{paragraph("Left")}</div>')
        + block(
            "column",
            f'<div class="wp-block-column">{block("group", "<div>" + paragraph("Right") + "</div>")}</div>',
        )
        + "</div>",
    )
    assert body_of(tmp_path, text) == [("rich_text", "<p>Left</p><p>Right</p>")]
    assert notes_of(tmp_path, text) == ["layout"]
    assert notes_of(tmp_path, block("group", f"<div>{paragraph('x')}</div>")) == []


def test_a_picture_beside_a_text_comes_before_it(tmp_path):
    beside = block(
        "media-text",
        '<div class="wp-block-media-text"><figure class="wp-block-media-text__media">'
        f'<img src="{picture(7)}" alt="A"/></figure>'
        f'<div class="wp-block-media-text__content">{paragraph("Beside")}</div></div>',
        mediaId=7,
    )
    cover = block(
        "cover",
        '<div class="wp-block-cover">'
        f'<img class="wp-block-cover__image-background" src="{picture(7)}" alt="A"/>'
        f'<div class="wp-block-cover__inner-container">{paragraph("Beside")}</div></div>',
        url=picture(7),
        id=7,
    )
    old_cover = block(
        "cover",
        f'<div class="wp-block-cover" style="background-image:url({picture(7)})">'
        '<p class="wp-block-cover-text">Beside</p></div>',
    )
    expected = [("image", shown(7, "A")), ("rich_text", "<p>Beside</p>")]
    assert body_of(tmp_path, beside, attachment(7)) == expected
    assert body_of(tmp_path, cover, attachment(7)) == expected
    assert body_of(tmp_path, old_cover, attachment(7)) == [("image", shown(7)), expected[1]]


def test_buttons_are_calls_to_action(tmp_path):
    text = block(
        "buttons",
        block(
            "button", '<div><a class="wp-block-button__link" href="/shop?a=1&amp;b=2">Buy</a></div>'
        )
        + block("button", "<div><a>Nowhere</a></div>")
        + block("button", f'<div><a href="/long">{"long " * 20}</a></div>'),
    )
    value = {"title": "Buy", "text": "", "label": "Buy", "url": "/shop?a=1&b=2"}
    long = ("long " * 20).strip()
    assert body_of(tmp_path, text) == [
        ("call_to_action", value),
        ("rich_text", f'<p>Nowhere</p><p><a href="/long">{long}</a></p>'),
    ]
    assert notes_of(tmp_path, text) == ["button-as-text"]


@pytest.mark.parametrize(
    "text",
    [
        block(
            "embed",
            '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://youtu.be/a1b2c3?x=1&amp;y=2\n'
            "</div><figcaption>Look</figcaption></figure>",
            url="https://youtu.be/a1b2c3?x=1&y=2",
        ),
        block(
            "core-embed/youtube",
            '<figure><div class="wp-block-embed__wrapper">\nhttps://youtu.be/a1b2c3?x=1&amp;y=2\n</div>'
            "<figcaption>Look</figcaption></figure>",
        ),
    ],
)
def test_embeds_new_and_old(tmp_path, text):
    value = {"url": "https://youtu.be/a1b2c3?x=1&y=2", "caption": "Look"}
    assert body_of(tmp_path, text) == [("embed", value)]


def test_players_and_files(tmp_path):
    others = [attachment(7, "2020/01/song.mp3", title="A song"), attachment(8, "2020/01/paper.pdf")]
    text = (
        block(
            "audio",
            f'<figure><audio controls src="{UPLOADS}/2020/01/song.mp3"></audio></figure>',
            id=7,
        )
        + block(
            "video",
            '<figure><video src="https://cdn.example/f.mp4"></video><figcaption>F</figcaption></figure>',
        )
        + block(
            "file",
            f'<div><a href="{UPLOADS}/2020/01/paper.pdf">The paper</a><a>Download</a></div>',
            id=8,
        )
        + block(
            "file",
            '<div><a href="https://x.example/y.zip">Y</a></div>',
            href="https://x.example/y.zip",
        )
    )
    assert body_of(tmp_path, text, *others) == [
        ("file", {"document": f"{UPLOADS}/2020/01/song.mp3", "title": "A song"}),
        ("embed", {"url": "https://cdn.example/f.mp4", "caption": "F"}),
        ("file", {"document": f"{UPLOADS}/2020/01/paper.pdf", "title": "The paper"}),
        ("rich_text", '<p><a href="https://x.example/y.zip">Y</a></p>'),
    ]


def test_blocks_that_wordpress_fills_are_named_once(tmp_path):
    text = (
        void("latest-posts")
        + void("latest-posts")
        + block(
            "query",
            f"<div>{block('post-template', void('post-title'))}"
            f"{block('query-no-results', paragraph('None'))}</div>",
        )
        + void("site-title")
        + paragraph("Words")
        + void("search", label="Find")
        + void("spacer")
    )
    assert body_of(tmp_path, text) == [("rich_text", "<p>Words</p>")]
    found = read_item(tmp_path, item(1, text), key="post:1").notes
    assert [note.code for note in found] == ["block-dynamic"]
    assert "latest-posts (2), query, site-title, search." in found[0].message


def test_blocks_of_plug_ins_keep_their_text(tmp_path):
    text = (
        block("acme/box", '<div class="acme"><p>Kept</p></div>', colour="red")
        + block("acme/outer", f"<div>{paragraph('Inner')}</div>")
        + void("acme/map", place="here")
    )
    assert body_of(tmp_path, text) == [("rich_text", "<p>Kept</p><p>Inner</p>")]
    found = read_item(tmp_path, item(1, text), key="post:1").notes
    assert [(note.change.value, note.code) for note in found] == [
        ("changed", "block-unknown"),
        ("changed", "block-unknown"),
        ("dropped", "block-unknown"),
    ]


def test_a_reusable_block_is_written_out_wherever_it_stands_in_the_file(tmp_path):
    shared = item(50, paragraph("Shared"), kind="wp_block")
    assert body_of(tmp_path, paragraph("Own") + void("block", ref=50), shared) == [
        ("rich_text", "<p>Own</p><p>Shared</p>")
    ]
    assert notes_of(tmp_path, void("block", ref=50), shared) == ["reusable-block"]
    assert notes_of(tmp_path, void("block", ref=51)) == ["reusable-block-missing"]
    circle = item(50, paragraph("Round") + void("block", ref=50), kind="wp_block")
    assert body_of(tmp_path, void("block", ref=50), circle) == [("rich_text", "<p>Round</p>")]
    assert notes_of(tmp_path, void("block", ref=50), circle) == [
        "reusable-block",
        "reusable-block-cycle",
    ]


def test_footnotes_stand_at_the_end(tmp_path):
    text = paragraph(
        'Word<sup data-fn="f1" class="fn"><a href="#f1" id="f1-link">1</a></sup>.'
    ) + void("footnotes")
    meta = {"footnotes": json.dumps([{"id": "f1", "content": "The <em>note</em>."}])}
    found = body_of(tmp_path, text, meta=meta)
    assert "The <i>note</i>." in found[-1][1]
    assert "Word<sup>" in found[0][1]


def test_what_folds_is_shown(tmp_path):
    text = block("details", f"<details><summary>More</summary>{paragraph('Inside')}</details>")
    assert body_of(tmp_path, text) == [("rich_text", "<p><b>More</b></p><p>Inside</p>")]
    assert notes_of(tmp_path, text) == ["block-details"]


def test_classic_text_between_blocks_gets_paragraphs_and_shortcodes(tmp_path):
    text = (
        "Old text\n\nof two\n"
        + paragraph("New")
        + block("shortcode", "[gallery ids='7']")
        + block("freeform", "a\n\nb")
        + block("html", '<div onclick="x()">raw</div>')
    )
    assert body_of(tmp_path, text, attachment(7)) == [
        ("rich_text", "<p>Old text</p><p>of two</p><p>New</p>"),
        ("gallery", {"images": [shown(7)]}),
        ("rich_text", "<p>a</p><p>b</p><p>raw</p>"),
    ]


def test_more_and_page_breaks(tmp_path):
    text = (
        paragraph("Lead")
        + block("more", "<!--more-->")
        + paragraph("Rest")
        + block("nextpage", "<!--nextpage-->")
        + paragraph("End")
    )
    found = read_item(tmp_path, item(1, text), key="post:1")
    assert found.summary == "Lead"
    assert [entry["value"] for entry in found.body] == ["<p>Lead</p><p>Rest</p><p>End</p>"]
    assert codes_of(found) == ["block-nextpage"]


def test_social_links_are_a_list(tmp_path):
    text = block(
        "social-links",
        "<ul>"
        + void("social-link", url="https://x.example/me", service="mastodon")
        + void("social-link", url="#")
        + "</ul>",
    )
    assert body_of(tmp_path, text) == [
        ("rich_text", '<ul><li><a href="https://x.example/me">Mastodon</a></li></ul>')
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- wp:paragraph --><p>never closed</p>",
        "<p>never closed</p><!-- /wp:paragraph -->",
        '<!-- wp:paragraph {"broken": -->\n<p>never closed</p>\n<!-- /wp:paragraph -->',
        "<!-- wp:group --><div><!-- wp:paragraph --><p>never closed</p><!-- /wp:group -->",
        '<!-- wp:paragraph ["list"] --><p>never closed</p><!-- /wp:paragraph -->',
    ],
)
def test_damaged_marks_lose_no_words(tmp_path, text):
    assert body_of(tmp_path, text) == [("rich_text", "<p>never closed</p>")]


def test_marks_are_read_in_linear_time_and_bounded_depth():
    deep = "<!-- wp:group --><div>" * 3000 + "words"
    blocks = parse_blocks(deep)
    assert "words" in blocks[0].markup()
    (left,) = parse_blocks("<!-- wp:a " * 50_000)
    assert left.name == "freeform"
