"""Name, logo and colours of a site, none of them invented."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from provisioning_assets.research.website.brand import (
    Load,
    Resource,
    brand_colours,
    logo_data_uri,
    read_brand,
    shared_title_part,
    site_name,
)
from provisioning_assets.research.website.models import Brand, FetchedBy, WebPage
from provisioning_assets.research.website.pages import parse_document, read_page
from provisioning_assets.research.website.pictures import UnusablePictureError, logo_png
from provisioning_assets.research.website.settings import CrawlSettings

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 80"><script>alert(1)</script>'
    b'<rect width="90" height="80" fill="#e4002b"/></svg>'
)
PNG = logo_png(SVG)
URL = "https://acme.com/"


def start(head: str = "", body: str = "") -> str:
    return f"<html><head><title>Acme</title>{head}</head><body>{body}</body></html>"


def read(html: str, files: dict[str, bytes] | None = None, **changed: int) -> tuple[Brand, list[str]]:
    asked: list[str] = []

    def load(url: str, max_bytes: int) -> Resource | None:
        asked.append(url)
        body = (files or {}).get(url.removeprefix(URL))
        return None if body is None or len(body) > max_bytes else Resource(url, "", body)

    page = read_page(html, url=URL, fetched_by=FetchedBy.HTTP, status=200, size_bytes=1).page
    typed: Load = load
    return read_brand(html, [page], typed, CrawlSettings(**changed)), asked  # pyright: ignore[reportArgumentType]


def colours(css: str, html: str = "") -> list[str]:
    tree = parse_document(html or start())
    assert tree is not None
    return brand_colours(tree, [css])


# ---- name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta property="og:site_name" content="Acme Outdoor">', "Acme Outdoor"),
        ('<script type="application/ld+json">{"@type": ["Store"], "name": "Acme Stores"}</script>', "Acme Stores"),
        ('<script type="application/ld+json">{"@type": "Product", "name": "Tent"}</script>', None),
        ('<meta name="application-name" content="Acme App">', "Acme App"),
        ("", None),
    ],
)
def test_the_site_says_its_name(head: str, name: str | None) -> None:
    assert read(start(head))[0].site_name == name


def test_a_name_is_what_titles_share() -> None:
    assert shared_title_part(["About | Acme Ltd", "Tents - Acme Ltd", "Acme Ltd"]) == "Acme Ltd"
    assert shared_title_part(["料金表｜目黒歯科", "お知らせ｜目黒歯科"]) == "目黒歯科"
    assert shared_title_part(["One", "Two"]) is None
    assert shared_title_part([]) is None
    pages = [WebPage(url=URL, fetched_by=FetchedBy.HTTP, status=200, title=title) for title in ("A | Acme", "B | Acme")]
    assert site_name(pages, None) == "Acme"


# ---- logo


def test_an_svg_logo_becomes_pixels() -> None:
    brand, _ = read(start(body='<header><a href="/"><img src="/img/logo.svg"></a></header>'), {"img/logo.svg": SVG})
    assert brand.logo_url == f"{URL}img/logo.svg"
    assert brand.logo_data_uri == "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    ("head", "body", "files", "found"),
    [
        ("", '<img class="logo" src="a.png"><header><img id="logo" src="b.png"></header>', ["a.png", "b.png"], "b.png"),
        ("", '<img class="partner-logo" src="p.png"><img alt="Acme Logo" src="a.png">', ["p.png", "a.png"], "a.png"),
        ("", '<header><img class="logo" src="data:,x" data-src="lazy.png"></header>', ["lazy.png"], "lazy.png"),
        ('<link rel="apple-touch-icon" href="t.png"><link rel="icon" href="i.png">', "", ["t.png", "i.png"], "t.png"),
        ('<link rel="icon" sizes="16x16" href="s.png"><link rel="icon" sizes="192x192" href="l.png">', "",
         ["s.png", "l.png"], "l.png"),
        ('<script type="application/ld+json">{"@type": "Store", "logo": {"url": "/s.png"}}</script>', "",
         ["s.png"], "s.png"),
        ("", '<header><img class="logo" src="gone.png"></header>', ["favicon.ico"], "favicon.ico"),
    ],
)  # fmt: skip
def test_the_likeliest_picture_that_can_be_had(head: str, body: str, files: list[str], found: str) -> None:
    assert read(start(head, body), dict.fromkeys(files, PNG))[0].logo_url == URL + found


def test_an_inline_svg_is_a_logo() -> None:
    inline = '<svg viewBox="0 0 20 10"><rect width="9" height="9" fill="red"/></svg>'
    brand, _ = read(start(body=f'<header><a href="/" class="logo">{inline}</a></header>'))
    assert brand.logo_url is None
    assert (brand.logo_data_uri or "").startswith("data:image/png;base64,")


def test_an_inline_data_picture_is_a_logo() -> None:
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    brand, _ = read(start(body=f'<header><img class="logo" src="{data}"></header>'))
    assert (brand.logo_url, brand.logo_data_uri) == (None, data)


def test_without_any_picture_there_is_no_logo_and_few_are_asked_for() -> None:
    many = "".join(f'<img class="logo" src="{number}.png">' for number in range(30))
    brand, asked = read(start(body=f"<header>{many}</header>"))
    assert (brand.logo_url, brand.logo_data_uri) == (None, None)
    assert len(asked) == 6


def test_a_logo_is_never_larger_than_allowed() -> None:
    big = PNG + b"\0" * 5_000  # bytes behind the end of a picture are not drawn
    most = 2 * len(PNG)
    assert 0 < len(logo_data_uri(big, most)) <= most
    with pytest.raises(UnusablePictureError, match="larger"):
        logo_data_uri(PNG, 100)


def test_icons_hold_pictures_or_nothing() -> None:
    entry = b"\0" * 8 + len(PNG).to_bytes(4, "little") + (22).to_bytes(4, "little")
    assert "image/png" in logo_data_uri(b"\0\0\1\0\1\0" + entry + PNG, 200_000)
    for bad in (b"\0\0\1\0\1\0" + entry + b"BM" * 9, b"<html>404</html>", b"\0\0\1\0\xff\xff", b""):
        with pytest.raises(UnusablePictureError):
            logo_data_uri(bad, 200_000)


def test_a_tiny_picture_is_not_used_as_a_logo() -> None:
    written = BytesIO()
    dot = Image.new("RGB", (2, 2), "#ff0000")
    dot.putpixel((0, 0), (0, 0, 255))
    dot.save(written, "PNG")
    with pytest.raises(UnusablePictureError, match="only 2 x 2"):
        logo_data_uri(written.getvalue(), 200_000)


# ---- colours


def test_the_most_prominent_colour_comes_first() -> None:
    css = (
        ":root{--brand-primary:#0a7a3b; --text:#333; --bg:#fff; --whatsapp:#25D366; --wp--preset--red:#cf2e2e}"
        "header{background:#0A7A3B} .btn{background-color:rgb(228 0 43)} a{color:hsl(200,80%,40%)} p{color:#777}"
    )
    assert colours(css) == ["#0a7a3b", "#e4002b", "#1481b8"]


def test_the_theme_colour_is_prominent() -> None:
    html = start('<meta name="theme-color" content="#5a2d82">')
    assert colours("header{background:#0a7a3b}", html) == ["#5a2d82", "#0a7a3b"]


@pytest.mark.parametrize(
    "colour",
    ["#fff", "#000", "#808080", "#f8fafc", "white", "rgba(200,0,0,.1)", "currentColor", "transparent", "#1e1e22", "x"],
)
def test_white_black_and_grey_are_not_brand_colours(colour: str) -> None:
    assert colours(f":root{{--primary:{colour}}} header{{background:{colour}}}") == []


def test_colours_hide_in_media_rules_gradients_and_styles() -> None:
    html = start(body='<p style="color:#aa0055">x</p>')
    css = "@media screen{@supports (x:y){header{background:linear-gradient(#0a7a3b, #fff)}}} @font-face{src:url(x)}"
    assert colours(css, html) == ["#0a7a3b", "#aa0055"]


def test_colours_that_look_the_same_count_once_and_six_are_enough() -> None:
    assert colours("a{color:#e4002b} b{color:#e5012c}") == ["#e4002b"]
    many = "".join(f".c{hue}{{color:hsl({hue},90%,45%)}}" for hue in range(0, 360, 30))
    assert len(colours(many)) == 6


@pytest.mark.parametrize(
    "css", ["{{{", "a{color:", "@media", "a{background:url(", "\x00", "a{color:color(display-p3 1 0 0)}"]
)
def test_broken_css_is_survived(css: str) -> None:
    assert len(colours(css)) <= 1


def test_stylesheets_are_loaded_within_limits_and_foreign_ones_are_not() -> None:
    html = start(
        '<style>a{color:#0a7a3b}</style><link rel="stylesheet" href="/css/bootstrap.min.css">'
        '<link rel="stylesheet" href="/css/site.css"><link rel="stylesheet" href="javascript:x">'
        '<link rel="stylesheet" href="/css/more.css"><link rel="stylesheet" href="/css/third.css">'
    )
    files = {"css/site.css": b"header{background:#e4002b}" + b" " * 1_000, "css/more.css": b"a{color:#0000ff}"}
    brand, asked = read(html, files)
    assert brand.colours == ["#e4002b", "#0000ff", "#0a7a3b"]
    assert f"{URL}css/bootstrap.min.css" not in asked
    assert f"{URL}css/more.css" not in read(html, files, max_stylesheet_bytes=200)[1]
    assert f"{URL}css/third.css" not in read(html, files, max_stylesheets=2)[1]


def test_a_site_without_pages_has_no_brand() -> None:
    assert read_brand("", [], lambda _url, _limit: None, CrawlSettings()) == Brand()
    empty = WebPage(url=URL, fetched_by=FetchedBy.HTTP, status=200)
    assert read_brand("", [empty], lambda _url, _limit: None, CrawlSettings()) == Brand()
