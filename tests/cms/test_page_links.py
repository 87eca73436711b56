"""A link to a place on a page survives the editor and leaves by the API as `/path/#place`."""

import json

import pytest
from django.test import Client
from wagtail import blocks
from wagtail.rich_text import expand_db_html

from cms.blocks.base import RICH_TEXT_FEATURES, SHORT_TEXT_FEATURES
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


def link(pk: int, fragment: str = "", words: str = "there") -> str:
    end = f' fragment="{fragment}"' if fragment else ""
    return f'<p>See <a linktype="page" id="{pk}"{end}>{words}</a></p>'


def published_body(website: Website, html: str, **query: str):
    page = website.standard("Links", body=[("rich_text", html)])
    response = Client().get(f"/api/v1/content/pages/{page.slug}", query)
    assert response.status_code == 200, response.content
    return response.json()["data"]["body"][0]["value"]


@pytest.mark.parametrize(
    ("fragment", "shown"),
    [
        ("what-is-new", "what-is-new"),
        ("What_is.New:1", "What_is.New:1"),
        ("a&amp;b &quot;c&quot;", "a%26b%20%22c%22"),
        ("größe", "gr%C3%B6%C3%9Fe"),
    ],
)
def test_the_api_gives_the_path_with_the_place(fragment: str, shown: str) -> None:
    website = Website()
    target = website.standard("Target")
    body = published_body(website, link(target.pk, fragment))
    assert body == {"html": f'<p>See <a href="/target/#{shown}">there</a></p>'}


def test_so_does_its_tree_of_nodes() -> None:
    website = Website()
    target = website.standard("Target")
    body = published_body(website, link(target.pk, "x"), format="json")
    assert body["nodes"][0]["children"][1] == {
        "type": "link",
        "attrs": {"href": "/target/#x"},
        "children": [{"type": "text", "text": "there"}],
    }


def test_a_target_that_is_not_public_takes_the_place_along() -> None:
    website = Website()
    target = website.standard("Target", is_published=False)
    assert published_body(website, link(target.pk, "x")) == {"html": "<p>See <a>there</a></p>"}
    assert published_body(website, link(999_999, "x")) == {"html": "<p>See <a>there</a></p>"}


def test_a_link_without_a_place_is_as_before() -> None:
    website = Website()
    target = website.standard("Target")
    assert published_body(website, link(target.pk)) == {
        "html": '<p>See <a href="/target/">there</a></p>'
    }


@pytest.mark.parametrize("features", [RICH_TEXT_FEATURES, SHORT_TEXT_FEATURES])
@pytest.mark.parametrize("fragment", ["", "x", "a&amp;b &quot;c&quot;"])
def test_the_editor_gives_back_what_it_was_given(features: list[str], fragment: str) -> None:
    target = Website().standard("Target")
    widget = blocks.RichTextBlock(features=features).field.widget
    source = link(target.pk, fragment)
    shown = widget.format_value(source)
    saved = widget.value_from_datadict({"body": shown}, {}, "body")
    assert without_keys(saved) == source


def test_a_link_pointed_elsewhere_in_the_editor_loses_its_place() -> None:
    website = Website()
    target, other = website.standard("Target"), website.standard("Other")
    widget = blocks.RichTextBlock(features=RICH_TEXT_FEATURES).field.widget
    shown = json.loads(widget.format_value(link(target.pk, "x")))
    # What the page chooser hands to the editor.
    shown["entityMap"]["0"]["data"] = {"id": other.pk, "url": "/other/", "parentId": 2}
    saved = widget.value_from_datadict({"body": json.dumps(shown)}, {}, "body")
    assert without_keys(saved) == link(other.pk)


def test_previews_lead_to_the_place() -> None:
    target = Website().standard("Target")
    assert f'{target.url}#x">there' in expand_db_html(link(target.pk, "x"))
    assert "#x" not in expand_db_html(link(999_999, "x"))


def without_keys(html: str) -> str:
    """Without the editor's own names of paragraphs."""
    start = html.index(" data-block-key=")
    return html[:start] + html[html.index(">", start) :]
