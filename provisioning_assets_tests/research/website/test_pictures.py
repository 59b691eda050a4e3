"""Pictures from outside become pixels, and nothing else of them is kept."""

import contextlib
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provisioning_assets.research.website.pictures import (
    UnusablePictureError,
    logo_png,
    picture_size,
    safe_svg,
)

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inner: str, root: str = 'viewBox="0 0 100 50"') -> bytes:
    return f"<svg {NS} {root}>{inner}</svg>".encode()


RED = '<rect width="40" height="40" fill="#e4002b"/>'


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<script xlink:href="https://evil.com/x.js"/>',
        '<image href="file:///etc/hostname" width="9" height="9"/>',
        '<image xlink:href="https://evil.com/track.png" width="9" height="9"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='https://evil.com'/></body></foreignObject>",
        '<a href="javascript:alert(1)"><rect width="9" height="9"/></a>',
        '<rect width="9" height="9" onclick="alert(1)"/>',
        '<rect width="9" height="9" style="fill: url(https://evil.com/x)"/>',
        '<rect width="9" height="9" fill="url(https://evil.com/x#a)"/>',
        "<style>@import url(https://evil.com/x.css); .a{fill:url('https://evil.com')}</style><rect class='a'/>",
        '<set attributeName="href" to="javascript:alert(1)"/>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<use href="https://evil.com/sprite.svg#a"/>',
        "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
        "<handler xmlns:ev='http://www.w3.org/2001/xml-events' ev:event='load'>alert(1)</handler>",
    ],
)
def test_nothing_but_shapes_stays(hostile: str) -> None:
    kept = safe_svg(svg(RED + hostile, 'viewBox="0 0 100 50" onload="alert(1)"'))
    assert "#e4002b" in kept
    for word in (
        "script",
        "evil",
        "alert",
        "file:",
        "import",
        "foreign",
        "onload",
        "onclick",
        "iframe",
        "<image",
        "<a",
    ):
        assert word not in kept
    assert logo_png(svg(RED + hostile)).startswith(b"\x89PNG")


def test_styles_of_classes_and_gradients_stay() -> None:
    kept = safe_svg(
        svg(
            "<style>.st0, .b { fill: #123456; behavior: url(x) } @media x { .c {fill:red} }</style>"
            '<defs><linearGradient id="g"><stop offset="1" style="stop-color:#ff0000"/></linearGradient></defs>'
            '<path class="st0" d="M0 0h9v9z"/><circle r="5" fill="url(#g)"/><use xlink:href="#g"/>'
            "<text>Ac<tspan>me</tspan></text>"
        )
    )
    assert 'fill="#123456"' in kept
    assert "behavior" not in kept
    assert 'fill="url(#g)"' in kept
    assert 'stop-color="#ff0000"' in kept
    assert 'href="#g"' in kept
    assert "Ac<tspan>me</tspan>" in kept.replace("ns0:", "")


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>",  # no size
        svg(RED, 'viewBox="0 0 0 0"'),
        svg(RED, 'viewBox="a b c d"'),
        svg(RED, 'viewBox="0 0 1000000000 1"'),
        svg("<g/>" * 4_000),
        svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#c"/></g><use href="#a"/>'),
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + svg("<text>&b;&c;</text>"),
        svg("<g/>"),  # nothing to be seen
    ],
)
def test_what_cannot_be_drawn_safely_is_refused(bad: bytes) -> None:
    with pytest.raises(UnusablePictureError):
        logo_png(bad)


def test_a_picture_of_any_size_is_drawn_small() -> None:
    for root in ('width="90000px" height="45000px"', 'viewBox="0 0 9000 4500" width="99999999" height="1"'):
        assert picture_size(logo_png(svg('<rect width="50%" height="900" fill="#f00"/>', root))) == (480, 240)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "ICO"])
def test_pictures_of_every_usual_kind_become_png(kind: str) -> None:
    image = Image.new("RGB", (60, 40), "#ffffff")
    image.paste("#cc0000", (10, 10, 30, 30))
    written = BytesIO()
    image.save(written, kind)
    png = logo_png(written.getvalue())
    assert png.startswith(b"\x89PNG")
    assert max(picture_size(png)) <= 60


def test_text_that_does_not_fit_is_not_shown_cut() -> None:
    """The site's own font is narrower than the one that draws the logo here."""
    root = 'viewBox="0 0 {} 40" width="{}" height="40"'
    text = '<text x="4" y="28" font-size="24" font-family="sans-serif">Quillon Works</text>'
    assert logo_png(svg(text, root.format(400, 400)))
    with pytest.raises(UnusablePictureError, match="cut"):
        logo_png(svg(text, root.format(100, 100)))


def test_a_damaged_picture_is_refused_and_not_kept_empty() -> None:
    png = logo_png(svg(RED))
    with pytest.raises(UnusablePictureError):
        logo_png(png[:60])


def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_decoded() -> None:
    header = b"IHDR" + struct.pack(">II", 50_000, 50_000)
    png = logo_png(svg(RED))
    at = png.index(b"IHDR")
    header += png[at + 12 : at + 17]
    with pytest.raises(UnusablePictureError, match=r"50000 x 50000|Bomb"):
        logo_png(png[:at] + header + struct.pack(">I", zlib.crc32(header)) + png[at + 21 :])


@given(
    st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP", b""])
)
def test_no_header_breaks_the_reader(rest: bytes, start: bytes) -> None:
    with contextlib.suppress(UnusablePictureError):
        assert logo_png(start + rest).startswith(b"\x89PNG")
