"""Settings that depend on another column: ``{by: plan, Year pass: 3, otherwise: 1}``, of every generator that takes them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_rules import filled_problems
from provisioning_assets.planning.demo_blueprint import customer_words, filled_blueprint, market_of_customer
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import facts, planned, profile
from provisioning_assets_tests.planning.trial_designs import column, problems_of, tables_of, with_column, written

CASES = {"by": "rider_id.plan", "Month pass": 2, "Year pass": 8, "otherwise": 4}
BY, FOUND = "rider_id__plan", {"Month pass": 2, "Year pass": 8}


def generated(blueprint: Blueprint, **known: object) -> Any:
    return column(tables_of(blueprint, **known)["rentals"], "new").generator


@pytest.mark.parametrize(
    ("generator", "field", "base"),
    [
        ({"lognormal": {"median": CASES}}, "a", 4),
        ({"normal": {"mean": CASES, "sd": 1}}, "a", 4),
        ({"poisson": {"mean": CASES}}, "a", 4),
        ({"gamma": {"mean": CASES}}, "a", 4),
        ({"price": {"median": CASES, "minimum": 1, "maximum": 99}}, "median", 4),
        ({"after": {"base": "rented_at", "unit": "days", "median": CASES}}, "median", 4),
        ({"before": {"base": "rented_at", "unit": "days", "median": CASES}}, "median", 4),
    ],
)
def test_a_number_by_cases(example: Blueprint, generator: dict[str, Any], field: str, base: float):
    found = generated(with_column(example, "rentals.new", **generator))
    assert (getattr(found, field), found.by, getattr(found, f"{field}_by")) == (base, BY, FOUND)


def test_a_rate_by_cases_is_0_for_every_other_value(example: Blueprint):
    rates = {"by": "rider_id.plan", "Month pass": 0.2, "Year pass": 0.8}
    found = generated(with_column(example, "rentals.new", flag=rates))
    assert (found.rate, found.by, found.rate_by) == (0, BY, {"Month pass": 0.2, "Year pass": 0.8})
    assert generated(with_column(example, "rentals.new", flag={**rates, "otherwise": 0.5})).rate == 0.5


def test_weights_by_cases_have_every_value_in_each(example: Blueprint):
    weights = {
        "by": "rider_id.plan",
        "Month pass": {"short": 3, "long": 1},
        "Year pass": {"long": 2, "round": 1},
        "otherwise": {"short": 1},
    }
    found = generated(with_column(example, "rentals.new", category=weights))
    assert found.values == ["short", "long", "round"]
    assert (found.by, found.weights) == (BY, [1, 0, 0])
    assert found.weights_by == {"Month pass": [3, 1, 0], "Year pass": [0, 2, 1]}


def test_a_value_by_cases_is_an_expression(example: Blueprint):
    found = generated(with_column(example, "rentals.new", value={"by": "rider_id.plan", "Year pass": "it's"}))
    assert found.sql == "case rider_id__plan when 'Year pass' then 'it''s' else null end"


def test_factors_by_cases_leave_other_values_as_they_are(example: Blueprint):
    times = {"by": "rider_id.plan", "Year pass": 2}
    found = generated(with_column(example, "rentals.new", gamma={"mean": 3, "times": times}))
    assert found.times == "case rider_id__plan when 'Year pass' then 2.0 else 1.0 end"


def test_a_factor_of_0_for_every_other_value_is_kept(example: Blueprint):
    times = {"by": "rider_id.plan", "Year pass": 2, "otherwise": 0}
    found = generated(with_column(example, "rentals.new", gamma={"mean": 3, "times": times}))
    assert found.times == "case rider_id__plan when 'Year pass' then 2.0 else 0.0 end"


def test_cases_are_dealt_out_to_the_words_of_a_slot(example: Blueprint):
    prices = {"by": "bike_id.model", "$models": [700, 1900]}
    found = generated(with_column(example, "rentals.new", price={"median": prices, "minimum": 100, "maximum": 9000}))
    assert found.median_by == {"City": 700, "Cargo": 1900, "Electric": 700, "Tandem": 1900}
    weights = {"by": "bike_id.model", "$models": [{"a": 1}, {"b": 1}]}
    found = generated(with_column(example, "rentals.new", category=weights))
    assert found.weights_by == {"City": [1, 0], "Cargo": [0, 1], "Electric": [1, 0], "Tandem": [0, 1]}


def test_a_word_of_the_customer_is_a_case_of_its_own(example: Blueprint):
    words = facts("O'Neill", "x' then 9 --", "otherwise", "by")
    valued = with_column(example, "rentals.new", value={"by": "bike_id.model", "{models[0]}": 1, "{models[1]}": 2})
    found = generated(valued, products=words)
    assert found.sql == "case bike_id__model when 'O''Neill' then 1 when 'x'' then 9' then 2 else null end"
    rates = {"by": "bike_id.model", "$models": [0.1, 0.2], "otherwise": 0.5}
    found = generated(with_column(example, "rentals.new", flag=rates), products=words)
    assert found.rate_by == {"O'Neill": 0.1, "x' then 9": 0.2, "otherwise": 0.1, "by": 0.2}
    assert found.rate == 0.5


@pytest.mark.parametrize("case", ["5 then 1 when 6", "six", "1e3", "", "$models"])
def test_a_case_of_a_number_is_a_number_and_never_more(example: Blueprint, case: str):
    problems = problems_of(with_column(example, "rentals.new", value={"by": "minutes", case: 1}))
    assert problems
    assert all(problem.startswith("tables.rentals.columns.new.value") for problem in problems)


def test_numbers_and_truth_values_decide_too(example: Blueprint):
    found = generated(with_column(example, "rentals.new", value={"by": "minutes", "5": 1, "-6": 2}))
    assert found.sql == "case minutes when 5 then 1 when -6 then 2 else null end"
    found = generated(with_column(example, "rentals.new", value={"by": "started_late", "true": 1, "false": 0}))
    assert found.sql == "case started_late when true then 1 when false then 0 else null end"
    (problem,) = problems_of(with_column(example, "rentals.new", value={"by": "started_late", "yes": 1}))
    assert "'yes' is not a value of the column that `by` names. Write true or false." in problem


def test_two_columns_decide_together(example: Blueprint, tmp_path: Path):
    """Text, number and truth value in one case each, drawn by the engine."""
    rates = {
        "by": ["rider_id.plan", "started_late"],
        "Year pass / true": 1.0,
        "Month pass / false": 1.0,
        "otherwise": 0.0,
    }
    sizes = {"by": ["size_class", "rider_id.plan"], "1 / Year pass": "S", "2 / Year pass": "L", "otherwise": "M"}
    both = with_column(example, "rentals.chosen", flag=rates)
    both = written(
        both,
        {
            "tables.rentals.columns.size_class": {
                "category": [1, 2],
                "description": "Class of size",
                "synonyms": ["c"],
            },
            "tables.rentals.columns.size": {"value": sizes, "description": "Size of it", "synonyms": ["s"]},
            "tables.rentals.columns.plan": {"from": "rider_id.plan"},
        },
    )
    _, model = planned(profile(), blueprint=both)
    assert model_problems(model) == []
    synthesise(model.model_copy(update={"fact_rows": 3_000}), tmp_path)
    rows = pl.read_parquet(tmp_path / "tables" / "rentals" / "*.parquet")
    plan, late, size = pl.col("plan"), pl.col("started_late"), pl.col("size_class")
    wanted = ((plan == "Year pass") & late) | ((plan == "Month pass") & ~late)
    assert rows.filter(pl.col("chosen") != wanted).height == 0
    assert rows["chosen"].n_unique() == 2
    wanted = pl.when(plan != "Year pass").then(pl.lit("M")).when(size == 1).then(pl.lit("S")).otherwise(pl.lit("L"))
    assert rows.filter(pl.col("size") != wanted).height == 0
    assert set(rows["size"]) == {"S", "M", "L"}


def test_pairs_of_columns_with_long_names_are_distinguished(example: Blueprint):
    long = "a_column_whose_name_is_as_long_as_the_name_of_a_column_may_b"
    two = written(
        example,
        {
            f"tables.rentals.helpers.{long}": {"category": ["x", "y"]},
            "tables.rentals.helpers.one": {"flag": {"by": [long, "started_late"], "x / true": 0.5}},
            "tables.rentals.helpers.two": {"flag": {"by": [long, "broke_down"], "x / true": 0.5}},
        },
    )
    rentals = tables_of(two)["rentals"]
    deciding = [column(rentals, name).generator.by for name in ("one", "two")]  # pyright: ignore[reportAttributeAccessIssue]
    assert deciding[0] != deciding[1]
    assert "broke_down" in column(rentals, str(deciding[1])).generator.sql  # pyright: ignore[reportAttributeAccessIssue]


def test_money_by_cases_follows_the_currency(example: Blueprint):
    found = generated(
        with_column(example, "rentals.new", price={"median": CASES, "minimum": 1, "maximum": 99}), currency="DKK"
    )
    assert (found.median, found.median_by) == (30, {"Month pass": 15, "Year pass": 60})
    fees = {"by": "rider_id.plan", "Month pass": 19.99, "otherwise": 0}
    found = generated(with_column(example, "rentals.new", value=fees, type="NUMERIC"), currency="JPY")
    assert found.sql == "case rider_id__plan when 'Month pass' then 3200.0 else 0 end"


@pytest.mark.parametrize(
    "generator",
    [
        {"flag": {"by": "rider_id.plan", "Weekly": 0.2, "otherwise": 0.1}},
        {"category": {"by": "rider_id.plan", "Weekly": {"a": 1}, "otherwise": {"a": 1, "b": 1}}},
        {"lognormal": {"median": {"by": "rider_id.plan", "Weekly": 2, "otherwise": 3}}},
        {"flag": {"by": ["rider_id.plan", "started_late"], "Weekly / true": 0.2, "otherwise": 0.1}},
        {
            "category": {
                "by": ["rider_id.plan", "started_late"],
                "Weekly / true": {"a": 1},
                "otherwise": {"a": 1, "b": 1},
            }
        },
        {"value": {"by": "rider_id.plan", "Weekly": 2, "otherwise": 3}},
        {"gamma": {"mean": 3, "times": {"by": "rider_id.plan", "Weekly": 2}}},
    ],
)
def test_a_case_that_cannot_occur_is_refused(example: Blueprint, generator: dict[str, Any]):
    made = filled_blueprint(with_column(example, "rentals.drawn", **generator), profile(), "bike_rental")
    (problem,) = filled_problems(made.blueprint, customer_words(made), market_of_customer(made.customer))
    assert problem.place[:4] == ("tables", "rentals", "columns", "drawn")
    assert "'Weekly" in problem.message
    assert "Accepted: " in problem.remedy


def _of_long_rentals(example: Blueprint, medians: dict[str, float]) -> list[Problem]:
    """The problems of a number whose median goes by a computed condition."""
    computed = with_column(example, "rentals.is_long", expression="minutes > 30", synonyms=["long"])
    written = with_column(computed, "rentals.drawn", lognormal={"median": {"by": "is_long", **medians}})
    made = filled_blueprint(written, profile(), "bike_rental")
    return filled_problems(made.blueprint, customer_words(made), market_of_customer(made.customer))


def test_a_computed_condition_has_the_cases_true_and_false(example: Blueprint):
    assert _of_long_rentals(example, {"true": 5, "false": 2}) == []
    (missing,) = _of_long_rentals(example, {"true": 5})
    assert missing.message == "There is no case for false of is_long."
    (unknown,) = _of_long_rentals(example, {"yes": 5, "otherwise": 2})
    assert unknown.message == "'yes' is never a value of rentals.is_long."


@pytest.mark.parametrize(("times", "median"), [({"by": "rider_id.plan", "Year pass": 2}, 16_000), ("2", 100)])
def test_money_times_cases_is_scaled_and_times_an_expression_is_not(example: Blueprint, times: object, median: int):
    fees = {"median": 100, "sigma": 0.5, "times": times}
    found = generated(with_column(example, "rentals.new", lognormal=fees, type="NUMERIC"), currency="JPY")
    assert found.a == median
