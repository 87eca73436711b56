"""What the editor of a post offers beside its text."""

import re

import pytest

from accounts.interface import User
from cms.models import BlogPostPage, Category
from tests.cms.editing import edit_url, save
from tests.factories.cms import Website
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def website(editorial_setup: None) -> Website:
    return Website()


def categories_of(website: Website) -> dict[str, Category]:
    names = (("Craft", website.english), ("Print", website.english), ("Métier", website.french))
    return {
        name: Category.objects.create(name=name, slug=slug, locale=locale)
        for slug, (name, locale) in zip(("craft", "print", "metier"), names, strict=True)
    }


def offered(user: User, post: BlogPostPage) -> dict[str, bool]:
    """The boxes, by label; whether each is ticked."""
    html = client_of(user).get(edit_url(post)).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="categories"([^>]*)>\s*([^<]+)<', html)
    return {label.strip(): "checked" in attributes for attributes, label in boxes}


def test_a_post_may_be_filed_under_the_categories_of_its_language(
    website: Website, moderator: User
) -> None:
    kept = categories_of(website)
    post = website.post()

    assert offered(moderator, post) == {"Craft": False, "Print": False}
    assert save(client_of(moderator), post, categories=kept["Craft"].pk).status_code == 302
    assert offered(moderator, post) == {"Craft": True, "Print": False}


def test_a_category_of_another_language_is_refused(website: Website, moderator: User) -> None:
    french = categories_of(website)["Métier"]
    post = website.post()
    revisions = post.revisions.count()

    response = save(client_of(moderator), post, "publish", categories=french.pk)

    assert "categories" in response.context["form"].errors
    assert post.revisions.count() == revisions
    assert not post.categories.exists()


def test_a_category_that_a_post_has_is_kept_whatever_its_language(
    website: Website, moderator: User
) -> None:
    french = categories_of(website)["Métier"]
    post = website.post(categories=[french])

    assert offered(moderator, post) == {"Craft": False, "Métier (Français)": True, "Print": False}
    assert save(client_of(moderator), post, "publish", intro="New.").status_code == 302
    assert list(BlogPostPage.objects.get(pk=post.pk).categories.all()) == [french]
