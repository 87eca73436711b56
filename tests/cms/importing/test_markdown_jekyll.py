"""Folders as Jekyll keeps them."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cms.importing.markdown_site import PIXEL, Reading

CONFIG = "url: https://example.net\nbaseurl: ''\ntimezone: Europe/Zurich\npermalink: {}\n"
POST = """---
layout: post
title: "Hello World"
author: Ada
categories: web css
tags: one two
redirect_from:
  - /old/hello.html
---
{% highlight ruby linenos %}
puts "{{ x }}"
{% endhighlight %}

[next]({% post_url 2016-01-02-next %}) [about]({% link about.md %})
![logo]({{ site.baseurl }}/assets/logo.png) [home]({{ "/" | relative_url }})

## A heading
{: .big #named}

{% include video.html id="1" %}

* TOC
{:toc}

{% raw %}{{ shown }}{% endraw %}{% comment %}gone{% endcomment %}
"""
SITE: dict[str, str | bytes] = {
    "_config.yml": CONFIG.format("date"),
    "_posts/2015-01-09-Hello-World.md": POST,
    "_posts/2016-01-02-next.markdown": "---\ntitle: Next\ndate: 2016-01-02 15:00\n---\nx",
    "_posts/2016-01-02-next.md": "---\ntitle: Next\ndate: 2016-01-02 15:00\n---\nx",
    "blog/_posts/2017-02-30-no-such-day.md": "---\ntitle: Odd\n---\nx",
    "_posts/2018-01-01-own.md": "---\ntitle: Own\npermalink: /own/place/\npublished: false\n---\nx",
    "_drafts/idea.md": "---\ntitle: Idea\n---\nx",
    "about.md": "---\ntitle: About\n---\nUs.",
    "docs/index.md": "---\ntitle: Docs\n---\nx",
    "docs/use.md": "---\ntitle: Use\n---\nx",
    "README.md": "# For developers",
    "assets/logo.png": PIXEL,
    "_includes/x.md": "---\n---\nx",
    "_layouts/post.html": "<html>",
}
HELLO = "_posts/2015-01-09-Hello-World.md"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(tmp_path_factory.mktemp("jekyll"), SITE)


def test_what_each_file_is(site: Reading) -> None:
    assert site.source.site.flavour == "jekyll"
    assert {key: kind for key, kind in site.kinds().items() if kind in {"post", "page"}} == {
        HELLO: "post",
        "_posts/2016-01-02-next.markdown": "post",
        "_posts/2016-01-02-next.md": "post",
        "_posts/2018-01-01-own.md": "post",
        "_drafts/idea.md": "post",
        "about.md": "page",
        "blog/_posts/2017-02-30-no-such-day.md": "post",
        "docs/index.md": "page",
        "docs/use.md": "page",
    }
    assert site.skipped["README.md"].reason.startswith("It has no head")


def test_the_fields_of_a_post(site: Reading) -> None:
    hello = site[HELLO]
    assert hello.published_at == datetime(2015, 1, 9, tzinfo=ZoneInfo("Europe/Zurich"))
    assert hello.categories == ("category:web", "category:css")
    assert hello.tags == ("one", "two")
    assert hello.authors == ("author:ada",)
    assert hello.addresses == (
        "/web/css/2015/01/09/Hello-World.html",
        "/old/hello.html",
        "/web/css/2015/01/09/Hello-World",
        f"file:{HELLO}",
    )
    assert site["_posts/2018-01-01-own.md"].addresses[0] == "/own/place/"
    assert site["_posts/2018-01-01-own.md"].status == "draft"
    assert site["_drafts/idea.md"].status == "draft"
    assert site["docs/use.md"].parent == "docs/index.md"
    assert site["about.md"].addresses[:2] == ("/about.html", "/about")


def test_a_day_that_does_not_exist_is_guessed(site: Reading) -> None:
    odd = site["blog/_posts/2017-02-30-no-such-day.md"]
    assert odd.published_at == datetime(2017, 2, 28, tzinfo=ZoneInfo("Europe/Zurich"))
    assert odd.categories == ("category:blog",)
    assert "date-impossible" in site.codes("blog/_posts/2017-02-30-no-such-day.md")


@pytest.mark.parametrize(
    ("style", "address"),
    [
        ("pretty", "/web/css/2015/01/09/Hello-World/"),
        ("none", "/web/css/Hello-World.html"),
        ("ordinal", "/web/css/2015/009/Hello-World.html"),
        ("/blog/:year/:i_month/:slug/", "/blog/2015/1/Hello-World/"),
    ],
)
def test_styles_of_addresses(tmp_path: Path, style: str, address: str) -> None:
    site = Reading(tmp_path, {"_config.yml": CONFIG.format(style), HELLO: POST})
    assert site[HELLO].addresses[0] == address


def test_liquid(site: Reading) -> None:
    body = site.body(HELLO)
    assert body[0]["value"] == {"language": "ruby", "code": 'puts "{{ x }}"', "caption": ""}
    html = site.html(HELLO)
    assert '<a href="file:_posts/2016-01-02-next.md">next</a>' in html
    assert '<a href="file:about.md">about</a>' in html
    assert '<img src="file:assets/logo.png" alt="logo"/>' in html
    assert '<a href="/">home</a>' in html
    assert '{% include video.html id="1" %}' in html
    assert "{{ shown }}" in html
    assert "gone" not in html
    assert "toc" not in html.lower()
    assert [b["value"]["anchor"] for b in body if b["type"] == "heading"] == ["named"]
    unknown = [note for note in site[HELLO].notes if note.code == "shortcode-unknown"]
    assert [(note.where, "include video.html" in note.message) for note in unknown] == [
        ("line 20", True)
    ]
