"""HTML -> groups of like labels: menus, rows of cards, lists, tables. What belongs together on the page stays together.

A company's offer is nearly always shown as elements of one kind beside each other. A group keeps all its labels, the heading or
menu entry above them, and the area of the page, so that later stages can judge the group instead of single words.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

import lxml.html

from provisioning_assets.research.website.models import Label, LabelGroup
from provisioning_assets.research.website.urls import UrlRefusedError, normalise

MOST_GROUPS = 120  # of one page
MOST_FOOTER_LINES = 60
MOST_LABELS = 60  # of one group
LONGEST_LABEL = 100  # characters; longer text is a paragraph
LONGEST_BESIDE = 300  # characters of the rest of an element
_LONGEST_INTRODUCTION = (
    400  # characters of an element that still introduces the next one; a longer one is a section itself
)
_FARTHEST_HEADING = 8  # ancestors that are searched for a heading
_LARGEST_LAYER = 20_000  # characters; what is larger holds the page itself
_LONGEST_MEMBER = 900  # characters of an element that is one of a group; a longer one is a section of the page
_DEEPEST = 120  # levels of the document; deeper elements are ignored

# what is struck out no longer holds, such as the price before a sale
_INVISIBLE = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "textarea", "option"),
        *("del", "s", "strike"),
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HEADING_RANKS = {name: rank for rank, name in enumerate(sorted(_HEADINGS), start=1)}
_ENTRY_TAGS = _HEADINGS | {"a", "span", "button", "strong", "b", "label", "p", "div"}
_ENTRIES = frozenset(("li", "div", "section", "td", "details"))
_LONGEST_ENTRY = 45  # characters of a menu entry that has others below it
_LISTS = frozenset(("ul", "ol", "dl", "table"))
_ALIKE_BY_TAG = frozenset(("a", "li", "dt", "tr", "article", "figure", "details", "button", *_HEADINGS))
_INLINE = frozenset(("b", "strong", "i", "em", "u", "small", "sup", "sub", "br", "img", "wbr", "font"))
_BUTTON = re.compile(r"btn|button|cta", re.I)
_BADGE = re.compile(
    r"(?:^|[-_ ])(?:pill|badge|tag|label|ribbon|eyebrow|sticker|flag|kicker|category|cat|date|meta|icon|num|count|step)(?:$|[-_ ])",
    re.I,
)
_EXPLAINS = re.compile(
    r"(?:^|[-_ ])(?:sub|sub-?title|sub-?text|desc|description|hint|tagline|caption|teaser)(?:$|[-_ ])", re.I
)
_BULLET = re.compile(r"^[»›>→–—•·└▸►*-]\s*")
_NEVER_MEMBERS = _INLINE | {"p", "td", "th", "dd", "input", "form", "span", "label"}
_LEAST_LINKED = 0.6  # share of an element's text that is in its links; with less the links are in sentences
_TITLE_CLASS = re.compile(r"(?:^|[-_ ])(?:title|name|heading|headline|titel)(?:$|[-_ ])", re.I)
_STATE_CLASS = re.compile(r"\d|^(?:active|current|first|last|odd|even|open|selected|is-|has-|col|w-|order)")

Area = Literal["menu", "main", "footer", "aside"]
_MENU = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|menubar|mainmenu|topmenu|submenu|megamenu|dropdown)", re.I
)
_FOOTER = re.compile(r"(?:^|[-_ ])(?:footer|foot|copyright|colophon)", re.I)
_ASIDE = re.compile(r"(?:^|[-_ ])(?:sidebar|aside|breadcrumbs?|tag-?cloud|pagination|pager)(?:$|[-_ ])", re.I)
_LAYER = re.compile(
    r"cookie|consent|gdpr|newsletter|popup|pop-up|modal|lightbox|age-?gate|age-?check|captcha|skip-?(?:link|to)", re.I
)


def read_groups(tree: lxml.html.HtmlElement, base: str) -> list[LabelGroup]:
    """Every group of like labels of a document, in its order.

    Args:
        tree: the parsed document.
        base: address against which links are resolved.
    """
    found: list[LabelGroup] = []
    body = tree.find("body")
    if body is None:
        body = tree
    outline = {each: place for place, each in enumerate(body.iter(*_HEADINGS)) if _text(each)}
    for element, area, depth in _walk(body):
        for members in _alike(element):
            labels = [label for member in members if (label := _label(member, base)) is not None]
            sections = sum(_is_section(member) for member in members)
            if len(labels) < 2 or len(labels) < 0.6 * len(members) or sections * 4 >= len(members):
                continue
            above = _above(members[0], base, outline)
            group = LabelGroup(
                area=area,
                heading=above.heading,
                heading_url=above.url,
                branch=above.branch,
                trail=list(above.trail),
                depth=depth,
                marks=_marks(element),
                element=members[0].tag,
                labels=labels[:MOST_LABELS],
            )
            found += _by_bullets(group)
            if len(found) >= MOST_GROUPS:
                return found
        if (asked := _choices(element, area)) is not None:
            found.append(asked)
    return found


def _is_section(member: lxml.html.HtmlElement) -> bool:
    """Whether an element is a part of the page with several things in it, and not one thing of a group."""
    if member.tag in {"li", "a", "dt", "tr", "details"}:
        return False
    if member.tag in _HEADINGS:
        following = takewhile(lambda sibling: sibling.tag != member.tag, member.itersiblings())
        return sum(1 for sibling in following if isinstance(sibling.tag, str) for _ in sibling.iter(*_HEADINGS)) >= 3
    return sum(1 for _ in member.iter(*_HEADINGS)) >= 3 or len(_text(member)) > _LONGEST_MEMBER


def _by_bullets(group: LabelGroup) -> list[LabelGroup]:
    """A flat menu in which some labels begin with an arrow or dash: these are entries below the label before them."""
    marked = [bool(_BULLET.match(label.text)) for label in group.labels]
    if marked[0] or sum(marked) < 2:
        return [group]
    branches: dict[int, list[Label]] = {}
    head = 0
    for place, (label, below) in enumerate(zip(group.labels, marked, strict=True)):
        if below:
            branches.setdefault(head, []).append(label.model_copy(update={"text": _BULLET.sub("", label.text)}))
        else:
            head = place
    heads = [label for label, below in zip(group.labels, marked, strict=True) if not below]
    return [
        group.model_copy(update={"labels": heads}),
        *(
            group.model_copy(
                update={
                    "heading": group.labels[head].text,
                    "heading_url": group.labels[head].url,
                    "branch": True,
                    "depth": group.depth + 1,
                    "labels": labels,
                }
            )
            for head, labels in branches.items()
            if len(labels) >= 2
        ),
    ]


def _choices(element: lxml.html.HtmlElement, area: Area) -> LabelGroup | None:
    """The choices of a form's field, such as the service that a visitor asks for, under the field's label."""
    if element.tag != "select":
        return None
    options = [each for each in element.iter("option") if each.get("value") != "" and each.get("disabled") is None]
    labels = [Label(text=text) for each in options if 1 < len(text := _text(each)) <= LONGEST_LABEL]
    named = element.get("aria-label") or ""
    if element.get("id"):
        for label in element.getroottree().iter("label"):
            if label.get("for") == element.get("id"):
                named = _text(label)
    if len(labels) < 2 or not named:
        return None
    return LabelGroup(area=area, heading=named[:LONGEST_LABEL], element="option", labels=labels[:MOST_LABELS])


def _walk(body: lxml.html.HtmlElement) -> Iterator[tuple[lxml.html.HtmlElement, Area, int]]:
    """Elements that can hold a group, each with the area of the page and the number of menu entries above it."""
    waiting: list[tuple[lxml.html.HtmlElement, Area, int, int]] = [(body, "main", 0, 0)]
    while waiting:
        element, area, entries, deep = waiting.pop()
        yield element, area, entries + 1
        # a link's parts are no group, unless the link was left open and holds half of the page
        closed = element.tag == "a" and next(element.iter("form", "section", "footer", "main", "nav"), None) is None
        if deep >= _DEEPEST or closed:
            continue
        below = [child for child in element if isinstance(child.tag, str) and child.tag not in _INVISIBLE]
        for child in reversed(below):
            if is_layer(child):
                continue
            inner = _area(child, area)
            in_entry = inner == "menu" and child.tag in {"li", "div"} and _own_entry(child) is not None
            waiting.append((child, inner, entries + in_entry, deep + 1))


def without_layers(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """A copy of a document without what is laid over it: consent, newsletter and age questions."""
    bare = copy.deepcopy(tree)
    for element in [each for each in bare.iter("div", "section", "aside", "dialog", "form") if is_layer(each)]:
        if element.getparent() is not None and len(_text(element)) <= _LARGEST_LAYER:
            element.drop_tree()
    return bare


def is_layer(element: lxml.html.HtmlElement) -> bool:
    """Whether an element is laid over the page: a consent, newsletter or age question. The page's content is never in one."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (element.tag not in {"body", "main"} and bool(_LAYER.search(names))) or element.get("role") == "dialog"


def _area(element: lxml.html.HtmlElement, outer: Area) -> Area:
    if outer == "footer":
        return outer
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag == "footer" or _FOOTER.search(names):
        return "footer"
    if element.tag == "aside" or _ASIDE.search(names):
        return "aside"
    if element.tag == "nav" or element.get("role") in {"navigation", "menubar", "menu"} or _MENU.search(names):
        return "menu"
    return outer


def _alike(element: lxml.html.HtmlElement) -> Iterator[list[lxml.html.HtmlElement]]:
    """Children of one kind: the same tag, and for general elements the same class. Links inside a sentence are no group."""
    kinds: dict[tuple[str, str], list[lxml.html.HtmlElement]] = {}
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _INVISIBLE:
            kinds.setdefault(_kind(child), []).append(child)
    for (tag, _), members in kinds.items():
        if len(members) < 2 or tag in _NEVER_MEMBERS:
            continue
        if tag == "button" and not any(each.get("role") == "tab" or each.get("aria-controls") for each in members):
            continue
        if tag == "a" and sum(len(_text(each)) for each in members) < _LEAST_LINKED * len(_text(element)):
            continue
        yield members


def _kind(element: lxml.html.HtmlElement) -> tuple[str, str]:
    """What makes elements alike: the tag, and for general elements the first class that is not a state or a number."""
    if element.tag in _ALIKE_BY_TAG:
        return element.tag, ""
    classes = (name for name in (element.get("class") or "").split() if not _STATE_CLASS.search(name))
    return element.tag, next(classes, "")


def _label(member: lxml.html.HtmlElement, base: str) -> Label | None:
    """What an element is called, where it leads, and the rest of its text."""
    named = _naming(member)
    if named is None:
        return None
    element, text = named
    if not 1 < len(text) <= LONGEST_LABEL or _is_container(member, element):
        return None
    whole = _text(member, nested=False)
    beside = whole.replace(text, " ", 1).strip() or _following(member)
    if not any(character.isdigit() for character in beside):  # a card can have its prices in a list
        beside = f"{beside} {' '.join(_text(each) for each in member.iterdescendants('ul', 'ol', 'dl'))}"
    return Label(text=text, url=_target(member, element, base), beside=_line(beside)[:LONGEST_BESIDE].strip())


def _following(member: lxml.html.HtmlElement) -> str:
    """The text below a heading or term, up to the next one of its kind."""
    if member.tag not in _HEADINGS and member.tag != "dt":
        return ""
    pieces: list[str] = []
    for sibling in member.itersiblings():
        if sibling.tag == member.tag or sum(map(len, pieces)) > LONGEST_BESIDE:
            break
        if isinstance(sibling.tag, str) and sibling.tag not in _INVISIBLE:
            pieces.append(_text(sibling))
    return " ".join(pieces)


def _is_container(member: lxml.html.HtmlElement, named: lxml.html.HtmlElement) -> bool:
    """Whether an element holds several links of its own, so that the first of them does not name it."""
    if named.tag != "a" or member.tag == "a" or _own_entry(member) is not None:
        return False
    others = {
        _text(each)
        for each in _inside(member)
        if each.tag == "a" and each.get("href") != named.get("href") and not _BUTTON.search(each.get("class") or "")
    }
    return len(others - {"", _text(named)}) >= 2


def _naming(member: lxml.html.HtmlElement) -> tuple[lxml.html.HtmlElement, str] | None:
    """The element whose text names a member: its heading, else its title, else its first text."""
    if member.tag == "tr":
        return _row_name(member)
    if member.tag in {"a", "dt", "button", *_HEADINGS}:
        heading = next((each for each in member.iter(*_HEADINGS) if _text(each)), None)
        titles = (
            each for each in member.iter() if isinstance(each.tag, str) and _TITLE_CLASS.search(each.get("class") or "")
        )
        strong = member.iter("strong", "b") if len(member) > 1 else iter(())
        named = heading if heading is not None else next((each for each in (*titles, *strong) if _text(each)), None)
        named = _first_block(member) if named is None else named
        named = member if named is None else named
        return named, _name_text(named)
    inside = [each for each in _inside(member) if each is not member]
    for wanted in (
        lambda each: each.tag in _HEADINGS,
        lambda each: bool(_TITLE_CLASS.search(each.get("class") or "")),
        lambda each: each.tag in {"summary", "legend", "figcaption", "dt", "caption"},
    ):
        for each in inside:
            if wanted(each) and (text := _name_text(each)):
                return each, text
    for each in inside:
        if each.tag == "a" and not _BUTTON.search(each.get("class") or "") and _is_letters(text := _name_text(each)):
            return each, text
    for each in (member, *inside):
        if each.tag in _INLINE - {"b", "strong"} or _BADGE.search(each.get("class") or ""):
            continue
        if _is_letters(first := _first_line(each)):
            return each, first
    for picture in member.iter("img"):
        if alt := _line(picture.get("alt")):
            return picture, alt
    return None


def _first_block(member: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The first of several blocks of text that make up a link; spans of different classes without a space between are blocks."""
    blocks = [each for each in member if each.tag in {"div", "p"} and _text(each)]
    if len(blocks) < 2:
        blocks = [each for each in member if each.tag == "span" and _is_letters(_text(each))]
        apart = len({each.get("class") for each in blocks} - {None}) == len(blocks)
        whole = "".join(map(_text, blocks)).replace(" ", "") == _text(member).replace(" ", "")
        joined = whole and all(not each.tail for each in blocks[:-1])
        blocks = blocks if apart and joined else []
    return blocks[0] if len(blocks) > 1 else None


def _row_name(row: lxml.html.HtmlElement) -> tuple[lxml.html.HtmlElement, str] | None:
    """The first cell with letters of a table's row; a row that only has heading cells names columns, not a member."""
    cells = [cell for cell in row if cell.tag in {"td", "th"}]
    if not any(cell.tag == "td" for cell in cells):
        return None
    named = next((cell for cell in cells if _is_letters(_text(cell))), None)
    if named is None:
        return None
    lines = (_first_line(each) for each in named.iter() if isinstance(each.tag, str))
    return named, next((line for line in lines if _is_letters(line)), _name_text(named))


def _is_letters(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}|[^\W\d_\x00-\u02af]", text))


def _first_line(element: lxml.html.HtmlElement) -> str:
    """The element's own text up to its first line break or inner block; ``""`` if it begins with another element's text."""
    pieces = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _INVISIBLE:
            pieces.append(child.tail or "")
        elif child.tag in _INLINE - {"br", "small"}:
            pieces += [_text(child), child.tail or ""]
        elif child.tag == "a" and not _line("".join(pieces)):
            pieces.append("" if _BUTTON.search(child.get("class") or "") else _name_text(child))
            break
        elif _line("".join(pieces)):
            break
        elif child.tag != "br":
            return ""
    return _line("".join(pieces))


def _name_text(element: lxml.html.HtmlElement) -> str:
    """The text of an element that names something, without small print and lists in it."""
    small = [part for part in element.iter("small", "sup") if _text(part)]
    spans = [part for part in element.iter("span") if part is not element and _text(part)]
    small += [part for part in spans if any(each.search(part.get("class") or "") for each in (_BADGE, _EXPLAINS))]
    small += [part for part in spans[-1:] if re.search(r"\d", _text(part)) and _text(element).endswith(_text(part))]
    text = _text(element, nested=False)
    for part in small:
        rest = _line(text.replace(_text(part), " ", 1))
        text = rest if _is_letters(rest) else text
    return text


def _inside(member: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """Elements of a member, without those in lists below it."""
    waiting = [member]
    while waiting:
        element = waiting.pop()
        yield element
        below = [each for each in element if isinstance(each.tag, str) and each.tag not in _INVISIBLE]
        waiting.extend(each for each in reversed(below) if each.tag not in _LISTS)


def _text(element: lxml.html.HtmlElement, *, nested: bool = True) -> str:
    """The element's text on one line; optionally without lists below it."""
    pieces: list[str] = []

    def collect(part: lxml.html.HtmlElement, deep: int) -> None:
        pieces.append(part.text or "")
        for child in part:
            visible = isinstance(child.tag, str) and child.tag not in _INVISIBLE and child.tag != "select"
            if visible and deep < _DEEPEST and (nested or child.tag not in _LISTS):
                space = " " if child.tag not in _INLINE or child.tag == "br" else ""
                pieces.append(space)
                collect(child, deep + 1)
                pieces.append(space)
            pieces.append(child.tail or "")

    collect(element, 0)
    return _line("".join(pieces))


def _line(text: str | None) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]", " ", text or "")).strip()


def _target(member: lxml.html.HtmlElement, named: lxml.html.HtmlElement, base: str) -> str | None:
    """Where the label leads: its own link, the link around it, or the first link of the member."""
    around = [named, *named.iterancestors("a")][:2]
    links = [each for each in around if each.tag == "a" and each.get("href")]
    links += [each for each in _inside(member) if each.tag == "a" and each.get("href")]
    for link in links:
        href = link.get("href") or ""
        if href.startswith("#") or re.match(r"(?i)(?:javascript|mailto|tel):", href):
            continue
        try:
            address = normalise(href, base)
        except UrlRefusedError:
            continue
        return f"{address}#{fragment}" if (fragment := href.partition("#")[2]) else address
    return None


def _own_entry(element: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The link or text of a menu entry that has further entries below it; None if the element is no such entry.

    Websites build entries of any element: what makes one is a short text or link before links, and hardly any other text.
    """
    if element.tag not in _ENTRIES:
        return None
    below = [each for each in element if isinstance(each.tag, str) and each.tag not in _INVISIBLE]
    if below and below[0].tag in _LISTS and 1 < len(_line(element.text)) <= LONGEST_LABEL:
        return element
    if len(below) < 2 or below[0].tag not in _ENTRY_TAGS or any(each.tag in {"nav", "main"} for each in below):
        return None
    text = _text(below[0], nested=False)
    if not 1 < len(text) <= _LONGEST_ENTRY or sum(1 for _ in below[0].iter("a")) > 1:
        return None
    links = [_text(link) for each in below[1:] for link in each.iter("a")]
    rest = sum(len(_text(each)) for each in below[1:])
    many = 2 <= len(links) <= MOST_LABELS
    return below[0] if many and sum(map(len, links)) >= _LEAST_LINKED * rest else None


@dataclass(frozen=True)
class _Above:
    """What is above a group: the nearest heading or menu entry, where it leads, and those above it, the nearest first."""

    branch: bool = False
    heading: str = ""
    url: str | None = None
    trail: tuple[str, ...] = ()


def _above(member: lxml.html.HtmlElement, base: str, outline: Mapping[lxml.html.HtmlElement, int]) -> _Above:
    node = member
    rank = _rank(member)
    for _ in range(_FARTHEST_HEADING):
        parent = node.getparent()
        if parent is None or node.tag == "body" or _is_footer(node):
            break
        entry = _own_entry(parent) if node is not member else None
        if entry is not None and entry is not node:
            entry = entry if entry is parent else _nearest_like(entry, node)
            text = _line(parent.text) if entry is parent else _text(entry, nested=False)
            branch = entry.tag not in _HEADINGS
            trail = _entries_above(parent) or (() if branch else _headings_above(entry, outline))
            return _Above(branch, text[:LONGEST_LABEL], _target(entry, entry, base), trail)
        for place, sibling in enumerate(_before(node, alike_to=member if node is member else None)):
            if place == 0 and (text := _untagged_heading(sibling)):
                return _Above(False, text, None, _entries_above(parent))
            headings = [each for each in sibling.iter(*_HEADINGS) if _text(each)]
            higher = [each for each in headings if rank is None or _HEADING_RANKS[each.tag] < rank]
            short = sibling.tag in _HEADINGS or len(_text(sibling)) <= _LONGEST_INTRODUCTION
            if higher and (short or rank is not None):
                text = _text(higher[-1])[: 2 * LONGEST_LABEL]
                return _Above(False, text, _target(higher[-1], higher[-1], base), _headings_above(higher[-1], outline))
            if headings and rank is None:
                return _Above()  # that section has a heading of its own: this one has none
        if parent.tag in {"details", "fieldset", "table"}:
            first = next((each for each in parent if each.tag in {"summary", "legend", "caption"}), None)
            if first is not None and first is not node:
                return _Above(False, _text(first)[: 2 * LONGEST_LABEL])
        node = parent
    return _Above()


def _nearest_like(entry: lxml.html.HtmlElement, below: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The entry directly before a list, if it is of the same kind as the first entry of its level: entries and lists alternate."""
    nearest = below.getprevious()
    while nearest is not None and (not isinstance(nearest.tag, str) or nearest.tag in _INVISIBLE):
        nearest = nearest.getprevious()  # comments, scripts
    if nearest is None or _kind(nearest) != _kind(entry):
        return entry
    return nearest if 1 < len(_text(nearest, nested=False)) <= _LONGEST_ENTRY else entry


def _untagged_heading(element: lxml.html.HtmlElement) -> str:
    """The text of an element that is a heading by its class or emphasis, though not by its tag; ``""`` if it is none."""
    if element.tag in _HEADINGS or element.tag in _LISTS or next(element.iter("a", "li", "input"), None) is not None:
        return ""
    text = _text(element)
    if not 1 < len(text) <= _LONGEST_ENTRY or text.endswith((".", "!", "?")):
        return ""
    marked = _TITLE_CLASS.search(element.get("class") or "") or element.tag in {"b", "strong", "dt"}
    bold = len(element) == 1 and element[0].tag in {"b", "strong", "span"} and not _line(element.text)
    return text if marked or bold or element.tag in {"div", "p", "span"} else ""


def _entries_above(element: lxml.html.HtmlElement) -> tuple[str, ...]:
    """Texts of the menu entries around an entry, the nearest first."""
    found: list[str] = []
    node = element
    for _ in range(_FARTHEST_HEADING):
        parent = node.getparent()
        if parent is None or parent.tag == "body":
            break
        entry = _own_entry(parent)
        if entry is not None and entry is not node:
            found.append((_line(parent.text) if entry is parent else _text(entry, nested=False))[:LONGEST_LABEL])
        node = parent
    return tuple(found)


def _headings_above(heading: lxml.html.HtmlElement, outline: Mapping[lxml.html.HtmlElement, int]) -> tuple[str, ...]:
    """The heading of the next higher rank before a heading."""
    before = [each for each in outline if outline[each] < outline.get(heading, 0)]
    rank = _HEADING_RANKS[heading.tag]
    higher = next((each for each in reversed(before) if _HEADING_RANKS[each.tag] < rank), None)
    if higher is None or _footer_of(higher) is not _footer_of(heading):
        return ()
    return (_text(higher)[: 2 * LONGEST_LABEL],)


def _is_footer(element: lxml.html.HtmlElement) -> bool:
    return element.tag == "footer" or element.get("id") == "footer"


def _footer_of(element: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    """The footer that an element is in: headings of the page before it say nothing of what is in the footer."""
    return next((each for each in element.iterancestors() if _is_footer(each)), None)


def _rank(member: lxml.html.HtmlElement) -> int | None:
    """The rank of the heading that names a member, 1 to 6; None if another element names it."""
    named = _naming(member)
    return _HEADING_RANKS.get(named[0].tag) if named else None


def _before(node: lxml.html.HtmlElement, alike_to: lxml.html.HtmlElement | None) -> Iterator[lxml.html.HtmlElement]:
    """Elements before a node, the nearest first; members of the node's own group are left out."""
    for sibling in node.itersiblings(preceding=True):
        visible = isinstance(sibling.tag, str) and sibling.tag not in _INVISIBLE
        if visible and (alike_to is None or _kind(sibling) != _kind(alike_to)):
            yield sibling


def _marks(element: lxml.html.HtmlElement) -> list[str]:
    """Names that the developers gave to the group and the five elements around it (class and id), in lower case."""
    names: dict[str, None] = {}
    for each in (element, *list(element.iterancestors())[:5]):
        if each.tag == "body":
            break
        for name in f"{each.get('class') or ''} {each.get('id') or ''}".lower().split():
            names.setdefault(name[:40])
    return list(names)[:20]


def footer_lines(tree: lxml.html.HtmlElement) -> list[str]:
    """The lines of the page's footers: address, registration and copyright stand there."""
    lines: dict[str, None] = {}
    for element in tree.iter("footer", "div", "section", "table", "td", "p"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag == "footer" or _FOOTER.search(names) or "©" in (element.text or ""):
            for line in _lines(element):
                lines.setdefault(line)
    return list(lines)[:MOST_FOOTER_LINES]


def _lines(element: lxml.html.HtmlElement) -> Iterator[str]:
    """The text of an element, one line for each block and line break."""
    pieces: list[str] = []

    def collect(part: lxml.html.HtmlElement, deep: int) -> None:
        pieces.append(re.sub(r"\s+", " ", part.text or ""))
        for child in part:
            if isinstance(child.tag, str) and child.tag not in _INVISIBLE and deep < _DEEPEST:
                end = "" if child.tag in _INLINE - {"br"} or child.tag in {"a", "span"} else "\n"
                pieces.append(end)
                collect(child, deep + 1)
                pieces.append(end)
            pieces.append(re.sub(r"\s+", " ", child.tail or ""))

    collect(element, 0)
    for line in "".join(pieces).splitlines():
        if 1 < len(text := _line(line)) <= LONGEST_BESIDE:
            yield text


def like(groups: Sequence[LabelGroup]) -> list[LabelGroup]:
    """Groups without repetitions: the same labels under the same heading are kept once (a menu for telephones repeats the menu)."""
    kept: dict[tuple[str, tuple[str, ...]], LabelGroup] = {}
    for group in groups:
        kept.setdefault((group.heading, tuple(label.text for label in group.labels)), group)
    return list(kept.values())
