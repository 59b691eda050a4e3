"""Names of result columns and periods as people read them."""

import pytest

from provisioning_assets.googlesql.column_titles import column_title, period_text, trade_headings
from provisioning_assets.googlesql.results import ResultColumn


@pytest.mark.parametrize(
    ("name", "unit", "title"),
    [
        ("order_month", None, "Order month"),
        ("return_rate_pct", "percent", "Return rate %"),
        ("arr_won", "EUR", "ARR won (EUR)"),
        ("avg_mrr", None, "Average MRR"),
        ("lines", "lines", "Lines"),
        ("", None, ""),
    ],
)
def test_a_column_has_a_title(name: str, unit: str | None, title: str):
    assert column_title(name, unit) == title


@pytest.mark.parametrize(
    ("name", "written", "title"),
    [
        ("check_ins", "How many check-ins were there?", "Check-ins"),
        ("no_show_pct", "Share of no-shows by club", "No-show %"),
        ("check_ins", "How many people checked in?", "Check ins"),
        ("avg_on_time_share", "On-time deliveries", "Average on-time share"),
    ],
)
def test_a_title_has_the_hyphens_of_what_is_written(name: str, written: str, title: str):
    assert column_title(name, written=written) == title


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        ("2026-01-01", "order_month", "Jan 2026"),
        ("2026-10-01", "signing_quarter", "Q4 2026"),
        ("2026-10-01T00:00:00", "month", "Oct 2026"),
        ("2026-01-15", "month", "2026-01-15"),
        ("2026-01-01", "day", "2026-01-01"),
        ("0000-01-01", "month", "0000-01-01"),
        ("2026-01-01T10:20:00", "ordered_at", "2026-01-01 10:20:00"),
    ],
)
def test_a_period_is_named_as_its_column_says(value: str, column: str, text: str):
    assert period_text(value, column) == text


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("mtbf_hours", "MTBF hours"),
        ("ecpm", "eCPM"),
        ("average_roas_pct", "Average ROAS %"),
        ("failures_counted", None),
        ("ios_installs", "iOS installs"),
    ],
)
def test_abbreviations_are_written_as_the_glossary_writes_them(name: str, heading: str | None) -> None:
    terms = ["MTBF (mean time between failures)", "eCPM", "Return on ad spend (ROAS)", "iOS"]
    found = trade_headings([ResultColumn(name=name, type="FLOAT64")], "How often do the lines fail?", terms)
    assert found == ({name: heading} if heading else {})


def test_abbreviations_of_the_question_keep_their_capitals() -> None:
    assert column_title("otif_pct", written="What was OTIF by month?") == "OTIF %"
    assert column_title("from_ads", written="What was the ARPDAU of each game?") == "From ads"
