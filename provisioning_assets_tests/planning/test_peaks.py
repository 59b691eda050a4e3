"""Peaks and whole calendars that blueprints name: their dates in each country, and what a column makes of them."""

import re
from datetime import date

import numpy as np
import pytest

from provisioning_assets.data_model.calendar import day_number
from provisioning_assets.data_model.peaks import Peak
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.markets import listed_countries
from provisioning_assets.planning.shared_words import (
    UnknownNameError,
    calendar_named,
    calendar_names,
    named_rhythm,
    peak_named,
    peak_names,
)
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.planning.test_table_design import generated
from provisioning_assets_tests.planning.trial_designs import problems_of, with_column

FORMAT = (PROJECT_FOLDER / "docs" / "blueprint-format.md").read_text(encoding="utf-8")


def peak(name: str, country: str) -> Peak:
    found = peak_named(name).in_country(name, country)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "country", "day"),
    [
        # public calendars of these years: Easter Sunday 5 April 2026 (Orthodox 12 April), Eid al-Fitr 20 March, Diwali 8 November
        ("black_friday", "US", date(2026, 11, 27)),
        ("black_friday", "DE", date(2029, 11, 23)),
        ("mothers_day", "US", date(2026, 5, 10)),
        ("mothers_day", "GB", date(2026, 3, 15)),
        ("mothers_day", "FR", date(2026, 5, 31)),
        ("mothers_day", "NO", date(2026, 2, 8)),
        ("fathers_day", "DE", date(2026, 5, 14)),
        ("fathers_day", "US", date(2026, 6, 21)),
        ("easter", "DE", date(2026, 4, 5)),
        ("easter", "GR", date(2026, 4, 12)),
        ("ramadan", "ID", date(2026, 3, 20)),
        ("diwali", "IN", date(2026, 11, 8)),
        ("lunar_new_year", "CN", date(2026, 2, 17)),
        ("golden_week", "JP", date(2026, 4, 29)),
        ("harvest", "DE", date(2026, 9, 1)),
        ("harvest", "AU", date(2026, 3, 25)),
        ("quarter_end", "US", date(2026, 3, 31)),
    ],
)
def test_dates_are_those_of_the_country(name: str, country: str, day: date) -> None:
    found = peak(name, country).on.dates(day.year, day.year)
    assert min(abs((each - day).days) for each in found) <= (1 if name == "ramadan" else 0)  # the moon is seen locally


def test_some_countries_do_not_have_a_peak() -> None:
    assert peak_named("singles_day").in_country("singles_day", "DE") is None
    assert peak_named("boxing_day").in_country("boxing_day", "US") is None
    assert peak_named("black_friday").in_country("black_friday", "CN") is None


@pytest.mark.parametrize("name", peak_names())
def test_a_peak_comes_each_year_wherever_it_comes(name: str) -> None:
    named = peak_named(name)
    found = {country: named.in_country(name, country) for country in listed_countries()}
    assert any(found.values())
    for one in filter(None, found.values()):
        days = day_number(date(2024, 1, 1)) + np.arange(3 * 365)
        factors = one.factors(days)
        strongest = np.abs(factors - 1).max()
        assert factors.min() >= 0
        assert strongest == pytest.approx(abs(one.factor - 1) * max(map(abs, one.shape.values())), abs=0.4)
        for year in (2023, 2024, 2025, 2026):
            assert 1 <= len(one.on.dates(year, year)) <= 12, (name, year)


def test_a_peak_is_highest_on_its_day_and_over_after_its_shape() -> None:
    found = peak("black_friday", "US")
    days = day_number(date(2025, 11, 1)) + np.arange(60)
    factors = dict(zip(days.astype("datetime64[D]").astype(str), found.factors(days), strict=True))
    assert factors["2025-11-28"] == max(factors.values()) == 2.4
    assert factors["2025-12-01"] == pytest.approx(1 + 1.4 * 0.9)  # the Monday after it
    assert factors["2025-11-15"] == factors["2025-12-20"] == 1


def test_only_peaks_of_other_calendars_move() -> None:
    assert peak("easter", "DE").moves(2024, 2026)
    assert peak("ramadan", "SA").moves(2024, 2026)
    assert not peak("black_friday", "US").moves(2024, 2026)
    assert not peak("quarter_end", "US").moves(2024, 2026)


@pytest.mark.parametrize("name", calendar_names())
def test_a_calendar_is_open_at_some_time(name: str) -> None:
    calendar = calendar_named(name)
    assert calendar.weekdays is not None
    assert len(calendar.weekdays) == 7
    assert any(calendar.weekdays)
    assert calendar.hours is None or (len(calendar.hours) == 24 and any(calendar.hours))
    assert calendar.holidays is not None


def test_a_column_takes_a_calendar_and_its_own_settings_over_it(example: Blueprint) -> None:
    waiting = {"base": "registered_at", "unit": "hours", "median": 3, "calendar": "bank_days"}
    found = generated(with_column(example, "riders.called_at", after=waiting), "riders.called_at")
    assert (found.hours, found.weekdays, found.holidays) == (named_rhythm("hours", "office"), [1, 1, 1, 1, 1, 0, 0], 0)
    found = generated(
        with_column(example, "riders.called_at", after=waiting | {"holidays": 0.5, "hours": "clinic"}),
        "riders.called_at",
    )
    assert (found.hours, found.weekdays, found.holidays) == (
        named_rhythm("hours", "clinic"),
        [1, 1, 1, 1, 1, 0, 0],
        0.5,
    )
    plain = {"base": "registered_at", "unit": "hours", "median": 3}
    assert generated(with_column(example, "riders.called_at", after=plain), "riders.called_at").holidays == 1
    moment = {"sql": "registered_at + interval '30 days'", "calendar": "trucks"}
    assert generated(with_column(example, "riders.called_at", moment=moment), "riders.called_at").holidays == 0
    arrival = generated(with_column(example, "riders.called_at", arrival={"calendar": "shop"}), "riders.called_at")
    assert arrival.hours == named_rhythm("hours", "shop")
    assert arrival.holidays == 0
    assert arrival.weekdays[6] == 0


def test_a_column_takes_the_peaks_that_its_country_has(example: Blueprint) -> None:
    settings = {"peaks": ["black_friday", "singles_day", "mothers_day"]}
    found = generated(with_column(example, "riders.called_at", arrival=settings), "riders.called_at")
    assert [(each.name, each.factor) for each in found.peaks] == [("black_friday", 2.4), ("mothers_day", 1.9)]
    found = generated(with_column(example, "riders.called_at", arrival={"peaks": {"easter": 3}}), "riders.called_at")
    assert [(each.name, each.factor) for each in found.peaks] == [("easter", 3)]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"calendar": "bank_day"}, r"'bank_day' is not a calendar\. Did you mean 'bank_days'\?"),
        ({"peaks": ["black_fridey"]}, r"'black_fridey' is not a peak\. Did you mean 'black_friday'\?"),
        ({"peaks": {"black_fridey": 2}}, r"'black_fridey' is not a peak\. Did you mean 'black_friday'\?"),
        ({"peaks": {"black_friday": -2}}, r"greater than or equal to 0"),
    ],
)
def test_unknown_names_are_refused_with_what_was_meant(
    example: Blueprint, settings: dict[str, object], says: str
) -> None:
    with pytest.raises((ValueError, UnknownNameError), match=says):
        problems_of(with_column(example, "riders.called_at", arrival=settings))


@pytest.mark.parametrize(("setting", "names"), [("calendar", calendar_names()), ("peaks", peak_names())])
def test_the_description_of_the_format_lists_the_names(setting: str, names: list[str]) -> None:
    (row,) = (line for line in FORMAT.splitlines() if line.startswith(f"| `{setting}` |"))
    assert re.findall(r"`([^`]+)`", row.split("|")[3]) == names
