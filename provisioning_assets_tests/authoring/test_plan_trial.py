"""Trials of a plan: its tables are generated and measured, in a process that may neither hang nor end the run."""

import os
import signal
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from provisioning_assets.authoring.plan_trial import faults_of
from provisioning_assets.authoring.resources import MeasuredGates
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.demo_blueprint import filled_blueprint
from provisioning_assets.planning.models import DemoBlueprint, PartName
from provisioning_assets.planning.plan_gates import Gates
from provisioning_assets.planning.trial import Measure, Trial
from provisioning_assets_tests.planning.conftest import example, example_text, profile, request_for  # noqa: F401

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def prior(example: Blueprint) -> DemoBlueprint:  # noqa: F811
    return filled_blueprint(example, profile(industry="bike_rental"), "bike_rental")


def faults(prior: DemoBlueprint, part: PartName, change: Change, measure: Measure = faults_of) -> list[str]:
    document = deepcopy(prior.blueprint.model_dump(mode="json"))
    change(document)
    return Gates(prior, request_for(), measure).faults(part, document)


def nothing(_document: dict[str, Any]) -> None:
    """The industry's own."""


@pytest.mark.parametrize("part", ["tables", "insights", "questions"])
def test_the_industrys_own_parts_hold_when_they_are_measured(prior: DemoBlueprint, part: PartName) -> None:
    assert faults(prior, part, nothing) == []


def law(document: dict[str, Any]) -> None:
    sql = "SELECT rental_id FROM rentals WHERE minutes > 60"
    document["rules"] = {"no_long_ride": {"says": "No ride is longer than an hour", "sql": sql}}


def relation(document: dict[str, Any]) -> None:
    document["relations"]["large_stations_are_busier"]["between"] = [4, 9]


def unlike(document: dict[str, Any]) -> None:
    document["tables"]["rentals"]["columns"]["rider_id"] = {"reference": "riders", "description": "Who rented"}


def wrong_figure(document: dict[str, Any]) -> None:
    document["insights"]["empty_station"] |= {"expected": 60, "tolerance": 5}


def no_effect(document: dict[str, Any]) -> None:
    document["insights"]["long_pass_trips"]["effects"][0]["factor"] = 1.02
    document["insights"]["long_pass_trips"] |= {"expected": 29, "tolerance": 8}


def nothing_found(document: dict[str, Any]) -> None:
    document["questions"]["rentals_by_month"]["sql"] = (
        "SELECT DATE_TRUNC(DATE(rented_at), MONTH) AS month, COUNT(*) AS rentals FROM rentals WHERE minutes < 0 GROUP BY month "
        "ORDER BY month"
    )


@pytest.mark.parametrize(
    ("part", "change", "says"),
    [
        ("tables", law, "No ride is longer"),
        ("tables", relation, "below the plausible 4 to 9 times"),
        ("tables", unlike, "rentals"),
        ("insights", no_effect, "long_pass_trips"),
        ("questions", nothing_found, "rentals_by_month"),
    ],
)
def test_what_does_not_hold_in_the_tables_is_said(
    prior: DemoBlueprint, part: PartName, change: Change, says: str
) -> None:
    found = faults(prior, part, change)
    assert any(says in fault for fault in found), found


def test_a_wrong_figure_is_said_the_same_each_time_so_that_kept_answers_are_found_again(prior: DemoBlueprint) -> None:
    found = faults(prior, "insights", wrong_figure)
    assert any("empty_station" in fault for fault in found)
    assert faults(prior, "insights", wrong_figure) == found


# --- in a process of its own -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trial(prior: DemoBlueprint) -> Trial:
    found: list[Trial] = []

    def note(trial: Trial) -> list[str]:
        found.append(trial)
        return []

    assert faults(prior, "tables", nothing, note) == []
    return replace(found[0], tables=False, agent=False)


def test_a_trial_that_takes_too_long_is_ended(trial: Trial) -> None:
    with MeasuredGates(trial_seconds=0.1).open() as measure:
        assert "longer than 0.1 seconds" in measure(trial)[0]


def test_a_process_that_is_killed_is_a_fault_and_the_next_trial_has_another(trial: Trial) -> None:
    with MeasuredGates().open() as measure:
        assert measure(trial) == []
        (process,) = measure._pool._processes.values()  # pyright: ignore[reportFunctionMemberAccess]
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert "killed" in measure(trial)[0]
        assert measure(trial) == []
