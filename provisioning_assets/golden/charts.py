"""Draws a question's answer as a Vega-Lite chart with inline data, and as a PNG that is rendered without a network.

The rows contain a customer's words. They are used as data only: no URL and no mark is made from them, and the renderer
may not load anything. Two weaknesses are worked around. Vega-Lite writes field names and titles into expressions (its
descriptions for screen readers) and escapes them badly, so that text after a quotation mark would be executed as code.
And the renderer aborts the whole process at a character that XML does not allow.
"""

import base64
import re
import struct
import textwrap
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import altair as alt
import vl_convert

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.figure_text import is_currency, percentage, shown_digits
from provisioning_assets.golden.chart_language import axis_label, d3_format, tidy_figure, vega_locale
from provisioning_assets.googlesql.column_titles import heading
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.models import ChartPlan

NUMERIC_TYPES = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
TIME_TYPES = frozenset({"DATE", "DATETIME", "TIMESTAMP"})

MOST_BARS = 30
"""Largest number of bars that can be distinguished on a slide. Only the first ones are drawn, and the title says so."""
MOST_LABELLED_BARS = 16
MOST_GROUPED_BARS = 60
"""Largest number of bars that stand side by side in groups; they are thinner than single ones."""
LABEL_ROOM = 1.12
"""Length of the axis of labelled bars, relative to the longest bar, so that its label fits behind it."""
MOST_SLICES = 8
"""Largest number of slices that can be compared; the smallest ones are drawn as one."""
MOST_MARKED_POINTS = 40

WIDTH_PX, HEIGHT_PX, BAR_STEP_PX, GROUPED_STEP_PX = 600, 300, 32, 14

LABEL_SEPARATION_PX = 10
"""Least distance of two labels of an axis; labels that are closer are left out."""

LONGEST_TITLE_LINE = 64
"""Characters of a title that fit in one line above a chart."""

PICTURE_SCALE = 1.5
"""Pixels of the PNG picture for each pixel of the chart."""

PALETTE = ["#3b6fb6", "#e08a3c", "#4f9d69", "#b65a6a", "#7d6bb0", "#8a7f5c", "#4aa3b5", "#9aa0a8"]
"""Neutral colours that people with red-green colour blindness can distinguish; the accent replaces the first one."""

_INK, _QUIET, _LINE = "#1f2733", "#5b6472", "#e3e6eb"
_MAGNITUDES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]")
_TYPOGRAPHIC = str.maketrans({"'": "’", '"': "”", "`": "’", "\\": "∖", "\n": " ", "\r": " ", "\t": " "})
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_TimeUnit = Literal["utcyear", "utcyearmonth", "utcyearmonthdate", "utcyearmonthdatehoursminutes"]


@dataclass(frozen=True)
class _Field:
    """A column of the result with what the chart needs to know about it."""

    name: str
    type: str
    path: str
    """Its key in the chart's data. It contains no characters with a meaning in Vega."""
    currency: str | None = None
    written: str = ""
    """The chart's title, whose hyphens the axis takes."""
    heading: str | None = None
    language: str = DEFAULT_LANGUAGE

    @property
    def is_percent(self) -> bool:
        return bool(re.search(r"(_pct|_percent|_percentage)$", self.name.lower()))

    @property
    def title(self) -> str:
        column = ResultColumn(name=self.name, type=self.type, unit=self.currency, heading=self.heading)
        return _inert(heading(column, self.written))


def draw_chart(
    plan: ChartPlan,
    columns: Sequence[ResultColumn],
    rows: Sequence[Sequence[Scalar]],
    *,
    accent: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    adds_up: bool = False,
) -> dict[str, Any]:
    """The Vega-Lite specification of a result.

    Bars and areas of several series are stacked only if their values can be added; those of rates stand side by side, or are lines.

    Args:
        plan: the mark, and which columns of the result are on the axes.
        columns: the result's columns.
        rows: the result's rows, in the order in which categories are drawn.
        accent: the first colour, as ``#rrggbb``.
        language: of the demo, ISO 639-1.
        adds_up: whether the measure is a sum or a count, so that its values can be added (``googlesql.sums``).

    Raises:
        ProvisioningError: the plan names a column that the result does not have, or a text column as the measure.
    """
    x, y = (_field(name, columns, plan.title, language) for name in (plan.x, plan.y))
    series = _field(plan.series, columns, plan.title, language) if plan.series else None
    if y.type not in NUMERIC_TYPES:
        raise ProvisioningError(
            f"The chart '{plan.title}' shows {y.name} as its measure, which has the type {y.type}.",
            "Set y to a column of numbers.",
        )
    fields = [field for field in (x, y, series) if field is not None]
    at = {field.path: _position(field.name, columns) for field in fields}
    records = [{path: _drawable(row[position]) for path, position in at.items()} for row in rows]
    records = [record for record in records if record[x.path] is not None and record[y.path] is not None]
    if series is not None:
        none = labels_of(language).picture.none
        for record in records:
            record[series.path] = none if record[series.path] is None else str(record[series.path])
    plan = plan.model_copy(update={"title": _inert(plan.title)})
    if series is not None and not adds_up:
        plan, draw = _unstacked(plan, x)
    else:
        draw = {"bar": _bars, "line": _lines, "area": _lines, "scatter": _points, "pie": _slices}[plan.mark]
    chart = draw(plan, x, y, series, records)
    own = {} if language == DEFAULT_LANGUAGE else {"locale": vega_locale(language)}
    return chart.configure(**_theme(accent), **own).to_dict()


def render_png(specification: dict[str, Any]) -> str:
    """The chart as a PNG in base64, drawn 1.5 times as large so that it prints sharply.

    Raises:
        ValueError: the specification cannot be drawn.
    """
    return base64.b64encode(
        _repacked(vl_convert.vegalite_to_png(specification, scale=PICTURE_SCALE, allowed_base_urls=[]))
    ).decode()


def _repacked(png: bytes) -> bytes:
    """The same picture, compressed to a third of the bytes, because pictures are stored in every event and page.

    The renderer compresses for speed. Source of the layout: PNG specification, "Chunk layout" (length, type, data, CRC).
    """
    chunks, position = [], len(_PNG_SIGNATURE)
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        chunks.append((png[position + 4 : position + 8], png[position + 8 : position + 8 + length]))
        position += 12 + length
    image = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")))
    first = next(at for at, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    others = [(at, chunk) for at, chunk in enumerate(chunks) if chunk[0] != b"IDAT"]
    ordered = [
        *(chunk for at, chunk in others if at < first),
        (b"IDAT", image),
        *(chunk for at, chunk in others if at > first),
    ]
    return _PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ordered
    )


def tidy_number(value: float, *, percent: bool = False, decimals: int = 2, shortest: float = 10_000) -> str:
    """1234567 -> ``1.23M``, 0.0512 -> ``0.0512``, 24.31 with percent -> ``24.3%``.

    Numbers below ``shortest`` are not shortened; they get ``decimals`` digits after the point.
    """
    if percent:
        return f"{_trimmed(f'{value:.1f}')}%"
    for size, letter in _MAGNITUDES:
        if abs(value) >= size * 0.9995 and (size > 1e3 or abs(value) >= shortest):
            return f"{_trimmed(f'{value / size:.3g}' if abs(value) / size < 1000 else f'{value / size:,.0f}')}{letter}"
    return f"{value:,.{decimals}f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"


def _decimals(values: Sequence[float]) -> int:
    """How many decimals all these numbers need, two at most: none for 3 and 4, one for 3 and 4.5."""
    return next((places for places in (0, 1) if all(abs(value - round(value, places)) < 1e-9 for value in values)), 2)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _field(name: str, columns: Sequence[ResultColumn], title: str, language: str) -> _Field:
    position = _position(name, columns)
    column = columns[position]
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column.name)
    currency = column.unit if column.unit and is_currency(column.unit) else None
    path = column.name if plain else f"column_{position}"
    return _Field(column.name, column.type, path, currency, title, column.heading, language)


def _position(name: str, columns: Sequence[ResultColumn]) -> int:
    for position, column in enumerate(columns):
        if column.name.lower() == name.lower():
            return position
    raise ProvisioningError(
        f"The chart uses the column {name}, which the result does not have.",
        f"Use one of {', '.join(column.name for column in columns)}.",
    )


def _drawable(value: Scalar) -> Scalar:
    """Text without the characters that XML does not allow. Source: XML 1.0, production [2] Char."""
    return _NO_XML.sub("", value) if isinstance(value, str) else value


def _inert(text: str) -> str:
    """A title that cannot end a string in an expression: quotation marks become typographic ones."""
    return _NO_XML.sub("", text).translate(_TYPOGRAPHIC)


def _unstacked(plan: ChartPlan, x: _Field) -> tuple[ChartPlan, Callable[..., Any]]:
    """The plan and the function that draw several series without adding their values."""
    if plan.mark == "scatter":
        return plan, _points
    if plan.mark in ("line", "area") or x.type in TIME_TYPES:
        return plan.model_copy(update={"mark": "line"}), _lines
    return plan, _grouped_bars


# --- marks -------------------------------------------------------------------------------------------------------


def _bars(plan: ChartPlan, x: _Field, y: _Field, series: _Field | None, records: list[dict[str, Any]]) -> Any:
    if x.type in TIME_TYPES:
        return (
            _base(plan.title, records, [x])
            .mark_bar()
            .encode(
                x=_time_axis(x, records),
                y=_amount(alt.Y, y, records),
                **_colour(series),
                tooltip=_tips(x, y, series),
            )
        )
    title, records = _first_categories(plan.title, x, records, MOST_BARS)
    shown = {record[x.path] for record in records}
    if _is_period(
        [record[x.path] for record in records]
    ):  # text such as 2025-06 or 2025-Q2 is drawn from left to right, like time
        return (
            _base(title, records, [x])
            .mark_bar()
            .encode(
                x=alt.X(field=x.path, type="ordinal", sort=None, title=None, axis=alt.Axis(labelOverlap=True)),
                y=_amount(alt.Y, y, records),
                **_colour(series),
                tooltip=_tips(x, y, series),
            )
        )
    category = alt.Y(field=x.path, type="nominal", sort=None, title=None, axis=alt.Axis(labelLimit=220))
    labelled = series is None and len(shown) <= MOST_LABELLED_BARS and len(records) == len(shown)
    if not labelled:
        bars = (
            _base(title, records, [])
            .mark_bar()
            .encode(y=category, x=_amount(alt.X, y, records), **_colour(series), tooltip=_tips(x, y, series))
        )
        return bars.properties(height=alt.Step(BAR_STEP_PX))
    label = _unused("label", records)
    amounts = [float(record[y.path]) for record in records]
    # If one bar is labelled 24.1K, the others are too: 8.94K, not 8,940.00.
    short = max(map(abs, amounts), default=0) >= 10_000
    digits = shown_digits(max(map(abs, amounts), default=0), y.currency) if y.currency else _decimals(amounts)
    decimals, shortest = (0, 1_000) if short else (digits, 10_000)
    for record, amount in zip(records, amounts, strict=True):
        record[label] = (
            tidy_number(amount, percent=y.is_percent, decimals=decimals, shortest=shortest)
            if y.language == DEFAULT_LANGUAGE
            else tidy_figure(amount, y.language, percent=y.is_percent, decimals=decimals, shortest=shortest)
        )
    plain = _base(title, records, [])
    negative = any(amount < 0 for amount in amounts)
    along = _amount(alt.X, y, records)
    if not negative and max(amounts, default=0) > 0:
        along.scale = alt.Scale(zero=True, nice=False, domainMax=max(amounts) * LABEL_ROOM)
    bars = plain.mark_bar().encode(y=category, x=along, tooltip=_tips(x, y, None))
    labels = plain.mark_text(align="left", dx=5, color=_INK, fontSize=11).encode(
        y=category,
        x=alt.X(value="width") if negative else alt.X(field=y.path, type="quantitative"),
        text=alt.Text(field=label, type="nominal"),
    )
    return alt.layer(bars, labels).properties(title=_lines_of(title), width=WIDTH_PX, height=alt.Step(BAR_STEP_PX))


def _grouped_bars(plan: ChartPlan, x: _Field, y: _Field, series: _Field, records: list[dict[str, Any]]) -> Any:
    """Bars of the series side by side in each category; text such as 2025-06 runs from left to right, like time."""
    groups = len({record[series.path] for record in records})
    most = min(MOST_BARS, max(MOST_GROUPED_BARS // max(groups, 1), 1))
    title, records = _first_categories(plan.title, x, records, most)
    if _is_period([record[x.path] for record in records]):
        category = alt.X(field=x.path, type="ordinal", sort=None, title=None, axis=alt.Axis(labelOverlap=True))
        upright = _amount(alt.Y, y, records)
        upright.stack = None
        offset = alt.XOffset(field=series.path, type="nominal", sort=None)
        return (
            _base(title, records, [x])
            .mark_bar()
            .encode(x=category, y=upright, xOffset=offset, **_colour(series), tooltip=_tips(x, y, series))
        )
    along = _amount(alt.X, y, records)
    along.stack = None
    bars = (
        _base(title, records, [])
        .mark_bar()
        .encode(
            y=alt.Y(field=x.path, type="nominal", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            yOffset=alt.YOffset(field=series.path, type="nominal", sort=None),
            x=along,
            **_colour(series),
            tooltip=_tips(x, y, series),
        )
    )
    return bars.properties(height=alt.Step(GROUPED_STEP_PX))


def _first_categories(
    title: str, x: _Field, records: list[dict[str, Any]], most: int
) -> tuple[str, list[dict[str, Any]]]:
    """The rows of as many categories as can be distinguished, and the title, which says so if there are more."""
    categories = list(dict.fromkeys(record[x.path] for record in records))
    if len(categories) <= most:
        return title, records
    shown = set(categories[:most])
    title = labels_of(x.language).picture.first_of.format(title=title, shown=most, count=len(categories))
    return title, [record for record in records if record[x.path] in shown]


def _lines(plan: ChartPlan, x: _Field, y: _Field, series: _Field | None, records: list[dict[str, Any]]) -> Any:
    base = _base(plan.title, records, [x])
    points = len({record[x.path] for record in records}) <= MOST_MARKED_POINTS
    marked = (
        base.mark_area(opacity=0.85 if series else 0.35, line=series is None)
        if plan.mark == "area"
        else base.mark_line(point=alt.OverlayMarkDef(size=28) if points else False)
    )
    along = (
        _time_axis(x, records)
        if x.type in TIME_TYPES
        else alt.X(
            field=x.path,
            type="quantitative" if x.type in NUMERIC_TYPES else "ordinal",
            sort=None,
            title=x.title if x.type in NUMERIC_TYPES else None,
            axis=alt.Axis(labelOverlap=True),
        )
    )
    return marked.encode(x=along, y=_amount(alt.Y, y, records), **_colour(series), tooltip=_tips(x, y, series))


def _points(plan: ChartPlan, x: _Field, y: _Field, series: _Field | None, records: list[dict[str, Any]]) -> Any:
    if x.type in NUMERIC_TYPES:
        along = _amount(alt.X, x, records, zero=False)
    elif x.type in TIME_TYPES:
        along = _time_axis(x, records)
    else:
        along = alt.X(field=x.path, type="nominal", sort=None, title=None)
    return (
        _base(plan.title, records, [x])
        .mark_circle(size=70, opacity=0.8)
        .encode(x=along, y=_amount(alt.Y, y, records, zero=False), **_colour(series), tooltip=_tips(x, y, series))
    )


def _slices(plan: ChartPlan, x: _Field, y: _Field, series: _Field | None, records: list[dict[str, Any]]) -> Any:
    if any(float(record[y.path]) < 0 for record in records):
        return _bars(plan.model_copy(update={"mark": "bar"}), x, y, series, records)
    records = [{x.path: str(record[x.path]), y.path: record[y.path]} for record in records]
    if len(records) > MOST_SLICES:
        by_size = sorted(records, key=lambda record: -float(record[y.path]))
        rest = {
            x.path: labels_of(x.language).picture.others,
            y.path: sum(float(record[y.path]) for record in by_size[MOST_SLICES - 1 :]),
        }
        records = [*by_size[: MOST_SLICES - 1], rest]
    place = _unused("place", records)
    for number, record in enumerate(records):
        record[place] = number
    return (
        _base(plan.title, records, [])
        .mark_arc(innerRadius=62, stroke="#ffffff", strokeWidth=1.5)
        .encode(
            theta=alt.Theta(field=y.path, type="quantitative", stack=True),
            color=alt.Color(field=x.path, type="nominal", sort=None, title=x.title),
            order=alt.Order(field=place, type="quantitative"),
            tooltip=_tips(x, y, None),
        )
    )


# --- axes, colours, tooltips -------------------------------------------------------------------------------------


def _base(title: str, records: list[dict[str, Any]], fields: Sequence[_Field]) -> alt.Chart:
    moments = {field.path for field in fields if field.type in ("DATETIME", "TIMESTAMP")}
    # A time without a zone would be read in the viewer's time zone; as UTC it is drawn as it is written.
    values = [
        {name: f"{value}Z" if name in moments and value else value for name, value in record.items()}
        for record in records
    ]
    return alt.Chart(alt.Data(values=values), title=_lines_of(title), width=WIDTH_PX, height=HEIGHT_PX)


def _lines_of(title: str) -> str | list[str]:
    """The title, in several lines if it is too long for one: the renderer would cut it."""
    lines = textwrap.wrap(title, LONGEST_TITLE_LINE)
    return lines if len(lines) > 1 else title


def _time_axis(field: _Field, records: list[dict[str, Any]]) -> alt.X:
    days = sorted({str(record[field.path])[:10] for record in records})
    unit: _TimeUnit = "utcyearmonthdatehoursminutes"
    shown = "%d %b %H:%M"
    skeleton = "MMMd"
    if field.type == "DATE" or all(str(record[field.path])[11:] in ("", "00:00:00") for record in records):
        unit, shown, skeleton = _grain(days)
    if field.language != DEFAULT_LANGUAGE:
        hours = " %H:%M" if unit == "utcyearmonthdatehoursminutes" else ""
        shown = d3_format(skeleton, field.language) + hours
    return alt.X(
        field=field.path,
        type="temporal",
        timeUnit=unit,
        scale=alt.Scale(type="utc"),
        title=None,
        axis=alt.Axis(format=shown, labelOverlap=True, labelAngle=0, grid=False, tickCount=8),
    )


def _grain(days: Sequence[str]) -> tuple[_TimeUnit, str, str]:
    """The unit of the days (years, months or days) as Vega's time unit, as an English label format and as a CLDR skeleton."""
    dates = [date.fromisoformat(day) for day in days]
    if all((day.month, day.day) == (1, 1) for day in dates):
        return "utcyear", "%Y", "y"
    if all(day.day == 1 for day in dates):
        return "utcyearmonth", "%b %Y", "yMMM"
    is_long = bool(dates) and (dates[-1] - dates[0]).days > 300
    return "utcyearmonthdate", "%d %b %y" if is_long else "%d %b", "yMMMd" if is_long else "MMMd"


def _amount(channel: Any, field: _Field, records: list[dict[str, Any]], *, zero: bool = True) -> Any:
    values = [abs(float(record[field.path])) for record in records if record[field.path] is not None]
    largest = max(values, default=0.0)
    shown, label = ",~f", "datum.label"
    if field.is_percent:
        label = f"datum.label + '{percentage('', field.language)}'"
    elif largest >= 10_000 and field.language != DEFAULT_LANGUAGE:
        label = axis_label(field.language)
    elif largest >= 10_000:
        shown, label = "~s", "datum.value ? replace(replace(datum.label, 'G', 'B'), 'k', 'K') : '0'"
    return channel(
        field=field.path,
        type="quantitative",
        title=field.title,
        scale=alt.Scale(zero=zero, nice=True),
        axis=alt.Axis(
            format=shown, labelExpr=label, tickCount=6, labelOverlap=True, labelSeparation=LABEL_SEPARATION_PX
        ),
    )


def _colour(series: _Field | None) -> dict[str, Any]:
    if series is None:
        return {}
    return {"color": alt.Color(field=series.path, type="nominal", sort=None, title=series.title)}


def _tips(x: _Field, y: _Field, series: _Field | None) -> list[alt.Tooltip]:
    along = (
        alt.Tooltip(
            field=x.path, type="temporal", timeUnit="utcyearmonthdate", format=_day_format(x.language), title=x.title
        )
        if x.type in TIME_TYPES
        else alt.Tooltip(field=x.path, type="nominal", title=x.title)
    )
    tips = [along, alt.Tooltip(field=y.path, type="quantitative", format=",.2~f", title=y.title)]
    return [*tips, alt.Tooltip(field=series.path, type="nominal", title=series.title)] if series else tips


def _day_format(language: str) -> str:
    return "%d %b %Y" if language == DEFAULT_LANGUAGE else d3_format("yMMMd", language)


def _is_period(categories: Sequence[Any]) -> bool:
    return bool(categories) and all(
        re.fullmatch(r"\d{4}([-/ ]?(0[1-9]|1[0-2]|Q[1-4]|W\d\d))?", str(category)) for category in categories
    )


def _unused(name: str, records: list[dict[str, Any]]) -> str:
    taken = {column for record in records for column in record}
    while name in taken:
        name += "_"
    return name


def _theme(accent: str | None) -> dict[str, Any]:
    colours = [accent, *PALETTE] if accent else PALETTE
    text = {"labelColor": _QUIET, "titleColor": _QUIET, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "font": "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif",
        "background": "#ffffff",
        "padding": 14,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "view": {"stroke": None},
        "range": {"category": colours},
        "mark": {"color": colours[0]},
        "bar": {"cornerRadiusEnd": 2},
        "scale": {"bandPaddingInner": 0.28},
        "line": {"strokeWidth": 2.4},
        "axis": {
            **text, "titleFontWeight": "normal", "gridColor": _LINE, "domainColor": "#c9ced6", "ticks": False,
            "labelPadding": 6,
        },
        "axisQuantitative": {"domain": False},
        "legend": {**text, "titleFontWeight": "normal", "orient": "right"},
        "title": {"color": _INK, "fontSize": 15, "fontWeight": 600, "anchor": "start", "offset": 14},
    }  # fmt: skip
