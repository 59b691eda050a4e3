"""Does a booklet tell the whole story? Read off the page itself, not off what it was made from."""

import lxml.html
from lxml.etree import ParserError


def untold_scenes(html: str, titles: list[str]) -> list[str]:
    """What is missing of the plan's scenes, in words.

    Args:
        html: the booklet.
        titles: of the plan's scenes, in order.
    """
    try:
        document = lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except ParserError:
        return ["the booklet is empty"]
    scenes = document.xpath("//li[@data-scene]")
    told = [" ".join(scene.findtext(".//h3", default="").split()) for scene in scenes]
    problems = [f"the scene «{title}» is not told" for title in titles if " ".join(title.split()) not in told]
    for title, scene in zip(told, scenes, strict=True):
        if not scene.xpath(".//article[@data-complexity]"):
            problems.append(f"the scene «{title}» has no question left")
    return problems
