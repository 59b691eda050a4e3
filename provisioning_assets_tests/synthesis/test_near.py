"""Addresses lie near the row that a foreign key leads to, and references prefer near rows."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.rules.model_rules import generation_problems
from provisioning_assets.geography.cities import addressed_towns, cities_of
from provisioning_assets.geography.distance import great_circle_km
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.places import directions, places_and_towns_of, places_of
from provisioning_assets.synthesis.references import Candidates, Choice, Nearness, with_effects
from provisioning_assets_tests.synthesis.conftest import read
from provisioning_assets_tests.synthesis.near_model import (
    BOSTON,
    NEAR_BRANCH,
    NEAR_HOME,
    NEW_YORK,
    OCEAN,
    ORSTA,
    PORTLAND,
    branches,
    customers,
    model_of,
    table,
)
from provisioning_assets_tests.synthesis.retail_model import column


def drawn(folder: Path, *tables: dict[str, Any], **changes: Any) -> pl.DataFrame:
    model = model_of(*tables, **changes)
    assert generation_problems(model) == []
    synthesise(model, folder)
    return read(folder, "customers")


def test_the_whole_address_lies_near_the_branch(tmp_path: Path) -> None:
    found = drawn(tmp_path, branches(PORTLAND, NEW_YORK), customers(4000, NEAR_BRANCH))
    of_portland = found.filter(branch_id=1)
    assert set(of_portland["region"]) <= {"Maine", "New Hampshire"}
    assert of_portland["city"].n_unique() > 10  # small towns, not only the large city
    maine = found.filter(region="Maine")
    assert maine["phone"].str.starts_with("+1 207 ").all()
    assert maine["postcode"].str.contains(r"^(039|04)").all()
    towns = {(town.name, town.region): town for town in (*cities_of("US", "en"), *addressed_towns("US", "en"))}
    for row in found.unique(["city", "region", "branch_id"]).iter_rows(named=True):
        town, at = towns[row["city"], row["region"]], (PORTLAND, NEW_YORK)[row["branch_id"] - 1]
        assert great_circle_km(town.latitude, town.longitude, *at) <= 62  # a point is rounded to two kilometres
        assert great_circle_km(town.latitude, town.longitude, row["latitude"], row["longitude"]) < 20


def test_near_towns_are_more_frequent_than_far_ones_of_the_same_size(tmp_path: Path) -> None:
    found = drawn(tmp_path, branches(PORTLAND), customers(6000, NEAR_BRANCH))
    away = [great_circle_km(*PORTLAND, *row) for row in found.select("latitude", "longitude").iter_rows()]
    share = np.histogram(away, bins=[0, 20, 40, 70])[0] / len(away)
    assert share[0] > share[1] > share[2] > 0


def test_where_no_town_is_in_reach_addresses_are_in_the_nearest_ones(tmp_path: Path) -> None:
    found = drawn(tmp_path, branches(OCEAN), customers(500, NEAR_BRANCH))
    towns = [*cities_of("US", "en"), *addressed_towns("US", "en")]
    nearest = min(great_circle_km(town.latitude, town.longitude, *OCEAN) for town in towns)
    away = [great_circle_km(*OCEAN, *row) for row in found.select("latitude", "longitude").iter_rows()]
    assert nearest > 100
    assert (
        max(away) <= nearest + 82
    )  # within 60 km more; a point is rounded to two kilometres, an address lies around its town


@pytest.mark.parametrize("shown", [("city",), ("city", "postcode")])
def test_a_town_whose_postcodes_are_not_known_is_used_where_none_is_shown(
    tmp_path: Path, shown: tuple[str, ...]
) -> None:
    written = customers(600, {**NEAR_BRANCH, "within_km": 35})
    written["columns"] = [
        each for each in written["columns"]
        if each["generator"]["kind"] != "address" or each["name"] in (*shown, "latitude", "longitude")
    ]  # fmt: skip
    found = drawn(tmp_path, branches(ORSTA), written, country="NO", locale="no_NO", currency="NOK")
    if shown == ("city",):
        assert {"Ålesund", "Volda"} <= set(found["city"])
        away = [great_circle_km(*ORSTA, *row) for row in found.select("latitude", "longitude").iter_rows()]
        assert max(away) < 57  # an address lies around its town
    else:
        assert found["city"].is_in([town.name for town in (*cities_of("NO", "no"), *addressed_towns("NO", "no"))]).all()


def test_where_no_place_is_known_addresses_are_in_the_large_cities(tmp_path: Path) -> None:
    found = drawn(tmp_path, branches(PORTLAND, (None, None)), customers(500, NEAR_BRANCH))
    assert set(found.filter(branch_id=1)["region"]) <= {"Maine", "New Hampshire"}
    assert len(set(found.filter(branch_id=2)["region"])) > 10


def test_a_larger_size_keeps_the_addresses(tmp_path: Path) -> None:
    few = drawn(tmp_path, branches(PORTLAND, BOSTON), customers(300, NEAR_BRANCH))
    many = drawn(tmp_path, branches(PORTLAND, BOSTON), customers(900, NEAR_BRANCH))
    assert many.head(300).equals(few)


def test_references_choose_the_near_branch_and_any_branch_equally_often_otherwise(tmp_path: Path) -> None:
    near_home = customers(4000, None, {"near": NEAR_HOME})
    found = drawn(tmp_path, branches(BOSTON, NEW_YORK, BOSTON, PORTLAND), near_home)
    boston = found.filter(city="Boston")["branch_id"]
    assert int(boston.is_in([1, 3]).sum()) > 0.95 * len(boston)
    assert (boston == 1).sum() == pytest.approx(len(boston) / 2, rel=0.4)  # two at one place share its customers
    assert (found.filter(city="Philadelphia")["branch_id"] == 2).all()  # the nearest one, however far
    assert found["branch_id"].null_count() == 0


@pytest.mark.parametrize("country", ["US", "DE", "GB", "FR", "JP", "IN", "AE", "KE"])
def test_towns_follow_the_large_cities_and_repeat_none(country: str) -> None:
    locale = {"US": "en_US", "DE": "de_DE", "GB": "en_GB", "FR": "fr_FR", "JP": "ja_JP", "AE": "ar_AE"}.get(
        country, "en_IN"
    )
    large, every = places_of(country, locale), places_and_towns_of(country, locale)
    assert every.cities[: len(large.cities)] == large.cities
    assert every.regions[: len(large.cities)] == large.regions
    pairs = list(zip(every.cities, every.regions, strict=True))
    assert not {pair for pair in pairs[: len(large.cities)] if pairs.count(pair) > 1}
    assert len(every.postcodes) == every.postcodes_each * len(every.cities)


# --- the choice itself ---


def near_choice(
    mine: np.ndarray, theirs: np.ndarray, candidates: Candidates, within: float, **rules: Any
) -> np.ndarray:
    moments, match = rules.get("at"), rules.get("match")
    low, high = candidates.stretches(moments, match, mine.shape[1])
    return Choice(
        candidates=candidates,
        low=low,
        high=high,
        variants=rules.get("variants", np.zeros(mine.shape[1], dtype=np.int64)),
        weights_of=with_effects(candidates.weights, rules.get("factors", ())),
        at=moments,
        parents=rules.get("parents"),
        near=Nearness(directions(*mine), directions(*theirs)[:, candidates.rows], within),
    ).draw(np.random.default_rng(5))


def test_at_the_usual_distance_chances_are_a_twentieth() -> None:
    at = np.zeros((2, 60_000))
    theirs = np.array([[0.0, 0.0], [0.0, 60.0 / 111.19]])  # degrees at the equator: 60 km
    chosen = near_choice(at, theirs, Candidates.ordered(np.ones(2), None, None, None), 60)
    assert (chosen == 1).mean() == pytest.approx(np.exp(-3) / (1 + np.exp(-3)), abs=0.004)


def test_nearness_multiplies_weights_and_effects() -> None:
    at, theirs = np.zeros((2, 60_000)), np.array([[0.0, 0.0], [0.0, 20.0 / 111.19]])
    candidates = Candidates.ordered(np.array([1.0, np.e]), None, None, None)  # 20 of 60 km cost a factor of e
    variants = np.repeat([0, 1], 30_000)
    chosen = near_choice(at, theirs, candidates, 60, variants=variants, factors=(lambda: np.array([1.0, 3.0]),))
    assert (chosen[:30_000] == 1).mean() == pytest.approx(0.5, abs=0.01)
    assert (chosen[30_000:] == 1).mean() == pytest.approx(0.75, abs=0.01)


def test_the_nearest_one_that_exists_already_is_chosen() -> None:
    at, theirs = np.zeros((2, 200)), np.array([[0.0, 80.0, 0.0], [0.0, 0.0, 0.5]])
    since = np.array([1000, 0, 500])
    moments = np.repeat([0, 400, 700, 2000], 50)
    chosen = near_choice(at, theirs, Candidates.ordered(np.ones(3), since, None, None), 5, at=moments)
    assert chosen.reshape(4, 50).T[0].tolist() == [1, 1, 2, 0]
    assert (chosen.reshape(4, 50) == [[1], [1], [2], [0]]).all()


def test_rows_of_one_parent_choose_different_ones_the_nearest_first() -> None:
    at, theirs = np.zeros((2, 300)), np.array([[0.0, 0.1, 5.0], [0.0, 0.0, 0.0]])
    parents = np.repeat(np.arange(100), 3)
    chosen = near_choice(at, theirs, Candidates.ordered(np.ones(3), None, None, None), 30, parents=parents)
    assert (np.sort(chosen.reshape(100, 3), axis=1) == [0, 1, 2]).all()


def test_a_row_without_a_place_chooses_by_weight_and_a_candidate_without_one_is_never_chosen() -> None:
    at = np.full((2, 20_000), np.nan)
    theirs = np.array([[0.0, 50.0], [0.0, 0.0]])
    chosen = near_choice(at, theirs, Candidates.ordered(np.array([1.0, 3.0]), None, None, None), 30)
    assert (chosen == 1).mean() == pytest.approx(0.75, abs=0.02)
    at, theirs = np.zeros((2, 100)), np.array([[np.nan, 50.0], [0.0, 0.0]])
    assert (near_choice(at, theirs, Candidates.ordered(np.ones(2), None, None, None), 30) == 1).all()


# --- what is refused ---


def test_too_many_rows_and_two_places_of_one_address_are_refused() -> None:
    many = table(
        "branches",
        {"kind": "scaled", "share": 1.0, "minimum": 600, "maximum": 600},
        [
            column("branch_id", "INT64", {"kind": "sequence"}),
            column("latitude", "FLOAT64", {"kind": "address", "part": "latitude"}),
            column("longitude", "FLOAT64", {"kind": "address", "part": "longitude"}),
        ],
        "branch_id",
    )
    found = generation_problems(model_of(many, customers(100, None, {"near": NEAR_HOME})))
    assert any("branches has about 600 rows" in str(problem) for problem in found)
    mixed = customers(100, NEAR_BRANCH)
    mixed["columns"][4]["generator"]["near"] = None
    found = generation_problems(model_of(branches(PORTLAND), mixed))
    assert any("not near the same place" in str(problem) for problem in found)
    unknown = customers(100, {**NEAR_BRANCH, "latitude": "nowhere"})
    assert any("'nowhere' is not" in str(each) for each in generation_problems(model_of(branches(PORTLAND), unknown)))
