"""Addresses to which pages forward their visitors by markup."""

import pytest

from provisioning_assets.research.website.forwarding import forwarded_to

PAGE = "https://acme.example/de/index.html"


def refresh(content: str, before: str = "") -> str:
    return f"<html><head>{before}<META HTTP-EQUIV='refresh' CONTENT=\"{content}\"></head><body>x</body></html>"


@pytest.mark.parametrize(
    ("html", "address"),
    [
        (refresh("0; url=/uk/home.html"), "https://acme.example/uk/home.html"),
        (refresh("0;URL='shop.html'"), "https://acme.example/de/shop.html"),
        (refresh("5 , https://www.acme.example"), "https://www.acme.example/"),
        (refresh("0.5; url = shop.html"), "https://acme.example/de/shop.html"),
        (refresh("0 shop.html"), "https://acme.example/de/shop.html"),
        (refresh("0; url=shop.html", '<base href="/fr/">'), "https://acme.example/fr/shop.html"),
        (refresh("0; url=https://acme.example/de/index.html"), None),
        (refresh("0; url=#top"), None),
        (refresh("0"), None),
        (refresh("300; url=/"), None),
        (refresh("0; url=javascript:alert(1)"), None),
        (refresh("0; url=data:text/html,x"), None),
        (refresh("0; url=http://user:secret@acme.example/"), None),
        (refresh("soon; url=/"), None),
        ("<html><head><noscript><meta http-equiv=refresh content='0; url=/plain'></noscript></head></html>", None),
        ("<p>We refresh your kitchen</p>", None),
        ("refresh", None),
        ("", None),
    ],
)
def test_where_a_page_forwards_to(html: str, address: str | None) -> None:
    assert forwarded_to(html, PAGE) == address
