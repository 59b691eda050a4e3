"""Charts on the page."""

import base64

import pytest

from provisioning_assets.content.brand_palette import brand_palette
from provisioning_assets.content.chart_picture import chart_picture
from provisioning_assets.golden.models import GoldenQuery
from provisioning_assets_tests.content.sample_demo import sample_demo

PALETTE = brand_palette(["#0f4c4a", "#e0a03c"])


def svg_of(query: GoldenQuery) -> str:
    uri = chart_picture(query, PALETTE)
    assert uri is not None
    return base64.b64decode(uri.partition("base64,")[2]).decode()


def test_a_chart_is_drawn_in_the_brands_colour() -> None:
    assert "#0f4c4a" in svg_of(sample_demo().golden.queries[1])


def test_without_a_specification_the_stored_png_is_shown() -> None:
    query = sample_demo().golden.queries[0]
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n1234").decode()
    query.chart, query.chart_png = None, png
    assert chart_picture(query, PALETTE) == f"data:image/png;base64,{png}"
    query.chart_png = None
    assert chart_picture(query, PALETTE) is None


def test_a_height_by_step_and_composed_charts_keep_their_size() -> None:
    query = sample_demo().golden.queries[1]
    assert query.chart is not None
    query.chart["height"] = {"step": 18}
    assert "Sofas" in svg_of(query)
    query.chart = {"data": query.chart["data"], "hconcat": [{k: query.chart[k] for k in ("mark", "encoding")}]}
    assert "Sofas" in svg_of(query)


def test_a_chart_reaches_no_address() -> None:
    query = sample_demo().golden.queries[1]
    assert query.chart is not None
    query.chart["data"] = {"url": "http://127.0.0.1:9/secret.json"}
    with pytest.raises(ValueError, match=r"(?i)url|allowed|denied|error"):
        chart_picture(query, PALETTE)


def test_an_invalid_chart_is_refused() -> None:
    query = sample_demo().golden.queries[1]
    query.chart = {"mark": 12}
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the renderer's
        chart_picture(query, PALETTE)
