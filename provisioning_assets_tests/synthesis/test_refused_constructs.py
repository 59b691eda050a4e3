"""Impossible contracts, moments and grids are refused before rows are generated, with table, column and remedy."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.model_rules import generation_problems
from provisioning_assets_tests.synthesis.contract_model import class_table, contract_model, contract_table, part
from provisioning_assets_tests.synthesis.retail_model import retail_model

Change = Callable[[dict[str, dict[str, Any]]], object]


def problems_of(change: Change, effects: list[Effect] | None = None) -> list[Problem]:
    """Problems of contracts and bookings after a change of their columns, which are given by name."""
    tables = [contract_table(50), class_table()]
    columns = {found["name"]: found for table in tables for found in table["columns"]}
    change(columns)
    return generation_problems(retail_model(100, tables=tables, effects=effects or []))


def settings(name: str, **fields: Any) -> Change:
    """Changes the settings of one column's generator."""
    return lambda columns: columns[name]["generator"].update(fields)


def of_column(name: str, **fields: Any) -> Change:
    """Changes a column."""
    return lambda columns: columns[name].update(fields)


def of_contract(**fields: Any) -> Change:
    """Changes all parts of the contract alike."""

    def change(columns: dict[str, dict[str, Any]]) -> None:
        for name in ("latest_renewal_on", "next_renewal_on", "left_on", "renewals"):
            columns[name]["generator"].update(fields)

    return change


def both(*changes: Change) -> Change:
    """One change after the other."""
    return lambda columns: [change(columns) for change in changes]


REFUSED: list[tuple[Change, str, str]] = [
    (
        of_column("left_on", type="DATETIME"),
        "contracts.left_on.type",
        "the day on which a contract ended cannot be DATETIME. Make it DATE.",
    ),
    (of_column("renewals", type="FLOAT64"), "contracts.renewals.type", "cannot be FLOAT64. Make it INT64."),
    (
        of_contract(start="begun_on"),
        "contracts.latest_renewal_on.renewal.start",
        "'begun_on' is not another column of contracts.",
    ),
    (
        of_contract(start="seats"),
        "contracts.latest_renewal_on.renewal.start",
        "'seats' is INT64; it must be DATE or DATETIME.",
    ),
    (of_contract(by="period"), "contracts.latest_renewal_on.renewal.by", "'period' is not another column"),
    (of_contract(leave_case="size"), "contracts.latest_renewal_on.renewal.leave_case", "'size' is not another column"),
    (
        of_contract(every_months_by={"Weekly": 1}),
        "contracts.latest_renewal_on.renewal.every_months_by.Weekly",
        "'Weekly' is never a value of",
    ),
    (of_contract(leave_by={"smal": 0.1}), "contracts.latest_renewal_on.renewal.leave_by.smal", "Did you mean"),
    (
        of_contract(leave_by={"small": 1.2}),
        "contracts.latest_renewal_on.renewal.leave_by.small",
        "The probability 1.2 is not from 0 to 1.",
    ),
    (of_contract(by=None), "contracts.latest_renewal_on.renewal.by", "`by` does not say which column decides"),
    (
        of_contract(by=None, leave_case=None),
        "contracts.latest_renewal_on.renewal.leave_case",
        "`leave_case` does not say which column decides",
    ),
    (
        of_contract(every_months_by={"Open": None}),
        "contracts.latest_renewal_on.renewal.every_months",
        "No contract is ever renewed, because no term has a length.",
    ),
    (of_column("left_on", null_share=0.1), "contracts.left_on.null_share", "follow from the day on which it ended"),
    (
        settings("renewals", leave=0.3),
        "contracts.renewals.renewal.of",
        "same contract as latest_renewal_on, but its other settings differ",
    ),
    (
        of_column("moved_on", generator=part("x", "ended")["generator"]),
        "contracts.moved_on.renewal.part",
        "left_on already says when the contract ended",
    ),
    (
        settings("left_on", of="other"),
        "contracts.latest_renewal_on.renewal",
        "may end, but no column has the day on which it ended.",
    ),
    (
        of_column("notice_on", type="INT64"),
        "contracts.notice_on.type",
        "that has moments before others cannot be INT64.",
    ),
    (settings("notice_on", base="seats"), "contracts.notice_on.before.base", "'seats' is INT64"),
    (settings("notice_on", base="end_on"), "contracts.notice_on.before.base", "Did you mean 'ended_on'?"),
    (settings("notice_on", not_before="term"), "contracts.notice_on.before.not_before", "'term' is STRING"),
    (
        settings("notice_on", not_before="ended_on"),
        "contracts.notice_on.before.not_before",
        "the same column as `base`",
    ),
    (
        settings("notice_on", by="term", median_by={"Weekly": 2}),
        "contracts.notice_on.before.median_by.Weekly",
        "'Weekly' is never",
    ),
    (
        settings("notice_on", by="term", median_by={"Annual": 0}),
        "contracts.notice_on.before.median_by.Annual",
        "not above 0",
    ),
    (
        settings("notice_on", minimum=9, maximum=3),
        "contracts.notice_on.before.minimum",
        "The minimum 9.0 is above the maximum 3.0.",
    ),
    (
        settings("notice_on", weekdays=[0] * 7),
        "contracts.notice_on.before.weekdays",
        "These weights cannot be used for drawing.",
    ),
    (
        settings("notice_on", hours=[-1] + [1] * 23),
        "contracts.notice_on.before.hours",
        "These weights cannot be used for drawing.",
    ),
    (settings("notice_on", where="sum(seats) > 3"), "contracts.notice_on.before.where", "reads more than one row"),
    (settings("notice_on", where="seat > 3"), "contracts.notice_on.before.where", "'seat' is not another column"),
    (settings("notice_on", where="seats + 3"), "contracts.notice_on.before.where", "gives INT64, but BOOL is needed"),
    (
        settings("archived_on", sql="ended_on +"),
        "contracts.archived_on.moment.sql",
        "cannot be used: the expression ends where a value is expected",
    ),
    (settings("archived_on", sql="archived_on"), "contracts.archived_on.moment.sql", "is not another column"),
    (settings("archived_on", sql="seats"), "contracts.archived_on.moment.sql", "gives INT64, but DATE is needed"),
    (
        settings("archived_on", sql="ended_on - started_on"),
        "contracts.archived_on.moment.sql",
        "gives INT64, but DATE is needed",
    ),
    (
        of_column("archived_on", type="STRING"),
        "contracts.archived_on.type",
        "that has computed moments cannot be STRING.",
    ),
    (settings("ended_on", moments={"a": "seats"}), "contracts.ended_on.first_of.moments.a", "'seats' is INT64"),
    (settings("ended_on", moments={"a": "ended_on"}), "contracts.ended_on.first_of.moments.a", "is not another column"),
    (of_column("end_cause", type="DATE"), "contracts.end_cause.type", "Make it STRING."),
    (
        settings("invoiced_on", snap={}),
        "contracts.invoiced_on.after.snap",
        "It has none of `minutes`, `to` and `times`.",
    ),
    (
        settings("invoiced_on", snap={"to": "month_end", "minutes": 5}),
        "contracts.invoiced_on.after.snap",
        "It has minutes, to.",
    ),
    (settings("invoiced_on", snap={"minutes": 5}), "contracts.invoiced_on.after.snap", "A DATE has no time of day."),
    (
        settings("booked_at", snap={"minutes": 50}),
        "bookings.booked_at.before.snap.minutes",
        "A day is not a whole number",
    ),
    (
        settings("booked_at", snap={"to": "day_start", "weekdays": [1]}),
        "bookings.booked_at.before.snap.weekdays",
        "`weekdays` is given without `times`.",
    ),
    (
        settings("joined_at", snap={"to": "month_end"}),
        "bookings.joined_at.arrival.snap.to",
        "rows would no longer be in order of time",
    ),
    (settings("joined_at", snap={"to": "workday"}), "bookings.joined_at.arrival.snap.to", "no longer be in order"),
    (settings("seats", by=None), "contracts.seats.number.by", "`by` does not say which column decides"),
    (
        settings("seats", a_by={"huge": 3}),
        "contracts.seats.number.a_by.huge",
        "'huge' is never a value of contracts.segment.",
    ),
    (settings("seats", by="end_cause", a_by={"gone": 3}), "contracts.seats.number.a_by.gone", "Accepted: left, moved."),
    (
        settings("seats", a_by={"large": 0}),
        "contracts.seats.number.a_by.large",
        "The median of a lognormal number is 0.0 for 'large'.",
    ),
    (
        settings("seats", distribution="uniform", b=90),
        "contracts.seats.number.a_by.large",
        "200.0 for 'large' is above the upper end 90.0.",
    ),
    (settings("seats", by="size", a_by={}), "contracts.seats.number.by", "'size' is not another column"),
]


@pytest.mark.parametrize(("change", "place", "words"), REFUSED)
def test_an_impossible_construct_is_refused_with_its_place(change: Change, place: str, words: str) -> None:
    found = [str(problem) for problem in problems_of(change)]
    assert any(problem.startswith(f"{place}: ") and words in problem for problem in found), found


def test_a_correct_model_is_not_refused() -> None:
    assert problems_of(lambda columns: None) == []


EFFECTS: list[tuple[dict[str, Any], str]] = [
    (
        {"column": "renewals", "factor": 2},
        "the number of renewals, which follows from other columns of the contract. Change left_on instead.",
    ),
    ({"column": "left_on", "factor": 2, "time": "moved_on"}, "measured on the day of each renewal"),
    (
        {"column": "left_on", "factor": 6},
        "6.0 times the probability 0.2 of leaving is above 1. Give a factor up to 5.00.",
    ),
]


@pytest.mark.parametrize(("effect", "words"), EFFECTS)
def test_an_impossible_effect_on_a_contract_is_refused(effect: dict[str, Any], words: str) -> None:
    planted = Effect.model_validate({"insight_id": "i", "table": "contracts", **effect})
    assert any(words in str(problem) for problem in problems_of(lambda columns: None, [planted]))


def test_a_rate_is_only_multiplied() -> None:
    planted = Effect(insight_id="i", table="contracts", column="left_on", operation="set", factor=0.5)
    assert any(
        problem.place[-1] == "operation" for problem in generation_problems(contract_model(50, effects=[planted]))
    )


def test_the_faults_of_a_model_include_these_problems() -> None:
    table = contract_table(50)
    table["columns"][6]["null_share"] = 0.1
    [problem] = generation_problems(contract_model(tables=[table]))
    assert problem.place == ("tables", "contracts", "columns", "left_on", "null_share")
