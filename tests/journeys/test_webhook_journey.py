"""A webhook in a real browser: made, told of a publication, looked at, sent again."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from accounts.interface import User
from cms.workflows import ensure_editorial_setup
from tests.factories.cms import Website
from tests.journeys.editors_desk import Album, Desk
from tests.journeys.running_product import ROOT, Product, environment, running_product
from tests.outbox.waiting import wait_until
from tests.people import PASSWORD
from tests.webhooks.receiver import Receiver, running_receiver

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.once]

ARTEFACTS = ROOT / "var" / "artefacts" / "webhooks"
ADMIN = "admin@example.com"
LIST = "/admin/operations/webhooks/"
TITLE = "A proof that was told"
HOSTILE = b"<script>document.title = 'stolen'</script>"
LOOPBACK = {"OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
def website(transactional_db: None, settings: Settings) -> Website:
    # The server knows only the product's own hasher.
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher"]
    ensure_editorial_setup()
    User.objects.create_superuser(ADMIN, PASSWORD, name="Ada Admin")
    return Website()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def product(website: Website, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path / "server.log", **LOOPBACK) as product:
        yield product


@pytest.fixture
def relay(product: Product, tmp_path: Path) -> Iterator[None]:
    """What sends webhooks, in a process of its own."""
    with (tmp_path / "relay.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_relay"],
            cwd=ROOT,
            env=os.environ | environment() | LOOPBACK,
            stdout=log,
            stderr=log,
        )
        yield
        process.terminate()
        process.wait(30)


def make_webhook(desk: Desk, url: str) -> str:
    """Fills in the form, and returns the secret that is shown once."""
    page = desk.page
    desk.open(LIST)
    expect(page.get_by_text("A webhook tells another program")).to_be_visible()
    desk.picture("no-webhooks")
    page.get_by_role("link", name="Add a webhook").click()
    page.get_by_role("textbox", name="Name").fill("Website build")
    page.get_by_role("textbox", name="URL").fill("http://192.0.2.1/x")
    page.get_by_label("Everything about documents").check()
    page.get_by_role("button", name="Add webhook").click()
    desk.picture("refused")
    page.get_by_role("textbox", name="URL").fill(url)
    desk.picture("form")
    page.get_by_role("button", name="Add webhook").click()
    shown = page.get_by_role("textbox", name="Secret")
    secret = shown.input_value()
    desk.picture("secret")
    page.reload()
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    desk.picture("secret-again")
    page.get_by_role("link", name="Go to the webhook").click()
    return secret


def send_test(desk: Desk, receiver: Receiver) -> None:
    receiver.always(500, HOSTILE)
    desk.page.get_by_role("button", name="Send a test").click()
    desk.picture("test-waiting")
    expect(desk.page.get_by_text(HOSTILE.decode())).to_be_visible()
    expect(desk.page.get_by_text("given up").first).to_be_visible()
    desk.picture("test-failed")
    assert "stolen" not in desk.page.title()
    assert receiver.contents()[0]["type"] == "webhook.test"
    receiver.always(204)


def publish_post(desk: Desk, blog_id: int) -> None:
    page = desk.page
    desk.open(f"/admin/pages/add/cms/blogpostpage/{blog_id}/")
    desk.save_by_itself(page.get_by_role("textbox", name="Title"), TITLE)
    expect(page).to_have_url(re.compile(r"/pages/\d+/edit/$"))
    desk.save_by_itself(page.get_by_role("textbox", name="Introduction"), "Told at once.")
    desk.open_actions()
    desk.press("Publish")
    desk.expect_message("published")


def look_at_the_rest(desk: Desk, one: str) -> None:
    """The pages that the walk does not need, for the eyes."""
    for name in ("edit", "rotate-secret", "replay", "dry-run", "delete"):
        desk.open(f"{one}{name}/")
        expect(desk.page.get_by_role("heading").first).to_be_attached()
        desk.picture(name)
    desk.open(one)
    desk.page.get_by_role("button", name="Pause").click()
    desk.expect_message("paused")
    desk.picture("paused")
    desk.page.get_by_role("link", name="Resume").click()
    desk.picture("resume")
    desk.page.get_by_role("button", name="Resume").first.click()
    desk.expect_message("goes on")
    desk.open(LIST)
    desk.picture("list")


def test_a_webhook_is_made_told_and_told_again(
    website: Website, product: Product, relay: None, receiver: Receiver, browser: Browser
) -> None:
    desk = Desk(browser, product.address, Album(ARTEFACTS))
    desk.open("/admin/")
    desk.sign_in(ADMIN, PASSWORD)
    expect(desk.page.get_by_role("heading", name="Waiting for you")).to_be_visible()

    secret = make_webhook(desk, receiver.url)
    assert secret.startswith("whsec_")
    one = desk.page.url.removeprefix(product.address)
    desk.picture("webhook-new")
    send_test(desk, receiver)

    receiver.received.clear()
    assert desk.complaints == []
    publish_post(desk, website.blog.pk)
    desk.complaints.clear()  # the editor has a walk of its own
    wait_until(lambda: any(item["data"].get("title") == TITLE for item in receiver.contents()))
    told = receiver.contents().index(
        next(item for item in receiver.contents() if item["data"].get("title") == TITLE)
    )
    desk.open(one)
    row = desk.page.get_by_role("row").filter(has_text="content.published").first
    expect(row).to_contain_text("delivered")
    desk.picture("log")
    row.get_by_role("link", name="content.published").click()
    expect(desk.page.get_by_text(TITLE).first).to_be_visible()
    desk.picture("delivery")

    before = len(receiver.received)
    desk.page.get_by_role("button", name="Send again").click()
    desk.expect_message("sent again")
    wait_until(lambda: len(receiver.received) > before)
    again = receiver.received[-1]
    assert again.id == receiver.received[told].id
    assert again.body == receiver.received[told].body
    look_at_the_rest(desk, one)
    assert desk.complaints == []
