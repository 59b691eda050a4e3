"""Each address has one spelling, and addresses that must never be requested are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.urls import (
    UrlRefusedError,
    normalise,
    page_key,
    registrable_domain,
    site_of,
    start_address,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTPS://Acme.COM:443", "https://acme.com/"),
        ("http://acme.com:80/a/../b/./c#top", "http://acme.com/b/c"),
        ("http://acme.com:8080/", "http://acme.com:8080/"),
        ("https://acme.com/a b/ü?q=ö", "https://acme.com/a%20b/%C3%BC?q=%C3%B6"),
        ("https://acme.com/a%2fb", "https://acme.com/a%2Fb"),
        ("https://bücher.de./", "https://xn--bcher-kva.de/"),
        ("https://acme.com/?utm_source=x&b=1&fbclid=2", "https://acme.com/?b=1"),
        ("https://acme.com/shop;jsessionid=AB12?x=1", "https://acme.com/shop?x=1"),
        ("https://acme.com/../../x", "https://acme.com/x"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ("  https://acme.com/a\nb ", "https://acme.com/ab"),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    assert normalise(written) == meant
    assert normalise(meant) == meant


@pytest.mark.parametrize(
    ("written", "base", "meant"),
    [
        ("../about", "https://acme.com/shop/page", "https://acme.com/about"),
        ("//cdn.acme.com/x", "https://acme.com/", "https://cdn.acme.com/x"),
        ("?page=2", "https://acme.com/list", "https://acme.com/list?page=2"),
    ],
)
def test_a_relative_address_is_completed(written: str, base: str, meant: str) -> None:
    assert normalise(written, base) == meant


@pytest.mark.parametrize(
    "written",
    [
        "ftp://acme.com/", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.c", "data:text/html,x", "gopher://x/",
        "https://user:secret@acme.com/", "https://acme.com@evil.com/", "https:///nohost", "https://acme.com:99999/",
        "https://[::1/", "https://a b.com/", "https://acme.com/" + "a" * 3_000, "", "https://\ud800.com/",
    ],
)  # fmt: skip
def test_an_address_that_is_never_asked_for(written: str) -> None:
    with pytest.raises(UrlRefusedError):
        normalise(written)


@given(st.text(max_size=80))
def test_no_text_breaks_the_normaliser(text: str) -> None:
    for written in (text, f"https://acme.com/{text}", f"https://{text}/"):
        try:
            once = normalise(written)
        except UrlRefusedError:
            continue
        assert normalise(once) == once
        assert once.startswith(("http://", "https://"))
        assert once.isascii()


def test_two_spellings_of_a_page_are_one_page() -> None:
    spellings = {
        "https://www.acme.com/about/index.html", "http://acme.com/about/", "https://acme.com/about",
    }  # fmt: skip
    assert len({page_key(spelling) for spelling in spellings}) == 1
    assert page_key("https://acme.com/?a=1&b=2") == page_key("https://acme.com/?b=2&a=1")
    assert page_key("https://acme.com/a") != page_key("https://acme.com/b")


def test_a_site_is_its_registrable_domain() -> None:
    assert registrable_domain("shop.acme.co.uk") == "acme.co.uk"
    assert registrable_domain("co.uk") is None
    assert site_of("https://blog.acme.co.uk/x") == site_of("http://www.acme.co.uk/")
    assert site_of("https://one.github.io/") != site_of("https://two.github.io/")
    assert site_of("http://127.0.0.1:8000/") != site_of("http://127.0.0.1:9000/")
    assert site_of("http://localhost:8000/") == "localhost:8000"


def test_what_a_user_types_is_completed_or_refused() -> None:
    assert start_address(" Acme.com ") == "https://acme.com/"
    assert start_address("http://acme.com/uk") == "http://acme.com/uk"
    for wrong in ("", "ftp://acme.com", "https://me:secret@acme.com", "not a host"):
        with pytest.raises(ProvisioningError) as refused:
            start_address(wrong)
        assert "https://www.acme.com" in refused.value.remedy
