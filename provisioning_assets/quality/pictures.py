"""The report's pictures: Vega-Lite drawn to SVG, offline, from numbers and from names of tables and columns.

They hold no words of the customer, because Vega-Lite evaluates expressions inside texts. Words beside a picture belong to the page,
which escapes them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import vl_convert

from provisioning_assets.quality.event_patterns import AmountPattern, CalendarPattern, EntityPattern
from provisioning_assets.quality.models import InsightStrength, RealismResult, RelationResult
from provisioning_assets.self_contained_pages import numbered_anew

WIDTH_PX, HEIGHT_PX = 380, 190
BAND_SPREADS = 2.0
"""Half the height of the band of expected figures, in standard deviations; 95 of 100 days are within the band."""

HEAD_ROOM = 1.1
"""Length of the axis, relative to the longest bar; the same in neighbouring pictures, so that their titles are in line."""

LABEL_ROOM = 0.3
"""Space for labels behind the last point, as a share of the days that are drawn."""

BLUE, ORANGE, PALE, INK, QUIET = "#3b6fb6", "#c8641b", "#dfe8f4", "#1f2733", "#5b6472"
"""Colours that people with red-green colour blindness can distinguish."""

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
HOURS = [str(hour) for hour in range(24)]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
NIGHT_HOUR = 3

Spec = dict[str, Any]


def svg_of(spec: Spec) -> str:
    """The picture of a specification; same specification, same bytes."""
    return numbered_anew(vl_convert.vegalite_to_svg({**spec, "config": _CONFIG}, allowed_base_urls=[]))


def png_of(svg: str) -> bytes:
    """The same picture in pixels, for pages that take no SVG."""
    return vl_convert.svg_to_png(svg, scale=1.0)


_CONFIG: Spec = {
    "font": FONT,
    "background": "white",
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
        "gridColor": "#e8eaee", "domainColor": "#c9ced6", "tickColor": "#c9ced6", "titlePadding": 8,
    },
    "title": {"color": INK, "fontSize": 12, "anchor": "start", "fontWeight": 600, "offset": 8},
    "text": {"color": INK, "fontSize": 11},
}  # fmt: skip


def _data(rows: Iterable[dict[str, Any]]) -> Spec:
    return {"values": list(rows)}


def _bound(realism: Sequence[RealismResult], check: str, table: str) -> RealismResult | None:
    """The result of a table's check; None when the check does not apply to the table."""
    return next((result for result in realism if (result.check, result.table) == (check, table)), None)


def amounts_picture(table: str, amounts: AmountPattern, realism: Sequence[RealismResult]) -> Spec:
    """Shares of amounts, logarithmic, with the median, what one in a hundred exceeds, and the range its bound allows."""
    tail = _bound(realism, "amount_tail", table)
    layers: list[Spec] = []
    reach = [amounts.bars[0][0], amounts.bars[-1][1]]
    if tail is not None and tail.lowest is not None and tail.highest is not None:
        band = {"from": tail.lowest * amounts.median, "to": tail.highest * amounts.median}
        reach = [min(reach[0], band["from"]), max(reach[1], band["to"])]
        layers.append(
            {
                "data": _data([band]),
                "mark": {"type": "rect", "color": PALE},
                "encoding": {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}},
            }
        )
    x = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": reach, "nice": False},
        "axis": {"format": "~s", "grid": False, "values": _decades(*reach)},
        "title": f"{amounts.column} (logarithmic)",
    }
    layers.append(
        {
            "data": _data({"from": low, "to": high, "share": share} for low, high, share in amounts.bars),
            "mark": {"type": "bar", "color": BLUE, "binSpacing": 1},
            "encoding": {
                "x": {"field": "from", **x, "bin": "binned"},
                "x2": {"field": "to"},
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "axis": {"format": "~%", "tickCount": 5},
                    "title": f"share of {table}",
                },
            },
        }
    )
    for value, words, colour in (
        (amounts.median, "usual", INK),
        (amounts.high, "1 in 100 is larger", ORANGE),
    ):
        at = {"x": {"field": "at", "type": "quantitative"}}
        marked = _data([{"at": value, "words": words}])
        layers.append({"data": marked, "mark": {"type": "rule", "color": colour, "strokeWidth": 2}, "encoding": at})
        layers.append(
            {
                "data": marked,
                "mark": {"type": "text", "y": -7, "color": colour, "fontWeight": 600},
                "encoding": {**at, "text": {"field": "words"}},
            }
        )
    return {"width": WIDTH_PX, "height": HEIGHT_PX, "layer": layers}


def _decades(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def entities_picture(table: str, entities: EntityPattern, realism: Sequence[RealismResult]) -> Spec:
    """Shares of the entities by their number of events; the least share of single events that the bound allows is marked."""
    once = _bound(realism, "one_time_share", table)
    rows = [
        {"events": events, "share": share, "once": place == 0} for place, (events, share) in enumerate(entities.groups)
    ]
    x = {
        "field": "events",
        "type": "ordinal",
        "sort": None,
        "axis": {"labelAngle": 0, "labelOverlap": True},
        "title": f"{table} of one {entities.column.removesuffix('_id')}",
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "bar"},
            "encoding": {
                "x": x,
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "axis": {"format": "~%", "tickCount": 5},
                    "title": "share of them",
                },
                "color": {"condition": {"test": "datum.once", "value": ORANGE}, "value": BLUE},
            },
        }
    ]
    if once is not None and once.lowest is not None:
        marked = _data([{"share": once.lowest, "words": f"only one: {once.lowest:.0%} at least"}])
        y = {"y": {"field": "share", "type": "quantitative"}}
        layers.append(
            {
                "data": marked,
                "mark": {"type": "rule", "color": ORANGE, "strokeDash": [5, 3], "strokeWidth": 1.5},
                "encoding": y,
            }
        )
        layers.append(
            {
                "data": marked,
                "mark": {
                    "type": "text", "align": "right", "x": WIDTH_PX - 4, "dy": -7, "color": ORANGE, "fontWeight": 600,
                },
                "encoding": {**y, "text": {"field": "words"}},
            }
        )  # fmt: skip
    return {"width": WIDTH_PX, "height": HEIGHT_PX, "data": _data(rows), "layer": layers}


def calendar_picture(table: str, calendar: CalendarPattern, realism: Sequence[RealismResult]) -> Spec:
    """Months, weekdays and hours side by side, 1 being the average; the bound of the night is marked."""
    night = _bound(realism, "night_share", table)
    parts = [
        _relative_bars(MONTHS, calendar.months, "months", 12 * 22),
        _relative_bars(WEEKDAYS, calendar.weekdays, "weekdays", 7 * 26),
    ]
    if calendar.hours:
        most = night.highest if night is not None else None
        parts.append(_relative_bars(HOURS, calendar.hours, "hours of the day", 24 * 15, {NIGHT_HOUR: most}))
    return {"hconcat": parts, "spacing": 44, "bounds": "flush"}


def _relative_bars(
    names: Sequence[str],
    times: Sequence[float],
    title: str,
    width: int,
    bounds: Mapping[int, float | None] = MappingProxyType({}),
) -> Spec:
    """Bars and the average; ``bounds`` is place of a bar -> the most that it may reach."""
    x = {"field": "name", "type": "ordinal", "sort": list(names), "title": None}
    x["axis"] = {"labelAngle": 0, "labelOverlap": True}
    y = {"field": "times", "type": "quantitative", "title": None, "axis": {"tickCount": 4}}
    y["scale"] = {"domain": [0, HEAD_ROOM * max(1.0, *times)], "nice": False}
    marked = [{"name": names[place], "times": most} for place, most in bounds.items() if most is not None]
    return {
        "title": title,
        "width": width,
        "height": 130,
        "layer": [
            {
                "data": _data({"name": name, "times": value} for name, value in zip(names, times, strict=True)),
                "mark": {"type": "bar", "color": BLUE},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": _data(marked),
                "mark": {"type": "tick", "color": ORANGE, "thickness": 3, "width": 15, "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": _data([{"times": 1}]),
                "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
                "encoding": {"y": y},
            },
        ],
    }


def insight_picture(insight: InsightStrength) -> Spec | None:
    """The figure's history without the insight, the band of what was to be expected, and today's figure.

    None when the figure or its baseline could not be measured.
    """
    if insight.figure is None or insight.seasonal_baseline is None or insight.spread is None:
        return None
    today = len(insight.history)
    before = [{"at": at, "figure": figure} for at, figure in enumerate(insight.history) if figure is not None]
    reach = BAND_SPREADS * insight.spread
    band = {"low": insight.seasonal_baseline - reach, "high": insight.seasonal_baseline + reach}
    marks = [{"at": today, "figure": insight.figure, "words": "today", "planted": True}]
    if insight.without is not None:
        marks.append({"at": today, "figure": insight.without, "words": "without it", "planted": False})
    at = {
        "field": "at",
        "type": "quantitative",
        "scale": {"domain": [-0.5, today + LABEL_ROOM * (today + 1)], "nice": False},
        "axis": None,
    }
    figure = {
        "field": "figure",
        "type": "quantitative",
        "scale": {"zero": False},
        "title": None,
        "axis": {"format": "~s", "tickCount": 5},
    }
    colour = {"condition": {"test": "datum.planted", "value": ORANGE}, "value": BLUE}
    return {
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "layer": [
            {
                "data": _data([band]),
                "mark": {"type": "rect", "color": PALE},
                "encoding": {
                    "y": {**figure, "field": "low"},
                    "y2": {"field": "high"},
                },
            },
            {
                "data": _data(before),
                "mark": {"type": "line", "color": BLUE, "strokeWidth": 1.5, "point": {"size": 22, "color": BLUE}},
                "encoding": {"x": at, "y": figure},
            },
            {
                "data": _data(marks),
                "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
                "encoding": {"x": at, "y": figure, "color": colour},
            },
            {
                "data": _data(marks),
                "mark": {"type": "text", "align": "left", "dx": 11, "fontWeight": 600},
                "encoding": {"x": at, "y": figure, "text": {"field": "words"}, "color": colour},
            },
        ],
    }


# --- relations: small enough to be written without Vega ----------------------------------------------------------------


def range_svg(relation: RelationResult) -> str:
    """The figure of a relation as a mark in its range, which takes half of the width; outside, the mark is orange.

    A figure that is further away than the picture reaches stands at its edge; one that is missing has no mark.
    """
    width, height, middle = 200, 24, 12
    left, right = width * 0.25, width * 0.75
    parts = [
        f'<line x1="0" y1="{middle}" x2="{width}" y2="{middle}" stroke="{PALE}" stroke-width="2"/>',
        f'<rect x="{left:g}" y="4" width="{right - left:g}" height="16" rx="4" fill="{PALE}"/>',
    ]
    if relation.figure is not None:
        share = (relation.figure - relation.lowest) / (relation.highest - relation.lowest)
        at = min(width - 6.0, max(6.0, left + share * (right - left)))
        colour = BLUE if relation.holds() else ORANGE
        parts.append(f'<rect x="{at - 2:.1f}" y="1" width="4" height="22" rx="2" fill="{colour}"/>')
    return _svg(width, height, parts)


def bar_svg(value: float, least: float, most: float) -> str:
    """A bar from zero to a value, on an axis from ``least`` to ``most``, which include zero; negative values are orange."""
    width, height = 120, 10
    reach = (most - least) or 1.0
    begin, end = sorted((width * (0 - least) / reach, width * (value - least) / reach))
    colour = BLUE if value >= 0 else ORANGE
    return _svg(
        width,
        height,
        [f'<rect x="{begin:.1f}" y="0" width="{max(1.0, end - begin):.1f}" height="{height}" fill="{colour}"/>'],
    )


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    drawn = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{drawn}</svg>'
