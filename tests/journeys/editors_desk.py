"""An editor's browser: what a person sees and presses in the admin, step by step."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.own_process import HOST

TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)
VIEWPORT = ViewportSize(width=1280, height=900)
# The editor says when its parts begin, when each has looked at the form to compare it with later,
# and when it has saved of its own accord.
EDITOR_STATE = """
const data = () => document.documentElement.dataset;
document.addEventListener("w-unsaved:ready", () => {
  data().starting = Number(data().starting || 0) + 1;
  data().saved ||= 0;
});
document.addEventListener("w-unsaved:watch-edits", () => {
  data().starting = Math.max(0, Number(data().starting) - 1);
});
document.addEventListener("w-autosave:success", () => {
  data().saved = Number(data().saved) + 1;
});
"""


class Album:
    """Numbered pictures of a walk, kept as artefacts with what was measured; the last walk's go."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        for outdated in folder.iterdir():
            outdated.unlink()

    def take(self, page: Page, name: str) -> None:
        self.count += 1
        page.evaluate("document.fonts.ready.then(() => true)")
        page.screenshot(path=self.folder / f"{self.count:02}-{name}.png", animations="disabled")

    def note(self, text: str) -> None:
        """Keeps a line beside the pictures, and shows it where pytest shows output."""
        print(text)  # noqa: T201  # a measurement, for who runs this with -s
        with (self.folder / "notes.txt").open("a") as notes:
            notes.write(f"{text}\n")


class Desk:
    """One person's browser window, with what went wrong in it."""

    def __init__(self, browser: Browser, address: str, album: Album) -> None:
        self.address, self.album = address, album
        self.context = browser.new_context(viewport=VIEWPORT)
        self.context.set_default_timeout(TIMEOUT_MS)
        self.context.add_init_script(EDITOR_STATE)
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._watch)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname != HOST:
            self.complaints.append(f"asked another host: {request.url}")

    def picture(self, name: str) -> None:
        self.album.take(self.page, name)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    # Signing in, without a mouse

    def sign_in(self, email: str, password: str) -> None:
        """By keyboard alone; the focus must be seen on each field that it reaches."""
        keyboard = self.page.keyboard
        self._tab_to("username")
        keyboard.press("ControlOrMeta+A")
        keyboard.type(email)
        self._tab_to("password")
        keyboard.type(password)
        keyboard.press("Enter")

    def _tab_to(self, name: str) -> None:
        focused = self.page.locator("*:focus")
        for _ in range(10):
            if focused.count() and focused.get_attribute("name") == name:
                break
            self.page.keyboard.press("Tab")
        expect(focused).to_have_attribute("name", name)
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"

    # Writing

    def add_block(self, label: str) -> Locator:
        """Adds a block at the end of the text and returns its fields."""
        body = self.page.locator("#panel-child-content-body-section")
        blocks = body.locator("[data-streamfield-child]")
        before = blocks.count()
        body.locator(".c-sf-add-button").last.click()
        self.page.get_by_role("option", name=label, exact=True).click()
        expect(blocks).to_have_count(before + 1)
        return blocks.nth(before)

    def upload_image(self, block: Locator, *, title: str, file: Path) -> None:
        """Uploads a picture in the chooser of a block."""
        block.get_by_role("button", name="Choose an image").click()
        modal = self.page.locator(".modal-content")
        modal.get_by_role("tab", name="Upload").click()
        form = modal.locator("form[data-chooser-modal-creation-form]")
        form.locator("input[type=file]").set_input_files(file)
        form.get_by_role("textbox", name="Title").fill(title)
        self.picture("upload-in-the-chooser")
        form.get_by_role("button", name="Upload").click()
        expect(modal).to_be_hidden()
        expect(block.locator("[data-chooser-title]")).to_have_text(title)

    def save_by_itself(self, field: Locator, text: str) -> None:
        """Writes into a field and waits until the editor has saved it of its own accord.

        Only where nothing else was changed since the last saving: the end of one that is under
        way already would count.
        """
        page = self.page.locator("html[data-starting='0']")
        page.wait_for(state="attached")
        saved = page.get_attribute("data-saved") or ""
        field.fill(text)
        field.press("End")  # the slug follows the title's keys
        expect(page).not_to_have_attribute("data-saved", saved)

    def save(self) -> None:
        """Presses the main button, once nothing is being saved any more."""
        self._wait_for_autosave()
        self.press("Save draft")
        self.expect_message("updated")

    def _wait_for_autosave(self) -> None:
        indicator = self.page.locator("#w-autosave-indicator")
        expect(indicator).not_to_have_attribute("data-w-autosave-state-value", "saving")

    # Buttons

    def open_actions(self) -> None:
        """Unfolds the menu at the foot of the editor, once nothing is being saved any more."""
        self._wait_for_autosave()
        self.page.locator("footer [data-w-dropdown-target=toggle]").click()

    def press(self, name: str) -> None:
        """Presses a button of that menu, once it is unfolded."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def open_page_menu(self) -> None:
        """Unfolds the menu beside the page's title."""
        self.page.locator("header [data-w-dropdown-target=toggle]").first.click()

    def expect_message(self, text: str) -> None:
        expect(self.page.locator(".messages .success")).to_contain_text(text)
