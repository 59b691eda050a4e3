"""Pictures show what was measured, mark the bounds, and are the same bytes each time."""

import re
from typing import Any

import pytest

from provisioning_assets.quality import realism_bars
from provisioning_assets.quality.event_patterns import AmountPattern, CalendarPattern, EntityPattern
from provisioning_assets.quality.models import InsightStrength, RealismResult
from provisioning_assets.quality.pictures import (
    amounts_picture,
    calendar_picture,
    entities_picture,
    insight_picture,
    png_of,
    svg_of,
)

AMOUNTS = AmountPattern("order_total", [(10.0, 20.0, 0.2), (20.0, 40.0, 0.5), (40.0, 900.0, 0.3)], 30.0, 270.0)
ENTITIES = EntityPattern("customer_id", [("1", 0.4), ("2", 0.3), ("3", 0.2), ("4–5", 0.1)])
CALENDAR = CalendarPattern([1.0] * 12, [1.2, 1.0, 1.0, 1.0, 1.0, 0.9, 0.9], [1.0] * 24)


def result(bar: realism_bars.Bar) -> RealismResult:
    """A result of the check for the table ``orders``, with the check's own bounds."""
    return RealismResult(
        check=bar.check, table="orders", column=None, says="words", measured=1.0, lowest=bar.lowest, highest=bar.highest,
        source=bar.source, rows=1_000, passed=True,
    )  # fmt: skip


def strength(**values: Any) -> InsightStrength:
    """A planted insight far out of its history."""
    given: dict[str, Any] = {
        "insight_id": "outdoor_returns", "headline": "Outdoor comes back", "figure": 31.0, "without": 8.1,
        "seasonal_baseline": 8.0, "spread": 0.5, "z": 46.0, "rank": 1, "groups": 6, "history": [7.9, None, 8.3, 8.0],
        "passed": True,
    }  # fmt: skip
    return InsightStrength.model_validate({**given, **values})


def words_of(svg: str) -> str:
    return " ".join(re.findall(r">([^<>]+)</text>", svg))


def test_amounts_are_drawn_with_the_usual_one_and_the_tail() -> None:
    svg = svg_of(amounts_picture("orders", AMOUNTS, []))
    assert "usual" in words_of(svg)
    assert "1 in 100 is larger" in words_of(svg)
    assert "order_total (logarithmic)" in words_of(svg)
    assert png_of(svg).startswith(b"\x89PNG\r\n\x1a\n")


def test_bounds_are_marked_where_the_table_has_the_check() -> None:
    tail = result(realism_bars.AMOUNT_TAIL)
    banded = amounts_picture("orders", AMOUNTS, [tail])
    assert banded["layer"][0]["data"]["values"] == [{"from": 4 * 30.0, "to": 25 * 30.0}]
    assert len(amounts_picture("returns", AMOUNTS, [tail])["layer"]) == len(banded["layer"]) - 1
    once = svg_of(entities_picture("orders", ENTITIES, [result(realism_bars.ONE_TIME)]))
    assert "only one: 10% at least" in words_of(once)
    assert "at least" not in words_of(svg_of(entities_picture("orders", ENTITIES, [])))
    night = calendar_picture("orders", CALENDAR, [result(realism_bars.NIGHT)])
    assert night["hconcat"][2]["layer"][1]["data"]["values"] == [{"name": "3", "times": 0.5}]
    assert calendar_picture("orders", CALENDAR, [])["hconcat"][2]["layer"][1]["data"]["values"] == []


def test_the_bars_of_a_calendar_stand_in_its_order() -> None:
    words = words_of(svg_of(calendar_picture("orders", CALENDAR, [result(realism_bars.NIGHT)])))
    assert words.index("Jan") < words.index("Feb") < words.index("Dec")
    assert words.index("Mon") < words.index("Sun")
    hours = words[words.index("Sun") :]
    assert re.search(r"\b2 3 4\b", hours)
    without_time = CalendarPattern(CALENDAR.months, CALENDAR.weekdays, [])
    assert "hours" not in words_of(svg_of(calendar_picture("orders", without_time, [])))


def test_an_insight_is_drawn_before_and_after() -> None:
    spec = insight_picture(strength())
    assert spec is not None
    band, before, points, _ = spec["layer"]
    assert band["data"]["values"] == [{"low": 7.0, "high": 9.0}]
    assert [point["figure"] for point in before["data"]["values"]] == [7.9, 8.3, 8.0]
    assert [(point["figure"], point["at"]) for point in points["data"]["values"]] == [(31.0, 4), (8.1, 4)]
    words = words_of(svg_of(spec))
    assert "today" in words
    assert "without it" in words
    assert "Outdoor" not in svg_of(spec)
    alone = insight_picture(strength(without=None))
    assert alone is not None
    assert "without it" not in words_of(svg_of(alone))


@pytest.mark.parametrize("missing", ["figure", "seasonal_baseline", "spread"])
def test_an_insight_that_was_not_measured_has_no_picture(missing: str) -> None:
    assert insight_picture(strength(**{missing: None})) is None


def test_the_same_numbers_are_the_same_bytes() -> None:
    first, second = (svg_of(amounts_picture("orders", AMOUNTS, [])) for _ in range(2))
    assert first == second
