"""What edits of things that pages share do to the documents: images, tags, files, menus, sites."""

import json

import pytest
from taggit.models import Tag
from wagtail.contrib.redirects.models import Redirect as EditedRedirect
from wagtail.models import Site

from cms.models import Banner, Category, NavigationMenu, SiteSettings
from delivery.models import DeliverySite, Document, Redirect
from tests.cms.documents import document, events_since, last_sequence
from tests.factories.cms import Website, edit, make_file, make_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def website() -> Website:
    return Website()


def test_an_image_is_public_while_a_published_page_shows_it(website):
    image = make_image("Harbour", description="Boats")
    assert not Document.objects.filter(type="images").exists()
    draft = website.post("Draft", is_published=False, cover_image=image)
    assert not Document.objects.filter(type="images").exists()
    draft.get_latest_revision().publish()
    row = Document.objects.get(type="images")
    assert json.loads(row.head)["alt"] == "Boats"
    draft.refresh_from_db()
    draft.unpublish()
    assert not Document.objects.filter(type="images").exists()


def test_an_image_edit_changes_the_images_document_alone(website):
    image = make_image("Harbour")
    post = website.post("Hello", cover_image=image)
    before = last_sequence()
    image.description = "Boats at dawn"
    image.save()
    assert json.loads(Document.objects.get(type="images").head)["alt"] == "Boats at dawn"
    assert [kind for kind, _ in events_since(before)] == ["content.updated"]
    assert document(post).version == 1


def test_a_deleted_image_is_gone_from_what_showed_it(website):
    image = make_image()
    body = [("image", {"image": image, "alt": "", "caption": "Here"})]
    post = website.post("Hello", cover_image=image, body=body)
    image.delete()
    assert not Document.objects.filter(type="images").exists()
    assert json.loads(document(post).head)["cover_image"] is None
    assert json.loads(document(post).content)["body"][0]["value"]["image"] is None


def test_a_renamed_tag_and_category_change_their_own_documents(website):
    category = Category.objects.create(name="Craft", slug="craft", locale=website.english)
    post = website.post("Hello", tags=["type"])
    edit(post, categories=[category])
    before = last_sequence()
    tag = Tag.objects.get(name="type")
    tag.name = "Typography"
    tag.save()
    category.name = "The craft"
    category.save()
    assert [kind for kind, _ in events_since(before)] == ["content.updated", "content.updated"]
    assert Document.objects.get(type="tags").title == "Typography"
    assert Document.objects.get(type="categories").title == "The craft"
    category.delete()
    assert not Document.objects.filter(type="categories").exists()
    assert json.loads(document(post).head)["categories"] == []


def test_the_wider_category_comes_and_goes_with_the_narrower(website):
    wide = Category.objects.create(name="Work", slug="work", locale=website.english)
    narrow = Category.objects.create(
        name="Craft", slug="craft", locale=website.english, parent=wide
    )
    post = website.post("Hello")
    edit(post, categories=[narrow])
    assert set(Document.objects.filter(type="categories").values_list("slug", flat=True)) == {
        "work",
        "craft",
    }
    edit(post, categories=[])
    assert not Document.objects.filter(type="categories").exists()


def test_a_changed_file_changes_the_pages_that_offer_it(website):
    file = make_file("Prices")
    post = website.post("Hello", body=[("file", {"document": file, "title": ""})])
    file.title = "Prices 2027"
    file.save()
    value = json.loads(document(post).content)["body"][0]["value"]
    assert value["file"]["title"] == "Prices 2027"
    file.delete()
    assert json.loads(document(post).content)["body"][0]["value"]["file"] is None


def site_document() -> dict:
    row = Document.objects.get(type="site", locale="en")
    return json.loads(row.head) | json.loads(row.content)


def test_menus_settings_and_banners_are_in_the_sites_document(website):
    item = ("item", {"label": "Blog", "page": website.blog, "url": "", "children": []})
    menu = NavigationMenu.objects.create(
        site=website.site, locale=website.english, name="main", items=[item]
    )
    assert [entry["label"] for entry in site_document()["navigation"]["main"]] == ["Blog"]
    SiteSettings.objects.create(site=website.site, brand_name="Marginalia")
    assert site_document()["brand"]["name"] == "Marginalia"
    banner = Banner(site=website.site, locale=website.english, text="Open day", live=False)
    banner.save()
    assert site_document()["banners"] == []
    banner.save_revision().publish()
    assert [entry["text"] for entry in site_document()["banners"]] == ["Open day"]
    banner.refresh_from_db()
    banner.unpublish()
    assert site_document()["banners"] == []
    website.blog.delete()
    assert site_document()["navigation"]["main"][0]["page"] is None
    menu.delete()
    assert site_document()["navigation"] == {}


def test_another_top_page_gives_every_page_another_path(website):
    about = website.standard("About")
    team = website.add(about, type(about)(title="Team"))
    website.site.root_page = about
    website.site.save()
    assert document(about).path == "/"
    assert document(team).path == "/team/"
    assert document(website.blog) is None


def test_a_page_of_another_site_has_that_sites_id(website):
    other = Website("other.example.com", slug="other", is_default=False)
    row = document(other.blog)
    assert (row.site_id, row.path) == (other.site.pk, "/blog/")
    Site.objects.get(hostname="other.example.com").delete()
    assert document(other.blog) is None


def test_an_editors_redirect_reaches_the_reading_side(website):
    redirect = EditedRedirect.objects.create(
        old_path="/old", redirect_link="https://example.org/new", is_permanent=False
    )
    row = Redirect.objects.get(path="/old")
    assert (row.url, row.is_permanent, row.site_id) == (
        "https://example.org/new",
        False,
        website.site.pk,
    )
    redirect.delete()
    assert not Redirect.objects.exists()


def test_a_redirect_of_no_website_holds_on_one_that_is_added_later(website, client):
    EditedRedirect.objects.create(old_path="/old", redirect_link="https://example.org/new")
    before = last_sequence()
    late = Website("late.example.com", slug="late", is_default=False).site

    address = "/api/v1/content/resolve?path=/old"
    for host in ("localhost", "late.example.com"):
        answer = client.get(address, headers={"host": host}).json()
        assert answer == {"redirect": {"to": "https://example.org/new", "status": 301}}
    assert events_since(before).count(("site.redirects_changed", "")) == 1

    Site.objects.get(pk=late.pk).delete()
    assert {row.site_id for row in Redirect.objects.all()} == {website.site.pk}


def test_a_path_that_is_used_again_gives_way_to_the_page_that_is_there(website):
    post = website.post("Hello")
    edit(post, slug="first")
    edit(post, slug="hello")
    edit(post, slug="second")
    assert set(Redirect.objects.values_list("path", flat=True)) == {"/blog/hello", "/blog/first"}


def test_deleting_a_websites_top_page_deletes_the_website_and_all_its_documents(website):
    other = Website("other.example.com", slug="other", is_default=False)
    other.standard("About")
    other.home.delete()
    assert not Document.objects.filter(site_id=other.site.pk).exists()
    assert not DeliverySite.objects.filter(id=other.site.pk).exists()
    assert document(website.home).path == "/"
