from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture
def browser(request: pytest.FixtureRequest, chromium_path: str) -> Iterator[Browser]:
    """Debian's Chromium, opened after what it is to look at and closed before.

    While it is open an event loop runs in the test's thread, and Django refuses its database there.
    """
    for name in ("stage", "product", "relay"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()
