"""Referenced rows are chosen by weight, among the eligible ones only, and at most once in a parent where asked."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.synthesis.clock import NEVER
from provisioning_assets.synthesis.references import (
    MOST_COMPARED_SIBLINGS,
    MOST_SIGMA,
    Candidates,
    Choice,
    popularity,
    with_effects,
)


def choice(
    candidates: Candidates,
    rows: int,
    at: np.ndarray | None = None,
    match: pl.DataFrame | None = None,
    parents: np.ndarray | None = None,
    variants: np.ndarray | None = None,
    factors: tuple[Callable[[], np.ndarray], ...] = (),
) -> np.ndarray:
    low, high = candidates.stretches(at, match, rows)
    return Choice(
        candidates=candidates,
        low=low,
        high=high,
        variants=np.zeros(rows, dtype=np.int64) if variants is None else variants,
        weights_of=with_effects(candidates.weights, factors),
        at=at,
        parents=parents,
    ).draw(np.random.default_rng(5))


def test_draws_are_in_proportion_to_weights() -> None:
    candidates = Candidates.ordered(np.array([1.0, 0.0, 3.0]), None, None, None)
    counts = np.bincount(choice(candidates, 40_000), minlength=3)
    assert counts[1] == 0
    assert counts[2] / counts[0] == pytest.approx(3, rel=0.05)


def test_a_factor_holds_for_its_rows_only() -> None:
    candidates = Candidates.ordered(np.ones(2), None, None, None)
    variants = np.repeat([0, 1], 20_000)
    chosen = choice(candidates, 40_000, variants=variants, factors=(lambda: np.array([4.0, 1.0]),))
    assert (chosen[:20_000] == 0).mean() == pytest.approx(0.5, abs=0.02)
    assert (chosen[20_000:] == 0).mean() == pytest.approx(0.8, abs=0.02)


@given(st.data())
def test_rows_are_only_chosen_between_their_first_and_last_moment(data: st.DataObject) -> None:
    total, rows = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 60))
    random = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    since = random.integers(0, 50, total)
    until = np.where(random.random(total) < 0.3, NEVER, since + random.integers(1, 30, total))
    team = pl.DataFrame(
        {"team": [["a", "b", None][pick] for pick in random.integers(0, 3, total)]}, schema={"team": pl.String}
    )
    wanted = pl.DataFrame({"team": random.choice(["a", "b", "c"], rows).tolist()})
    at = random.integers(0, 60, rows)
    weights = np.where(random.random(total) < 0.2, 0.0, random.random(total))
    candidates = Candidates.ordered(weights, since, until, team)
    chosen = choice(candidates, rows, at=at, match=wanted)
    for row, picked in enumerate(chosen):
        eligible = [
            number
            for number in range(total)
            if since[number] <= at[row] < until[number]
            and team["team"][number] == wanted["team"][row]
            and weights[number] > 0
        ]
        assert picked in eligible if eligible else picked == -1


@given(st.data())
def test_no_row_of_a_parent_repeats_a_sibling(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, 40))
    counts = data.draw(st.lists(st.integers(0, 2 * MOST_COMPARED_SIBLINGS), min_size=1, max_size=20))
    parents = np.repeat(np.arange(len(counts)), counts)
    weights = np.exp(3 * np.random.default_rng(total).standard_normal(total))
    chosen = choice(Candidates.ordered(weights, None, None, None), len(parents), parents=parents)
    for parent, count in enumerate(counts):
        mine = chosen[parents == parent]
        found = mine[mine >= 0]
        assert len(set(found.tolist())) == len(found) == min(count, total)


def test_rows_keep_their_popularity_when_others_are_added() -> None:
    small, large = popularity(7, "customers", 50, 1.3), popularity(7, "customers", 500, 1.3)
    assert np.array_equal(small, large[:50])
    assert large.max() <= np.exp(1.3 * MOST_SIGMA)
    assert (popularity(7, "customers", 5, 0) == 1).all()


def test_without_candidates_no_row_is_chosen() -> None:
    assert (choice(Candidates.ordered(np.empty(0), None, None, None), 3) == -1).all()
    never = Candidates.ordered(np.ones(2), np.array([NEVER, NEVER]), None, None)
    assert (choice(never, 2, at=np.array([1, 2])) == -1).all()
