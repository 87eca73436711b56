"""Texts of WordPress's two editors as blocks."""

import json

import pytest

from cms.importing.sources.wordpress.shortcodes import read_attributes
from tests.cms.importing.wxr_file import BASE, attachment, body_of, codes_of, item, read_item

UPLOADS = f"{BASE}/wp-content/uploads"


def picture(number, **fields):
    return f"{UPLOADS}/2020/01/picture-{number}.jpg"


def shown(number, alt="", caption=""):
    return {"image": picture(number), "alt": alt, "caption": caption}


def notes_of(tmp_path, content, *others, **fields):
    return codes_of(read_item(tmp_path, item(1, content, **fields), *others, key="post:1"))


# The classic editor


def test_lines_and_blank_lines_become_paragraphs(tmp_path):
    assert body_of(tmp_path, "One\ntwo\n\n<b>three</b>\n<h3>Four</h3>\nfive") == [
        ("rich_text", "<p>One<br/>two</p><p><b>three</b></p>"),
        ("heading", {"text": "Four", "level": "h3", "anchor": ""}),
        ("rich_text", "<p>five</p>"),
    ]


def test_a_caption_is_an_image_with_its_words(tmp_path):
    text = (
        'Before\n\n[caption id="attachment_7" align="alignleft" width="300"]'
        f'<a href="{picture(7)}"><img class="size-medium" alt="A cat"'
        f' src="{UPLOADS}/2020/01/picture-7-300x200.jpg"'
        ' width="300" /></a> The <em>cat</em>\n& more[/caption]\n\nAfter'
    )
    assert body_of(tmp_path, text, attachment(7)) == [
        ("rich_text", "<p>Before</p>"),
        ("image", shown(7, "A cat", "The cat & more")),
        ("rich_text", "<p>After</p>"),
    ]


def test_an_old_caption_says_its_words_in_an_attribute(tmp_path):
    text = (
        '[wp_caption caption="It\'s <b>old</b>"]<img src="https://x.example/a.png"/>[/wp_caption]'
    )
    expected = {"image": "https://x.example/a.png", "alt": "", "caption": "It's old"}
    assert body_of(tmp_path, text) == [("image", expected)]


def test_a_caption_without_an_image_keeps_its_words(tmp_path):
    assert body_of(tmp_path, "[caption]just words[/caption]") == [
        ("rich_text", "<p>just words</p>")
    ]


def test_an_image_that_led_elsewhere_says_so(tmp_path):
    text = f'[caption]<a href="https://x.example/shop"><img src="{picture(7)}"/></a> Buy[/caption]'
    assert body_of(tmp_path, text, attachment(7)) == [("image", shown(7, "", "Buy"))]
    assert notes_of(tmp_path, text, attachment(7)) == ["image-link"]


def test_a_gallery_shows_the_uploads_of_its_post(tmp_path):
    others = [
        attachment(9, parent=1, menu_order=1),
        attachment(8, parent=1, alt="Eight", menu_order=2),
    ]
    others += [attachment(7, parent=1, excerpt="Seven", menu_order=2), attachment(6, parent=2)]
    others.append(attachment(5, "2020/01/sound.mp3", parent=1))
    gallery = [shown(9), shown(7, "", "Seven"), shown(8, "Eight")]
    assert body_of(tmp_path, "[gallery]", *others) == [("gallery", {"images": gallery})]
    assert body_of(tmp_path, '[gallery exclude="9, 8"]', *others) == [
        ("gallery", {"images": [gallery[1]]})
    ]
    assert body_of(tmp_path, "[gallery order=DESC orderby='ID']", *others)[0][1]["images"] == [
        *(gallery[0], gallery[2], gallery[1])
    ]
    assert body_of(tmp_path, '[gallery id="2"]', *others) == [("gallery", {"images": [shown(6)]})]


def test_a_gallery_keeps_the_order_of_its_numbers(tmp_path):
    others = [attachment(7), attachment(8)]
    text = "Words [gallery ids=\"8,99,7\" columns='2'] and more"
    assert body_of(tmp_path, text, *others) == [
        ("rich_text", "<p>Words</p>"),
        ("gallery", {"images": [shown(8), shown(7)]}),
        ("rich_text", "<p>and more</p>"),
    ]
    assert notes_of(tmp_path, text, *others) == ["gallery-image-missing"]
    assert body_of(tmp_path, '[gallery ids="99"]') == []
    assert notes_of(tmp_path, '[gallery ids="99"]') == ["gallery-image-missing", "gallery-empty"]


def test_a_gallery_of_many_is_several(tmp_path):
    others = [attachment(number, parent=1) for number in range(100, 170)]
    sizes = [len(value["images"]) for _type, value in body_of(tmp_path, "[gallery]", *others)]
    assert sizes == [50, 20]


def test_players_become_files_or_embeds(tmp_path):
    sound = attachment(7, "2020/01/song.mp3", title="A song")
    file = {"document": f"{UPLOADS}/2020/01/song.mp3", "title": "A song"}
    for text in (
        f'[audio mp3="{UPLOADS}/2020/01/song.mp3"][/audio]',
        f"[audio {UPLOADS}/2020/01/song.mp3]",
        f'[audio src="{UPLOADS}/2020/01/song.mp3" /]',
        '[playlist ids="7"]',
    ):
        assert body_of(tmp_path, text, sound) == [("file", file)], text
    film = '[video width="640" mp4="https://cdn.example/f.mp4"]<a href="https://cdn.example/f.mp4">f</a>[/video]'
    assert body_of(tmp_path, film) == [
        ("embed", {"url": "https://cdn.example/f.mp4", "caption": ""})
    ]
    assert notes_of(tmp_path, film) == ["media-player"]
    assert notes_of(tmp_path, "[video]") == ["media-player", "media-without-address"]


@pytest.mark.parametrize(
    "text",
    [
        "Look:\n\nhttps://youtu.be/abc123\n\nNice.",
        "Look:\nhttps://youtu.be/abc123\nNice.",
        "<p>Look:</p>\n<p>https://youtu.be/abc123</p>\n<p>Nice.</p>",
        "Look:\n\n[embed width='100']https://youtu.be/abc123[/embed]\n\nNice.",
        'Look:\n\n[embed]<a href="https://youtu.be/abc123">x</a>[/embed]\n\nNice.',
        "Look:\n\n[youtube https://youtu.be/abc123]\n\nNice.",
        "Look:\n\n[youtube=https://youtu.be/abc123]\n\nNice.",
    ],
)
def test_an_address_alone_on_its_line_is_embedded(tmp_path, text):
    assert body_of(tmp_path, text) == [
        ("rich_text", "<p>Look:</p>"),
        ("embed", {"url": "https://youtu.be/abc123", "caption": ""}),
        ("rich_text", "<p>Nice.</p>"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://youtu.be/abc123 now", "<p>See https://youtu.be/abc123 now</p>"),
        (
            '<a href="/x">\nhttps://youtu.be/abc123</a>',
            '<p><a href="/x">https://youtu.be/abc123</a></p>',
        ),
        (f"{BASE}/other/", f'<p><a href="{BASE}/other/">{BASE}/other/</a></p>'),
        ("[embed]no address[/embed]", "<p>no address</p>"),
    ],
)
def test_other_addresses_stay_in_the_text(tmp_path, text, expected):
    assert body_of(tmp_path, text) == [("rich_text", expected)]


def test_unknown_shortcodes_stay_visible_and_are_noted(tmp_path):
    text = 'Write:\n\n[contact-form to="a@example.com"]\n\n[box]in[/box] [sic] and [1]'
    assert body_of(tmp_path, text) == [
        (
            "rich_text",
            '<p>Write:</p><p>[contact-form to="a@example.com"]</p><p>[box]in[/box] [sic] and [1]</p>',
        )
    ]
    found = read_item(tmp_path, item(1, text), key="post:1").notes
    assert [(note.code, note.message.split("]")[0]) for note in found] == [
        ("shortcode-unknown", "The shortcode [contact-form"),
        ("shortcode-unknown", "The shortcode [box"),
    ]


def test_an_escaped_shortcode_is_shown(tmp_path):
    text = "Use [[gallery ids=\"7\"]] or [[caption]x[/caption]] or [[unknown a='1']]."
    expected = "<p>Use [gallery ids=\"7\"] or [caption]x[/caption] or [[unknown a='1']].</p>"
    assert body_of(tmp_path, text, attachment(7)) == [("rich_text", expected)]
    assert notes_of(tmp_path, text, attachment(7)) == []


def test_shortcodes_in_code_and_in_tags_are_words(tmp_path):
    text = '<pre>[gallery ids="7"]</pre>\n<a href="/x" title="[gallery]">x</a>'
    assert body_of(tmp_path, text, attachment(7)) == [
        ("code", {"language": "text", "code": '[gallery ids="7"]', "caption": ""}),
        ("rich_text", '<p><a href="/x">x</a></p>'),
    ]


def test_a_shortcode_for_code_keeps_it_to_the_letter(tmp_path):
    code = "if (a &lt; b) {\n\n  [gallery] &amp;&amp; x;\n}"
    text = f'See\n[sourcecode language="php" light="1"]\n{code}\n[/sourcecode]\nthen [code]\nx'
    assert body_of(tmp_path, text) == [
        ("rich_text", "<p>See</p>"),
        (
            "code",
            {"language": "php", "code": "if (a < b) {\n\n  [gallery] && x;\n}", "caption": ""},
        ),
        ("rich_text", "<p>then [code]<br/>x</p>"),
    ]


def test_the_text_before_more_is_the_introduction(tmp_path):
    text = "First <b>words</b>.\n\n<!--more Read on-->\n\nThen [gallery] more."
    found = read_item(tmp_path, item(1, text), key="post:1")
    assert found.summary == "First words."
    assert [block["value"] for block in found.body] == [
        "<p>First <b>words</b>.</p><p>Then</p><p>more.</p>"
    ]
    told = read_item(tmp_path, item(1, text, excerpt="Told &amp; <i>done</i>"), key="post:1")
    assert told.summary == "Told & done"
    assert read_item(tmp_path, item(1, "Words"), key="post:1").summary == ""


def test_a_long_excerpt_is_cut_after_a_word(tmp_path):
    found = read_item(tmp_path, item(1, "x", excerpt="word " * 200), key="post:1")
    assert len(found.summary) <= 500
    assert found.summary.endswith("word…")
    assert codes_of(found) == ["summary-shortened"]


def test_pages_of_a_text_are_put_together(tmp_path):
    text = "One\n\n<!--nextpage-->\n\nTwo\n<!--nextpage-->Three"
    assert body_of(tmp_path, text) == [("rich_text", "<p>One</p><p>Two</p><p>Three</p>")]
    assert notes_of(tmp_path, text) == ["several-pages"]


def test_sizes_of_a_picture_lead_to_the_upload(tmp_path):
    sizes = [
        f"{UPLOADS}/2020/01/picture-7-300x200.jpg",
        f"{UPLOADS}/2020/01/picture-7-scaled.jpg",
        f"{UPLOADS}/2020/01/picture-7-e1612345678901-150x150.jpg",
        f"{picture(7)}?w=300&h=200",
        "https://i0.wp.com/blog.example.com/wp-content/uploads/2020/01/picture-7.jpg?fit=1",
        "http://www.blog.example.com/wp-content/uploads/2020/01/picture-7-1x1.jpg",
    ]
    for url in sizes:
        assert body_of(tmp_path, f'<img src="{url}" alt="A">', attachment(7)) == [
            ("image", shown(7, "A"))
        ], url
    inline = f'Word <img src="{sizes[0]}"> word <a href="{sizes[1]}">big</a>'
    expected = f'<p>Word <img src="{picture(7)}" alt=""/> word <a href="{picture(7)}">big</a></p>'
    assert body_of(tmp_path, inline, attachment(7)) == [("rich_text", expected)]


def test_a_picture_that_has_its_size_in_its_name_is_itself(tmp_path):
    others = [attachment(7, "2020/01/map.jpg"), attachment(8, "2020/01/map-300x200.jpg")]
    found = body_of(tmp_path, f'<img src="{UPLOADS}/2020/01/map-300x200.jpg">', *others)
    assert found[0][1]["image"] == f"{UPLOADS}/2020/01/map-300x200.jpg"


def test_scripts_and_handlers_have_no_way_in(tmp_path):
    text = (
        'Hi <script>alert(1)</script><a href="javascript:alert(2)" onclick="alert(3)">a</a>'
        '<img src=x onerror="alert(4)">[caption]<img src="javascript:alert(5)"> c[/caption]'
        '[embed]javascript:alert(6)[/embed]<!-- wp:x --><iframe src="data:text/html,7"></iframe>'
    )
    shown = json.dumps(body_of(tmp_path, text))
    for trace in ("<script", "onclick", "onerror", 'href=\\"javascript', "data:text", "iframe"):
        assert trace not in shown


def test_attributes_are_read_as_wordpress_does():
    assert read_attributes("ids=\"1,2\" Size='big' n=3 alone \u201cx\u201d a=\u201db\u201d") == {
        "ids": "1,2",
        "size": "big",
        "n": "3",
        "0": "alone",
        "1": "x",
        "a": "b",
    }
    assert read_attributes("") == {}


@pytest.mark.parametrize(
    "unit",
    [
        "[gallery",
        "[caption]",
        "[code]",
        "<b>[gallery]",
        "<!--more",
        "<p>https://a.b",
        "[[",
        "<b>x\n\n",
    ],
)
def test_a_text_of_nothing_but_marks_stays_small(tmp_path, unit):
    """Readers that begin again at every mark, or open each tag again, took minutes and gigabytes."""
    text = unit * 6_000
    assert len(json.dumps(body_of(tmp_path, text))) < 100 * len(text)
