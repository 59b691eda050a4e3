"""A blueprint writes states, versions, milestones and what was valid at a moment; what it leaves out is inferred."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Milestones, PerParent, StateSequence
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint, BlueprintTable
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile
from provisioning_assets_tests.planning.trial_designs import column, design_of, problems_of, tables_of, written

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
    rider_id: {parent: true}
    version: {position: true}
    plan_name: {state: true, description: Name of the plan, synonyms: [tariff]}
    valid_from: {entered_at: true, type: DATE}
    valid_to: {left_at: true, type: DATE}
price_history:
  description: Fees of stations over time. One row for each.
  rows: {parent: stations, start: opened_on, unit: days, states: {fee: {median: 180, next: {fee: 1}}}, most: 9}
  columns:
    station_id: {parent: true}
    version: {position: true}
    valid_from: {entered_at: true}
    fee: {walk: {base: station_id.fee, anchor: last}, description: Fee that a rental cost then, synonyms: [price]}
repair_steps:
  description: How far repairs have come. One row for each step.
  rows: {parent: rentals, where: broke_down, milestones: {rented: rented_at, reported: reported_at}}
  columns:
    rental_id: {parent: true}
    number: {position: true}
    step: {state: true, description: How far the repair had come, synonyms: [stage]}
    reached_at: {entered_at: true}
"""

COLUMNS: dict[str, dict[str, dict[str, Any]]] = {
    "stations": {
        "opened_on": {"type": "DATE"},
        "fee": {"type": "NUMERIC"},
        "dearest": {"rollup": "max(price_history.fee)"},
    },
    "riders": {"plan_today": {"rollup": "last(plan_history.plan_name)"}},
    "rentals": {
        "plan_then": {"from": {"path": "rider_id.plan_name", "history": "plan_history", "at": "rented_at"}},
        "kilometres": {"lognormal": {"median": 4, "sigma": 0.5, "goes_with": {"column": "minutes", "rho": 0.8}}},
    },
}


@pytest.fixture(scope="module")
def histories(example: Blueprint) -> Blueprint:
    """The documented example with histories."""
    changes: dict[str, Any] = {f"tables.{name}": table for name, table in yaml.safe_load(TABLES).items()}
    changes |= {"tables.stations.rows.values.opened_on": "2021-03-01", "tables.stations.rows.values.fee": [1.5, 2]}
    for table, columns in COLUMNS.items():
        for name, generator in columns.items():
            words = {"description": f"What the {name} of the row is, for the tests", "synonyms": [f"a {name}"]}
            changes[f"tables.{table}.columns.{name}"] = {**words, **generator}
    return written(example, changes)


@pytest.fixture
def model(histories: Blueprint) -> DataModel:
    return planned(profile(), blueprint=histories)[1].model_copy(update={"fact_rows": 2_000})


def test_histories_are_populations_with_the_words_filled_in(histories: Blueprint) -> None:
    tables = tables_of(histories)
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
    histories: Blueprint, table: str, name: str, type_: str, role: str
) -> None:
    tables = tables_of(histories)
    found = column(tables[table], name)
    assert (found.type, found.role) == (type_, role)
    assert tables["plan_history"].primary_key == ["rider_id", "version"]


def test_every_column_of_a_history_is_described_without_a_word_of_the_author(histories: Blueprint) -> None:
    for table in (tables_of(histories)[name] for name in yaml.safe_load(TABLES)):
        for found in table.columns:
            assert found.description != found.name or found.internal
            assert found.synonyms or found.internal, f"{table.name}.{found.name}"


def test_a_blueprint_with_histories_has_no_problem_and_holds_together(model: DataModel, tmp_path: Path) -> None:
    assert model_problems(model) == []
    tables = synthesise(model, tmp_path)
    results = coherence(model, tables, tmp_path)
    assert {"versions_do_not_overlap", "states_in_order", "current_is_last", "as_it_was"} <= {
        result.kind for result in results
    }
    assert [result for result in results if result.violations] == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"parent": "riders", "states": {"a": {}}}, "start\n  Field required"),
        ({"milestones": {"a": "rented_at"}}, "parent\n  Field required"),
        ({"parent": "riders", "milestones": {"a": "rented_at"}, "count": {"1": 1}}, "count\n  Extra inputs"),
        ({"parent": "riders", "start": "x", "unit": "days", "states": {"a": {"medain": 3}}}, "medain\n  Extra inputs"),
    ],
)
def test_rows_that_are_not_a_history_are_refused(rows: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BlueprintTable.model_validate({"description": "x", "rows": rows, "columns": {"a": {"description": "x"}}})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("rentals.columns.plan_then.from.history", "plans", "'plans' is not a table. Accepted: stations"),
        (
            "rentals.columns.plan_then.from.path",
            "rider_id.plan",
            "'plan' is not a column of plan_history. Did you mean 'plan_name'",
        ),
        (
            "price_history.columns.fee.walk.base",
            "station_id.fees",
            "'fees' is not a column of stations. Did you mean 'fee'?",
        ),
    ],
)
def test_an_unknown_name_is_reported_with_a_similar_one(
    histories: Blueprint, path: str, value: str, message: str
) -> None:
    assert any(message in problem for problem in problems_of(written(histories, {f"tables.{path}": value})))


def test_moments_of_a_table_without_a_history_are_refused(histories: Blueprint) -> None:
    wrong = written(histories, {"tables.rentals.columns.since": {"entered_at": True, "description": "Since when"}})
    assert any("needs rows that are the states of a parent" in problem for problem in problems_of(wrong))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "registered"}, "'registered' is not a column of riders"),
        ({"by": "tariff"}, "'tariff' is not a column of riders"),
    ],
)
def test_the_rules_report_what_a_history_lacks(model: DataModel, change: dict[str, str], message: str) -> None:
    population = next(table for table in model.tables if table.name == "plan_history").population
    assert isinstance(population, PerParent)
    assert population.history is not None
    population.history = population.history.model_copy(update=change)
    assert any(message in problem.message for problem in model_problems(model))


def test_the_rules_report_states_and_cases_that_do_not_exist(histories: Blueprint) -> None:
    place = "tables.plan_history.rows.states"
    wrong = written(
        histories, {f"{place}.Month pass.next.Lost": 0.1, f"{place}.{{models[0]}} plan.median_by": {"Weekly": 7}}
    )
    messages = " ".join(problem.words for problem in model_problems(planned(profile(), blueprint=wrong)[1]))
    assert "'Lost' is not a state" in messages
    assert "'Weekly' is never a value of riders.plan" in messages


@pytest.mark.parametrize("changed", ["plan_name", "valid_to"])
def test_the_window_of_a_change_of_states_is_measured_on_when_a_state_is_entered(
    histories: Blueprint, changed: str
) -> None:
    effect = {"column": f"plan_history.{changed}", "value": "Month pass", "factor": 2, "from_days_ago": 90}
    design = design_of(written(histories, {"insights.dear_repairs.effects": [effect]}))
    assert design.problems == []
    assert [planted.time for planted in design.effects if planted.table == "plan_history"] == ["valid_from"]
