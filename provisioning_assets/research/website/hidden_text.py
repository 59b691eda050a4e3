"""Which text a page hides from the people who look at it: by attributes, by inline styles, or in elements that are never shown.

What a style sheet hides is not recognised. Text of a colour near white counts as hidden if no element around it has a background.
"""

import re
from collections.abc import Iterator
from typing import Any

import lxml.html

_NEVER_SHOWN = frozenset(("script", "style", "head", "svg", "iframe", "object"))
"""Their text is not text for people anywhere: it is in no field of a page."""
_NOT_SHOWN = frozenset(("template", "noscript"))
_LEAST_PIECE = 2  # characters
_FARTHEST_BACKGROUND = 40  # elements around one that are searched for a background
_OFF_SCREEN = re.compile(r"(?:text-indent|left|right|top|bottom|margin-left|margin-top):-\d{3,}")
_UNSEEN_STYLE = re.compile(
    r"opacity:0*(?:\.0+)?(?:;|!|$)|font-size:0*(?:\.0+)?(?:px|em|rem|pt|%)?(?:;|!|$)|clip:rect\(0|clip-path:inset\((?:50|100)%"
    r"|transform:scale\(0\)|color:transparent"
)
_NEAR_WHITE = re.compile(
    r"(?:^|;)color:(?:white|snow|ivory|#f[0-9a-f]f[0-9a-f]f[0-9a-f]|#fff|rgba?\(2[45]\d,2[45]\d,2[45]\d)"
)


def hides_by_attributes(element: Any) -> bool:
    """Whether an element and all inside it are hidden by an attribute, or by a style that displays nothing."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = _style(element)
    return "display:none" in style or "visibility:hidden" in style


def hidden_pieces(tree: lxml.html.HtmlElement) -> list[str]:
    """Return the texts that a page hides, each once, without those that it also shows.

    Args:
        tree: the whole document.
    """
    hidden: dict[str, None] = {}
    shown: set[str] = set()
    for text, is_hidden in _texts(tree, hidden=False):
        piece = re.sub(r"\s+", " ", text).strip()
        if len(piece) >= _LEAST_PIECE:
            if is_hidden:
                hidden.setdefault(piece)
            else:
                shown.add(piece)
    return [piece for piece in hidden if piece not in shown]


def _texts(root: Any, *, hidden: bool) -> Iterator[tuple[str, bool]]:
    """Every text of the document in its order, and whether it is hidden."""
    waiting: list[tuple[Any, bool, bool]] = [(root, hidden, False)]  # element, whether it is hidden, whether it is done
    while waiting:
        element, is_hidden, done = waiting.pop()
        if done:
            yield element.tail or "", is_hidden
            continue
        if isinstance(element.tag, str) and element.tag not in _NEVER_SHOWN:
            inside = is_hidden or element.tag in _NOT_SHOWN or _hides(element)
            yield element.text or "", inside
            for child in reversed(element):
                waiting += [(child, inside, True), (child, inside, False)]


def _hides(element: Any) -> bool:
    if element.tag in {"html", "body"}:
        return False  # pages that fade in begin with everything hidden
    style = _style(element)
    if hides_by_attributes(element) or _UNSEEN_STYLE.search(style) or _OFF_SCREEN.search(style):
        return True
    return bool(_NEAR_WHITE.search(style)) and not _has_background(element)


def _has_background(element: Any) -> bool:
    around = [element, *list(element.iterancestors())[:_FARTHEST_BACKGROUND]]
    return any("background" in _style(each) or each.get("bgcolor") for each in around)


def _style(element: Any) -> str:
    return re.sub(r"\s+", "", element.get("style") or "").lower()
