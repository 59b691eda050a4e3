"""Checks that a booklet contains every scene of the plan. It reads the page itself, not the artefacts behind it."""

import lxml.html
from lxml.etree import ParserError


def missing_scenes(html: str, titles: list[str]) -> list[str]:
    """Return a message for each of the plan's scenes that is missing in the booklet or has no question there.

    Args:
        html: the booklet's HTML.
        titles: titles of the plan's scenes, in order.
    """
    try:
        document = lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except ParserError:
        return ["the booklet is empty"]
    scenes = document.xpath("//li[@data-scene]")
    titles_found = [" ".join(scene.findtext(".//h3", default="").split()) for scene in scenes]
    problems = [f"the scene «{title}» is missing" for title in titles if " ".join(title.split()) not in titles_found]
    for title, scene in zip(titles_found, scenes, strict=True):
        if not scene.xpath(".//article[@data-complexity]"):
            problems.append(f"no question of the scene «{title}» passed")
    return problems
