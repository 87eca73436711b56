"""The proof that an editor sees beside the form, and nobody else."""

import pytest
from wagtail.models import get_page_models

from tests.factories.cms import Website, make_file, make_image

pytestmark = pytest.mark.django_db


def test_a_proof_shows_every_kind_of_block():
    website = Website()
    image, file = make_image("Harbour", description="Boats"), make_file("Prices")
    picture = {"image": image, "alt": "", "caption": "At dawn"}
    rich = "<p>Rich words</p>"
    post = website.post(
        "Hello",
        is_published=False,
        intro="A lead.",
        cover_image=image,
        body=[
            ("heading", {"text": "A heading", "level": "h3", "anchor": ""}),
            ("rich_text", rich),
            ("image", picture),
            ("gallery", {"images": [picture]}),
            ("quote", {"text": "Quoted", "attribution": "Somebody"}),
            ("code", {"language": "html", "code": "<b>", "caption": ""}),
            ("callout", {"kind": "tip", "title": "A tip", "text": rich}),
            ("faq", {"items": [{"question": "Why?", "answer": rich}]}),
            ("embed", {"url": "https://vimeo.com/1", "caption": ""}),
            ("file", {"document": file, "title": ""}),
            (
                "call_to_action",
                {
                    "title": "Act",
                    "text": "",
                    "label": "Go",
                    "page": None,
                    "url": "https://a.example",
                },
            ),
        ],
    )
    response = post.make_preview_request(preview_mode="")
    text = response.content.decode()
    for words in ("<h3>A heading</h3>", "A lead.", "&lt;b&gt;", "Why?", "https://vimeo.com/1"):
        assert words in text
    for words in ("Quoted", "A tip", "Prices", "Boats", "At dawn", "Act"):
        assert words in text
    assert "noindex" in text


def test_every_type_of_page_has_a_proof() -> None:
    website = Website()
    made = [
        *(website.home, website.blog, website.services, website.people),
        website.post(intro="Of a post."),
        website.service(summary="Of a service."),
        website.profile(role="Of a person."),
        website.standard(intro="Of a page."),
    ]
    assert {type(page) for page in made} == {
        model for model in get_page_models() if model._meta.app_label == "cms"
    }
    for page in made:
        text = page.make_preview_request(preview_mode="").content.decode()
        assert f"<h1>{page.title}</h1>" in text
        for name in page.lead_fields:
            if words := getattr(page, name):
                assert f'<p class="lead">{words}</p>' in text
