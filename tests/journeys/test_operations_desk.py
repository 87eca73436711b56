"""Operations in a real browser: finding what failed, and having it done again without a mouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from cms.workflows import OPERATORS, ensure_editorial_setup
from core.interface import utc_now
from outbox.models import LedgerEvent, ScheduleState, StepRun, StepStatus
from outbox.relay import Relay
from tests.factories.cms import Website, edit
from tests.journeys.editors_desk import Album, Desk
from tests.journeys.running_product import ROOT, Product, running_product
from tests.people import PASSWORD, make_person

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.once]

ARTEFACTS = ROOT / "var" / "artefacts" / "operations"
OPERATOR, CHIEF = "operator@example.com", "chief@example.com"
ERROR = "RetryableError: The cache answered 503: <b>out of service</b>"
STEP = "send_webhooks"


@dataclass(frozen=True)
class Stage:
    """What a browser's test must know without asking the database."""

    event: int
    """The latest whose purge was given up."""
    post: int
    """The page that it published."""


@pytest.fixture
def stage(transactional_db: None, settings: Settings) -> Stage:
    """A blog that was published in the last hours, with two purges that were given up."""
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher"]
    ensure_editorial_setup()
    make_person(OPERATOR, OPERATORS, name="Otto Operator")
    make_person(CHIEF, name="Clara Chief", is_superuser=True)
    website = Website()
    posts = [website.post(title) for title in ("Ink", "Glue", "Paper", "Thread")]
    for number in range(12):
        edit(posts[number % 4], intro=f"Words, {number}.")
    Relay().drain()
    _spread()
    latest = StepRun.objects.filter(step=STEP).order_by("-event_id")
    for run in latest[1:3]:
        StepRun.objects.filter(pk=run.pk).update(status=StepStatus.DEAD, tries=10, last_error=ERROR)
    StepRun.objects.filter(pk=latest[3].pk).update(
        status=StepStatus.WAITING, tries=3, last_error=ERROR, settled_at=None
    )
    ScheduleState.objects.create(
        name="publish_scheduled",
        every_seconds=5,
        last_started_at=utc_now(),
        last_finished_at=utc_now(),
        failures_in_row=4,
        last_error="OperationalError: the database is locked",
        holder="host:41",
    )
    event = latest[1].event
    post = next(item for item in posts if item.title == event.data["title"])
    return Stage(event.sequence, post.pk)


def _spread() -> None:
    """As if it had all happened over the last five hours."""
    events = list(LedgerEvent.objects.order_by("sequence"))
    for place, event in enumerate(events):
        then = utc_now() - timedelta(minutes=300 - 290 * place / len(events))
        LedgerEvent.objects.filter(pk=event.pk).update(occurred_at=then)
        for run in event.runs.all():
            took = 4 + (place * 7 + run.pk * 3) % 40
            StepRun.objects.filter(pk=run.pk).update(
                settled_at=then, duration_ms=took * (12 if place % 9 == 4 else 1)
            )


@pytest.fixture
def product(stage: Stage, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path / "server.log") as product:
        yield product


def _open_desk(browser: Browser, product: Product, album: Album, email: str) -> Desk:
    desk = Desk(browser, product.address, album)
    desk.open("/admin/")
    desk.sign_in(email, PASSWORD)
    expect(desk.page.get_by_role("button", name="Operations")).to_be_visible()
    return desk


def _whole(desk: Desk, name: str) -> None:
    """The page from top to bottom, as long as it is."""
    height = desk.page.evaluate("document.querySelector('#main').scrollHeight")
    desk.page.set_viewport_size({"width": 1280, "height": max(900, height)})
    desk.picture(name)
    desk.page.set_viewport_size({"width": 1280, "height": 900})


def _look_at_the_rest(desk: Desk, stage: Stage) -> None:
    page = desk.page
    desk.open("/admin/operations/schedules/")
    expect(page.get_by_text("failed 4 times in a row")).to_be_visible()
    desk.picture("schedules")
    desk.open("/admin/operations/ledger/")
    desk.picture("ledger")
    page.get_by_role("textbox", name="Search term").fill("thread")
    expect(page.get_by_text("There are 4 matches")).to_be_visible()
    desk.picture("ledger-search")
    desk.open(f"/admin/operations/ledger/{stage.event}/")
    expect(page.get_by_text("“The cache is back”")).to_be_visible()
    _whole(desk, "event")


def test_what_failed_is_found_and_done_again(
    browser: Browser, product: Product, stage: Stage
) -> None:
    album = Album(ARTEFACTS)
    desk = _open_desk(browser, product, album, OPERATOR)
    page = desk.page
    page.get_by_role("button", name="Operations").click()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("2 steps were given up.")).to_be_visible()
    expect(page.get_by_role("img", name="Events:")).to_be_visible()
    _whole(desk, "overview")

    page.get_by_role("link", name="Look at it").first.click()
    boxes = page.locator("[data-bulk-action-checkbox]")
    expect(boxes).to_have_count(2)
    expect(page.get_by_text(ERROR).first).to_be_visible()
    desk.picture("steps")
    # By keyboard: tick one, then follow the button that this brings.
    boxes.first.focus()
    page.keyboard.press("Space")
    again = page.get_by_role("link", name="Try the selected steps again")
    expect(again).to_be_visible()
    desk.picture("steps-one-selected")
    again.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Try these steps again?")).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("The cache is back")
    desk.picture("confirm")
    page.get_by_role("button", name="Yes, try again").focus()
    page.keyboard.press("Enter")
    desk.expect_message("1 step is due again.")
    expect(boxes).to_have_count(1)

    # The other, with all that the filters show.
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    page.get_by_role("link", name="Discard the selected steps").click()
    desk.picture("confirm-discard")
    page.get_by_role("button", name="Yes, discard").click()
    desk.expect_message("1 step is discarded.")
    expect(page.get_by_text("No step that is not done fits these filters.")).to_be_visible()
    desk.picture("nothing-dead")

    _look_at_the_rest(desk, stage)
    assert desk.complaints == []


def test_a_page_tells_where_its_publication_has_got_to(
    browser: Browser, product: Product, stage: Stage
) -> None:
    album = Album(ARTEFACTS.with_name("progress"))
    desk = _open_desk(browser, product, album, CHIEF)
    desk.open(f"/admin/pages/{stage.post}/history/")
    expect(desk.page.get_by_text("Last publication: Published again")).to_be_visible()
    desk.picture("history")
    desk.open(f"/admin/pages/{stage.post}/edit/")
    desk.page.get_by_role("button", name="Toggle the last publication").click()
    expect(desk.page.get_by_text("Live for all readers: done").last).to_be_visible()
    desk.picture("side-panel")
    assert desk.complaints == []
