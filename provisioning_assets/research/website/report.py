"""The website as shown to a person: a table of its pages, and pictures of its colours and logo."""

from html import escape

from provisioning_assets.markdown import png_uri
from provisioning_assets.research.website.models import CustomerWebsite

PAGES_SCHEMA = [
    ("url", "string", "final address"),
    ("fetched_by", "string", "strategy that obtained the page: http, browser or saved"),
    ("status", "string", "HTTP status; empty for a saved page"),
    ("title", "string", "the page's title"),
    ("language", "string", "declared or detected"),
    ("characters", "int", "length of the main text"),
    ("bytes", "int", "size of the body after decompression"),
]


def pages_table(website: CustomerWebsite) -> tuple[list[dict[str, str | int]], list[tuple[str, str, str]]]:
    """One record for each page in reading order, and the columns as (name, type, description)."""
    records: list[dict[str, str | int]] = [
        {
            "url": page.url,
            "fetched_by": str(page.fetched_by),
            "status": "" if page.status is None else str(page.status),
            "title": page.title,
            "language": page.language or "",
            "characters": len(page.text),
            "bytes": page.bytes,
        }
        for page in website.pages
    ]
    return records, PAGES_SCHEMA


def pictures(website: CustomerWebsite) -> dict[str, str]:
    """Markdown with pictures as data URIs: ``brand_colours`` and ``logo``, each only if available."""
    found: dict[str, str] = {}
    if website.brand.colours:
        found["brand_colours"] = f"![brand colours]({swatches_png(website.brand.colours)})"
    if website.brand.logo_data_uri:
        found["logo"] = f"![logo]({website.brand.logo_data_uri})"
    return found


def swatches_png(colours: list[str]) -> str:
    """The colours (``#rrggbb``) side by side with their codes below, as the data URI of a PNG."""
    import vl_convert

    boxes = "".join(
        f'<rect x="{10 + 110 * at}" y="10" width="100" height="60" rx="6" fill="{escape(colour)}"/>'
        f'<text x="{60 + 110 * at}" y="88" font-family="sans-serif" font-size="13" text-anchor="middle"'
        f' fill="#444444">{escape(colour)}</text>'
        for at, colour in enumerate(colours)
    )
    width = 10 + 110 * len(colours)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="98">'
        f'<rect width="{width}" height="98" fill="#ffffff"/>{boxes}</svg>'
    )
    return png_uri(vl_convert.svg_to_png(svg))
