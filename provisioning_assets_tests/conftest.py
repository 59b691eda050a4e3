"""How properties are drawn, a real browser for the tests that look at a page as a reader does, and the emulators' fixtures."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from provisioning_assets.dagster_home import records_without_waiting
from provisioning_assets.research.website.browser import BrowserUnavailableError, find_chromium
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets_tests.property_tests import (
    GATE,
    draw_no_constants_of_the_code,
    register_profiles,
    stop_timing_the_garbage_collector,
)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

pytest_plugins = ["provisioning_assets_tests.emulators"]

register_profiles()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Once the command line has said which profile counts."""
    if settings.get_current_profile_name() == GATE:
        draw_no_constants_of_the_code()


def pytest_unconfigure() -> None:
    """After the last test, in each worker too."""
    stop_timing_the_garbage_collector()


@pytest.fixture(scope="module", autouse=True)
def _records_without_waiting() -> Iterator[None]:
    """Dagster's records of the tests' own instances are written as those of the commands."""
    with records_without_waiting():
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One headless browser for the tests of a file, the one that the crawler would take.

    Without one they fail in CI and are skipped elsewhere. It ends with the file: Playwright keeps an event loop running in
    this thread, in which Dagster's runs could not finish theirs.
    """
    try:
        binary = find_chromium(CrawlSettings())
    except BrowserUnavailableError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        yield browser
        browser.close()
