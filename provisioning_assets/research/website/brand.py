"""The customer's name, logo and colours, from the start page and the resources that it links to."""

import base64
import colorsys
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import lxml.etree
import lxml.html
import tinycss2
import tinycss2.color4

from provisioning_assets.markdown import png_uri
from provisioning_assets.research.website.models import Brand, WebPage
from provisioning_assets.research.website.pages import clean, parse_document
from provisioning_assets.research.website.pictures import (
    UnusablePictureError,
    logo_png,
    picture_size,
)
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.urls import UrlRefusedError, normalise

MOST_COLOURS = 6
MOST_LOGO_CANDIDATES = 6  # maximum number to fetch
_SMALLEST_ICON = 32  # pixels; below it an icon is unusable as a logo

# Stylesheets by other designers: their colours are not the customer's.
_FOREIGN_STYLESHEET = re.compile(
    r"bootstrap|font-?awesome|fontawesome|fonts\.googleapis|swiper|slick|animate|normalize|jquery|select2|lightbox"
    r"|owl\.carousel|dashicons|wp-includes|elementor/assets|cookie|leaflet|mapbox|recaptcha|print",
    re.I,
)
# Custom properties for the brands of other companies, and for palettes that frameworks add to every site.
_FOREIGN_PROPERTY = re.compile(
    r"whatsapp|facebook|twitter|instagram|linkedin|youtube|pinterest|telegram|tiktok|google|paypal|wp--preset"
    r"|bs-(blue|indigo|purple|pink|red|orange|yellow|green|teal|cyan|success|info|warning|danger|link)"
    r"|swiper|fa-|danger|error|warning|success|alert|valid",
    re.I,
)
_BRAND_PROPERTY = re.compile(r"brand|primary|main|theme|corporate|accent|secondary|key", re.I)
_FOREIGN_SELECTOR = re.compile(
    r"whatsapp|facebook|twitter|instagram|linkedin|youtube|pinterest|telegram|xing|fa-|error|alert|warning|success|valid"
    r"|swiper|slick|mfp|cookie",
    re.I,
)
_PROMINENT_SELECTOR = re.compile(
    r"header|nav|logo|brand|btn|button|hero|banner|menu|footer|^a$|h1|h2|cta|primary", re.I
)
_POINTS_THEME_COLOUR = 60
_POINTS_BRAND_PROPERTY = 40
_POINTS_PROPERTY = 6
_POINTS_BACKGROUND = 4
_POINTS_COLOUR = 2
_POINTS_INLINE = 3


@dataclass(frozen=True)
class Resource:
    """A stylesheet or picture of the site.

    Args:
        url: final address.
        content_type: media type in lower case, may be empty.
        body: bytes after decompression.
    """

    url: str
    content_type: str
    body: bytes


Load = Callable[[str, int], Resource | None]
"""Address and maximum bytes -> the resource, or ``None`` if it cannot be loaded."""


def read_brand(html: str, pages: list[WebPage], load: Load, settings: CrawlSettings) -> Brand:
    """The brand of a site.

    Args:
        html: the decoded start page.
        pages: the pages that were read, the start page first.
        load: fetches stylesheets and pictures.
        settings: limits for the logo and the stylesheets.
    """
    if not pages:
        return Brand()
    tree = parse_document(html)
    name = site_name(pages, tree)
    if tree is None:
        return Brand(site_name=name)
    url = pages[0].url
    logo_url, logo = read_logo(tree, pages[0], load, settings.max_logo_bytes)
    sheets = list(stylesheets(tree, url, load, settings))
    return Brand(site_name=name, logo_url=logo_url, logo_data_uri=logo, colours=brand_colours(tree, sheets))


# ---- name


def site_name(pages: list[WebPage], tree: lxml.html.HtmlElement | None) -> str | None:
    """The name that the site uses for itself: OpenGraph, schema.org, application name, or the part that its titles share."""
    start = pages[0]
    named = start.open_graph.get("og:site_name") or _organisation_name(start.json_ld)
    if not named and tree is not None:
        for meta in tree.iter("meta"):
            if (meta.get("name") or "").lower() in {"application-name", "apple-mobile-web-app-title"}:
                named = meta.get("content")
                break
    return clean(named, 120) or shared_title_part([page.title for page in pages])


_ORGANISATIONS = re.compile(
    r"Organization|Corporation|Business|Store|Restaurant|Hotel|Airline|Clinic|Dentist|Company|School|NGO|Attorney"
    r"|LegalService|WebSite|Resort|Physician|Hospital|College|Agency",
)


def _organisation_name(things: list[dict[str, Any]]) -> str | None:
    for thing in things:
        kinds = thing.get("@type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(kind, str) and _ORGANISATIONS.search(kind) for kind in kinds):
            name = thing.get("name")
            if isinstance(name, str) and name.strip():
                return name
    return None


def shared_title_part(titles: list[str]) -> str | None:
    """``["About | Acme", "Acme | Shoes"]`` -> ``"Acme"``: the part between separators that most titles have."""
    parts = Counter[str]()
    for title in titles:
        parts.update({part for piece in re.split(r"\s+[|–—·•:-]\s+|[|｜»]", title) if (part := clean(piece, 120))})
    if not parts:
        return None
    most = max(parts.values())
    if most < 2:
        return None
    return min((part for part, count in parts.items() if count == most), key=lambda part: (len(part), part))


# ---- logo


def read_logo(tree: lxml.html.HtmlElement, page: WebPage, load: Load, max_bytes: int) -> tuple[str | None, str | None]:
    """Address and data URI of the logo, which is the most likely picture that can be loaded; ``(None, None)`` without one.

    Every picture is converted to PNG.
    """
    tried = 0
    for candidate in logo_candidates(tree, page):
        if isinstance(candidate, bytes):
            picture, url = Resource(page.url, "image/svg+xml", candidate), None
        else:
            if tried >= MOST_LOGO_CANDIDATES:
                break
            tried += 1
            picture, url = _loaded(candidate, load), candidate if not candidate.startswith("data:") else None
        if picture is None:
            continue
        try:
            return url, logo_data_uri(picture.body, max_bytes)
        except UnusablePictureError:
            continue
    return None, None


def _loaded(address: str, load: Load) -> Resource | None:
    if not address.startswith("data:"):
        return load(address, 2_000_000)  # a larger picture is usually a photograph
    match = re.match(r"data:([\w/+.-]+)((?:;[\w=-]+)*),(.*)", address, re.S)
    if match is None:
        return None
    body = unquote_to_bytes(match.group(3))
    if ";base64" in match.group(2):
        try:
            body = base64.b64decode(body)
        except ValueError:
            return None
    return Resource(address, match.group(1), body)


def logo_data_uri(picture: bytes, max_bytes: int) -> str:
    """A picture as a data URI of PNG, of at most ``max_bytes`` characters.

    Raises:
        UnusablePictureError: damaged, too small, too large, or not a picture.
    """
    png = logo_png(picture)
    width, height = picture_size(png)
    if min(width, height) < _SMALLEST_ICON / 2 or max(width, height) < _SMALLEST_ICON:
        raise UnusablePictureError(f"only {width} x {height} pixels")
    uri = png_uri(png)
    if len(uri) > max_bytes:
        raise UnusablePictureError(f"larger than {max_bytes} bytes")
    return uri


def logo_candidates(tree: lxml.html.HtmlElement, page: WebPage) -> Iterator[str | bytes]:
    """Possible logos, most likely first: absolute addresses, ``data:`` addresses, and inline SVG as bytes."""
    given = list(_logo_images(tree))
    written: list[str | bytes] = [picture for picture in given if isinstance(picture, bytes)]
    written += [picture for picture in given if isinstance(picture, str)]
    # inline pictures come first only if the first picture is inline: a linked one is more often the complete logo
    header = written if written and isinstance(given[0], bytes) else given
    seen: set[str | bytes] = set()
    for picture in (*header, *_schema_logos(page.json_ld), *_icons(tree), "/favicon.ico"):
        if isinstance(picture, bytes) or picture.startswith("data:image/"):
            address: str | bytes = picture
        else:
            try:
                address = normalise(picture, page.url)
            except UrlRefusedError:
                continue
        if address not in seen:
            seen.add(address)
            yield address


def _logo_images(tree: lxml.html.HtmlElement) -> Iterator[str | bytes]:
    """Pictures with "logo" in their description, first those in the header or in a link to the start page."""
    ranked: list[tuple[int, int, str | bytes]] = []
    for at, element in enumerate(tree.iter("img", "svg")):
        ancestors = [ancestor for ancestor in element.iterancestors() if isinstance(ancestor.tag, str)][:6]
        around = " ".join(_called(ancestor) for ancestor in ancestors[:3])
        in_header = any(ancestor.tag in {"header", "nav"} or "header" in _called(ancestor) for ancestor in ancestors)
        to_start = any(ancestor.tag == "a" and (ancestor.get("href") or "") in _START_LINKS for ancestor in ancestors)
        own = f"{_called(element)} {element.get('alt') or ''} {element.get('src') or ''}".lower()
        logo_like = ("logo" in own) * 4 + ("logo" in around) * 3 + in_header * 2 + to_start * 2
        if logo_like < 3 or _NOT_THE_LOGO.search(f"{own} {around}"):
            continue
        if element.tag == "img":
            source = element.get("src") or ""
            lazy = element.get("data-src") or element.get("data-lazy-src") or ""
            picture = lazy if lazy and (not source or source.startswith("data:")) else source
            if picture:
                ranked.append((-logo_like, at, picture.strip()))
        else:
            ranked.append((-logo_like, at, _inline_svg(element)))
    for _, _, picture in sorted(ranked, key=lambda entry: entry[:2]):
        yield picture


_START_LINKS = frozenset(("/", "./", "index.html", "/index.html", "#", ""))
_NOT_THE_LOGO = re.compile(
    r"partner|client|customer|payment|footer-icon|social|facebook|twitter|instagram|linkedin|youtube|visa|paypal|sponsor"
    r"|badge|award|search|hamburger|toggle|app-?store|google-?play|trusted",
    re.I,
)


def _called(element: lxml.html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()


def _inline_svg(element: lxml.html.HtmlElement) -> bytes:
    """An inline ``<svg>`` as a separate document; restores the name space and the case of names, which HTML parsing lost."""
    text = lxml.etree.tostring(element, encoding="unicode", with_tail=False)
    for lower, proper in (("viewbox=", "viewBox="), ("lineargradient", "linearGradient"), ("clippath", "clipPath")):
        text = re.sub(rf"(?<=[\s</]){lower}", proper, text)
    if "xmlns=" not in text.split(">", 1)[0]:
        text = text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    if "xlink:" in text and "xmlns:xlink" not in text:
        text = text.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    return text.encode("utf-8")


def _schema_logos(things: list[dict[str, Any]]) -> Iterator[str]:
    for thing in things:
        logo = thing.get("logo")
        if isinstance(logo, dict):
            logo = logo.get("url") or logo.get("contentUrl")
        if isinstance(logo, str) and logo:
            yield logo


def _icons(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Icons of the page, largest first; a scalable one counts as the largest."""
    found: list[tuple[int, int, str]] = []
    for at, link in enumerate(tree.iter("link")):
        rel = (link.get("rel") or "").lower()
        target = link.get("href")
        if "icon" not in rel or "mask-icon" in rel or not target:
            continue
        sizes = [int(number) for number in re.findall(r"\d+", link.get("sizes") or "")]
        default = 180 if "apple" in rel else 1_000 if target.split("?")[0].endswith(".svg") else 16
        found.append((-(max(sizes) if sizes else default), at, target))
    for _, _, target in sorted(found):
        yield target


# ---- colours


def stylesheets(tree: lxml.html.HtmlElement, url: str, load: Load, settings: CrawlSettings) -> Iterator[str]:
    """CSS of the page, starting with its style elements, within ``max_stylesheets`` and ``max_stylesheet_bytes``."""
    left = settings.max_stylesheet_bytes
    for style in tree.iter("style"):
        text = (style.text or "")[:left]
        left -= len(text)
        yield text
    sheets = 0
    for link in tree.iter("link"):
        target = link.get("href")
        if left <= 0 or sheets >= settings.max_stylesheets:
            return
        if not target or "stylesheet" not in (link.get("rel") or "").lower() or _FOREIGN_STYLESHEET.search(target):
            continue
        sheets += 1
        try:
            resource = load(normalise(target, url), settings.max_page_bytes)
        except UrlRefusedError:
            continue
        if resource is not None and "html" not in resource.content_type:
            text = resource.body[:left].decode("utf-8", errors="replace")
            left -= len(text)
            yield text


def brand_colours(tree: lxml.html.HtmlElement, sheets: Iterable[str]) -> list[str]:
    """Colours as ``#rrggbb``, most prominent first; no white, black or grey, and no two that look alike."""
    points: Counter[str] = Counter()
    for meta in tree.iter("meta"):
        if (meta.get("name") or "").lower() in {"theme-color", "msapplication-tilecolor"}:
            _count(points, tinycss2.parse_component_value_list(meta.get("content") or ""), _POINTS_THEME_COLOUR)
    for sheet in sheets:
        _count_rules(points, tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True))
    for element in tree.iter():
        for source in (element.get("style"), element.get("bgcolor"), element.get("color")):
            if source and isinstance(element.tag, str):
                _count(points, tinycss2.parse_component_value_list(source[:500]), _POINTS_INLINE)
    ranked = sorted(points.items(), key=lambda entry: (-entry[1], entry[0]))
    chosen: list[str] = []
    for colour, _ in ranked:
        if all(_distance(colour, other) > 48 for other in chosen):
            chosen.append(colour)
        if len(chosen) >= MOST_COLOURS:
            break
    return chosen


def _count_rules(points: Counter[str], rules: Iterable[Any], depth: int = 0) -> None:
    for rule in rules:
        if rule.type == "at-rule" and rule.content is not None and depth < 3 and rule.lower_at_keyword in _GROUPING:
            _count_rules(points, tinycss2.parse_rule_list(rule.content, skip_comments=True), depth + 1)
        elif rule.type == "qualified-rule":
            selector = tinycss2.serialize(rule.prelude)
            if not _FOREIGN_SELECTOR.search(selector):
                _count_declarations(points, rule.content, prominent=bool(_PROMINENT_SELECTOR.search(selector)))


_GROUPING = frozenset(("media", "supports", "layer"))


def _count_declarations(points: Counter[str], content: Any, *, prominent: bool) -> None:
    for entry in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if entry.type != "declaration":
            continue
        name = entry.lower_name
        if name.startswith("--"):
            if not _FOREIGN_PROPERTY.search(name):
                worth = _POINTS_BRAND_PROPERTY if _BRAND_PROPERTY.search(name) else _POINTS_PROPERTY
                _count(points, entry.value, worth)
        elif "color" in name or name in {"background", "fill", "border", "border-bottom", "border-top"}:
            worth = _POINTS_BACKGROUND if name.startswith("background") else _POINTS_COLOUR
            _count(points, entry.value, worth * (2 if prominent else 1))


def _count(points: Counter[str], tokens: Iterable[Any], worth: int) -> None:
    """Add ``worth`` for each chromatic colour among CSS tokens."""
    for token in tokens:
        colour = _hex(token)
        if colour is not None:
            points[colour] += worth
        elif token.type == "function" and token.lower_name.endswith("gradient"):
            _count(points, token.arguments, max(1, worth // 2))


def _hex(token: Any) -> str | None:
    if token.type not in {"hash", "function", "ident"}:
        return None
    parsed = tinycss2.color4.parse_color(token)
    if parsed is None or isinstance(parsed, str):  # "currentcolor" is not a specific colour
        return None
    try:
        *channels, alpha = parsed.to("srgb")
    except NotImplementedError:  # a colour space that tinycss2 cannot convert
        return None
    if (alpha or 0.0) < 0.5:
        return None
    red, green, blue = (min(1.0, max(0.0, channel or 0.0)) for channel in channels)
    _, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    # chroma separates a dark navy (kept) from a near black or a pale tint (left out) better than saturation does
    chroma = max(red, green, blue) - min(red, green, blue)
    if chroma < 0.15 or saturation < 0.18 or not 0.08 <= lightness <= 0.92:
        return None
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _distance(one: str, other: str) -> float:
    """How different two colours look: distance in RGB weighted by human perception, 0-765 (the "redmean" formula)."""
    first, second = ([int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (one, other))
    mean_red = (first[0] + second[0]) / 2
    red, green, blue = (a - b for a, b in zip(first, second, strict=True))
    return ((2 + mean_red / 256) * red**2 + 4 * green**2 + (2 + (255 - mean_red) / 256) * blue**2) ** 0.5
