"""States that rows pass through, milestones, and what is read from them."""

from typing import Any

import pytest

from provisioning_assets_tests.data_model.broken_models import (
    Change,
    history_problems,
    of_column,
    places,
    rows,
    setting,
    state,
    states,
)


def timeless(tables: dict[str, dict[str, Any]]) -> None:
    """Memberships without the moments of their states, and without what reads them."""
    gone = ("valid_from", "valid_to", "is_current")
    found = tables["memberships"]
    found.update(event_time=None, columns=[each for each in found["columns"] if each["name"] not in gone])


ROWS = "tables.memberships.rows"
CASES: dict[str, tuple[Change, list[str]]] = {
    "a start that is not a moment": (states(start="team"), [f"{ROWS}.start"]),
    "a start that does not exist": (states(start="joined"), [f"{ROWS}.start"]),
    "a deciding column that does not exist": (states(by="colour"), [f"{ROWS}.by"]),
    "cases without a deciding column": (states(by=None), [f"{ROWS}.by"]),
    "a first state that does not exist": (states(begin={"Iron": 1, "Bronze": 1}), [f"{ROWS}.begin.Iron"]),
    "first states without weight": (states(begin={"Bronze": 0}), [f"{ROWS}.begin"]),
    "hours that are all closed": (states(hours=[0.0] * 24), [f"{ROWS}.hours"]),
    "hours on a date": (states(unit="hours"), ["tables.memberships.columns.valid_from.type"]),
    "a follower that does not exist": (
        state("Gold", median=9, next={"Iron": 1}),
        [f"{ROWS}.states.Gold.next.Iron"],
    ),
    "a follower by case that does not exist": (
        state("Gold", median=9, next_by={"a": {"Iron": 1}}),
        [f"{ROWS}.states.Gold.next_by.a.Iron"],
    ),
    "probabilities above one": (
        state("Gold", median=9, next={"Silver": 0.7, "Bronze": 0.4}),
        [f"{ROWS}.states.Gold.next"],
    ),
    "a negative probability": (
        state("Gold", median=9, next={"Silver": -0.1}),
        [f"{ROWS}.states.Gold.next", f"{ROWS}.states.Gold.median"],
    ),
    "a probability by case that is not a number": (
        state("Gold", median=9, next_by={"b": {"Silver": float("nan")}}),
        [f"{ROWS}.states.Gold.next_by.b", f"{ROWS}.states.Gold.median"],
    ),
    "a state that is left at no time": (state("Gold", next={"Silver": 0.5}), [f"{ROWS}.states.Gold.median"]),
    "a duration that ends nothing": (state("Gold", median=9), [f"{ROWS}.states.Gold.median"]),
    "a duration that is not a number": (
        state("Gold", median=9, sigma=float("inf"), next={"Silver": 0.5}),
        [f"{ROWS}.states.Gold.sigma"],
    ),
    "a state that is never reached": (state("Iron", median=9, next={"Gold": 1}), [f"{ROWS}.states.Iron"]),
    "a case that never is": (
        state("Gold", median=9, next={"Silver": 1}, median_by={"z": 4}),
        [f"{ROWS}.states.Gold.median_by.z"],
    ),
    "a follower's case that never is": (
        state("Gold", median=9, next={"Silver": 1}, next_by={"z": {"Silver": 1}}),
        [f"{ROWS}.states.Gold.next_by.z"],
    ),
    "a case of no duration": (
        state("Gold", median=9, next={"Silver": 1}, median_by={"a": 0}),
        [f"{ROWS}.states.Gold.median_by.a"],
    ),
    "a milestone that is not a moment": (
        lambda tables: tables["scans"]["population"]["history"].update(moments={"posted": "state"}),
        ["tables.scans.rows.milestones.posted"],
    ),
    "counts beside a history": (
        rows("scans", count={"first": 1, "weights": [1, 1]}),
        ["tables.scans.rows.weights"],
    ),
    "an end of another type than the beginning": (
        of_column("memberships.valid_to", type="DATETIME"),
        ["tables.memberships.columns.valid_to.type"],
    ),
    "a state that is missing": (
        of_column("memberships.tier", null_share=0.1),
        ["tables.memberships.columns.tier.null_share"],
    ),
    "a state of rows that have none": (
        of_column("visits.minutes", type="STRING", generator={"kind": "state"}),
        ["tables.visits.columns.minutes.state", "tables.visits.columns.spent.number.correlation.column"],
    ),
    "a moment without a history": (
        setting("visits.tier", history=None),
        ["tables.visits.columns.tier.lookup.at"],
    ),
    "a history without a moment": (setting("visits.tier", at=None), ["tables.visits.columns.tier.lookup.at"]),
    "a moment that is not a time": (setting("visits.tier", at="minutes"), ["tables.visits.columns.tier.lookup.at"]),
    "a history of others": (setting("visits.tier", history="scans"), ["tables.visits.columns.tier.lookup.history"]),
    "a history that does not exist": (
        setting("visits.tier", history="tiers"),
        ["tables.visits.columns.tier.lookup.history"],
    ),
    "a column that the history does not have": (
        setting("visits.tier", column="colour"),
        ["tables.visits.columns.tier.lookup.column"],
    ),
    "a history that does not say since when": (
        timeless,
        ["tables.members.columns.ended_on.rollup.column", "tables.visits.columns.tier.lookup.history"],
    ),
    "a walk from text": (setting("memberships.fee", base="tier"), ["tables.memberships.columns.fee.walk.base"]),
    "a walk of rows without a parent": (
        of_column("visits.spent", generator={"kind": "walk", "base": "minutes"}),
        ["tables.visits.columns.spent.walk"],
    ),
    "members that are made of the end of their history": (
        states(start="ended_on"),
        ["tables.members.columns.ended_on"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_reported_at_its_place(case: str) -> None:
    change, expected = CASES[case]
    assert places(history_problems(change)) == expected


def test_a_state_may_follow_itself_if_its_name_is_not_shown() -> None:
    def unnamed(tables: dict[str, dict[str, Any]]) -> None:
        tables["memberships"]["columns"] = [each for each in tables["memberships"]["columns"] if each["name"] != "tier"]
        tables["members"]["columns"] = [each for each in tables["members"]["columns"] if each["name"] != "tier"]
        tables["visits"]["columns"] = [each for each in tables["visits"]["columns"] if each["name"] != "tier"]

    assert history_problems(unnamed, state("Gold", median=9, next={"Gold": 0.5})) == []
    assert history_problems() == []
