"""Which values from a website are accepted as an address, a picture or a colour."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.content.web_values import colour, link, picture, png_picture
from provisioning_assets.self_contained_pages import svg_picture

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize("text", ["#fff", "red", "#12345g", "#123456;}", " #123456", "#123456\n", "url(x)", ""])
def test_only_six_hexadecimal_digits_are_a_colour(text: str) -> None:
    assert colour(text) is None


def test_a_colour_is_put_in_lower_case() -> None:
    assert colour("#A1B2C3") == "#a1b2c3"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " https://a.example",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://",
        "https://user:secret@a.example/",
        "https://a.example/\"onclick='x'",
        "https://a.example/<b>",
        "https://a.example:port/",
        "https://[::1",
        "https://a.example/" + "x" * 3000,
        "notes",
    ],
)
def test_only_plain_web_addresses_are_linked(address: str) -> None:
    assert link(address) is None


@pytest.mark.parametrize("address", ["https://a.example/b?c=d#e", "http://127.0.0.1:8000/", "https://bücher.example/ä"])
def test_web_addresses_stay_as_they_are(address: str) -> None:
    assert link(address) == address


@given(st.text())
def test_whatever_is_linked_begins_with_http_and_closes_no_attribute(text: str) -> None:
    for address in (link(text), link("https://" + text)):
        assert address is None or (address.startswith(("http://", "https://")) and not set(address) & set("\"'<> \n"))


def test_pictures_are_recognised_by_their_first_bytes() -> None:
    assert picture(data_uri("png", PNG)) == data_uri("png", PNG)
    assert picture(data_uri("svg+xml", b"<svg/>")) is not None
    assert picture(data_uri("png", b"<html>")) is None
    assert picture(data_uri("x-icon", PNG)) is None
    assert picture("data:text/html;base64,PHNjcmlwdD4=") is None
    assert picture("data:image/png;base64,not base64") is None
    assert picture("data:image/png;base64,AAA") is None
    assert picture("https://a.example/logo.png") is None
    assert picture(None) is None
    assert picture(data_uri("png", PNG) + " onerror=alert(1)") is None
    assert picture(data_uri("png", PNG + b"0" * 2_000_000)) is None


def test_a_png_in_base64_becomes_a_picture() -> None:
    assert png_picture(base64.b64encode(PNG).decode()) == data_uri("png", PNG)
    assert png_picture("AAAA") is None
    assert png_picture(None) is None


def test_an_svg_is_carried_whole() -> None:
    assert base64.b64decode(svg_picture("<svg>é</svg>").partition(",")[2]).decode() == "<svg>é</svg>"
