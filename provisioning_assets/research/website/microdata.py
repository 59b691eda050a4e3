"""schema.org objects written as microdata (``itemscope``, ``itemprop``), in the form of JSON-LD."""

from typing import Any

import lxml.html

MOST_ITEMS = 100
"""Objects of one page that are kept; a page of a shop has some dozens."""
_DEEPEST = 12  # levels of objects inside objects


def microdata(tree: lxml.html.HtmlElement, url: str) -> list[dict[str, Any]]:
    """The objects of a document's microdata: ``{"@type": "Product", "name": ..., "offers": {...}}``.

    Args:
        tree: the parsed document.
        url: its address, against which links in the microdata are resolved.
    """
    if next(iter(tree.xpath("//*[@itemscope]")), None) is None:
        return []
    from extruct.w3cmicrodata import MicrodataExtractor

    try:
        items = MicrodataExtractor(nested=True).extract_items(tree, url)
    except (ValueError, TypeError, RecursionError):  # a document whose items contain each other
        return []
    return [found for item in items[:MOST_ITEMS] if isinstance(found := _as_json_ld(item, 0), dict)]


def _as_json_ld(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_as_json_ld(entry, depth + 1) for entry in value]
    if isinstance(value, dict):
        types = value.get("type")
        names = [
            str(name).rstrip("/").rsplit("/", 1)[-1] for name in (types if isinstance(types, list) else [types]) if name
        ]
        properties = {str(name): _as_json_ld(entry, depth + 1) for name, entry in value.get("properties", {}).items()}
        return {"@type": names[0] if len(names) == 1 else names, **properties}
    return value
