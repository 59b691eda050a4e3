"""The statistic behind a z: expected values, the size of chance variation, and the rate of false alarms."""

import numpy as np
import pytest
from numpy.typing import NDArray

from provisioning_assets.quality.seasonal_baseline import as_normal, corrected, seasonal_baseline

DAYS = 13
TRIALS = 400


def counts(generator: np.random.Generator, levels: list[float], season: NDArray[np.float64]) -> NDArray[np.float64]:
    return generator.poisson(np.outer(levels, season)).astype(np.float64)


def test_season_and_growth_that_all_groups_share_are_expected():
    """Today is a third above the year's mean for everybody: that is the season, and no finding."""
    season = np.append(np.linspace(0.8, 1.2, DAYS), 1.35)
    panel = np.outer([1000.0, 400.0, 250.0, 150.0], season)
    baseline = seasonal_baseline(panel, 28, (28, 28))
    assert baseline.expected == pytest.approx(panel[:, -1], rel=0.01)


def test_groups_that_do_not_move_together_are_not_pulled_along():
    generator = np.random.default_rng(5)
    panel = 50 + generator.normal(0, 2, (5, DAYS + 1))
    panel[1:, -1] += 20
    expected = seasonal_baseline(panel, 28, (28, 28)).expected[0]
    assert expected == pytest.approx(50, abs=5)


@pytest.mark.parametrize("levels", [[500.0, 300.0, 120.0, 80.0, 40.0], [900.0, 30.0, 20.0]])
def test_chance_alone_stands_out_as_seldom_as_it_should(levels: list[float]):
    """Of counts with a shared season, about one in twenty lies beyond 1.96 and few beyond 3.5."""
    generator = np.random.default_rng(11)
    season = 1 + 0.2 * np.sin(np.arange(DAYS + 1) / 2)
    found = []
    for _ in range(TRIALS):
        panel = counts(generator, levels, season)
        baseline = seasonal_baseline(panel, 28, (28, 28))
        found.append(as_normal(baseline.z(panel[:, -1]), baseline.freedom))
    sizes = np.abs(np.concatenate(found))
    assert 0.02 <= (sizes > 1.96).mean() <= 0.09
    assert (sizes > 3.5).mean() <= 0.003


def test_overlapping_windows_do_not_make_chance_look_smaller_than_it_is():
    """Each day is the sum of the last four steps: neighbours are alike, and the spread is that of far days all the same."""
    generator = np.random.default_rng(3)
    spreads = []
    for _ in range(TRIALS):
        steps = generator.normal(25, 5, (6, DAYS + 4))
        panel = sum(steps[:, shift : shift + DAYS + 1] for shift in range(4))
        spreads.append(seasonal_baseline(np.asarray(panel), 28, (112, 112)).spread)
    assert float(np.sqrt(np.mean(np.square(spreads)))) == pytest.approx(10, rel=0.25)


def test_a_figure_that_never_changed_is_as_uncertain_as_its_rounding():
    panel = np.full((3, DAYS + 1), 12.5)
    baseline = seasonal_baseline(panel, 28, (28, 28))
    assert baseline.spread == pytest.approx(0.1 / np.sqrt(12))
    assert baseline.z(np.full(3, 12.5)) == pytest.approx(0)


def test_the_large_spread_of_a_small_group_does_not_widen_that_of_a_large_one():
    generator = np.random.default_rng(8)
    rows = np.array([4000.0, 60.0, 50.0, 40.0, 30.0])
    panel = 100 * generator.normal(0, 1 / np.sqrt(rows)[:, None], (5, DAYS + 1))
    spread = seasonal_baseline(panel, 28, (28, 28), rows).spread
    assert spread[0] < 0.3 * spread[1:].min()


def test_a_single_group_is_compared_with_its_own_year():
    panel = np.append(np.array([9.0, 11, 10, 9, 11, 10, 10, 9, 11, 10, 9, 11, 10]), 30.0)[None, :]
    baseline = seasonal_baseline(panel, 28, (28, 28))
    assert baseline.expected == pytest.approx([10], abs=0.1)
    assert baseline.z(panel[:, -1])[0] > 15


def test_few_degrees_of_freedom_lower_the_significance_of_a_t():
    few, many = as_normal(np.array([5.0, -5.0]), np.array([4.0, 1e6]))
    assert few == pytest.approx(2.67, abs=0.02)  # two-sided p of t = 5 with 4 degrees of freedom: 0.0075
    assert many == pytest.approx(-5, abs=0.01)


def test_a_z_counts_less_when_more_places_were_searched():
    assert corrected(5.0, 1) == pytest.approx(5)
    assert corrected(4.0, 200) == pytest.approx(2.49, abs=0.01)  # 1 - (1 - 6.33e-5) ** 200 = 0.0126
    assert corrected(1.0, 200) == pytest.approx(0, abs=0.001)
    assert corrected(0.0, 5) == 0


def test_a_drift_that_goes_on_is_expected_only_where_it_is_asked_for():
    """One group has gained a unit a step on the others all along; today is four steps after the last day of the past."""
    generator = np.random.default_rng(2)
    panel = 100 + generator.normal(0, 0.5, (4, DAYS + 1))
    panel[0] += np.append(np.arange(DAYS), DAYS + 3)
    going_on = seasonal_baseline(panel, 28, (28, 28), gap=4, drift=True)
    standing = seasonal_baseline(panel, 28, (28, 28), gap=4)
    assert abs(going_on.z(panel[:, -1])[0]) < 3
    assert going_on.expected[0] == pytest.approx(100 + DAYS + 3, abs=1.5)
    assert standing.expected[0] == pytest.approx(100 + (DAYS - 1) / 2, abs=1.5)


def test_the_further_a_drift_is_carried_on_the_less_is_known():
    generator = np.random.default_rng(4)
    panel = 100 + generator.normal(0, 1, (4, DAYS + 1))
    near, far = (seasonal_baseline(panel, 28, (28, 28), gap=gap, drift=True).spread for gap in (1, 8))
    assert (far > 1.2 * near).all()
