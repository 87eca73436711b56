"""Folders as Zola keeps them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cms.importing.markdown_site import PIXEL, Reading

CONFIG = """
base_url = "https://blog.example.com"
default_language = "en"
[languages.fr]
"""
POST = """+++
path = "2015/01/09/Rust-1.0-alpha"
title = "Announcing *1.0* Alpha"
authors = ["Ada Lovelace", "Bob <bob@example.com>"]
description = "The first alpha."
aliases = ["2015/01/09/Rust-1.0-alpha.html", "/old/alpha/"]
updated = 2015-02-01T10:00:00Z
[taxonomies]
tags = ["release", "news"]
categories = ["Announcements"]
series = ["One point oh"]
[extra]
release = true
team = "the Core Team"
+++
Today we *announce* [the beta](@/posts/beta.md#what-s-new) and [more](../about.md).

<!-- more -->

# What's in 1.0?

See [below](#custom) and [up](#what-s-in-1-0).[^why]

## Own name {#custom}

~~~rust,ignore
let s = "{{ not_a_shortcode() }}";
~~~

| a | b |
|---|---|
| 1 | `x` |

- [x] done
- [ ] open

![Chart](chart.png "All the numbers")

[^why]: Because **why** not.
"""
SITE: dict[str, str | bytes] = {
    "config.toml": CONFIG,
    "content/_index.md": '+++\ntitle = "Home"\n+++\n',
    "content/about.md": '+++\ntitle = "About"\n+++\nUs.',
    "content/posts/_index.md": '+++\ntitle = "Posts"\ndescription = "All of them."\n+++\nMore words.',
    "content/posts/alpha/index.md": POST,
    "content/posts/alpha/chart.png": PIXEL,
    "content/posts/beta.md": '+++\ntitle = "Beta"\ndate = 2015-04-03\ndraft = true\n+++\n## What\'s new',
    "content/posts/2016-05-06-My_Post.md": '+++\ntitle = "Mine"\n+++\nWords.',
    "content/posts/2016-05-06-My_Post.fr.md": '+++\ntitle = "La mienne"\n+++\nMots.',
    "static/logo.png": PIXEL,
    "templates/base.html": "<html>",
}
ALPHA = "content/posts/alpha/index.md"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(tmp_path_factory.mktemp("zola"), SITE)


def test_what_each_file_is(site: Reading) -> None:
    assert site.source.site.flavour == "zola"
    assert site.source.identity == "blog.example.com"
    assert site.kinds() == {
        "author:ada-lovelace": "profile",
        "author:bob": "profile",
        "category:announcements": "category",
        "content/_index.md": "page",
        "content/about.md": "page",
        "content/posts/_index.md": "section",
        "content/posts/2016-05-06-My_Post.fr.md": "post",
        "content/posts/2016-05-06-My_Post.md": "post",
        ALPHA: "post",
        "content/posts/alpha/chart.png": "image",
        "content/posts/beta.md": "post",
    }
    assert set(site.skipped) == {"config.toml", "static/logo.png", "templates/base.html"}


def test_the_fields_of_a_post(site: Reading) -> None:
    post = site[ALPHA]
    assert (post.title, post.slug) == ("Announcing *1.0* Alpha", "Rust-1.0-alpha")
    assert post.parent == "content/posts/_index.md"
    assert post.published_at == datetime(2015, 1, 9, tzinfo=UTC)
    assert post.updated_at == datetime(2015, 2, 1, 10, tzinfo=UTC)
    assert post.summary == "The first alpha."
    assert post.authors == ("author:ada-lovelace", "author:bob")
    assert post.categories == ("category:announcements",)
    assert post.tags == ("release", "news", "One point oh")
    assert post.addresses == (
        "/2015/01/09/Rust-1.0-alpha/",
        "/2015/01/09/Rust-1.0-alpha.html",
        "/old/alpha/",
        f"file:{ALPHA}",
    )
    assert site["author:bob"].details["email"] == "bob@example.com"


def test_what_has_no_place_is_noted(site: Reading) -> None:
    notes = {note.code: note.message for note in site[ALPHA].notes}
    assert notes["fields-unused"] == (
        "Fields with no place here: extra.release (True), extra.team (the Core Team)."
    )
    assert notes["taxonomy-as-tags"] == "What stood under series became tags: One point oh."


def test_the_body_of_a_post(site: Reading) -> None:
    body = site.body(ALPHA)
    assert body[0]["value"] == (
        '<p>Today we <i>announce</i> <a href="file:content/posts/beta.md#what-s-new">the beta</a>'
        ' and <a href="/2015/01/09/about/">more</a>.</p>'
    )
    assert body[1]["value"] == {"text": "What's in 1.0?", "level": "h2", "anchor": "what-s-in-1-0"}
    assert body[2]["value"] == (
        '<p>See <a href="#custom">below</a> and <a href="#what-s-in-1-0">up</a>.'
        '<a href="#footnotes"><sup>[1]</sup></a></p>'
    )
    assert body[3]["value"] == {"text": "Own name", "level": "h3", "anchor": "custom"}
    assert body[4]["value"] == {
        "language": "rust",
        "code": 'let s = "{{ not_a_shortcode() }}";',
        "caption": "",
    }
    assert body[5]["value"]["rows"] == [["1", "<code>x</code>"]]
    assert body[6]["value"] == (
        "<ul><li>\N{BALLOT BOX WITH CHECK} done</li><li>\N{BALLOT BOX} open</li></ul>"
    )
    assert body[7]["value"] == {
        "image": "file:content/posts/alpha/chart.png",
        "alt": "Chart",
        "caption": "All the numbers",
    }
    assert body[8]["value"] == {"text": "Footnotes", "level": "h2", "anchor": "footnotes"}
    assert body[9]["value"] == "<ol><li>Because <b>why</b> not.</li></ol>"
    assert len(body) == 10


def test_drafts_dates_in_names_and_languages(site: Reading) -> None:
    assert site["content/posts/beta.md"].status == "draft"
    mine = site["content/posts/2016-05-06-My_Post.md"]
    assert mine.published_at == datetime(2016, 5, 6, tzinfo=UTC)
    assert mine.addresses[:2] == ("/posts/my-post/", "/posts/My_Post/")
    assert mine.locale is None
    french = site["content/posts/2016-05-06-My_Post.fr.md"]
    assert (french.locale, french.addresses[0]) == ("fr", "/fr/posts/my-post/")


def test_sections(site: Reading) -> None:
    section = site["content/posts/_index.md"]
    assert (section.title, section.slug, section.parent) == ("Posts", "posts", None)
    assert section.addresses[0] == "/posts/"
    assert "All of them." in section.details["intro"]
    assert "More words." in section.details["intro"]


def test_images_of_a_bundle_have_the_path_that_they_had(site: Reading) -> None:
    assert site["content/posts/alpha/chart.png"].addresses == (
        "file:content/posts/alpha/chart.png",
        "/2015/01/09/Rust-1.0-alpha/chart.png",
    )


def test_shortcodes_outside_of_code(tmp_path: Path) -> None:
    text = """+++
title = "S"
+++
{{ youtube(id="abc123") }}

{% note(kind="x") %}
Inside *here*.
{% end %}

Inline `{{ code() }}` stays, {{ strange(a="*b*") }} shows.

```
{{ fenced() }}
```
"""
    site = Reading(tmp_path, {"a.md": text}, flavour="zola")
    types = [block["type"] for block in site.body("a.md")]
    assert types == ["embed", "rich_text", "code"]
    html = site.html("a.md")
    assert '{% note(kind="x") %}' in html
    assert "<i>here</i>" in html
    assert "<code>{{ code() }}</code>" in html
    assert '{{ strange(a="*b*") }}' in html
    notes = [(note.code, note.where) for note in site["a.md"].notes]
    assert notes == [
        ("shortcode-unknown", "line 6"),
        ("shortcode-unknown", "line 8"),
        ("shortcode-unknown", "line 10"),
    ]


def test_a_link_to_a_text_that_is_not_there(tmp_path: Path) -> None:
    site = Reading(tmp_path, {"a.md": "+++\ntitle = 'A'\n+++\n[x](@/b/gone.md)"}, flavour="zola")
    assert site.html("a.md") == '<p><a href="/b/gone/">x</a></p>'
    assert site.codes("a.md") == ["link-to-nowhere"]


def test_headings_of_one_name_have_anchors_of_their_own(tmp_path: Path) -> None:
    text = "+++\ntitle = 'A'\n+++\n## One\n## One\n## One {#x}\n## `Vec<T>` & Ünïcode!\n"
    site = Reading(tmp_path, {"a.md": text}, flavour="zola")
    assert [block["value"]["anchor"] for block in site.body("a.md")] == [
        "one",
        "one-1",
        "x",
        "vec-t-unicode",
    ]
