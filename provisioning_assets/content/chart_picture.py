"""Draws the booklet's charts: Vega-Lite to SVG in the customer's colours, offline."""

from typing import Any

import vl_convert

from provisioning_assets.content.brand_palette import INK, Palette
from provisioning_assets.content.web_values import png_picture
from provisioning_assets.golden.models import GoldenQuery
from provisioning_assets.self_contained_pages import numbered_anew, svg_picture

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
WIDTH_PX, HEIGHT_PX = 460, 260


def chart_picture(query: GoldenQuery, palette: Palette) -> str | None:
    """Return the chart of a query's result as a ``data:`` URI for ``<img>``, or None if the query has no chart.

    Inside ``<img>``, text from the customer in the picture can neither run a script nor load anything.

    Raises:
        ValueError: the specification cannot be drawn.
    """
    if query.chart is None:
        return png_picture(query.chart_png)
    # Loading from any address is forbidden: the data are inline.
    svg = vl_convert.vegalite_to_svg(_dressed(query.chart, palette), allowed_base_urls=[])
    return svg_picture(numbered_anew(svg))


def _dressed(chart: dict[str, Any], palette: Palette) -> dict[str, Any]:
    """Return the chart with the page's fonts and colours, and with the page's size if it is a single view."""
    own = chart.get("config", {})
    ramp = [palette.line, palette.accent]
    config = {
        **own,
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "range": {"category": palette.charts, "ramp": ramp, "heatmap": ramp},
        "mark": {"color": palette.charts[0]},
        "bar": {"cornerRadiusEnd": 3},
        "arc": {"stroke": "#ffffff", "strokeWidth": 1.5},
        "line": {"strokeWidth": 2.5},
        "axis": {
            "labelColor": "#4b5563", "titleColor": "#4b5563", "labelFontSize": 12, "titleFontSize": 12,
            "titleFontWeight": "normal", "gridColor": "#e8eaee", "domainColor": "#c9ced6", "tickColor": "#c9ced6",
            "labelLimit": 190, "titlePadding": 10, "labelPadding": 6,
        },
        "legend": {"labelColor": "#4b5563", "titleColor": "#4b5563", "labelFontSize": 12, "titleFontSize": 12},
        "title": {"color": INK, "fontSize": 14, "anchor": "start", "fontWeight": 600, "offset": 12},
    }  # fmt: skip
    dressed = {**chart, "config": config, "background": "transparent"}
    if "mark" in chart or "layer" in chart:
        dressed |= {"width": WIDTH_PX, "autosize": {"type": "fit-x", "contains": "padding"}}
        # A chart with a step for each bar has its own height; other charts get the page's height.
        if not isinstance(chart.get("height"), dict):
            dressed["height"] = HEIGHT_PX
    return dressed
