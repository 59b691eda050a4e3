"""Makes pictures from outside harmless: reduces SVG to shapes, and converts pictures to PNG where necessary.

An SVG file can contain scripts, links and requests. Only shapes on an allow list are kept, and the result is still rendered to
pixels, so that no foreign markup gets into our pages.
"""

import re
import struct
import warnings
from io import BytesIO

import lxml.etree
import vl_convert
from PIL import Image

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
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "ICO")
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


def logo_png(picture: bytes) -> bytes:
    """A picture from outside as PNG, at most ``DRAWN_WIDTH`` x ``DRAWN_HEIGHT`` pixels: SVG, PNG, JPEG, GIF, WebP, or an icon.

    Raises:
        UnusablePictureError: corrupt, too large, empty, or not a picture of these kinds.
    """
    image = _drawn(picture) if b"<svg" in picture[:4_096].lower() else _opened(picture)
    image.thumbnail((DRAWN_WIDTH, DRAWN_HEIGHT))
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def picture_size(picture: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises UnusablePictureError as ``logo_png`` does."""
    return _opened(picture).size


def _drawn(written: bytes) -> Image.Image:
    svg = safe_svg(written)
    try:
        png = vl_convert.svg_to_png(svg)
    except ValueError as error:
        raise UnusablePictureError(f"the picture cannot be drawn ({error})") from None
    image = _opened(png)
    if "<text" in svg and _touches_a_side(image):
        raise UnusablePictureError("its text is cut: it was made for a font that is not here")
    return image


def _opened(picture: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(picture), formats=_FORMATS) as opened:
            if max(opened.size) > MOST_PIXELS_A_SIDE:
                raise UnusablePictureError(f"{opened.width} x {opened.height} pixels")
            image = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, struct.error, IndexError) as error:
        if isinstance(error, UnusablePictureError):
            raise
        raise UnusablePictureError(f"not a picture of a known kind ({type(error).__name__})") from None
    if len(image.getcolors(maxcolors=1) or ()) == 1:
        raise UnusablePictureError("the picture is empty")
    return image


def _touches_a_side(image: Image.Image) -> bool:
    """Whether the left or right edge has more than one colour, as where letters are cut."""
    return any(
        len(image.crop((x, 0, x + 1, image.height)).getcolors(image.height) or ()) > 1 for x in (0, image.width - 1)
    )


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
