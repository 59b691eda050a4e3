"""Chooses the chart for a result: a Vega-Lite specification with inline data, or none."""

from typing import Any

from provisioning_assets.agent.understanding.wording import readable, shape_of
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import QueryResult, ResultColumn

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
_MOST_BARS = 30
_MOST_SERIES = 12
_MOST_POINTS = 1000
_FEWEST_POINTS = 8


def chart_for(result: QueryResult, title: str) -> dict[str, Any] | None:
    """Return a line over time, bars over labels or points for two figures; None if a chart would not help."""
    columns, rows = result.columns, result.rows
    if len(rows) < 2 or len(rows) > _MOST_POINTS:
        return None
    shape = shape_of(columns, rows)
    if not shape.figures:
        return None
    quantitative = _quantitative(columns[shape.figures[0]])
    if shape.periods:
        period = columns[shape.periods[0]].name
        kind = "temporal" if isinstance(rows[0][shape.periods[0]], str) else "ordinal"
        encoding: dict[str, Any] = {"x": {"field": period, "type": kind, "title": readable(period)}, "y": quantitative}
        if shape.labels and len({row[shape.labels[0]] for row in rows}) <= _MOST_SERIES:
            series = columns[shape.labels[0]].name
            encoding["color"] = {"field": series, "type": "nominal", "title": readable(series)}
        elif shape.labels:
            return None
        return _specification("line", encoding, title, result)
    if shape.labels:
        if len(rows) > _MOST_BARS:
            return None
        label = columns[shape.labels[-1]].name
        encoding = {"y": {"field": label, "type": "nominal", "sort": None, "title": readable(label)}, "x": quantitative}
        if len(shape.labels) > 1:
            series = columns[shape.labels[0]].name
            encoding["color"] = {"field": series, "type": "nominal", "title": readable(series)}
            # side by side: means and rates cannot be stacked
            encoding["yOffset"] = {"field": series, "type": "nominal"}
            encoding["x"] = {**quantitative, "stack": None}
        return _specification("bar", encoding, title, result)
    if len(shape.figures) > 1 and len(rows) >= _FEWEST_POINTS:
        encoding = {"x": quantitative, "y": _quantitative(columns[shape.figures[1]])}
        return _specification("point", encoding, title, result)
    return None


def _quantitative(column: ResultColumn) -> dict[str, Any]:
    return {"field": column.name, "type": "quantitative", "title": readable(column.name, column.unit)}


def _specification(mark: str, encoding: dict[str, Any], title: str, result: QueryResult) -> dict[str, Any]:
    names = [column.name for column in result.columns]
    values: list[dict[str, Scalar]] = [dict(zip(names, row, strict=True)) for row in result.rows]
    return {
        "$schema": VEGA_LITE,
        "title": title,
        "data": {"values": values},
        "mark": {"type": mark, "tooltip": True, **({"point": True} if mark == "line" else {})},
        "encoding": encoding,
    }
