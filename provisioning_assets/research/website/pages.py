"""HTML bytes -> ``WebPage``: the content of a page as plain values. This module does not use the network."""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.etree
import lxml.html
import phonenumbers
import trafilatura
import webencodings
from charset_normalizer import from_bytes
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from provisioning_assets.research.website.frontier import Link
from provisioning_assets.research.website.hidden_text import hidden_pieces, hides_by_attributes
from provisioning_assets.research.website.microdata import microdata
from provisioning_assets.research.website.models import FetchedBy, WebPage
from provisioning_assets.research.website.obstacles import is_gateway
from provisioning_assets.research.website.page_structure import footer_lines, like, read_groups, without_layers
from provisioning_assets.research.website.urls import UrlRefusedError, normalise

# Maximum number that a page keeps: enough for a profile, and limits what a page can add to the store.
MOST_TEXT = 60_000  # characters
MOST_HEADINGS = 80
MOST_NAVIGATION = 200
MOST_IMAGE_ALTS = 80
MOST_JSON_LD = 100  # objects
MOST_JSON_LD_CHARACTERS = 200_000
DEEPEST_JSON_LD = 12
MOST_CONTACTS = 20
MOST_LINKS = 2_000
_LONGEST_LABEL = 200  # characters of a title, a heading or a link text

# Languages that point to a single country, for phone numbers without a country code.
_COUNTRY_OF_LANGUAGE = {
    "bg": "BG", "cs": "CZ", "da": "DK", "et": "EE", "fi": "FI", "he": "IL", "hu": "HU", "id": "ID", "is": "IS",
    "ja": "JP", "ko": "KR", "lt": "LT", "lv": "LV", "pl": "PL", "ro": "RO", "sk": "SK", "sl": "SI", "th": "TH",
    "tr": "TR", "uk": "UA", "vi": "VN",
}  # fmt: skip
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{2,40})""", re.I)
_EMAIL = re.compile(r"(?<![\w.+-])[a-zA-Z0-9][\w.+-]{0,63}@(?:[a-zA-Z0-9-]{1,63}\.){1,4}[a-zA-Z]{2,24}(?![\w@])")
_NOT_AN_EMAIL = re.compile(
    r"\.(png|jpe?g|gif|webp|svg|css|js)$|@(example|sentry|domain|email|yourdomain)\.|@\d+x\.", re.I
)
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200b\u2060\ufeff]")
_NARROW_KATAKANA = re.compile(r"[\uff61-\uff9f]")
_LANGUAGE_TAG = re.compile(r"^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$", re.I)
_INVISIBLE = ("script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea", "head")


# trafilatura warns about every page without an article; the visible text is used for those
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class ReadPage:
    """A page with the additional data that the crawler needs.

    Args:
        page: the part that is kept.
        html: the decoded document.
        links: in the order of the document, normalised, without duplicates.
        scripts: number of scripts that the document loads or contains.
        canonical: address that the page declares as its own, or ``None``.
        nofollow: the page asks robots not to follow its links.
    """

    page: WebPage
    html: str
    links: tuple[Link, ...]
    scripts: int
    canonical: str | None = None
    nofollow: bool = False


def clean(text: str | None, longest: int | None = None) -> str:
    """One line of text: no control characters, no lone surrogates, single spaces, at most ``longest`` characters."""
    line = re.sub(r"\s+", " ", _UNWANTED.sub("", text or "")).strip()
    return line if longest is None else line[:longest].rstrip()


def decode_html(body: bytes, content_type: str = "") -> str:
    """The text of an HTML body, even if its declared encoding is wrong.

    A byte order mark decides. Otherwise, text that is valid UTF-8 and not only ASCII is UTF-8, because text in another encoding
    is almost never valid UTF-8. Otherwise the HTTP header and the page's own declaration are tried. The page's declaration is
    first if the header says Latin-1, because servers add that by default. If none of them works, the encoding is guessed.

    Args:
        body: bytes after decompression.
        content_type: value of the HTTP header, may be empty.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    head = body[:4_096]
    header = re.search(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", content_type, re.I)
    meta = _XML_CHARSET.search(head) or _META_CHARSET.search(head)
    declared = [header.group(1) if header else None, meta.group(1).decode("ascii") if meta else None]
    encodings = [found.codec_info.name for name in declared if name and (found := webencodings.lookup(name))]
    if not body.isascii():
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if len(encodings) == 2 and encodings[0] in {"cp1252", "iso8859-1"}:
        encodings.reverse()
    # the page's declaration was found by reading it as ASCII, so the page is not UTF-16
    encodings = [name for name in encodings if not name.startswith("utf-16")]
    for name in encodings:
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        # other Japanese encodings decode as Shift JIS without errors, but give half-width katakana, which is hardly used today
        if len(_NARROW_KATAKANA.findall(text)) <= sum(not character.isascii() for character in text) / 4:
            return text
    if not encodings or "utf-8" in encodings:
        decoded = body.decode("utf-8", errors="replace")
        letters = sum(not character.isascii() for character in decoded)
        if body.isascii() or decoded.count("\ufffd") <= letters / 10:
            return decoded  # UTF-8 with a few invalid bytes, as in pages assembled from several sources
        guess = from_bytes(body[:200_000]).best()
        return body.decode(guess.encoding if guess else "cp1252", errors="replace")
    return body.decode(encodings[0], errors="replace")


def parse_document(html: str) -> lxml.html.HtmlElement | None:
    """The element tree of a document; ``None`` if there is nothing to parse."""
    # libxml2 rejects text with an encoding declaration
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", html.replace("\x00", ""))
    if not text.strip():
        return None
    parser = lxml.html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8"
    )
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return None


def read_page(
    html: str, *, url: str, fetched_by: FetchedBy, status: int | None, size_bytes: int, depth: int = 0
) -> ReadPage:
    """A decoded document as a ``ReadPage``. Never raises an error for bad HTML; an empty document gives an empty page.

    Args:
        html: the decoded document.
        url: final address.
        fetched_by: how the page was obtained.
        status: HTTP status, ``None`` for a saved page.
        size_bytes: size of the body.
        depth: clicks from the start page; links of the page are one deeper.
    """
    tree = parse_document(html)
    if tree is None:
        return ReadPage(WebPage(url=url, fetched_by=fetched_by, status=status, bytes=size_bytes), html, (), 0)
    base = _base(tree, url)
    metas = _metas(tree)
    json_ld = [*_json_ld(tree), *(_plain(thing, 0) for thing in microdata(tree, base))][:MOST_JSON_LD]
    bare = without_layers(tree)
    text = main_text(bare)
    declared = _declared_language(tree, metas)
    language = _language(declared, text)
    canonical = _canonical(tree, base)
    country = _country(declared, language, [url, canonical or "", metas.get("og:url", "")])
    visible = _visible_text(bare)
    page = WebPage(
        url=url,
        fetched_by=fetched_by,
        status=status,
        title=_title(tree, metas),
        description=clean(metas.get("description") or metas.get("og:description"), 1_000),
        language=language,
        text=text,
        hidden_text=hidden_pieces(tree),
        headings=_unique((_words(heading) for heading in tree.iter("h1", "h2", "h3")), MOST_HEADINGS),
        navigation=_navigation(tree),
        footer=footer_lines(tree),
        groups=like(read_groups(tree, base)),
        image_alts=_unique((image.get("alt") for image in tree.iter("img")), MOST_IMAGE_ALTS),
        logo_texts=_logo_texts(tree, base),
        json_ld=json_ld,
        open_graph={
            name: value
            for name, value in metas.items()
            if name.startswith(("og:", "product:", "article:", "place:", "business:"))
        },
        phones=_phones(tree, visible, country),
        emails=_emails(tree, visible),
        bytes=size_bytes,
    )
    page = page.model_copy(update={"gateway": is_gateway(page)})
    robots = metas.get("robots", "").lower()
    return ReadPage(
        page=page,
        html=html,
        links=tuple(_links(tree, base, depth + 1)),
        scripts=sum(1 for script in tree.iter("script") if "json" not in (script.get("type") or "")),
        canonical=canonical,
        nofollow="nofollow" in robots or "none" in re.split(r"[\s,]+", robots),
    )


def main_text(tree: lxml.html.HtmlElement) -> str:
    """The page's text, one paragraph a line: first the article that trafilatura extracts, then the rest of the visible text.

    A company's pages consist of tiles, prices and teasers rather than articles, so an article extractor alone keeps too little.
    """
    try:
        extracted = trafilatura.extract(
            lxml.html.tostring(tree, encoding="unicode"),
            favor_recall=True,
            include_comments=False,
            include_tables=True,
        )
    except (lxml.etree.LxmlError, ValueError, RecursionError, AttributeError):
        extracted = None  # a document that trafilatura cannot process still has visible text
    article = [line for line in (clean(line) for line in (extracted or "").splitlines()) if line]
    said = clean(" ".join(article))
    beside = [
        line
        for line in _visible_text(tree, without=("nav", "header", "footer")).splitlines()
        if len(line) > 1 and line not in said
    ]
    return "\n".join((*article, *beside))[:MOST_TEXT].strip()


_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "label", "legend", "li", "main", "nav",
        "ol", "option", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul",
    )
)  # fmt: skip


def _visible_text(tree: lxml.html.HtmlElement, without: tuple[str, ...] = ()) -> str:
    """Text outside scripts and hidden elements, one line for each block."""
    pieces: list[str] = []
    skip = {*_INVISIBLE, *without}
    events = lxml.etree.iterwalk(tree, events=("start", "end"))
    hidden: Any = None
    for event, element in events:
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if hidden is None and (name in skip or hides_by_attributes(element)):
                hidden = element
            if hidden is None:
                if name in _BLOCKS:
                    pieces.append("\n")
                pieces.append(element.text or "")
        else:
            if hidden is element:
                hidden = None
            if hidden is None:
                if name in _BLOCKS:
                    pieces.append("\n")
                if element is not tree:
                    pieces.append(element.tail or "")
    lines = (clean(line) for line in "".join(pieces).splitlines())
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _words(element: lxml.html.HtmlElement) -> str:
    return clean(" ".join(str(piece) for piece in element.itertext()))


def _unique(texts: Iterable[str | None], most: int) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        label = clean(text, _LONGEST_LABEL)
        if label:
            found.setdefault(label)
        if len(found) >= most:
            break
    return list(found)


def _base(tree: lxml.html.HtmlElement, url: str) -> str:
    for element in tree.iter("base"):
        try:
            return normalise(element.get("href") or url, url)
        except UrlRefusedError:
            break
    return url


def _metas(tree: lxml.html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = clean(meta.get("property") or meta.get("name") or meta.get("http-equiv")).lower()
        content = clean(meta.get("content"), 2_000)
        if name and content and len(name) <= 100:
            found.setdefault(name, content)
    return found


def _title(tree: lxml.html.HtmlElement, metas: dict[str, str]) -> str:
    for title in tree.iter("title"):
        # a <title> inside an inline picture is the title of the picture
        if not any(ancestor.tag == "svg" for ancestor in title.iterancestors()) and (words := _words(title)):
            return words[:_LONGEST_LABEL]
    return clean(metas.get("og:title"), _LONGEST_LABEL)


def _navigation(tree: lxml.html.HtmlElement) -> list[str]:
    areas = tree.xpath(
        "//nav | //header | //footer | //*[@role='navigation'] | //*[@role='menubar']"
        " | //*[contains(concat(' ', @class, ' '), ' menu ') or contains(@class, 'navbar') or contains(@class, 'nav-')"
        " or contains(@id, 'menu') or contains(@id, 'nav')]"
    )
    links = (link for area in areas for link in area.iter("a"))
    return [label for label in _unique((_words(link) for link in links), MOST_NAVIGATION) if len(label) <= 80]


_MOST_LOGOS = 4
_LOGO = re.compile(r"(?:^|[^a-z])(?:logo|brand|site-?title|wordmark)", re.I)
_PARTNER = re.compile(r"partner|client|sponsor|customer|award|payment|footer-logos|logos|carousel|slider|member", re.I)


def _logo_texts(tree: lxml.html.HtmlElement, base: str) -> list[str]:
    """What the company's logo says: the alternative text of its picture, and the text of the link to the home page.

    Logos of partners are left out: they are in rows of logos, or lead elsewhere.
    """
    found: list[str | None] = []
    home = urlsplit(base)._replace(path="/", query="", fragment="").geturl()
    for element in tree.iter("a", "img", "div", "span", "h1", "p", "strong"):
        around = [element, *list(element.iterancestors())[:3]]
        names = [f"{each.get('class') or ''} {each.get('id') or ''}" for each in around]
        if any(_PARTNER.search(name) for name in names):
            continue
        marked = _LOGO.search(names[0]) or (element.tag == "img" and _LOGO.search(f"{names[1]} {element.get('src')}"))
        if element.tag == "a":
            if not marked and not (_is_home(element.get("href"), base, home) and element.find(".//img") is not None):
                continue
        elif not marked and not (element.tag == "img" and _LOGO.search(element.get("alt") or "")):
            continue
        picture = element if element.tag == "img" else element.find(".//img")
        found.append(_words(element) or (_alternative_text(picture) if picture is not None else None))
    return [text for text in _unique(found, _MOST_LOGOS) if len(text) <= 80]


def _alternative_text(picture: lxml.html.HtmlElement) -> str:
    """What the picture shows; the name of a file, which some systems write there, without its ending and number."""
    return re.sub(
        r"(?:\s*\(\d+\))?\.(?:png|jpe?g|gif|webp|svg|avif|bmp|ico)$", "", picture.get("alt") or "", flags=re.I
    )


def _is_home(href: str | None, base: str, home: str) -> bool:
    if not href or href.startswith("#"):
        return False
    try:
        return re.sub(r"index\.[a-z]{3,5}$", "", normalise(href, base)) == home
    except UrlRefusedError:
        return False


def _links(tree: lxml.html.HtmlElement, base: str, depth: int) -> Iterator[Link]:
    found: dict[str, Link] = {}
    for element in tree.iter("a", "area", "frame", "iframe", "link"):
        if element.tag == "link" and not (element.get("hreflang") and "alternate" in (element.get("rel") or "")):
            continue
        written = element.get("src") if element.tag in {"frame", "iframe"} else element.get("href")
        rel = (element.get("rel") or "").lower()
        if not written or "nofollow" in rel:
            continue
        try:
            url = normalise(written, base)
        except UrlRefusedError:
            continue
        text = clean(_words(element) or element.get("title") or element.get("aria-label"), _LONGEST_LABEL)
        language = clean(element.get("hreflang")).lower() or None
        known = found.get(url)
        if known is None:
            found[url] = Link(url, text, depth, language)
        else:
            found[url] = Link(url, known.text or text, depth, known.language or language)
        if len(found) >= MOST_LINKS:
            break
    yield from found.values()


def _canonical(tree: lxml.html.HtmlElement, base: str) -> str | None:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and link.get("href"):
            try:
                return normalise(link.get("href"), base)
            except UrlRefusedError:
                return None
    return None


def _json_ld(tree: lxml.html.HtmlElement) -> Iterator[dict[str, Any]]:
    """schema.org objects of all JSON-LD scripts, also from lists and ``@graph``; invalid JSON is ignored."""
    count, characters = 0, 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        written = re.sub(r"^\s*(<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(-->|//\s*\]\]>|\]\]>)\s*$", "", script.text or "")
        characters += len(written)
        if characters > MOST_JSON_LD_CHARACTERS:
            return
        for thing in _flattened(_lenient_json(written)):
            count += 1
            if count > MOST_JSON_LD:
                return
            yield thing


def _lenient_json(written: str) -> Any:
    for text in (written.strip().rstrip(";"), re.sub(r",\s*([}\]])", r"\1", written.strip().rstrip(";"))):
        try:
            return json.loads(text, strict=False, parse_constant=lambda _name: None)
        except (ValueError, RecursionError):
            continue
    return None


def _flattened(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > DEEPEST_JSON_LD:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _flattened(entry, depth + 1)
    elif isinstance(value, dict):
        graph = value.get("@graph")
        if isinstance(graph, (list, dict)):
            yield from _flattened(graph, depth + 1)
        rest = {clean(str(name), 100): _plain(entry, 0) for name, entry in value.items() if name != "@graph"}
        if rest.keys() - {"@context"}:
            yield rest


def _plain(value: Any, depth: int) -> Any:
    """The value with cleaned texts; parts that are nested too deeply are dropped."""
    if isinstance(value, str):
        return clean(value, 5_000)
    if depth >= DEEPEST_JSON_LD:
        return None
    if isinstance(value, list):
        return [_plain(entry, depth + 1) for entry in value[:200]]
    if isinstance(value, dict):
        return {clean(str(name), 100): _plain(entry, depth + 1) for name, entry in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return float(value) if abs(value) < 10**300 else None
    return value


def _declared_language(tree: lxml.html.HtmlElement, metas: dict[str, str]) -> str | None:
    written = [
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        tree.get("xml:lang"),
        metas.get("content-language"),
        metas.get("language"),
        metas.get("og:locale"),
    ]
    for tag in written:
        tidy = clean(tag).split(",")[0].split(".")[0].replace("_", "-").strip()
        if _LANGUAGE_TAG.match(tidy):
            first, *rest = tidy.split("-")
            return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    return None


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _language(declared: str | None, text: str) -> str | None:
    """The declared language, unless a long text is clearly not in it: templates often contain ``lang="en"``."""
    sample = text[:4_000]
    if len(sample) < 80 and declared:
        return declared
    if len(sample) < 40:
        return None
    ranked: dict[str, float] = {code: float(odds) for code, odds in _identifier().rank(sample)}
    detected, sure = next(iter(ranked.items()))
    if declared and (len(sample) < 200 or _likelihood(declared, ranked) >= 0.01):
        return declared
    return detected if sure >= 0.5 else declared


def _likelihood(declared: str, ranked: dict[str, float]) -> float:
    """How likely the declared language is, 0-1; with what detection cannot separate: Norwegian's forms, Malay and Indonesian."""
    code = declared.split("-")[0]
    alike = next((group for group in ({"no", "nb", "nn"}, {"id", "ms"}) if code in group), {code})
    return sum(ranked.get(each, 0.0) for each in alike)


def _country(declared: str | None, language: str | None, addresses: list[str]) -> str | None:
    """Country (ISO 3166-1) of phone numbers without a country code, if the page indicates it."""
    for address in addresses:
        try:
            suffix = (urlsplit(address).hostname or "").rsplit(".", 1)[-1].upper()
        except ValueError:
            continue
        suffix = {"UK": "GB"}.get(suffix, suffix)
        if len(suffix) == 2 and suffix in phonenumbers.SUPPORTED_REGIONS and suffix not in _SUFFIXES_OF_NO_COUNTRY:
            return suffix
    for tag in (declared, language):
        parts = (tag or "").split("-")
        if len(parts) > 1 and parts[-1] in phonenumbers.SUPPORTED_REGIONS:
            return parts[-1]
    return _COUNTRY_OF_LANGUAGE.get((language or declared or "").split("-")[0])


# Country domains under which names are registered worldwide.
_SUFFIXES_OF_NO_COUNTRY = frozenset(("AI", "CC", "CO", "FM", "GG", "IO", "LA", "ME", "TV", "VC", "WS"))


def _phones(tree: lxml.html.HtmlElement, visible: str, country: str | None) -> list[str]:
    found: dict[str, None] = {}
    for link in tree.iter("a"):
        target = link.get("href") or ""
        if not target.lower().startswith("tel:"):
            continue
        written = clean(unquote(target[4:]), 40)
        number = _e164(written, country)
        if number or re.fullmatch(r"\+?[\d\s().-]{5,20}", written):
            found.setdefault(number or re.sub(r"[^\d+]", "", written))
    if len(found) < MOST_CONTACTS:
        for match in phonenumbers.PhoneNumberMatcher(visible[:MOST_TEXT], country, max_tries=200):
            found.setdefault(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return list(found)[:MOST_CONTACTS]


def _e164(written: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _emails(tree: lxml.html.HtmlElement, visible: str) -> list[str]:
    written: list[str] = []
    for link in tree.iter("a"):
        target = link.get("href") or ""
        if target.lower().startswith("mailto:"):
            written.extend(_EMAIL.findall(unquote(target[7:].split("?")[0])))
    for hidden in tree.xpath("//@data-cfemail"):
        written.extend(_EMAIL.findall(_unhidden(str(hidden))))
    written.extend(_EMAIL.findall(visible))
    kept = (address.lower() for address in written if not _NOT_AN_EMAIL.search(address))
    return list(dict.fromkeys(kept))[:MOST_CONTACTS]


def _unhidden(code: str) -> str:
    """Decode an e-mail address that Cloudflare obfuscated: hexadecimal, and the first byte is the XOR key."""
    try:
        key, *letters = bytes.fromhex(code)
    except ValueError:
        return ""
    return bytes(letter ^ key for letter in letters).decode("utf-8", errors="replace")
