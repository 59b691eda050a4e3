"""Dotted paths are accepted wherever a column is. They lead to a column of a row that foreign keys point to."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from provisioning_assets.data_model.generators import Lookup
from provisioning_assets.data_model.populations import PerParent, PerPeriod, StateSequence
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile
from provisioning_assets_tests.planning.trial_designs import (
    column,
    design_of,
    problems_of,
    tables_of,
    with_column,
    written,
)


def added_columns(before: Blueprint, after: Blueprint) -> set[str]:
    """Columns of the data model that a change of a blueprint has added."""
    names = [
        {f"{table.name}.{found.name}" for table in tables_of(each).values() for found in table.columns}
        for each in (before, after)
    ]
    return names[1] - names[0]


def test_a_path_of_several_steps_is_looked_up_one_step_at_a_time(example: Blueprint):
    changed = with_column(
        example, "repairs.who_and_where", expression="rental_id.rider_id.rider_name || rental_id.station_id"
    )
    tables = tables_of(changed)
    assert added_columns(example, changed) == {
        "repairs.who_and_where",
        "repairs.rental_id__rider_id__rider_name",
        "rentals.rider_id__rider_name",
        "repairs.rental_id__station_id",
    }
    far = column(tables["repairs"], "rental_id__rider_id__rider_name")
    assert far.generator == Lookup(through="rental_id", column="rider_id__rider_name")
    assert column(tables["rentals"], "rider_id__rider_name").generator == Lookup(
        through="rider_id", column="rider_name"
    )
    assert far.internal, "what a path adds is not stored"


def test_a_path_reuses_a_column_that_holds_the_same(example: Blueprint):
    stored = with_column(example, "repairs.plan", **{"from": "rental_id.rider_id.plan"})
    again = with_column(stored, "repairs.on_year_pass", expression="rental_id.rider_id.plan = 'Year pass'")
    assert added_columns(stored, again) == {"repairs.on_year_pass"}
    assert column(tables_of(again)["repairs"], "on_year_pass").generator.sql == "plan = 'Year pass'"  # pyright: ignore[reportAttributeAccessIssue]
    # the documented example stores the bike of a repair: the path to it goes through that column
    model = with_column(example, "repairs.model", expression="rental_id.bike_id")
    assert added_columns(example, model) == {"repairs.model"}


@pytest.mark.parametrize("change", [{"null_share": 0.2}, {"type": "STRING"}])
def test_a_column_that_does_not_hold_quite_the_same_is_not_reused(example: Blueprint, change: dict[str, Any]):
    stored = with_column(example, "repairs.plan", **{"from": "rental_id.rider_id.plan"}, **change)
    again = with_column(stored, "repairs.on_year_pass", expression="rental_id.rider_id.plan = 'Year pass'")
    assert "repairs.rental_id__rider_id__plan" in added_columns(stored, again)


def test_a_path_never_takes_the_name_of_another_column(example: Blueprint):
    own = with_column(example, "rentals.rider_id__rider_name", category=["mine", "yours"])
    changed = with_column(own, "rentals.is_ann", expression="rider_id.rider_name = 'Ann'")
    rentals = tables_of(changed)["rentals"]
    assert not column(rentals, "rider_id__rider_name").internal
    (added,) = added_columns(own, changed) - {"rentals.is_ann"}
    assert column(rentals, added.removeprefix("rentals.")).generator == Lookup(through="rider_id", column="rider_name")


def test_the_name_of_a_long_path_fits(example: Blueprint):
    long = "station_of_the_one_who_was_first_to_register_there"
    chain = written(
        example,
        {
            f"tables.riders.columns.{long}": {"reference": "stations"},
            "tables.rentals.helpers.first_docks": {"expression": f"rider_id.{long}.docks"},
            "tables.rentals.helpers.first_name": {"expression": f"rider_id.{long}.station_name"},
        },
    )
    names = [found.name for found in tables_of(chain)["rentals"].columns]
    assert max(map(len, names)) <= 63
    assert len([name for name in names if name.startswith(f"rider_id__{long}"[:50])]) == 2


PLACES: dict[str, dict[str, Any]] = {
    "expression": {"tables.repairs.helpers.new": {"expression": "rental_id.rider_id.plan || '!'"}},
    "from": {"tables.repairs.helpers.new": {"from": "rental_id.rider_id.plan"}},
    "by of a rate": {"tables.repairs.helpers.new": {"flag": {"by": "rental_id.rider_id.plan", "Year pass": 0.5}}},
    "by of weights": {
        "tables.repairs.helpers.new": {"category": {"by": "rental_id.rider_id.plan", "Year pass": {"a": 1, "b": 1}}}
    },
    "by of values": {"tables.repairs.helpers.new": {"value": {"by": "rental_id.rider_id.plan", "Year pass": 3}}},
    "by of a median": {
        "tables.repairs.helpers.new": {"lognormal": {"median": {"by": "rental_id.rider_id.plan", "Year pass": 3}}}
    },
    "times": {
        "tables.repairs.helpers.new": {
            "gamma": {"mean": 3, "times": "case when rental_id.rider_id.plan = 'x' then 2 end"}
        }
    },
    "by of times": {
        "tables.repairs.helpers.new": {"gamma": {"mean": 3, "times": {"by": "rental_id.rider_id.plan", "Year pass": 2}}}
    },
    "where of a moment": {
        "tables.repairs.helpers.new": {
            "after": {"base": "reported_at", "unit": "days", "median": 2, "where": "rental_id.rider_id.plan = 'x'"}
        }
    },
    "text": {"tables.repairs.helpers.new": {"text": "Rides with {rental_id.rider_id.plan}."}},
    "by of texts": {
        "tables.repairs.helpers.new": {
            "text": {"by": "rental_id.rider_id.plan", "templates_by": {"Year pass": ["a"]}, "templates": ["b"]}
        }
    },
    "own side of a match": {
        "tables.repairs.helpers.new": {"reference": {"table": "riders", "match": {"rental_id.rider_id.plan": "plan"}}}
    },
    "condition of children": {
        "tables.checks": {
            "description": "Checks after repairs. One row each.",
            "rows": {"parent": "repairs", "where": "rental_id.rider_id.plan = 'Year pass'"},
            "columns": {
                "check_id": {"key": 1},
                "repair_id": {"parent": True},
            },
        }
    },
    "condition of an effect": {
        "insights.dear_repairs.effects.0.where": "rental_id.rider_id.plan = 'Year pass'",
    },
    "factor of an effect": {
        "insights.dear_repairs.effects.0.factor": {"by": "rental_id.rider_id.plan", "Year pass": 2}
    },
    "rolled up column": {"tables.rentals.helpers.new": {"rollup": "last(repairs.rental_id.rider_id.plan)"}},
    "condition of a roll-up": {
        "tables.rentals.helpers.new": {"rollup": "count(repairs where rental_id.rider_id.plan = 'x')"}
    },
}


@pytest.mark.parametrize("place", PLACES)
def test_a_path_is_accepted_wherever_a_column_is(example: Blueprint, place: str):
    names = {found.name for found in tables_of(written(example, PLACES[place]))["repairs"].columns}
    assert names & {"rental_id__rider_id__plan", "new"}
    rentals = {found.name for found in tables_of(written(example, PLACES[place]))["rentals"].columns}
    assert "rider_id__plan" in rentals


def misspelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {misspelled(key): misspelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [misspelled(item) for item in value]
    return value.replace("rental_id.rider_id.plan", "rental_id.riders_id.plan") if isinstance(value, str) else value


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_step_is_refused_where_it_is_written(example: Blueprint, place: str):
    (path,) = PLACES[place]
    problems = problems_of(written(example, misspelled(PLACES[place])))
    assert [problem for problem in problems if problem.startswith(path.split(".effects")[0])] == problems
    assert all(
        "'riders_id' is not a column of rentals. Did you mean 'rider_id'? Accepted: rental_id" in each
        for each in problems
    )
    assert problems


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("rental_id.rider_id.plans", "'plans' is not a column of riders. Did you mean 'plan'?"),
        ("rental_id.minutes.plan", "'minutes' of rentals is not a foreign key. Foreign keys of rentals: rider_id"),
        ("cost.rider_id.plan", "'cost' of repairs is not a foreign key. Foreign keys of repairs: rental_id"),
    ],
)
def test_a_step_that_is_not_a_foreign_key_is_refused_with_the_foreign_keys(example: Blueprint, path: str, message: str):
    (problem,) = problems_of(with_column(example, "repairs.new", **{"from": path}))
    assert problem.startswith(f"tables.repairs.columns.new.from: {message}")


def test_columns_that_paths_added_are_not_suggested(example: Blueprint):
    wrong = with_column(example, "rentals.a", expression="rider_id.plan || 'x'")
    wrong = with_column(wrong, "rentals.b", expression="rider_id_plan || 'x'")
    (problem,) = problems_of(wrong)
    assert "'rider_id_plan' is not a column of rentals." in problem
    assert "__" not in problem


def test_paths_that_go_in_circles_are_refused(example: Blueprint):
    circle = written(
        example,
        {
            "tables.stations.helpers.best_bike": {"reference": "bikes"},
            "tables.bikes.helpers.home": {"reference": "stations"},
            "tables.stations.helpers.a": {"from": "best_bike.b"},
            "tables.bikes.helpers.b": {"from": "home.a"},
        },
    )
    assert any("depends on itself" in problem for problem in problems_of(circle))


def test_paths_of_references_periods_and_states(example: Blueprint):
    home = written(
        example,
        {
            "tables.stations.helpers.opened_on": {"after": {"base": "station_built_at", "unit": "days", "median": 3}},
            "tables.stations.helpers.station_built_at": {"arrival": {"before_history": 0.9}},
            "tables.bikes.helpers.home": {"reference": "stations"},
            "tables.rentals.columns.bike_id": {
                "reference": {
                    "table": "bikes",
                    "weight": "home.docks",
                    "since": "home.opened_on",
                    "at": "rented_at",
                    "match": {"station_id.station_name": "home.station_name"},
                }
            },
            "tables.fees": {
                "description": "Fees of bikes. One row for each month.",
                "rows": {"parent": "bikes", "period": "month", "start": "home.opened_on"},
                "columns": {"bike_id": {"parent": True}, "month": {"period_start": True}},
            },
            "tables.places": {
                "description": "Where bikes were. One row for each place.",
                "rows": {
                    "parent": "bikes",
                    "start": "home.opened_on",
                    "unit": "days",
                    "by": "home.station_name",
                    "states": {"in": {"median": 9, "next": {"out": 1}}, "out": {}},
                },
                "columns": {
                    "bike_id": {"parent": True},
                    "number": {"position": True},
                    "place": {"state": True},
                    "since": {"entered_at": True},
                },
            },
        },
    )
    tables = tables_of(home)
    reference = column(tables["rentals"], "bike_id").generator
    assert (reference.weight, reference.since) == ("home__docks", "home__opened_on")  # pyright: ignore[reportAttributeAccessIssue]
    assert reference.match == {"station_id__station_name": "home__station_name"}  # pyright: ignore[reportAttributeAccessIssue]
    fees, places = tables["fees"].population, tables["places"].population
    assert isinstance(fees, PerPeriod)
    assert fees.start == "home__opened_on"
    assert isinstance(places, PerParent)
    assert isinstance(places.history, StateSequence)
    assert (places.history.start, places.history.by) == ("home__opened_on", "home__station_name")
    assert column(tables["places"], "since").type == "DATE"


def test_an_effect_on_which_rows_there_are_follows_paths_of_the_parent(example: Blueprint):
    fewer = {"column": "repairs.rental_id", "factor": 0.5, "where": "station_id.docks > 40", "time": "rented_at"}
    design = design_of(written(example, {"insights.dear_repairs.effects.0": fewer}))
    assert design.problems == []
    (effect,) = [effect for effect in design.effects if effect.insight_id == "dear_repairs"]
    assert (effect.table, effect.column, effect.where) == ("repairs", "rental_id", "station_id__docks > 40")
    assert "station_id__docks" in {
        found.name for found in next(t for t in design.tables if t.name == "rentals").columns
    }


def test_paths_give_the_same_values_as_joins(example: Blueprint, tmp_path: Path):
    """Paths through a child of the same family, to a referenced table of another, and back down by a roll-up."""
    words = {"description": "Something new in the table"}
    far = written(
        example,
        {
            "tables.repairs.columns.who_and_where": {
                **words,
                "synonyms": ["a"],
                "expression": "rental_id.rider_id.plan || ' / ' || rental_id.station_id.station_name",
            },
            "tables.repairs.columns.docks_there": {**words, "synonyms": ["b"], "from": "rental_id.station_id.docks"},
            "tables.repairs.columns.remark": {
                **words,
                "synonyms": ["c"],
                "text": "At {rental_id.station_id.station_name}.",
            },
            "tables.rentals.columns.large_repairs": {
                **words,
                "synonyms": ["d"],
                "rollup": "count(repairs where rental_id.station_id.docks > 40)",
            },
        },
    )
    _, model = planned(profile(), blueprint=far)
    assert model_problems(model) == []
    synthesise(model.model_copy(update={"fact_rows": 3_000}), tmp_path)
    with duckdb.connect() as connection:
        for table in model.tables:
            connection.read_parquet(str(tmp_path / "tables" / table.name / "*.parquet")).create_view(table.name)
        joined = (
            "FROM repairs p JOIN rentals r USING (rental_id) JOIN riders d USING (rider_id) "
            "JOIN stations s USING (station_id)"
        )
        (rows,) = connection.sql(f"SELECT count(*) {joined}").fetchall()[0]
        assert rows > 20
        wrong = (
            "p.who_and_where <> d.plan || ' / ' || s.station_name OR p.docks_there <> s.docks "
            "OR p.remark <> 'At ' || s.station_name || '.'"
        )
        assert connection.sql(f"SELECT count(*) {joined} WHERE {wrong}").fetchall() == [(0,)]
        counted = (
            "SELECT r.rental_id, count(p.repair_id) FILTER (s.docks > 40) AS n FROM rentals r "
            "JOIN stations s USING (station_id) LEFT JOIN repairs p USING (rental_id) GROUP BY ALL"
        )
        differing = f"SELECT count(*) FROM ({counted}) c JOIN rentals r USING (rental_id) WHERE r.large_repairs <> c.n"
        assert connection.sql(differing).fetchall() == [(0,)]
