"""A blueprint writes states, versions, milestones and what was valid at a moment; what it leaves out is inferred."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Milestones, PerParent, StateSequence
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint, BlueprintColumn, BlueprintTable
from provisioning_assets.planning.table_design import DesignError
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.test_table_design import column, designed

TABLES = """
plan_history:
  description: Plans that riders have had. One row for each.
  rows:
    parent: riders
    start: registered_at
    unit: days
    by: plan
    states:
      "{models[0]} plan": {median: 90, next: {Month pass: 0.5}, median_by: {Year pass: 300}}
      Month pass: {median: 60, next: {"{models[0]} plan": 0.4, Gone: 0.2}}
      Gone: {}
    begin: {"{models[0]} plan": 3, Month pass: 1}
    most: 6
  columns:
    rider_id: {parent_key: true, description: Rider who had the plan, synonyms: [who]}
    version: {position: true, description: Number of the plan of one rider, synonyms: [number]}
    plan_name: {state: true, description: Name of the plan, synonyms: [tariff]}
    valid_from: {entered_at: true, type: DATE, description: First day on which it was valid, synonyms: [from]}
    valid_to: {left_at: true, type: DATE, description: Day on which the next plan began, synonyms: [to]}
price_history:
  description: Fees of stations over time. One row for each.
  rows: {parent: stations, start: opened_on, unit: days, states: {fee: {median: 180, next: {fee: 1}}}, most: 9}
  columns:
    station_id: {parent_key: true, description: Station that asked the fee, synonyms: [where]}
    version: {position: true, description: Number of the fee of one station, synonyms: [number]}
    valid_from: {entered_at: true, description: First day on which it was valid, synonyms: [from]}
    fee_today: {lookup: station_id.fee, description: Fee of today at the station, internal: true}
    fee: {walk: {base: fee_today, anchor: last}, description: Fee that a rental cost then, synonyms: [price]}
repair_steps:
  description: How far repairs have come. One row for each step.
  rows: {parent: rentals, where: broke_down, milestones: {rented: rented_at, reported: reported_at}}
  columns:
    rental_id: {parent_key: true, description: Rental that broke down, synonyms: [trip]}
    number: {position: true, description: Number of the step of one rental, synonyms: [step number]}
    step: {state: true, description: How far the repair had come, synonyms: [stage]}
    reached_at: {entered_at: true, description: When the step was reached, synonyms: [since]}
"""

COLUMNS: dict[str, dict[str, dict[str, Any]]] = {
    "stations": {
        "opened_on": {"type": "DATE"},
        "fee": {"type": "NUMERIC"},
        "dearest": {"rollup": "max(price_history.fee)"},
    },
    "riders": {"plan_today": {"rollup": "last(plan_history.plan_name)"}},
    "rentals": {
        "plan_then": {
            "lookup": {"through": "rider_id", "history": "plan_history", "column": "plan_name", "at": "rented_at"}
        },
        "kilometres": {
            "number": {
                "distribution": "lognormal",
                "a": 4,
                "b": 0.5,
                "correlation": {"column": "minutes", "rho": 0.8},
            }
        },
    },
}


@pytest.fixture
def written(example: Blueprint) -> Blueprint:
    """The documented example with histories."""
    given = example.model_copy(deep=True)
    given.tables |= {name: BlueprintTable.model_validate(table) for name, table in yaml.safe_load(TABLES).items()}
    rows = given.tables["stations"].rows
    assert not isinstance(rows, list)
    rows.values |= {"opened_on": "2021-03-01", "fee": [1.5, 2]}
    for table, columns in COLUMNS.items():
        for name, column_ in columns.items():
            words = {"description": f"What the {name} of the row is, for the tests", "synonyms": [f"a {name}"]}
            given.tables[table].columns[name] = BlueprintColumn.model_validate({**words, **column_})
    return given


def model_of(blueprint: Blueprint) -> DataModel:
    tables, effects = designed(blueprint)
    return DataModel(
        name="Rentals",
        description="Rentals",
        as_of=date(2026, 6, 30),
        history_days=blueprint.history_days,
        size="small",
        fact_rows=2_000,
        seed=3,
        locale="en_US",
        country="US",
        currency="USD",
        tables=list(tables.values()),
        effects=effects,
    )


def test_histories_are_populations_with_the_words_filled_in(written: Blueprint) -> None:
    tables, _ = designed(written)
    plans = tables["plan_history"].population
    assert isinstance(plans, PerParent)
    assert isinstance(plans.history, StateSequence)
    assert list(plans.history.states) == ["City plan", "Month pass", "Gone"]
    assert plans.history.states["Month pass"].next == {"City plan": 0.4, "Gone": 0.2}
    assert plans.history.begin == {"City plan": 3, "Month pass": 1}
    steps = tables["repair_steps"].population
    assert isinstance(steps, PerParent)
    assert steps.history == Milestones(moments={"rented": "rented_at", "reported": "reported_at"})
    assert steps.where == "broke_down"


@pytest.mark.parametrize(
    ("table", "name", "type_", "role"),
    [
        ("plan_history", "plan_name", "STRING", "dimension"),
        ("plan_history", "valid_from", "DATE", "time"),
        ("price_history", "valid_from", "DATE", "time"),
        ("price_history", "fee", "NUMERIC", "measure"),
        ("repair_steps", "reached_at", "DATETIME", "time"),
        ("riders", "plan_today", "STRING", "dimension"),
        ("rentals", "plan_then", "STRING", "dimension"),
    ],
)
def test_types_and_roles_of_histories_are_inferred(
    written: Blueprint, table: str, name: str, type_: str, role: str
) -> None:
    tables, _ = designed(written)
    found = column(tables[table], name)
    assert (found.type, found.role) == (type_, role)
    assert tables["plan_history"].primary_key == ["rider_id", "version"]


def test_a_blueprint_with_histories_has_no_problem_and_holds_together(written: Blueprint, tmp_path: Path) -> None:
    model = model_of(written)
    assert model_problems(model) == []
    tables = synthesise(model, tmp_path)
    results = coherence(model, tables, tmp_path)
    assert {"versions_do_not_overlap", "states_in_order", "current_is_last", "as_it_was"} <= {
        result.kind for result in results
    }
    assert [result for result in results if result.violations] == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"parent": "riders", "states": {"a": {}}}, "rows by states need 'parent', 'start'"),
        ({"milestones": {"a": "rented_at"}}, "rows by milestones need 'parent'"),
        ({"parent": "riders", "milestones": {"a": "rented_at"}, "weights": [1]}, "rows accept only parent, where"),
        (
            {"parent": "riders", "start": "x", "unit": "days", "states": {"a": {"medain": 3}}},
            "Extra inputs are not permitted",
        ),
    ],
)
def test_rows_that_are_no_history_are_refused(rows: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        BlueprintTable.model_validate({"description": "x", "rows": rows, "columns": {"a": {"description": "x"}}})


@pytest.mark.parametrize(
    ("table", "name", "change", "told"),
    [
        ("rentals", "plan_then", {"history": "plans"}, "'plans' is not a table; Accepted: stations"),
        (
            "rentals",
            "plan_then",
            {"column": "plan"},
            "'plan' is not a column of plan_history; did you mean 'plan_name'",
        ),
        ("price_history", "fee", {"base": "fees"}, "'fees' is not a column of price_history; did you mean"),
    ],
)
def test_a_name_that_is_none_is_told_with_the_near_one(
    written: Blueprint, table: str, name: str, change: dict[str, str], told: str
) -> None:
    written.tables[table].columns[name].settings |= change
    with pytest.raises(DesignError, match=told):
        designed(written)


def test_moments_of_what_is_no_history_are_refused(written: Blueprint) -> None:
    written.tables["rentals"].columns["since"] = BlueprintColumn.model_validate(
        {"entered_at": True, "description": "x", "synonyms": ["y"]}
    )
    with pytest.raises(DesignError, match="needs a table whose rows are the states of a parent"):
        designed(written)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": "registered"}, "'registered' is not a column of riders"),
        ({"by": "tariff"}, "'tariff' is not a column of riders"),
    ],
)
def test_the_rules_tell_what_a_history_lacks(written: Blueprint, change: dict[str, str], told: str) -> None:
    model = model_of(written)
    population = next(table for table in model.tables if table.name == "plan_history").population
    assert isinstance(population, PerParent)
    assert population.history is not None
    population.history = population.history.model_copy(update=change)
    assert any(told in problem.message for problem in model_problems(model))


def test_the_rules_tell_states_and_cases_that_are_none(written: Blueprint) -> None:
    rows = written.tables["plan_history"].rows
    assert not isinstance(rows, list)
    assert rows.states is not None
    rows.states["Month pass"].next["Lost"] = 0.1
    rows.states["{models[0]} plan"].median_by["Weekly"] = 7
    states = ("tables", "plan_history", "rows", "states")
    assert [problem.place for problem in model_problems(model_of(written))] == [
        (*states, "Month pass", "next", "Lost"),
        (*states, "City plan", "median_by", "Weekly"),
    ]
