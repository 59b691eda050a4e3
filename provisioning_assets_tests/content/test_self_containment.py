"""The check finds everything that would make a page depend on other files or sites."""

import pytest

from provisioning_assets.content.booklet import write_booklet
from provisioning_assets.content.self_containment import containment_problems
from provisioning_assets.self_contained_pages import content_security_policy
from provisioning_assets_tests.content.sample_demo import sample_demo

STYLE, SCRIPT = "p{color:#123456}", "void 0;"


def page(body: str = "", *, style: str = STYLE, script: str = SCRIPT, policy: str | None = None) -> str:
    policy = content_security_policy(style, script) if policy is None else policy
    return (
        f'<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{style}</style></head><body><p>words</p>{body}<script>{script}</script></body></html>"
    )


def test_a_page_of_its_own_is_fine() -> None:
    assert containment_problems(page('<a href="#x">y</a><img src="data:image/png;base64,AAAA">')) == []
    assert containment_problems(page('<a href="https://a.example/" rel="noopener noreferrer">y</a>')) == []
    assert containment_problems(page('<a href="../quality/index.html">y</a>')) == []


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://a.example/x.png">',
        '<img src="//a.example/x.png">',
        '<img src="data:text/html,x">',
        '<img srcset="a.png 2x">',
        "<script src=https://a.example/x.js></script>",
        "<link rel=stylesheet href=x.css>",
        "<iframe></iframe>",
        "<form></form>",
        '<p onclick="x()">',
        '<p style="color:red">',
        '<a href="javascript:alert(1)">',
        '<a href="../../other_com/quality/index.html">',
        '<a href="../quality/index.html?x">',
        '<img src="../quality/index.html">',
        '<a href="https://a.example/">',
        '<a href="https://a.example/" rel="noopener">',
        '<a href="#x" ping="https://a.example/">',
        '<base href="https://a.example/">',
        "<meta http-equiv=refresh content=1>",
        '<svg><image xlink:href="https://a.example/x.svg"/></svg>',
        '<svg><use href="https://a.example/x.svg#a"/></svg>',
        "<script>other()</script>",
        "<style>p{}</style>",
        '<object data="x.swf"></object>',
        '<blockquote cite="https://a.example/">',
    ],
)
def test_what_loads_sends_or_runs_is_found(body: str) -> None:
    assert containment_problems(page(body))


@pytest.mark.parametrize(
    "style",
    [
        "@import 'https://a.example/x.css';",
        "p{background:url(https://a.example/x.png)}",
        "p{background:url('x.png')}",
        "@media print{p{background:image-set('x.png' 1x)}}",
        "@font-face{font-family:x;src:url(x.woff)}",
    ],
)
def test_addresses_in_a_style_sheet_are_found(style: str) -> None:
    assert any("style sheet" in problem for problem in containment_problems(page(style=style)))


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'",
        content_security_policy(STYLE, SCRIPT).replace("script-src ", "script-src 'unsafe-inline' "),
        content_security_policy(STYLE, SCRIPT).replace("img-src data:", "img-src data: https:"),
        content_security_policy(STYLE, "something else"),
    ],
)
def test_a_policy_that_allows_more_is_found(policy: str) -> None:
    assert containment_problems(page(policy=policy))


def test_a_page_without_a_policy_or_without_anything_is_found() -> None:
    assert containment_problems("<p>x</p>") == ["0 content security policies; there must be one"]
    assert containment_problems("") == ["the page is empty"]


def test_a_booklet_that_was_tampered_with_is_found() -> None:
    html = write_booklet(sample_demo())
    assert containment_problems(html) == []
    assert containment_problems(html.replace("</main>", "<img src=https://evil.example/x></main>"))
    assert containment_problems(html.replace('"use strict";', '"use strict"; fetch("https://evil.example");'))
