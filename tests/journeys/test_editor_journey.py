"""From an editor's first sign-in to a page that is gone again, in a real browser."""

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from cms.workflows import EDITORS, MODERATORS, ensure_editorial_setup
from tests.factories.cms import Website
from tests.journeys.editors_desk import Album, Desk
from tests.journeys.running_product import ROOT, Answer, Product, running_product
from tests.people import PASSWORD, make_person

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.once]

ARTEFACTS = ROOT / "var" / "artefacts" / "journey"
EDITOR, MODERATOR = "editor@example.com", "moderator@example.com"
TITLE, INTRO = "A first proof", "What happens between a draft and the website."
ALT, CODE = "A galley proof under a lamp", "for page in galley:\n    print(page)"
OLD_PATH, NEW_PATH = "/blog/a-first-proof/", "/blog/the-first-proof/"
POST = "/api/v1/content/blog-posts/"
DEADLINE_SECONDS = 60


@pytest.fixture
def website(transactional_db: None, settings: Settings) -> Website:
    """An empty blog, an editor and a moderator, committed: the server sees them."""
    # The server knows only the product's own hasher.
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher"]
    ensure_editorial_setup()
    make_person(EDITOR, EDITORS, name="Edith Editor")
    make_person(MODERATOR, MODERATORS, name="Mona Moderator")
    return Website()


@pytest.fixture
def product(website: Website, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path / "server.log") as product:
        yield product


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "proof.jpg"
    Image.linear_gradient("L").resize((1200, 675)).convert("RGB").save(path)
    return path


def sign_in(desk: Desk, email: str, password: str = PASSWORD) -> None:
    desk.open("/admin/")
    desk.picture("sign-in")
    desk.sign_in(email, "not the password")
    expect(desk.page.get_by_text("password didn't match")).to_be_visible()
    desk.picture("wrong-password")
    desk.sign_in(email, password)
    expect(desk.page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    desk.picture("dashboard")


def write_post(desk: Desk, blog_id: int, picture: Path) -> int:
    """Writes a post with a picture and code; returns the page's number."""
    page = desk.page
    desk.open(f"/admin/pages/{blog_id}/")
    desk.picture("blog")
    page.get_by_role("link", name="Add child page").first.click()
    desk.save_by_itself(page.get_by_role("textbox", name="Title"), TITLE)
    expect(page).to_have_url(re.compile(r"/pages/\d+/edit/$"))
    page_id = int(page.url.split("/")[-3])
    for words in ("A beginning.", "A beginning of a text.", INTRO):
        desk.save_by_itself(page.get_by_role("textbox", name="Introduction"), words)
    image = desk.add_block("Image")
    desk.upload_image(image, title="Proof", file=picture)
    image.get_by_role("textbox", name="Alternative text").fill(ALT)
    desk.picture("image-block")
    code = desk.add_block("Code")
    code.get_by_role("combobox", name="Language").select_option("python")
    code.get_by_role("textbox", name="Code").fill(CODE)
    desk.picture("code-block")
    check_proof(desk)
    desk.save()
    return page_id


def check_proof(desk: Desk) -> None:
    """The post stands beside its form as readers will see it."""
    desk.page.get_by_role("button", name="Toggle preview").click()
    proof = desk.page.frame_locator("[data-side-panel=preview] iframe").last
    expect(proof.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(proof.get_by_role("img", name=ALT)).to_be_visible()
    expect(proof.get_by_text(INTRO)).to_be_visible()
    desk.picture("proof")


def submit_for_review(desk: Desk, page_id: int) -> None:
    desk.open(f"/admin/pages/{page_id}/edit/")
    desk.open_actions()
    desk.picture("editor-actions")
    desk.press("Submit to Editorial review, then approval")
    desk.expect_message("submitted for moderation")
    desk.picture("submitted")
    desk.open("/admin/")
    row = desk.page.get_by_role("row").filter(has_text=TITLE)
    expect(row.first).to_contain_text("Editorial review")
    desk.picture("editors-dashboard")


def check_history(desk: Desk, page_id: int) -> None:
    """However often the editor has saved of its own accord, that is one line; the button's is
    the other.
    """
    desk.open(f"/admin/pages/{page_id}/history/")
    lines = desk.page.get_by_role("main").get_by_role("row")
    expect(lines.filter(has_text="Draft saved")).to_have_count(2)
    desk.picture("history")


def approve(desk: Desk, button: str, name: str) -> float:
    """Opens the post from the dashboard and presses the button; returns when that was."""
    desk.open("/admin/")
    row = desk.page.get_by_role("row").filter(has_text=TITLE).first
    expect(row).to_contain_text("Edith Editor")
    desk.picture(f"moderators-dashboard-{name}")
    row.get_by_role("link", name=TITLE).click()
    desk.open_actions()
    desk.picture(f"moderator-actions-{name}")
    begun = time.monotonic()
    desk.press(button)
    return begun


def wait_for(product: Product, path: str, status: int, begun: float, album: Album) -> Answer:
    """Asks until the API answers so; notes how long that took."""
    while (answer := product.get(path)).status != status:
        assert time.monotonic() - begun < DEADLINE_SECONDS, answer
    album.note(f"{status} from {path} {1000 * (time.monotonic() - begun):.0f} ms after the button")
    return answer


def open_api_view(desk: Desk, page_id: int) -> Any:
    """Follows the editor's link to the public document; returns what the tab shows."""
    desk.open(f"/admin/pages/{page_id}/edit/")
    desk.open_page_menu()
    desk.picture("page-menu")
    with desk.context.expect_page() as opened:
        desk.page.get_by_role("link", name="View in the API").click()
    tab = opened.value
    tab.wait_for_load_state()
    desk.album.take(tab, "document")
    shown = json.loads(tab.locator("pre").inner_text())
    tab.close()
    return shown["data"]


def change_slug(desk: Desk, page_id: int, slug: str) -> float:
    desk.open(f"/admin/pages/{page_id}/edit/")
    desk.page.get_by_role("tab", name="Promote").click()
    desk.save_by_itself(desk.page.get_by_role("textbox", name="Slug"), slug)
    desk.picture("slug")
    desk.open_actions()
    begun = time.monotonic()
    desk.press("Publish")
    return begun


def unpublish(desk: Desk, page_id: int) -> float:
    desk.open(f"/admin/pages/{page_id}/edit/")
    desk.open_page_menu()
    desk.page.get_by_role("link", name="Unpublish").click()
    desk.picture("unpublish")
    begun = time.monotonic()
    desk.press("Yes, unpublish it")
    return begun


def check_document(product: Product, document: Any) -> None:
    """The post as a website gets it, its picture included."""
    shown = {name: document[name] for name in ("title", "summary", "slug", "path", "locale")}
    assert shown == {
        "title": TITLE,
        "summary": INTRO,
        "slug": "a-first-proof",
        "path": OLD_PATH,
        "locale": "en",
    }
    image, code = document["body"]
    assert (image["type"], code["type"]) == ("image", "code")
    assert code["value"] == {"language": "python", "code": CODE, "caption": ""}
    assert image["value"]["alt"] == ALT
    picture = image["value"]["image"]
    assert (picture["title"], picture["width"], picture["height"]) == ("Proof", 1200, 675)
    sources = [picture["src"], *(source["url"] for source in picture["sources"])]
    assert {product.get(source).status for source in sources} == {200}


def test_an_editor_writes_and_a_website_reads(
    website: Website, product: Product, browser: Browser, picture: Path
) -> None:
    album = Album(ARTEFACTS)
    editor, moderator = (Desk(browser, product.address, album) for _ in range(2))
    sign_in(editor, EDITOR)
    page_id = write_post(editor, website.blog.pk, picture)
    check_history(editor, page_id)
    submit_for_review(editor, page_id)
    assert product.get(f"{POST}a-first-proof").status == 404

    sign_in(moderator, MODERATOR)
    approve(moderator, "Approve", "first")
    moderator.expect_message("updated")
    assert product.get(f"{POST}a-first-proof").status == 404
    begun = approve(moderator, "Approve and Publish", "last")
    answer = wait_for(product, f"{POST}a-first-proof", 200, begun, album)
    seen, published = time.time(), datetime.fromisoformat(answer.body["data"]["published_at"])
    album.note(f"that is {1000 * (seen - published.timestamp()):.0f} ms after its publication")
    check_document(product, answer.body["data"])
    moderator.expect_message("updated")
    moderator.picture("published")
    assert open_api_view(moderator, page_id) == answer.body["data"]

    begun = change_slug(moderator, page_id, "the-first-proof")
    wait_for(product, f"{POST}the-first-proof", 200, begun, album)
    moderator.expect_message("published")
    redirect = product.resolve(OLD_PATH).body["redirect"]
    assert redirect == {"to": NEW_PATH, "status": 301}
    assert product.resolve(redirect["to"]).body["data"]["id"] == answer.body["data"]["id"]

    begun = unpublish(moderator, page_id)
    wait_for(product, f"{POST}the-first-proof", 404, begun, album)
    moderator.expect_message("unpublished")
    assert [product.resolve(path).status for path in (OLD_PATH, NEW_PATH)] == [404, 404]
    moderator.open(f"/admin/pages/{page_id}/history/")
    moderator.picture("history-at-the-end")
    assert editor.complaints + moderator.complaints == []
