"""The booklet as a reader has it: opened from a disk in real Chromium, clicked, filtered, printed, attacked."""

import base64
import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from provisioning_assets.content.booklet import set_page, write_booklet
from provisioning_assets.content.booklet_view import BookletView, booklet_view
from provisioning_assets.content.brand_palette import brand_palette
from provisioning_assets.content.demo import Demo
from provisioning_assets.self_contained_pages import svg_picture
from provisioning_assets_tests.content.hostile_text import PAYLOADS, hostile_demo
from provisioning_assets_tests.content.sample_demo import sample_demo

#: WCAG contrast of every text on the page with the ground it stands on, worked out in the browser.
CONTRASTS = """() => {
  const channels = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const linear = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      if (c[3] > 0.9) { return c; }
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(svg):not(svg *):not(script)")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || !box.width || element.closest(".unseen")) { continue; }
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) { found.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}: ${element.textContent.slice(0, 30)}`); }
  }
  return found;
}"""  # noqa: E501 - one line of script


@dataclass
class Visit:
    """A page and all it did that a booklet must not."""

    page: Page
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def meet(self, dialog: Dialog) -> None:
        """Note a dialog and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def view() -> BookletView:
    """The sample demo, worked out once."""
    return booklet_view(sample_demo())


@pytest.fixture(scope="module")
def html(view: BookletView) -> str:
    return set_page(view)


def plain_demo() -> Demo:
    """The sample with one chart only: drawing them takes longer than all else."""
    demo = sample_demo()
    for query in demo.golden.queries[1:]:
        query.chart = None
    return demo


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a booklet from a file, with everything watched."""
    contexts = []

    def opened(html: str, *, width: int = 1280) -> Visit:
        file = tmp_path / "index.html"
        file.write_bytes(html.encode())
        context = chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page)
        # A picture in the page is a "request" of its data: address to the browser.
        page.on("request", lambda r: None if r.url.startswith("data:") else seen.requests.append(r.url))
        page.on("dialog", seen.meet)
        page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: seen.complaints.append(str(e)))
        page.goto(file.as_uri())
        return seen

    yield opened
    for context in contexts:
        context.close()


def only_itself(requests: list[str]) -> bool:
    return len(requests) == 1 and requests[0].startswith("file:///")


def test_opening_it_sends_no_request_and_logs_no_error(visit: Open, html: str) -> None:
    seen = visit(html)
    assert only_itself(seen.requests)
    assert seen.complaints == []
    broken = seen.page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).length")
    assert broken == 0


@pytest.mark.parametrize("by_command", [False, True])
def test_copy_puts_question_and_sql_on_the_clipboard(visit: Open, html: str, by_command: bool) -> None:
    page = visit(html).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if by_command:  # a browser that refuses the clipboard interface to pages from a disk
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    button = page.get_by_role("button", name="Copy question 2", exact=True)
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.locator("#announcer")).to_have_text("Copied to the clipboard")
    query = sample_demo().golden.queries[1]
    assert pasted(page) == query.question
    page.locator("#question-2 summary", has_text="SQL").click()
    page.get_by_role("button", name="Copy the SQL of question 2").click()
    expect(page.locator("#question-2 .code .label")).to_have_text("Copied")
    assert pasted(page) == query.sql


def pasted(page: Page) -> str:
    """What Ctrl+V gives."""
    page.evaluate("() => { const a = document.createElement('textarea'); a.id = 'paste'; document.body.append(a); }")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    text = page.locator("#paste").input_value()
    page.evaluate("document.querySelector('#paste').remove()")
    return text


def test_a_refused_copy_is_reported(visit: Open, html: str) -> None:
    page = visit(html).page
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false"
    )
    page.get_by_role("button", name="Copy question 1", exact=True).click()
    expect(page.locator("#question-1 .label").first).to_have_text("Press Ctrl+C")


def test_the_filter_shows_one_complexity(visit: Open, html: str) -> None:
    page = visit(html).page
    button = page.get_by_role("button", name="Expert 2")
    button.focus()
    page.keyboard.press("Enter")
    shown = page.locator("article.question:visible")
    assert shown.count() == 2
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".nothing:visible").count() == 2  # scenes without an expert question say so
    page.evaluate("location.hash = '#question-1'")  # a link to a hidden question leads there
    expect(page.locator("#question-1")).to_be_visible()
    assert shown.count() == 13


def test_details_open_together_by_keyboard(visit: Open, html: str) -> None:
    page = visit(html).page
    page.locator("#expand").press("Enter")
    assert page.locator("details:not([open])").count() == 0
    page.locator("#expand").press("Enter")
    assert page.locator("details[open]").count() == 0


def test_a_keyboard_reaches_the_first_controls_in_order(visit: Open, html: str) -> None:
    page = visit(html).page
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert reached == ["Skip to the story", "Story", "Findings", "Script"]


def test_nothing_is_wider_than_the_screen(visit: Open) -> None:
    demo = plain_demo()
    demo.golden.queries[0].question = (
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft? " * 2
    )
    demo.golden.queries[0].rows[0][0] = "x" * 300
    demo.plan.title = "W" * 120
    page = visit(write_booklet(demo)).page
    page.locator("#expand").click()
    for width in (1280, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_right_to_left_text_runs_from_the_right(visit: Open) -> None:
    demo = plain_demo()
    demo.golden.queries[0].question = "كيف تطورت الإيرادات خلال الأشهر الاثني عشر الماضية؟"
    demo.golden.queries[1].question = "今年最も売上の多いカテゴリーはどれですか？"
    page = visit(write_booklet(demo)).page
    direction = "getComputedStyle(document.querySelector('#question-{}-text')).direction"
    assert page.evaluate(direction.format(1)) == "rtl"
    assert page.evaluate(direction.format(2)) == "ltr"


def test_paper_has_all_details_open_all_questions_and_no_controls(visit: Open, html: str) -> None:
    page = visit(html).page
    page.get_by_role("button", name="Simple 4").click()
    page.emulate_media(media="print")
    assert page.locator("article.question:visible").count() == 13
    assert page.locator("nav:visible, button:visible").count() == 0
    sql = page.locator("#question-6-sql")
    assert sql.is_visible()
    height = page.evaluate("document.querySelector('#question-6-sql').getBoundingClientRect().height")
    assert height > 100
    clipped = page.evaluate(
        "[...document.querySelectorAll('.sql')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert clipped == 0


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_in_pages_with_its_fonts(visit: Open, html: str, paper: str) -> None:
    page = visit(html).page
    pdf = page.pdf(format=paper, print_background=True, prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    counts = [int(count) for count in re.findall(rb"/Type /Pages\s+/Count (\d+)", pdf)]
    assert 10 <= max(counts) <= 30
    assert page.locator("details[open]").count() == 0  # as they were before printing


@pytest.mark.parametrize(
    "colours",
    [["#0f4c4a", "#e0a03c"], ["#ffd400"], ["#fdfdf5"], ["#050505"], ["#ff0000"], ["#00e5ff"], ["#808080"], []],
)
def test_every_text_is_legible_in_every_brand(visit: Open, view: BookletView, colours: list[str]) -> None:
    branded = dataclasses.replace(view, palette=brand_palette(colours), logo=None)
    page = visit(set_page(branded)).page
    page.locator("#expand").click()
    assert page.evaluate(CONTRASTS) == []


@pytest.mark.parametrize(
    ("shapes", "dark_plate"),
    [
        ('<text x="4" y="30" font-size="28" fill="#ffffff">Nordlicht</text>', True),
        ('<text x="4" y="30" font-size="28" fill="#12304a">Nordlicht</text>', False),
        (
            '<rect width="200" height="40" rx="9" fill="#c00"/><text x="9" y="30" font-size="28" fill="#fff">N</text>',
            False,
        ),
        ("", False),
    ],
)
def test_a_white_logo_stands_on_a_dark_plate(visit: Open, view: BookletView, shapes: str, dark_plate: bool) -> None:
    logo = svg_picture(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40">{shapes}</svg>')
    page = visit(set_page(dataclasses.replace(view, logo=logo))).page
    plate = page.locator(".logo")
    if dark_plate:
        expect(plate).to_have_class(re.compile("on-dark"))
    else:
        page.wait_for_timeout(150)
        expect(plate).not_to_have_class(re.compile("on-dark"))


def test_an_invalid_logo_leaves_no_empty_plate(visit: Open, view: BookletView) -> None:
    broken = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()
    page = visit(set_page(dataclasses.replace(view, logo=broken))).page
    expect(page.locator(".logo")).to_have_count(0)
    expect(page.locator(".wordmark")).to_be_visible()


# --- hostile text ------------------------------------------------------------------------------------------------


def attack(page: Page) -> None:
    """Do what a reader does: open everything, point at everything, follow what leads nowhere outside."""
    page.locator("#expand").click()
    for selector in ("h1", "#story p", ".question h4", ".logo img", "td", "dd", "q"):
        for place in page.locator(selector).all()[:3]:
            if place.is_visible():
                place.hover(force=True)
    page.evaluate("document.querySelectorAll('*').forEach((e) => { if (e.focus) { e.focus(); } })")


def assert_harmless(seen: Visit) -> None:
    assert seen.page.evaluate("window.pwned") is None
    assert seen.dialogs == []
    assert only_itself(seen.requests), seen.requests
    assert seen.complaints == []  # a blocked attempt would be a complaint too: there must be no attempt


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), 5))
def test_hostile_text_runs_nothing_and_asks_for_nothing(visit: Open, first: int) -> None:
    """Payloads in every field at once, in turn, so that each field meets different ones."""
    seen = visit(write_booklet(hostile_demo(PAYLOADS[first:] + PAYLOADS[:first])))
    attack(seen.page)
    assert_harmless(seen)
    assert seen.page.locator("article.question").count() == 13


def test_a_hostile_logo_is_shown_only_as_a_picture(visit: Open) -> None:
    demo = plain_demo()
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.pwned=1;alert(1)">'
        "<script>window.pwned=1;fetch('https://evil.example')</script>"
        '<image href="https://evil.example/x.png" width="9" height="9"/>'
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/></foreignObject></svg>'
    )
    demo.website.brand.logo_data_uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    seen = visit(write_booklet(demo))
    attack(seen.page)
    assert seen.page.locator(".logo img").is_visible()
    assert_harmless(seen)


def test_even_markup_that_got_in_would_be_stopped_by_the_policy(visit: Open, html: str) -> None:
    """The policy is the second wall: tried without the first."""
    breached = html.replace(
        "</main>",
        "<script>window.pwned=1</script><img src='https://evil.example/x.png' onerror='window.pwned=1'>"
        "<iframe src='https://evil.example/'></iframe><style>body{background:url(https://evil.example/y.png)}</style>"
        "</main>",
    )
    seen = visit(breached)
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.pwned") is None
    assert not [url for url in seen.requests if "evil" in url and not blocked(seen, url)]
    assert len(seen.complaints) >= 3


def blocked(seen: Visit, url: str) -> bool:
    """Whether the browser says that it did not send the request."""
    return any(url in complaint and "Content Security Policy" in complaint for complaint in seen.complaints)


def test_what_the_script_writes_is_in_the_language_of_the_page(visit: Open) -> None:
    demo = plain_demo()
    seen = visit(write_booklet(demo._replace(plan=demo.plan.model_copy(update={"language": "de"}))))
    page = seen.page
    page.locator("#expand").click()
    expect(page.locator("#expand")).to_have_text("Alles zuklappen")
    page.locator("button[data-filter='simple']").click()
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^\d+ Fragen angezeigt$"))
    page.locator("button[data-filter='all']").click()
    page.locator("#question-1 .asked button.copy").click()
    expect(page.locator("#question-1 .asked .label")).to_have_text("Kopiert")
    expect(page.locator("#announcer")).to_have_text("In die Zwischenablage kopiert")
    assert seen.complaints == []
