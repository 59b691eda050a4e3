"""The report in a browser: opened from a disk in real Chromium, on a screen, on a telephone and in print."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from provisioning_assets.quality.report_page import Pictures, draw_insights, draw_patterns, set_report
from provisioning_assets_tests.content.test_booklet_in_browser import CONTRASTS
from provisioning_assets_tests.quality.sample_report import (
    PATTERN,
    sample_model,
    sample_plan,
    sample_report,
    sample_tables,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = sample_report()
    pictures = Pictures(draw_insights(report.insights), draw_patterns([PATTERN], report.realism))
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(set_report(report, sample_plan(), sample_model(), sample_tables(), pictures), encoding="utf-8")
    return path


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_opening_it_sends_no_request_and_logs_no_error(page: Page, file: Path) -> None:
    requests: list[str] = []
    complaints: list[str] = []
    # A picture in the page is a "request" of its data: address to the browser.
    page.on("request", lambda r: None if r.url.startswith("data:") else requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert complaints == []
    drawn = page.evaluate("[...document.images].map((image) => image.complete && image.naturalWidth > 100)")
    assert drawn == [True] * 9


@pytest.mark.parametrize("width", [360, 820, 1280])
def test_it_fits_every_screen_and_can_be_read(page: Page, file: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRASTS) == []


def test_rules_are_folded_on_screen_and_open_in_print(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    rule = page.get_by_text("no key is repeated")
    assert not rule.is_visible()
    page.get_by_text("Keys are unique and never missing").click()
    assert rule.is_visible()
    page.reload()
    page.emulate_media(media="print")
    assert rule.is_visible()
