"""Arrival times follow growth, season, weekday, hour and holidays, in the order of the rows, whatever the block."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioning_assets.data_model.arrival_profile import day_weights
from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number, end_of_as_of, history_start
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Arrival
from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets.synthesis.arrivals import moments
from provisioning_assets_tests.synthesis.retail_model import retail_model

MODEL = retail_model()
START = day_number(history_start(MODEL)) * DAY_SECONDS


def drawn(rows: int, effects: Sequence[Effect] = (), **arrival: Any) -> np.ndarray:
    jitter = np.random.default_rng(3).random(rows)
    return moments(MODEL, "t", "c", Arrival(**arrival), effects, rows, 0, jitter)


@given(rows=st.integers(1, 3_000), cut=st.integers(0, 3_000), before=st.sampled_from([0.0, 0.4]))
def test_rows_are_in_order_and_blocks_fit_together(rows: int, cut: int, before: float) -> None:
    cut = min(cut, rows)
    arrival = Arrival(before_history=before, weekdays=[1, 1, 1, 1, 1, 0, 0])
    jitter = np.random.default_rng(rows).random(rows)
    whole = moments(MODEL, "t", "c", arrival, (), rows, 0, jitter)
    first = moments(MODEL, "t", "c", arrival, (), rows, 0, jitter[:cut])
    second = moments(MODEL, "t", "c", arrival, (), rows, cut, jitter[cut:])
    assert (np.diff(whole) >= 0).all()
    assert np.array_equal(whole, np.concatenate([first, second]))
    assert whole[-1] <= end_of_as_of(MODEL)
    assert not np.isin(whole // DAY_SECONDS % 7, [2, 3]).any()  # 1970-01-03 was a Saturday


CLOSED_WEEKDAYS = st.lists(st.sampled_from([0.0, 0.7, 1.0]), min_size=7, max_size=7).filter(any)
CLOSED_HOURS = st.lists(st.sampled_from([0.0, 0.1, 1.0]), min_size=24, max_size=24).filter(any)
NEVER_OPEN_LATELY = Effect(insight_id="i", table="t", column="c", factor=0.0, from_days_ago=9, to_days_ago=0)


@given(
    weekdays=CLOSED_WEEKDAYS,
    hours=CLOSED_HOURS,
    total=st.sampled_from([1, 7, 10**6, 10**9]),
    jitter=st.sampled_from([0.0, 1 - 2**-52, 1 - 2**-53]),
    effects=st.sampled_from([(), (NEVER_OPEN_LATELY,)]),
    before=st.sampled_from([0.0, 0.4]),
)
@example([1.0] * 7, [0.0] * 9 + [1.0] * 9 + [0.0] * 6, 10**9, 1 - 2**-53, (), 0.0)  # came in the last, closed, hour
def test_no_row_arrives_at_hours_or_weekdays_with_weight_0(
    weekdays: list[float], hours: list[float], total: int, jitter: float, effects: tuple[Effect, ...], before: float
) -> None:
    arrival = Arrival(before_history=before, weekdays=weekdays, hours=hours)
    early = round(before * total)
    for row in {0, max(early - 1, 0), min(early, total - 1), total - 1}:
        second = int(moments(MODEL, "t", "c", arrival, effects, total, row, np.array([jitter]))[0])
        assert hours[second // 3600 % 24] > 0
        assert weekdays[(second // DAY_SECONDS + 3) % 7] > 0  # 1970-01-01 was a Thursday
        assert not effects or day_number(MODEL.as_of) - second // DAY_SECONDS > 9


def test_the_history_is_filled_from_its_first_to_its_last_day() -> None:
    seconds = drawn(50_000)
    assert seconds[0] // DAY_SECONDS == START // DAY_SECONDS
    assert seconds[-1] // DAY_SECONDS == day_number(MODEL.as_of)


def test_a_customer_base_was_there_before_the_history() -> None:
    seconds = drawn(10_000, before_history=0.4)
    assert (seconds < START).mean() == pytest.approx(0.4)
    assert seconds[0] > START - 4 * 366 * DAY_SECONDS


def test_growth_is_that_of_a_year() -> None:
    seconds = drawn(100_000, growth_per_year=0.5, day_noise=0)
    ages = day_number(MODEL.as_of) - seconds // DAY_SECONDS
    assert (ages < 365).sum() / ((ages >= 365) & (ages < 730)).sum() == pytest.approx(1.5, rel=0.01)


def test_months_weekdays_and_hours_are_in_proportion() -> None:
    months = [1.0] * 12
    months[11] = 3.0
    hours = [0.0] * 9 + [1.0] * 9 + [0.0] * 6
    seconds = drawn(200_000, growth_per_year=0, day_noise=0, months=months, weekdays=[2, 1, 1, 1, 1, 1, 1], hours=hours)
    days = (seconds // DAY_SECONDS).astype("datetime64[D]")
    december, november = (days.astype("datetime64[M]").astype(int) % 12 == month for month in (11, 10))
    assert december.sum() / november.sum() == pytest.approx(3 * 31 / 30, rel=0.05)
    weekday = (days.astype(int) + 3) % 7
    assert (weekday == 0).sum() / (weekday == 1).sum() == pytest.approx(2, rel=0.05)
    hour = seconds // 3600 % 24
    assert ((hour >= 9) & (hour < 18)).all()


def test_rows_arrive_independently_of_each_other() -> None:
    """Of independent arrivals the number in an hour, and on a day, varies as much as its mean: a ratio of 1, not of a clock's 0."""
    with_earlier_rows: list[dict[str, Any]] = [{}, {"before_days": 1_000}, {"before_history": 0.5}]
    for before in with_earlier_rows:
        seconds = drawn(40_000, growth_per_year=0.0, day_noise=0.0, hours=[1.0] * 24, **before)
        seconds = seconds[(seconds >= START) & (seconds < START + 799 * DAY_SECONDS)]
        for length in (3_600, DAY_SECONDS):
            counts = np.bincount((seconds - START) // length, minlength=799 * DAY_SECONDS // length)
            assert counts.var() / counts.mean() == pytest.approx(1, abs=0.2)


def test_holidays_are_the_countrys() -> None:
    assert day_number(date(2025, 12, 25)) in public_holidays("US", 2025, 2025)
    assert day_number(date(2025, 10, 3)) in public_holidays("DE", 2025, 2025)
    assert public_holidays("ZZ", 2025, 2025) == ()
    seconds = drawn(100_000, holidays=0)
    assert not np.isin(seconds // DAY_SECONDS, public_holidays("US", 2024, 2026)).any()


def test_days_are_never_all_alike_unless_asked() -> None:
    flat = day_weights(MODEL, "t", "c", Arrival(growth_per_year=0, day_noise=0), ())
    noisy = day_weights(MODEL, "t", "c", Arrival(growth_per_year=0, day_noise=0.1), ())
    assert flat.std() == 0
    assert np.log(noisy).std() == pytest.approx(0.1, rel=0.1)


def test_an_effect_changes_the_days_of_its_window() -> None:
    effect = Effect(insight_id="i", table="t", column="c", factor=0.0, from_days_ago=20, to_days_ago=10)
    ages = day_number(MODEL.as_of) - drawn(20_000, [effect]) // DAY_SECONDS
    assert not ((ages >= 10) & (ages <= 20)).any()
    assert (ages == 9).any()
    assert (ages == 21).any()


# --- the edge of the history ---------------------------------------------------------------------------------------


def by_year(seconds: np.ndarray) -> list[int]:
    """Rows of each year of 364 days, the last one first, from the as-of date back."""
    ages = (day_number(MODEL.as_of) - seconds // DAY_SECONDS) // 364
    return np.bincount(ages).tolist()


def test_rows_go_on_before_the_history_at_its_own_rate() -> None:
    years = by_year(drawn(60_000, before_days=1_500, growth_per_year=0.0))
    assert len(years) == 7  # 800 days and 1,500 before them
    assert max(years[:6]) / min(years[:6]) < 1.05
    grown = by_year(drawn(60_000, before_days=1_500, growth_per_year=0.3))
    assert all(1.2 < later / earlier < 1.4 for later, earlier in pairwise(grown[:6]))
    seasons = drawn(60_000, before_days=1_500, weekdays=[1, 1, 1, 1, 1, 0, 0], months=[2, *[1] * 11], holidays=0)
    assert (np.diff(seasons) >= 0).all()
    assert not np.isin(seasons // DAY_SECONDS % 7, [2, 3]).any()
    assert not np.isin(seasons // DAY_SECONDS, public_holidays(MODEL.country, 2018, 2026)).any()


def test_a_share_before_the_history_may_leave_a_step_where_days_do_not() -> None:
    def step(**arrival: Any) -> float:
        """Rows of the first year of the history for each of the year before it."""
        days = (drawn(60_000, growth_per_year=0.0, **arrival) - START) // DAY_SECONDS
        return float(((days >= 0) & (days < 365)).sum() / ((days < 0) & (days >= -365)).sum())

    assert step(before_history=0.75) < 0.5
    assert step(before_days=1_000) == pytest.approx(1, abs=0.03)


def test_a_burst_that_an_insight_plants_does_not_change_the_years_before() -> None:
    burst = Effect(insight_id="i", table="t", column="c", factor=3.0, from_days_ago=100)
    days = (drawn(60_000, [burst], before_days=1_000, growth_per_year=0.0) - START) // DAY_SECONDS
    usual = ((days >= 0) & (days < 600)).sum() / 600
    assert ((days < 0).sum() / 1_000) == pytest.approx(usual, rel=0.04)
