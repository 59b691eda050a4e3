"""A real browser for the tests that look at a page as a reader does."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

SYSTEM_BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MISSING = "No Chromium: set PROVISIONING_CHROMIUM, or run: .venv/bin/playwright install chromium"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests: the one that is named, Playwright's own, or the system's.

    Without one they fail in CI and are skipped elsewhere.
    """
    with sync_playwright() as playwright:
        named = os.environ.get("PROVISIONING_CHROMIUM")
        own = playwright.chromium.executable_path
        found = [path for path in (named, own, *SYSTEM_BROWSERS) if path and Path(path).exists()]
        if not found:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
        browser = playwright.chromium.launch(executable_path=found[0], args=ARGUMENTS)
        yield browser
        browser.close()
