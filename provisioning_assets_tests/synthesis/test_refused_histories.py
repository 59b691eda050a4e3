"""States, versions, walks and correlations that cannot be are refused before a row is, with table, column and remedy."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.rules.model_faults import model_faults
from provisioning_assets_tests.synthesis.history_model import history_model, history_tables
from provisioning_assets_tests.synthesis.retail_model import column

Tables = dict[str, dict[str, Any]]


def faults_of(change: Callable[[Tables], object]) -> list[str]:
    """The faults of the tables after a change."""
    tables = history_tables()
    change({table["name"]: table for table in tables})
    return [str(fault) for fault in model_faults(history_model(tables=tables))]


def history(**fields: Any) -> Callable[[Tables], object]:
    """Changes the states of members."""
    return lambda tables: tables["memberships"]["population"]["history"].update(fields)


def state(name: str, **fields: Any) -> Callable[[Tables], object]:
    """Changes one state."""
    return lambda tables: tables["memberships"]["population"]["history"]["states"].update({name: fields})


def scans(**fields: Any) -> Callable[[Tables], object]:
    """Changes the milestones of parcels."""
    return lambda tables: tables["scans"]["population"]["history"].update(fields)


def settings(place: str, **fields: Any) -> Callable[[Tables], object]:
    """Changes the parameters of a column's generator."""
    table, name = place.split(".")

    def change(tables: Tables) -> None:
        next(found for found in tables[table]["columns"] if found["name"] == name)["generator"].update(fields)

    return change


def of_column(place: str, **fields: Any) -> Callable[[Tables], object]:
    """Changes a column."""
    table, name = place.split(".")

    def change(tables: Tables) -> None:
        next(found for found in tables[table]["columns"] if found["name"] == name).update(fields)

    return change


def timeless(table: dict[str, Any]) -> list[dict[str, Any]]:
    """A table's columns without the moments of its states, and without what reads them."""
    return [found for found in table["columns"] if found["name"] not in ("valid_from", "valid_to", "is_current")]


FAULTS: list[tuple[str, Callable[[Tables], object], str]] = [
    ("a start that is no moment", history(start="team"), "the start of its states, 'team', is no DATE"),
    ("a case column that is not there", history(by="colour"), "'colour', is no column of members"),
    ("cases without a column", history(by=None), "median_by and next_by need `by`"),
    ("a beginning that is no state", history(begin={"Iron": 1}), "begins with 'Iron', which is no state"),
    ("a beginning of no weight", history(begin={"Gold": 0}), "`begin` has no usable weights"),
    ("hours that are all closed", history(hours=[0.0] * 24), "the hours of its states are all 0"),
    ("hours on a date", history(unit="hours"), "states that last hours begin on a DATE"),
    (
        "a follower that is no state",
        state("Gold", median=9, next={"Iron": 1}),
        "'Gold' is followed by 'Iron', no state",
    ),
    ("more than everybody", state("Gold", median=9, next={"Silver": 0.7, "Bronze": 0.4}), "what follows 'Gold' has"),
    ("a negative probability", state("Gold", median=9, next={"Silver": -0.1}), "what follows 'Gold' has"),
    ("a state that follows itself", state("Gold", median=9, next={"Gold": 0.5}), "'Gold' is followed by itself"),
    ("a state left at no time", state("Gold", next={"Silver": 0.5}), "'Gold' is left, but nobody knows when"),
    ("a duration that ends nothing", state("Gold", median=9), "'Gold' has a median, but nothing follows it"),
    ("a state nobody reaches", state("Iron", median=9, next={"Gold": 1}), "its state 'Iron' is never reached"),
    (
        "a case that never is",
        state("Gold", median=9, next={"Silver": 1}, median_by={"z": 4}),
        "its case 'z' is never a value of members.team",
    ),
    (
        "a case of no duration",
        state("Gold", median=9, next={"Silver": 1}, median_by={"a": 0}),
        "a median of 'Gold' is not above 0",
    ),
    (
        "a milestone that is no moment",
        scans(moments={"posted": "state"}),
        "the moment of 'posted', 'state', is no DATE",
    ),
    (
        "child counts beside a history",
        lambda tables: tables["scans"]["population"].update(count={"first": 1, "weights": [1, 1]}),
        "it has a history and child counts",
    ),
    (
        "an end of another type",
        of_column("memberships.valid_to", type="DATETIME"),
        "memberships.valid_to: it is DATETIME, and no entered_at",
    ),
    (
        "a state that is missing",
        of_column("memberships.tier", null_share=0.1),
        "memberships.tier: a state with missing values tells no history",
    ),
    (
        "a state of nothing",
        of_column("visits.minutes", type="STRING", generator={"kind": "state"}),
        "visits.minutes: state needs a table whose rows are states",
    ),
    ("a history without a moment", settings("visits.tier", at=None), "`history` and `at` are given together"),
    ("a moment that is no time", settings("visits.tier", at="minutes"), "its at 'minutes' is FLOAT64"),
    ("a history of others", settings("visits.tier", history="scans"), "'scans' is no history of members"),
    ("no column of the history", settings("visits.tier", column="colour"), "'colour' is no column of memberships"),
    (
        "a history that does not say since when",
        lambda tables: tables["memberships"].update(event_time=None, columns=timeless(tables["memberships"])),
        "memberships does not say whose its rows are and since when",
    ),
    ("a walk from text", settings("memberships.fee", base="tier"), "memberships.fee: its base 'tier' is STRING"),
    (
        "a walk of nobody",
        of_column("visits.spent", generator={"kind": "walk", "base": "minutes"}),
        "visits.spent: a walk goes from row to row of a parent",
    ),
    (
        "a correlation with what is no number",
        settings("visits.spent", correlation={"column": "tier", "rho": 0.5}),
        "visits.spent: it goes with 'tier'",
    ),
    (
        "a correlation of a count",
        settings("visits.spent", distribution="poisson"),
        "visits.spent: a poisson number has no declared correlation",
    ),
    (
        "numbers that wait for each other",
        settings("visits.minutes", correlation={"column": "spent", "rho": 0.5}),
        "columns wait for each other: visits.minutes needs visits.spent, visits.spent needs visits.minutes",
    ),
    (
        "members that are made of their history's end",
        history(start="ended_on"),
        "columns wait for each other",
    ),
]


@pytest.mark.parametrize(("change", "told"), [pytest.param(change, told, id=name) for name, change, told in FAULTS])
def test_a_history_that_cannot_be_is_told_with_its_place(change: Callable[[Tables], object], told: str) -> None:
    def with_end(tables: Tables) -> None:
        ended = {"kind": "rollup", "table": "memberships", "function": "last", "column": "valid_from"}
        tables["members"]["columns"].append(column("ended_on", "DATE", ended, "time"))
        change(tables)

    faults = faults_of(with_end)
    assert any(told in fault for fault in faults), faults


EFFECTS: list[tuple[str, dict[str, Any], str]] = [
    ("no state", {"column": "tier", "factor": 2}, "does not say which state becomes likelier"),
    ("a state that is none", {"column": "valid_to", "value": "Iron", "factor": 2}, "the effect's state 'Iron' is none"),
    ("no time at all", {"column": "valid_to", "factor": 0}, "a state cannot last no time"),
    ("more than everybody", {"column": "tier", "value": "Gold", "factor": 1.5}, "1.5 times the rate 1.0 is above 1"),
    (
        "a window on the parent's moment",
        {"column": "tier", "value": "Gold", "factor": 0.5, "from_days_ago": 9, "time": "member_id"},
        "is measured on the moment of entering, not on 'member_id'",
    ),
    (
        "a condition on what is not there yet",
        {"column": "tier", "value": "Gold", "factor": 0.5, "where": "valid_from is null"},
        "reads 'valid_from', no column of members",
    ),
    (
        "states that the parent has",
        {"table": "scans", "column": "state", "value": "sent", "factor": 0.5},
        "its states follow from moments of the parent",
    ),
]


@pytest.mark.parametrize(("effect", "told"), [pytest.param(effect, told, id=name) for name, effect, told in EFFECTS])
def test_an_effect_on_states_that_cannot_be_applied_is_refused(effect: dict[str, Any], told: str) -> None:
    planted = Effect.model_validate({"insight_id": "i", "table": "memberships", **effect})
    faults = [str(fault) for fault in model_faults(history_model(effects=[planted]))]
    assert any(told in fault for fault in faults), faults


def test_the_model_of_histories_has_no_fault() -> None:
    assert model_faults(history_model()) == []
