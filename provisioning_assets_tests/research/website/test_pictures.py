"""Pictures from outside become pixels, and nothing else of them is kept."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.website.pictures import (
    UnusablePictureError,
    raster_size,
    raster_to_png,
    raster_type,
    safe_svg,
    svg_to_png,
)

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def gif(width: int, height: int) -> bytes:
    """Red and blue pixels in turn; every pixel follows a clear code, so that nothing has to be compressed."""
    codes = [code for at in range(width * height) for code in (4, at % 2)] + [5]
    bits = sum(code << (3 * at) for at, code in enumerate(codes))
    data = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\xff\0\0" + b"\0\0\xff"
    return head + b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\x02" + bytes([len(data)]) + data + b"\0;"


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
    assert raster_type(svg_to_png(svg(RED + hostile))) == "image/png"


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
        svg_to_png(bad)


def test_a_picture_of_any_size_is_drawn_small() -> None:
    for root in ('width="90000px" height="45000px"', 'viewBox="0 0 9000 4500" width="99999999" height="1"'):
        assert raster_size(svg_to_png(svg('<rect width="50%" height="900" fill="#f00"/>', root))) == (480, 240)


def test_a_gif_is_drawn_as_png() -> None:
    png = raster_to_png(gif(5, 3), "image/gif")
    assert raster_type(png) == "image/png"
    assert raster_size(png) == (5, 3)


def test_a_damaged_picture_is_refused_and_not_kept_empty() -> None:
    png = svg_to_png(svg(RED))
    with pytest.raises(UnusablePictureError):
        raster_to_png(png[:60], "image/png")


def test_sizes_are_read_from_the_header() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 30, 40) + b"\x03"
    lossy = b"RIFF0000WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 40, 30)
    lossless = b"RIFF0000WEBPVP8L0000\x2f" + (39 | 29 << 14).to_bytes(4, "little")
    extended = b"RIFF0000WEBPVP8X" + b"\0" * 8 + (39).to_bytes(3, "little") + (29).to_bytes(3, "little")
    for picture in (jpeg, lossy, lossless, extended, b"GIF89a" + struct.pack("<HH", 40, 30)):
        assert raster_size(picture) == (40, 30)
    with pytest.raises(UnusablePictureError, match="50000"):
        raster_size(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 50_000, 50_000))


@given(
    st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP", b""])
)
def test_no_header_breaks_the_reader(rest: bytes, start: bytes) -> None:
    try:
        width, height = raster_size(start + rest)
    except UnusablePictureError:
        return
    assert 0 < width <= 4_096
    assert 0 < height <= 4_096
