"""A real browser for the tests that look at a page as a reader does."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright


def installed_chromium() -> str | None:
    """The browser to take: the one that is named, else the system's; None leaves it to Playwright's own."""
    named = os.environ.get("PROVISIONING_CHROMIUM")
    if named:
        return named
    system = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    return next((path for path in system if Path(path).exists()), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests; without one they fail in CI and are skipped elsewhere."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        try:
            browser = playwright.chromium.launch(args=arguments)
        except Error:
            path = installed_chromium()
            if path is None:
                missing = "No Chromium: set PROVISIONING_CHROMIUM, or run: .venv/bin/playwright install chromium"
                if os.environ.get("CI"):
                    pytest.fail(missing)
                pytest.skip(missing)
            browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
