"""Folders as Hugo keeps them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cms.importing.markdown_site import PIXEL, Reading

CONFIG = """
baseURL: https://example.org/site/
languageCode: en
permalinks:
  news: /:year/:month/:slug/
"""
POST = """---
title: "Go & See"
date: 2020-03-04T10:00:00+01:00
slug: go-see
url: /special/go-see/
aliases: [/old/go/, sibling]
author: {name: Ada, email: ada@example.org}
categories: [Trips]
tags: "sea, sun"
cover: {image: pic.jpg, alt: x}
expiryDate: 2021-01-01
---
{{< figure src="pic.jpg" alt="A pic" caption="The *sea*" >}}

{{< youtube abc123 >}} and {{% vimeo id="42" %}}

See [this]({{< relref "other.md#part" >}}) or [that]({{< ref "news/plain" >}}).

{{< highlight go "linenos=table" >}}
fmt.Println("{{< kept >}}")
{{< /highlight >}}

{{<strange a="1" />}} and {{</* shown */>}}

`{{< in-code >}}`
"""
SITE: dict[str, str | bytes] = {
    "hugo.yaml": CONFIG,
    "content/_index.md": "---\ntitle: Welcome\n---\n",
    "content/about.md": "---\ntitle: About\ndate: 2019-01-01\n---\n![L](/logo.png)",
    "content/posts/_index.md": "---\ntitle: Posts\n---\n",
    "content/posts/Trip One/index.md": POST,
    "content/posts/Trip One/pic.jpg": PIXEL,
    "content/posts/other.md": "---\ntitle: Other\ndate: 2020-01-01\n---\n## Part",
    "content/posts/later.md": "---\ntitle: Later\ndate: 2999-01-01\n---\nx",
    "content/posts/published-later.md": "---\ntitle: P\ndate: 2020-01-01\npublishDate: 2999-02-02\n---\nx",
    "content/news/plain.md": '{"title": "Plain", "date": "2018-09-08"}\n\nWords.',
    "content/docs/_index.md": "---\ntitle: Docs\n---\nStart.",
    "content/docs/install.md": "---\ntitle: Install\n---\nHow.",
    "static/logo.png": PIXEL,
    "themes/x/content/t.md": "---\ntitle: T\n---\n",
}
TRIP = "content/posts/Trip One/index.md"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(tmp_path_factory.mktemp("hugo"), SITE)


def test_what_each_file_is(site: Reading) -> None:
    assert site.source.site.flavour == "hugo"
    assert site.kinds() == {
        "author:ada": "profile",
        "category:trips": "category",
        "content/_index.md": "page",
        "content/about.md": "page",
        "content/docs/_index.md": "page",
        "content/docs/install.md": "page",
        "content/news/plain.md": "post",
        "content/posts/_index.md": "section",
        TRIP: "post",
        "content/posts/Trip One/pic.jpg": "image",
        "content/posts/later.md": "post",
        "content/posts/other.md": "post",
        "content/posts/published-later.md": "post",
        "static/logo.png": "image",
    }


def test_addresses(site: Reading) -> None:
    assert site[TRIP].addresses == (
        "/site/special/go-see/",
        "/site/old/go/",
        "/site/posts/sibling",
        f"file:{TRIP}",
    )
    assert site["content/posts/other.md"].addresses[0] == "/site/posts/other/"
    assert site["content/news/plain.md"].addresses[0] == "/site/2018/09/plain/"
    assert site["content/docs/install.md"].addresses[0] == "/site/docs/install/"
    assert site["static/logo.png"].addresses[1] == "/site/logo.png"


def test_parents(site: Reading) -> None:
    assert site[TRIP].parent == "content/posts/_index.md"
    assert site["content/news/plain.md"].parent is None
    assert site["content/docs/install.md"].parent == "content/docs/_index.md"
    assert site["content/docs/_index.md"].parent is None


def test_the_fields_of_a_post(site: Reading) -> None:
    trip = site[TRIP]
    assert (trip.title, trip.slug) == ("Go & See", "go-see")
    assert trip.published_at == datetime(2020, 3, 4, 9, tzinfo=UTC)
    assert trip.authors == ("author:ada",)
    assert trip.tags == ("sea", "sun")
    assert trip.cover == "file:content/posts/Trip One/pic.jpg"
    assert trip.status == "draft"
    assert "expired" in site.codes(TRIP)


def test_what_is_for_later_is_scheduled(site: Reading) -> None:
    later = site["content/posts/later.md"]
    assert (later.status, later.published_at) == ("scheduled", datetime(2999, 1, 1, tzinfo=UTC))
    published = site["content/posts/published-later.md"]
    assert published.status == "scheduled"
    assert published.published_at == datetime(2999, 2, 2, tzinfo=UTC)


def test_shortcodes(site: Reading) -> None:
    body = site.body(TRIP)
    assert body[0]["value"] == {
        "image": "file:content/posts/Trip One/pic.jpg",
        "alt": "A pic",
        "caption": "The *sea*",
    }
    assert [block["value"]["url"] for block in body if block["type"] == "embed"] == [
        "https://www.youtube.com/embed/abc123",
        "https://player.vimeo.com/video/42",
    ]
    (code,) = (block["value"] for block in body if block["type"] == "code")
    assert (code["language"], code["code"]) == ("go", 'fmt.Println("{{< kept >}}")')
    html = site.html(TRIP)
    assert '<a href="file:content/posts/other.md#part">this</a>' in html
    assert '<a href="file:content/news/plain.md">that</a>' in html
    assert '{{&lt;strange a="1" /&gt;}} and {{&lt; shown &gt;}}' in html
    assert "<code>{{&lt; in-code &gt;}}</code>" in html
    assert site.codes(TRIP).count("shortcode-unknown") == 1


def test_files_at_the_root_of_the_website(site: Reading) -> None:
    assert site.body("content/about.md")[0]["value"]["image"] == "file:static/logo.png"


def test_anchors_are_those_of_github(tmp_path: Path) -> None:
    text = "---\ntitle: A\n---\n## What's new_here?\n## C++ & Ünï\n"
    site = Reading(tmp_path, {"content/a.md": text}, flavour="hugo")
    assert [block["value"]["anchor"] for block in site.body("content/a.md")] == [
        "whats-new_here",
        "c--ünï",
    ]
