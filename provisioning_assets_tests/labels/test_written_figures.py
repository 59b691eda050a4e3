"""Figures, dates and money as readers of each language write them."""

from datetime import date

import pytest

from provisioning_assets.figure_text import (
    amount_text,
    day,
    figure,
    figure_in_words,
    moment_text,
    percent,
    quantity,
    unit_name,
)
from provisioning_assets.googlesql.column_titles import heading, headings_from, period_text
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.labels.languages import LANGUAGES
from provisioning_assets.planning.models import Insight, InsightAssertion

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "number", "share", "amount", "today"),
    [
        ("en", "1,234.5", "26.7%", "€1,234", "30 June 2026"),
        ("de", "1.234,5", f"26,7{NB}%", f"1.234{NB}€", "30. Juni 2026"),
        ("fr", "1\u202f234,5", "26,7\u202f%", f"1\u202f234{NB}€", "30 juin 2026"),
        ("es", "1.234,5", f"26,7{NB}%", f"1.234{NB}€", "30 de junio de 2026"),
        ("it", "1.234,5", "26,7%", f"1.234{NB}€", "30 giugno 2026"),
        ("nl", "1.234,5", "26,7%", f"€{NB}1.234", "30 juni 2026"),
        ("pt", "1.234,5", "26,7%", f"€{NB}1.234", "30 de junho de 2026"),
        ("da", "1.234,5", f"26,7{NB}%", f"1.234{NB}€", "30. juni 2026"),
        ("sv", f"1{NB}234,5", f"26,7{NB}%", f"1{NB}234{NB}€", "30 juni 2026"),
        ("no", f"1{NB}234,5", f"26,7{NB}%", f"1{NB}234{NB}€", "30. juni 2026"),
        ("id", "1.234,5", "26,7%", "€1.234", "30 Juni 2026"),
        ("ja", "1,234.5", "26.7%", "€1,234", "2026年6月30日"),
    ],
)
def test_numbers_shares_amounts_and_days(language: str, number: str, share: str, amount: str, today: str) -> None:
    assert quantity(1234.5, 1, language) == number
    assert figure_in_words(-26.7, "percent", language).replace("\u202f", NB) == share.replace("\u202f", NB)
    assert amount_text(1234.4, "EUR", language=language) == amount
    assert day(date(2026, 6, 30), language) == today


def test_large_amounts_are_written_on_the_scale_of_the_language() -> None:
    assert amount_text(8.1e6, "EUR", 46.3e6, "de") == f"8,1{NB}Mio.{NB}€"
    assert amount_text(4.6e8, "JPY", language="ja").endswith("4.6億")
    assert amount_text(9.5e6, "JPY", 4.6e8, "es") == f"9,5{NB}M{NB}JPY"
    assert amount_text(12.5, "EUR", language="de") == f"12,50{NB}€"


def test_units_are_words_of_the_language_in_the_form_of_the_number() -> None:
    assert [figure(value, "days", language="de") for value in (1.0, 3.2)] == ["1 Tag", "3,2 Tage"]
    assert [figure(value, "hours", language="fr") for value in (1.5, 2.0)] == ["1,5 heure", "2 heures"]
    assert figure(3.0, "days", language="ja") == "3日"
    assert figure(3.3, "Sterne", language="de") == "3,3 Sterne"  # a word of the demo itself
    assert (unit_name("percent", "de"), unit_name("EUR", "de"), unit_name("Sterne", "de")) == (
        "Prozent",
        "EUR",
        "Sterne",
    )
    assert [figure(value, "days") for value in (1.0, 3.2)] == ["1 days", "3.2 days"]


def test_what_is_no_number_and_what_is_tiny() -> None:
    assert quantity(float("nan"), 0, "de") == "–"
    assert quantity(0.0123, 2, "de") == "0,012"
    assert quantity(2e16, 0, "de") == "2,000e+16"
    assert percent(0.999, "de") == f"99{NB}%"
    assert figure(None, "days", language="de") == "–"


def test_moments_and_periods() -> None:
    assert period_text("2025-01-01", "order_month", "de") == "Jan. 2025"
    assert period_text("2025-04-01", "quarter", "fr") == "T2 2025"
    assert period_text("2025-01-01", "month", "ja") == "2025年1月"
    assert period_text("2025-01-15T00:00:00", "day", "de") == "15.01.2025"
    assert moment_text("2025-01-15T14:05:00", "de") == "15.01.25, 14:05"
    assert moment_text("0000-01-01", "de") == "0000-01-01"
    assert moment_text("2025-01-15T14:05:00", "en") == "2025-01-15 14:05:00"


def test_a_finding_speaks_its_figure_in_the_language_of_its_sentence() -> None:
    insight = Insight(
        id="late", headline="{measured} der Fahrten sind zu spät", explanation="", action="", expected=18, tolerance=2,
        unit="percent", query_id="q", assertion=InsightAssertion(column="late_pct"),
    )  # fmt: skip
    assert insight.told(insight.headline, 18.25, "de") == f"18,2{NB}% der Fahrten sind zu spät"
    assert insight.told(insight.headline, None).startswith("18% der")


def test_headings_are_the_questions_own_then_synonyms_then_names() -> None:
    named = [("amount", []), ("fee", ["umsatz", "Erlös"]), ("fee", ["Gebühr"])]
    assert headings_from(named, {"month": "Monat"}) == {"fee": "Umsatz", "month": "Monat"}
    column = ResultColumn(name="total_fee", type="NUMERIC", unit="EUR")
    assert heading(column) == "Total fee (EUR)"
    assert heading(column.model_copy(update={"heading": "Umsatz"})) == "Umsatz (EUR)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_written_in_every_language(language: str) -> None:
    for value in (0.0, -0.0, -3.25, 0.004, 999.999, 1e7, 1e15, 3e20):
        for unit in ("percent", "EUR", "JPY", "IDR", "days", "kg", "count", "", "Kisten"):
            assert figure(value, unit, language=language)
    assert day(date(1, 1, 1), language)
