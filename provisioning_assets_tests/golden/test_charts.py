"""Charts: which columns are on the axes, how numbers and dates are formatted, and that a customer's words are never code."""

import base64
import json
import re
import struct
import zlib
from typing import Any

import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.data_model.names import Scalar
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.charts import (
    LABEL_ROOM,
    MOST_BARS,
    MOST_GROUPED_BARS,
    PICTURE_SCALE,
    draw_chart,
    render_png,
    tidy_number,
)
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.labels.languages import LANGUAGES
from provisioning_assets.planning.models import ChartPlan
from provisioning_assets_tests.property_tests import examples

MONTHS = [f"2024-{month:02d}-01" for month in range(1, 13)]


def columns(**types: str) -> list[ResultColumn]:
    return [ResultColumn(name=name, type=kind) for name, kind in types.items()]


def chart(mark: str, x: str, y: str, *, series: str | None = None, title: str = "A title") -> ChartPlan:
    return ChartPlan.model_validate({"mark": mark, "x": x, "y": y, "series": series, "title": title})


def values(specification: dict[str, Any]) -> list[dict[str, Any]]:
    data = specification.get("data") or specification["layer"][0]["data"]
    return data["values"] if "values" in data else specification["datasets"][data["name"]]


def drawn(specification: dict[str, Any]) -> str:
    """The SVG that the renderer draws."""
    assert base64.b64decode(render_png(specification)).startswith(b"\x89PNG")
    return vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])


def test_months_stand_on_a_time_axis_and_read_as_months() -> None:
    rows: list[list[Scalar]] = [[month, 1_200_000 + 10_000 * number] for number, month in enumerate(MONTHS)]
    specification = draw_chart(chart("line", "month", "revenue"), columns(month="DATE", revenue="NUMERIC"), rows)
    x = specification["encoding"]["x"]
    assert (x["type"], x["timeUnit"], x["scale"]) == ("temporal", "utcyearmonth", {"type": "utc"})
    picture = drawn(specification)
    assert "Jan 2024" in picture
    assert "1.2M" in picture
    assert "A title" in picture


@pytest.mark.parametrize(
    ("days", "unit"),
    [
        (["2022-01-01", "2023-01-01"], "utcyear"),
        (["2024-01-01", "2024-02-01"], "utcyearmonth"),
        (["2024-01-01", "2024-01-08"], "utcyearmonthdate"),
        (["2023-01-02", "2024-06-08"], "utcyearmonthdate"),
    ],
)
def test_the_axis_steps_as_the_dates_do(days: list[str], unit: str) -> None:
    rows: list[list[Scalar]] = [[day, 1 + number] for number, day in enumerate(days)]
    specification = draw_chart(chart("bar", "day", "n"), columns(day="DATE", n="INT64"), rows)
    assert specification["encoding"]["x"]["timeUnit"] == unit
    drawn(specification)


def test_moments_are_drawn_as_they_are_written_whatever_the_viewers_zone() -> None:
    rows: list[list[Scalar]] = [["2024-01-01T10:30:00", 1], ["2024-01-01T11:30:00", 2]]
    specification = draw_chart(chart("area", "at", "n"), columns(at="DATETIME", n="INT64"), rows)
    assert [value["at"] for value in values(specification)] == ["2024-01-01T10:30:00Z", "2024-01-01T11:30:00Z"]
    assert specification["encoding"]["x"]["timeUnit"] == "utcyearmonthdatehoursminutes"
    midnights = draw_chart(
        chart("line", "at", "n"),
        columns(at="DATETIME", n="INT64"),
        [["2024-01-01T00:00:00", 1], ["2024-02-01T00:00:00", 2]],
    )
    assert midnights["encoding"]["x"]["timeUnit"] == "utcyearmonth"
    drawn(specification)


def test_categories_keep_the_order_of_the_result_and_carry_their_number() -> None:
    rows: list[list[Scalar]] = [
        ["Zebra", 1_530_000.5],
        ["Apple", 912_345],
        ["Middle", 34_567],
        [None, 5],
        ["Gone", None],
    ]
    specification = draw_chart(chart("bar", "category", "revenue"), columns(category="STRING", revenue="NUMERIC"), rows)
    bars, labels = specification["layer"]
    assert bars["encoding"]["y"]["sort"] is None
    assert [value["category"] for value in values(specification)] == ["Zebra", "Apple", "Middle"]
    assert labels["encoding"]["text"]["field"] == "label"
    picture = drawn(specification)
    assert picture.index("Zebra") < picture.index("Apple") < picture.index("Middle")
    assert "1.53M" in picture
    assert "912K" in picture


def test_percentages_say_so() -> None:
    rows: list[list[Scalar]] = [["Pay later", 24.31], ["Card", 3.2], ["Invoice", -4.0]]
    specification = draw_chart(
        chart("bar", "method", "cancellation_rate_pct"), columns(method="STRING", cancellation_rate_pct="FLOAT64"), rows
    )
    picture = drawn(specification)
    assert "24.3%" in picture
    assert "Cancellation rate %" in picture
    assert "10%" in picture


def test_more_bars_than_can_be_read_are_cut_and_the_title_says_so() -> None:
    rows: list[list[Scalar]] = [[f"P{number:03d}", 100 - number] for number in range(50)]
    specification = draw_chart(chart("bar", "product", "sold"), columns(product="STRING", sold="INT64"), rows)
    assert len(values(specification)) == MOST_BARS
    assert f"first {MOST_BARS} of 50" in drawn(specification)


def test_series_have_a_legend_and_text_periods_run_from_left_to_right() -> None:
    rows: list[list[Scalar]] = [["2024-Q1", 5, 2023], ["2024-Q2", 7, 2023], ["2024-Q1", 6, None], ["2024-Q2", 9, None]]
    kinds = columns(quarter="STRING", orders="INT64", year="INT64")
    specification = draw_chart(chart("bar", "quarter", "orders", series="year"), kinds, rows)
    assert specification["encoding"]["x"]["type"] == "ordinal"
    assert specification["encoding"]["color"]["field"] == "year"
    assert "none" in drawn(specification)
    grouped = draw_chart(
        chart("bar", "region", "orders", series="year"),
        columns(region="STRING", orders="INT64", year="INT64"),
        [["North", 1, 2023], ["North", 2, 2024], ["South", 3, 2024]],
    )
    assert grouped["encoding"]["y"]["field"] == "region"
    drawn(grouped)
    decades = draw_chart(chart("line", "age", "n"), columns(age="INT64", n="INT64"), [[20, 1], [30, 2]])
    assert decades["encoding"]["x"]["type"] == "quantitative"
    stages = draw_chart(chart("line", "stage", "n"), columns(stage="STRING", n="INT64"), [["a", 1], ["b", 2]])
    assert stages["encoding"]["x"]["type"] == "ordinal"


REGIONS: list[list[Scalar]] = [["North", 12.5, "Card"], ["North", 40.0, "Cash"], ["South", 30.0, "Card"]]


def test_rates_of_several_series_stand_side_by_side_and_sums_are_stacked() -> None:
    kinds = columns(region="STRING", left_pct="FLOAT64", payment="STRING")
    plan = chart("bar", "region", "left_pct", series="payment")
    rates = draw_chart(plan, kinds, REGIONS)
    sums = draw_chart(plan, kinds, REGIONS, adds_up=True)
    assert rates["encoding"]["yOffset"]["field"] == "payment"
    assert rates["encoding"]["x"]["stack"] is None
    assert "yOffset" not in sums["encoding"]
    # 40% is the largest rate: the axis has no room for the sum of both
    assert "50%" not in drawn(rates)
    assert "50%" in drawn(sums)


def test_rates_over_time_are_lines_and_rates_of_periods_are_side_by_side() -> None:
    rows: list[list[Scalar]] = [
        ["2026-01-01", 12.5, "Card"],
        ["2026-01-01", 40.0, "Cash"],
        ["2026-02-01", 30.0, "Card"],
    ]
    for mark in ("bar", "area"):
        over_time = draw_chart(
            chart(mark, "month", "left_pct", series="payment"),
            columns(month="DATE", left_pct="FLOAT64", payment="STRING"), rows,
        )  # fmt: skip
        assert over_time["mark"]["type"] == "line"
    periods = draw_chart(
        chart("bar", "quarter", "left_pct", series="payment"),
        columns(quarter="STRING", left_pct="FLOAT64", payment="STRING"),
        [["2026-Q1", 12.5, "Card"], ["2026-Q1", 40.0, "Cash"], ["2026-Q2", 30.0, "Card"]],
    )
    assert periods["encoding"]["xOffset"]["field"] == "payment"
    drawn(periods)


def test_more_groups_than_can_be_read_are_cut() -> None:
    rows: list[list[Scalar]] = [[f"P{at:02d}", at, name] for at in range(40) for name in ("a", "b", "c", "d")]
    kinds = columns(product="STRING", rate_pct="FLOAT64", channel="STRING")
    specification = draw_chart(chart("bar", "product", "rate_pct", series="channel"), kinds, rows)
    assert len(values(specification)) == MOST_GROUPED_BARS
    assert "first 15 of 40" in drawn(specification)


def test_slices_are_few_and_never_negative() -> None:
    rows: list[list[Scalar]] = [[f"Plan {number}", 1000 // (1 + number)] for number in range(12)]
    kinds = columns(plan="STRING", subscribers="INT64")
    specification = draw_chart(chart("pie", "plan", "subscribers"), kinds, rows)
    assert len(values(specification)) == 8
    assert values(specification)[-1]["plan"] == "Others"
    assert sum(value["subscribers"] for value in values(specification)) == sum(1000 // (1 + n) for n in range(12))
    assert "Others" in drawn(specification)
    negative = draw_chart(chart("pie", "plan", "subscribers"), kinds, [["a", -1], ["b", 2]])
    assert negative["layer"][0]["mark"]["type"] == "bar"


def test_points_have_two_measures() -> None:
    rows: list[list[Scalar]] = [[100.5 * number, number * number, "ab"[number % 2]] for number in range(30)]
    kinds = columns(spend="NUMERIC", visits="INT64", channel="STRING")
    specification = draw_chart(chart("scatter", "spend", "visits", series="channel"), kinds, rows)
    assert specification["encoding"]["x"]["type"] == "quantitative"
    drawn(specification)
    assert draw_chart(chart("scatter", "channel", "visits"), kinds, rows)["encoding"]["x"]["type"] == "nominal"
    dated = draw_chart(
        chart("scatter", "day", "n"), columns(day="DATE", n="INT64"), [["2024-01-01", 1], ["2024-01-05", 3]]
    )
    assert dated["encoding"]["x"]["type"] == "temporal"


def test_the_accent_takes_the_first_place() -> None:
    specification = draw_chart(
        chart("bar", "a", "b"), columns(a="STRING", b="INT64"), [["x", 1], ["y", 2]], accent="#a1b2c3"
    )
    assert "#a1b2c3" in drawn(specification)


def test_columns_are_found_whatever_their_case_and_a_wrong_one_is_named() -> None:
    kinds = columns(Category="STRING", total="INT64")
    assert draw_chart(chart("bar", "category", "TOTAL"), kinds, [["a", 1]])
    with pytest.raises(ProvisioningError, match=r"uses the column nothing.*Category, total"):
        draw_chart(chart("bar", "nothing", "total"), kinds, [["a", 1]])
    with pytest.raises(ProvisioningError, match="type STRING"):
        draw_chart(chart("bar", "total", "category"), kinds, [["a", 1]])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0.00"), (7, "7.00"), (1234, "1,234.00"), (9999.5, "9,999.50"), (10_000, "10K"), (12_345, "12.3K"), (999_400, "999K"),
        (999_999, "1M"), (1_234_567, "1.23M"), (2.5e9, "2.5B"), (3e12, "3T"), (1.2e15, "1,200T"), (-1_500_000, "-1.5M"),
        (3.14159, "3.14"), (0.05123, "0.0512"), (-0.5, "-0.5"),
    ],
)  # fmt: skip
def test_numbers_read_easily(number: float, text: str) -> None:
    assert tidy_number(number) == text


def test_numbers_side_by_side_have_the_same_decimals() -> None:
    def labels(*numbers: float) -> list[str]:
        rows: list[list[Scalar]] = [[f"c{at}", number] for at, number in enumerate(numbers)]
        drawing = draw_chart(chart("bar", "c", "n"), columns(c="STRING", n="FLOAT64"), rows)
        return [value["label"] for value in values(drawing)]

    assert labels(34, 14) == ["34", "14"]
    assert labels(34, 14.2) == ["34.0", "14.2"]
    assert labels(2.9, 2.871) == ["2.90", "2.87"]
    assert labels(1234, 56_789) == ["1.23K", "56.8K"]


def test_pictures_are_packed_without_a_change() -> None:
    rows: list[list[Scalar]] = [[f"Product {at}", 100 - at] for at in range(12)]
    specification = draw_chart(chart("bar", "c", "n"), columns(c="STRING", n="INT64"), rows)
    packed = base64.b64decode(render_png(specification))
    plain = vl_convert.vegalite_to_png(specification, scale=PICTURE_SCALE, allowed_base_urls=[])
    assert len(packed) < len(plain) / 2
    assert pixels(packed) == pixels(plain)


def pixels(png: bytes) -> tuple[bytes, bytes]:
    """Header and unpacked image data of a PNG, every checksum verified."""
    position, found = 8, {b"IHDR": b"", b"IDAT": b""}
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kind, data = png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
        assert struct.unpack(">I", png[position + 8 + length : position + 12 + length]) == (zlib.crc32(kind + data),)
        if kind in found:
            found[kind] += data
        position += 12 + length
    return found[b"IHDR"], zlib.decompress(found[b"IDAT"])


def test_percentages_read_easily() -> None:
    assert [tidy_number(number, percent=True) for number in (24.31, 4.0, -0.04, 100)] == ["24.3%", "4%", "-0%", "100%"]


HOSTILE = [
    "datum.secret",
    "a.b[0]",
    'it\'s "quoted"',
    "back\\slash",
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "{{expr}}",
    "${1+1}",
    "http://127.0.0.1:9/x.png",
    "label",
    "a\x00b\x10c\uffffd",
    '" + alert(1) + "',
    "\\" + '" + warn(1) + "',
]


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("mark", ["bar", "line", "pie", "scatter"])
def test_a_customers_words_are_text_and_nothing_else(mark: str, word: str) -> None:
    kinds = [ResultColumn(name=word, type="STRING"), ResultColumn(name=f"n {word}", type="INT64")]
    assert draw_chart(chart(mark, word, f"n {word}"), kinds, [])  # nor does an empty result fail
    plan = chart(mark, word, f"n {word}", title=word)
    specification = draw_chart(plan, kinds, [[word, 3], ["other", 2]])
    picture = drawn(specification)
    assert "<script" not in picture
    assert "<img" not in picture
    assert "<image" not in picture
    assert "other" in picture  # the escaped field was found: its values are drawn
    for name in re.findall(r'"(?:field|title)": ("(?:[^"\\]|\\.)*")', json.dumps(specification)):
        assert not set(json.loads(name)) & set("'\"\\`"), name


@settings(max_examples=examples(12))
@given(
    name=st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1, max_size=12), word=st.text(max_size=12)
)
def test_any_name_and_any_value_can_be_drawn(name: str, word: str) -> None:
    kinds = [ResultColumn(name=name, type="STRING"), ResultColumn(name=f"{name} of", type="FLOAT64")]
    word = "".join(character for character in word if not 0xD800 <= ord(character) <= 0xDFFF)
    specification = draw_chart(chart("bar", name, f"{name} of"), kinds, [[word, 1.5], ["b", 2.5]])
    assert len(values(specification)) == 2
    drawn(specification)


def test_labels_side_by_side_are_short_alike_and_fit_behind_the_longest_bar() -> None:
    rows: list[list[Scalar]] = [["Tea", 24105.55], ["Mug", 8944.83], ["Bib", 310.25]]
    specification = draw_chart(chart("bar", "product", "revenue"), columns(product="STRING", revenue="NUMERIC"), rows)
    assert [record["label"] for record in values(specification)] == ["24.1K", "8.94K", "310"]
    scale = specification["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domainMax"] == pytest.approx(24105.55 * LABEL_ROOM)


def test_a_chart_speaks_the_language_of_the_demo() -> None:
    rows: list[list[Scalar]] = [[month, 1_200_000.5 * number] for number, month in enumerate(MONTHS, start=1)]
    kinds = [
        ResultColumn(name="month", type="DATE", heading="Monat"),
        ResultColumn(name="revenue", type="NUMERIC", unit="EUR", heading="Umsatz"),
    ]
    german = drawn(draw_chart(chart("line", "month", "revenue"), kinds, rows, language="de"))
    assert "März 2024" in german
    assert "Umsatz (EUR)" in german
    assert re.search(r">\d+\sMio\.<", german)
    japanese = drawn(draw_chart(chart("line", "month", "revenue"), kinds, rows, language="ja"))
    assert "2024年3月" in japanese
    assert re.search(r">[\d,]+万<", japanese)


def test_labels_beside_bars_and_words_of_a_chart_are_of_the_language() -> None:
    bars = draw_chart(
        chart("bar", "city", "late_pct"),
        columns(city="STRING", late_pct="FLOAT64"),
        [["Kiel", 12.34], ["Ulm", 8.5]],
        language="de",
    )
    assert [value["label"] for value in values(bars)] == ["12,3\xa0%", "8,5\xa0%"]
    assert "10\xa0%" in drawn(bars)
    many: list[list[Scalar]] = [[f"c{number:02}", 100.0 - number] for number in range(40)]
    kinds = columns(c="STRING", n="FLOAT64")
    assert "(die ersten 30 von 40)" in drawn(draw_chart(chart("bar", "c", "n"), kinds, many, language="de"))
    slices = draw_chart(chart("pie", "c", "n"), kinds, many[:12], language="de")
    assert values(slices)[-1]["c"] == "Übrige"
    series = columns(day="DATE", n="INT64", team="STRING")
    lines = draw_chart(
        chart("line", "day", "n", series="team"),
        series,
        [["2024-01-01", 1, None], ["2024-01-05", 2, "A"]],
        language="de",
    )
    assert {value["team"] for value in values(lines)} == {"ohne", "A"}
    assert "1. Jan." in drawn(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("largest", [0.5, 9_000, 24_000, 3.2e6, 7.7e9, 5e13])
def test_every_language_draws_every_size(language: str, largest: float) -> None:
    kinds = columns(at="DATETIME", c="STRING", n="FLOAT64")
    rows: list[list[Scalar]] = [["2024-03-01T10:00:00", "a", largest], ["2024-03-02T11:30:00", "b", largest / 3]]
    for plan in (chart("bar", "c", "n"), chart("line", "at", "n")):
        picture = drawn(draw_chart(plan, kinds, rows, language=language))
        assert "NaN" not in picture
        assert "undefined" not in picture
