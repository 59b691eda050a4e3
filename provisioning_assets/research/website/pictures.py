"""Makes pictures from outside harmless: reduces SVG to shapes, and converts pictures to PNG where necessary.

An SVG file can contain scripts, links and requests. Only shapes on an allow list are kept, and the result is still rendered to
pixels, so that no foreign markup gets into our pages.
"""

import base64
import re
import struct
import zlib

import lxml.etree
import vl_convert

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_SHAPES = frozenset(
    (
        "svg", "g", "defs", "symbol", "title", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
        "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "use",
    )
)  # fmt: skip
_ATTRIBUTES = frozenset(
    (
        "id", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx", "dy",
        "width", "height", "points", "viewBox", "preserveAspectRatio", "transform", "fill", "fill-rule",
        "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
        "stroke-opacity", "stroke-dasharray", "opacity", "clip-path", "clip-rule", "mask", "offset", "stop-color",
        "stop-opacity", "gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits",
        "font-family", "font-size", "font-weight", "font-style", "text-anchor", "letter-spacing", "color", "display",
        "visibility",
    )
)  # fmt: skip
MOST_ELEMENTS = 3_000
MOST_PIXELS_A_SIDE = 4_096  # a larger picture is not a logo, and decoding it needs much memory
DRAWN_WIDTH = 480  # pixels; sharp at the display size of a logo, also in print
DRAWN_HEIGHT = 240


class UnusablePictureError(ValueError):
    """A picture that is corrupt, too large, or of an unsupported type."""


def safe_svg(written: bytes) -> str:
    """The shapes of an SVG document, without the rest of it.

    Raises:
        UnusablePictureError: not SVG, too many elements, or shapes that multiply each other.
    """
    # no entities, no document type, no network; a document that needs them is rejected
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = lxml.etree.fromstring(written, parser)
    except (lxml.etree.XMLSyntaxError, ValueError) as error:
        raise UnusablePictureError(f"not an SVG picture ({error})") from None
    if _name(root) != "svg":
        raise UnusablePictureError("not an SVG picture")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise UnusablePictureError(f"more than {MOST_ELEMENTS} elements")
    styles = _class_styles(root)
    drawn = _copy(root, styles)
    _refuse_multiplying(drawn)
    _sized(drawn)
    lxml.etree.cleanup_namespaces(drawn)
    return lxml.etree.tostring(drawn, encoding="unicode")


def svg_to_png(written: bytes) -> bytes:
    """An SVG picture from outside as PNG, at most ``DRAWN_WIDTH`` x ``DRAWN_HEIGHT`` pixels.

    Raises:
        UnusablePictureError: it cannot be made safe or rendered.
    """
    return _drawn(safe_svg(written))


def raster_to_png(picture: bytes, media_type: str) -> bytes:
    """A PNG, JPEG, GIF or WebP picture as PNG, at most ``DRAWN_WIDTH`` x ``DRAWN_HEIGHT`` pixels.

    Raises:
        UnusablePictureError: corrupt or too large.
    """
    width, height = raster_size(picture)
    scale = min(1.0, DRAWN_WIDTH / width, DRAWN_HEIGHT / height)
    shown = f'width="{max(1, round(width * scale))}" height="{max(1, round(height * scale))}"'
    data = base64.b64encode(picture).decode("ascii")
    return _drawn(f'<svg xmlns="{SVG_NAMESPACE}" {shown}><image {shown} href="data:{media_type};base64,{data}"/></svg>')


def _drawn(svg: str) -> bytes:
    try:
        png = vl_convert.svg_to_png(svg)
    except ValueError as error:
        raise UnusablePictureError(f"the picture cannot be drawn ({error})") from None
    if _blank(png):
        raise UnusablePictureError("the picture is empty")
    return png


def _blank(png: bytes) -> bool:
    """Whether all pixels are equal, which is the case if a corrupt picture was rendered.

    Supports only the format of our renderer: 8 bits a channel with transparency, not interlaced (PNG, 3rd edition, 11).
    """
    width, height = raster_size(png)
    packed, at = b"", 8
    while at + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    rows = zlib.decompress(packed, bufsize=height * (4 * width + 1))
    # after the row filters, a picture with a single colour is that colour once, followed by zeros
    first = rows[1:5]
    return not any(rows[5 : 4 * width + 1].replace(first, b"")) and all(
        not any(rows[start + 1 : start + 4 * width + 1].replace(first, b""))
        for start in range(4 * width + 1, len(rows), 4 * width + 1)
    )


def raster_type(picture: bytes) -> str | None:
    """Media type from the first bytes, regardless of the server's header: PNG, JPEG, GIF, WebP; ``None`` for other types."""
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture[:6] in {b"GIF87a", b"GIF89a"}:
        return "image/gif"
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return None


def raster_size(picture: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header of the file.

    Raises:
        UnusablePictureError: the header is missing, or a side is longer than ``MOST_PIXELS_A_SIDE``.
    """
    try:
        size = _READ_SIZE[raster_type(picture) or ""](picture)
    except (KeyError, struct.error, IndexError):
        raise UnusablePictureError("not a PNG, JPEG, GIF or WebP picture") from None
    if not all(0 < side <= MOST_PIXELS_A_SIDE for side in size):
        raise UnusablePictureError(f"{size[0]} x {size[1]} pixels")
    return size


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    at = 2
    while True:
        marker, length = struct.unpack(">xBH", picture[at : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # start of frame, ITU T.81 table B.1
            height, width = struct.unpack(">HH", picture[at + 5 : at + 9])
            return width, height
        at += 2 + length


def _webp_size(picture: bytes) -> tuple[int, int]:
    kind = picture[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(picture[24:27], "little"), 1 + int.from_bytes(picture[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(picture[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", picture[26:30])
    return width & 0x3FFF, height & 0x3FFF


_READ_SIZE = {
    "image/png": lambda picture: struct.unpack(">II", picture[16:24]),
    "image/gif": lambda picture: struct.unpack("<HH", picture[6:10]),
    "image/jpeg": _jpeg_size,
    "image/webp": _webp_size,
}


def _name(element: lxml.etree._Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = lxml.etree.QName(element)
    return name.localname if name.namespace in {SVG_NAMESPACE, None} else ""


def _class_styles(root: lxml.etree._Element) -> dict[str, dict[str, str]]:
    """``.name { fill: ... }`` rules of the picture's own style sheet, by class."""
    rules: dict[str, dict[str, str]] = {}
    for style in root.iter("{*}style"):
        for selectors, body in re.findall(r"([^{}]{1,500})\{([^{}]{0,2000})\}", style.text or ""):
            for selector in selectors.split(","):
                if re.fullmatch(r"\s*\.[\w-]+\s*", selector):
                    rules.setdefault(selector.strip()[1:], {}).update(_declarations(body))
    return rules


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return {
        name.strip().lower(): value.strip()
        for name, value in pairs
        if name.strip().lower() in _ATTRIBUTES and _harmless(value)
    }


def _harmless(value: str) -> bool:
    """Whether a value contains no reference, except to an element of the same picture."""
    if re.search(r"[\\<>{}@]|javascript:|expression|data:|/\*", value, re.I):
        return False
    return all(target.strip(" \"'").startswith("#") for target in re.findall(r"url\(([^)]*)\)?", value, re.I))


def _copy(element: lxml.etree._Element, styles: dict[str, dict[str, str]]) -> lxml.etree._Element:
    """A new element with the allowed parts of the old one; everything that is not on an allow list is dropped."""
    copy = lxml.etree.Element(f"{{{SVG_NAMESPACE}}}{_name(element)}", nsmap={None: SVG_NAMESPACE})  # pyright: ignore[reportArgumentType]
    presentation: dict[str, str] = {}
    for name in (element.get("class") or "").split():
        presentation.update(styles.get(name, {}))
    presentation.update(_declarations(element.get("style") or ""))
    for name, value in {**dict(element.attrib), **presentation}.items():
        if str(name) in _ATTRIBUTES and name != "class" and _harmless(str(value)):
            copy.set(str(name), str(value))
    target = element.get("href") or element.get(_XLINK_HREF) or ""
    if target.startswith("#"):
        copy.set("href", target)
    if _name(element) in {"text", "tspan", "title"}:
        copy.text = element.text
        copy.tail = element.tail if _name(element) == "tspan" else None
    for child in element:
        if _name(child) in _SHAPES:
            copy.append(_copy(child, styles))
    return copy


def _refuse_multiplying(root: lxml.etree._Element) -> None:
    """Reject nested use: a shape used by a used shape grows exponentially, so a used shape must not use another."""
    targets = {(element.get("href") or "")[1:] for element in root.iter(f"{{{SVG_NAMESPACE}}}use")}
    for element in root.iter():
        if element.get("id") in targets and any(_name(inner) == "use" for inner in element.iter()):
            raise UnusablePictureError("shapes that are nested too deeply")


def _sized(root: lxml.etree._Element) -> None:
    """Give the picture a size that fits the output, whatever size it declares."""
    box = re.split(r"[\s,]+", (root.get("viewBox") or "").strip())
    try:
        sides = [float(number) for number in box[2:4]] if len(box) == 4 else []
        if not sides:
            sides = [float(re.sub(r"px$", "", (root.get(name) or "").strip())) for name in ("width", "height")]
            root.set("viewBox", f"0 0 {sides[0]:g} {sides[1]:g}")
    except ValueError:
        raise UnusablePictureError("a picture without a size") from None
    width, height = sides
    if not (0 < width < 1e6 and 0 < height < 1e6 and 0.02 <= width / height <= 50):
        raise UnusablePictureError(f"a picture of {width:g} x {height:g}")
    scale = min(DRAWN_WIDTH / width, DRAWN_HEIGHT / height)
    root.set("width", str(max(1, round(width * scale))))
    root.set("height", str(max(1, round(height * scale))))
