"""A chart for the page: Vega-Lite drawn to SVG in the customer's colours, offline."""

from typing import Any

import vl_convert

from provisioning_assets.content.brand_palette import INK, Palette
from provisioning_assets.content.web_values import png_picture
from provisioning_assets.golden.models import GoldenQuery
from provisioning_assets.self_contained_pages import numbered_anew, svg_picture

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
WIDTH_PX, HEIGHT_PX = 460, 260


def chart_picture(query: GoldenQuery, palette: Palette) -> str | None:
    """The chart of a query's result as a ``data:`` URI for ``<img>``; None when the query has none.

    The picture goes into ``<img>``: whatever text of the customer's it carries can neither run nor load anything there.

    Raises:
        ValueError: the specification cannot be drawn.
    """
    if query.chart is None:
        return png_picture(query.chart_png)
    # No address may be loaded: the data are inline.
    svg = vl_convert.vegalite_to_svg(_dressed(query.chart, palette), allowed_base_urls=[])
    return svg_picture(numbered_anew(svg))


def _dressed(chart: dict[str, Any], palette: Palette) -> dict[str, Any]:
    """The chart with the page's type and colours, and at the page's size if it is a single view."""
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
        # A chart with a step for each bar knows its height; any other gets the page's.
        if not isinstance(chart.get("height"), dict):
            dressed["height"] = HEIGHT_PX
    return dressed
