"""What decides: bands of a number, expressions over the row; settings by cases; children and weights by the row; habits; memory."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_rules import filled_problems
from provisioning_assets.planning.demo_blueprint import customer_words, filled_blueprint, market_of_customer
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import facts, planned, profile
from provisioning_assets_tests.planning.trial_designs import column, problems_of, tables_of, with_column, written

ROWS = 12_000


def described(**generator: Any) -> dict[str, Any]:
    """A stored column; no two have the same synonym."""
    return {"description": "Something new in the table", "synonyms": [f"novelty {sorted(generator)}"], **generator}


def with_columns(blueprint: Blueprint, table: str, **columns: dict[str, Any]) -> Blueprint:
    """A blueprint with more stored columns in one table."""
    changes = {
        f"tables.{table}.columns.{name}": described(**generator) | {"synonyms": [f"novelty {name}"]}
        for name, generator in columns.items()
    }
    return written(blueprint, changes)


def model_of(blueprint: Blueprint) -> DataModel:
    _, model = planned(profile(), blueprint=blueprint)
    assert model_problems(model) == []
    return model.model_copy(update={"fact_rows": ROWS})


def made(blueprint: Blueprint, folder: Path, *tables: str) -> list[pl.DataFrame]:
    """Some tables of the blueprint, generated, of which all rules of the model hold."""
    model = model_of(blueprint)
    found = synthesise(model, folder)
    assert [rule for rule in coherence(model, found, folder) if rule.violations] == []
    return [
        pl.read_parquet(folder / "tables" / table / "*.parquet").with_columns(pl.selectors.decimal().cast(pl.Float64))
        for table in tables
    ]


def problems(blueprint: Blueprint) -> list[str]:
    filled = filled_blueprint(blueprint, profile(), "bike_rental")
    found = filled_problems(filled.blueprint, customer_words(filled), market_of_customer(filled.customer))
    return [f"{'.'.join(map(str, problem.place))}: {problem.words}" for problem in found]


def close_to(share: float, rows: int) -> Any:
    """A share within four and a half standard errors of a share of independent rows."""
    return pytest.approx(share, abs=4.5 * max(share * (1 - share), 0.01) ** 0.5 / rows**0.5)


# --- bands and expressions -----------------------------------------------------------------------------------------


def test_bands_of_a_number_decide(example: Blueprint, tmp_path: Path):
    rates = {"by": "minutes", "< 15": 0.1, "15 to 40": 0.5, ">= 40": 0.9}
    length = {"by": "minutes", "<= 10": "short", "> 30": "long", "otherwise": "usual"}
    (rentals,) = made(
        with_columns(example, "rentals", happy={"flag": rates}, length={"value": length}), tmp_path, "rentals"
    )
    for low, high, rate in ((0, 15, 0.1), (15, 40, 0.5), (40, 10**9, 0.9)):
        there = rentals.filter((pl.col("minutes") >= low) & (pl.col("minutes") < high))
        assert there["happy"].mean() == close_to(rate, len(there))
    minutes = pl.col("minutes")
    wanted = (
        pl.when(minutes <= 10).then(pl.lit("short")).when(minutes > 30).then(pl.lit("long")).otherwise(pl.lit("usual"))
    )
    assert rentals.filter(pl.col("length") != wanted).height == 0
    assert rentals["length"].n_unique() == 3


def test_an_expression_decides_and_an_empty_condition_is_false(example: Blueprint, tmp_path: Path):
    rates = {"by": "rider_id.plan = 'Year pass' and minutes > 20", "true": 1, "false": 0}
    never = {"by": "minutes > null", "true": 1, "false": 0}
    by_class = {"by": "mod(rental_id, 3)", "0": "a", "1 to 3": "b"}
    new = with_columns(
        example,
        "rentals",
        chosen={"flag": rates},
        never={"flag": never},
        part={"value": by_class},
        plan={"from": "rider_id.plan"},
    )
    (rentals,) = made(new, tmp_path, "rentals")
    assert (rentals["chosen"] == ((rentals["plan"] == "Year pass") & (rentals["minutes"] > 20))).all()
    assert rentals["chosen"].n_unique() == 2
    assert not rentals["never"].any()
    wanted = pl.when(pl.col("rental_id") % 3 == 0).then(pl.lit("a")).otherwise(pl.lit("b"))
    assert rentals.filter(pl.col("part") != wanted).height == 0


def test_an_expression_may_name_a_word_of_the_customers(example: Blueprint):
    words = facts("O'Neill", "x' then 9 --")
    rates = {"by": "bike_id.model = {models[0]}", "true": 0.5, "otherwise": 0}
    rentals = tables_of(with_column(example, "rentals.new", flag=rates), products=words)["rentals"]
    deciding = column(rentals, str(column(rentals, "new").generator.by))  # pyright: ignore[reportAttributeAccessIssue]
    assert getattr(deciding.generator, "sql", "") == "coalesce(bike_id__model = 'O''Neill', false)"


def test_two_of_them_decide_together(example: Blueprint, tmp_path: Path):
    sizes = {"by": ["rider_id.plan", "minutes"], "Year pass / < 20": "S", "Year pass / >= 20": "L", "otherwise": "M"}
    new = with_columns(example, "rentals", size={"value": sizes}, plan={"from": "rider_id.plan"})
    (rentals,) = made(new, tmp_path, "rentals")
    long = pl.when(pl.col("minutes") < 20).then(pl.lit("S")).otherwise(pl.lit("L"))
    wanted = pl.when(pl.col("plan") == "Year pass").then(long).otherwise(pl.lit("M"))
    assert rentals.filter(pl.col("size") != wanted).height == 0
    assert rentals["size"].n_unique() == 3


def test_bands_of_an_amount_are_in_euros(example: Blueprint):
    class_ = {"by": "cost", "< 5": "low", ">= 5": "high"}
    repairs = tables_of(with_column(example, "repairs.class", value=class_), currency="JPY")["repairs"]
    band = column(repairs, "cost__band").generator
    assert getattr(band, "sql", "") == "case when cost < 800.0 then '< 5' when cost >= 800.0 then '>= 5' else null end"


def test_an_effect_may_go_by_bands_and_conditions(example: Blueprint, tmp_path: Path):
    factor = {"by": "minutes > 30", "true": 10, "false": 0}
    effect = {"column": "rentals.started_late", "factor": factor}
    changed = written(example, {"insights.empty_station.effects": [effect]})
    (rentals,) = made(changed, tmp_path, "rentals")
    long = rentals["minutes"] > 30
    assert rentals["started_late"].filter(long).mean() == close_to(0.5, int(long.sum()))
    assert not rentals["started_late"].filter(~long).any()


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ({"< 20": 0.1, "10 to 30": 0.2, "otherwise": 0}, "The bands '< 20' and '10 to 30' have numbers in common."),
        ({"5": 0.1, "5 to 9": 0.2, "otherwise": 0}, "have numbers in common"),
        ({"<= 20": 0.1, ">= 20": 0.2}, "The bands '<= 20' and '>= 20' have numbers in common."),
        ({"< 20": 0.1, "long": 0.2, "otherwise": 0}, "'long' is not a band of numbers."),
        ({"< 20": 0.1, "30 to 10": 0.2, "otherwise": 0}, "'30 to 10' is not a band of numbers."),
    ],
)
def test_bands_that_do_not_fit_are_refused(example: Blueprint, cases: dict[str, Any], words: str):
    (problem,) = problems_of(with_column(example, "rentals.new", flag={"by": "minutes", **cases}))
    assert problem.startswith("tables.rentals.columns.new.flag")
    assert words in problem


@pytest.mark.parametrize(
    ("cases", "gap"),
    [
        ({"< 20": 3, ">= 30": 5}, "numbers between 20 and 30"),
        ({"0 to 20": 3, ">= 20": 5}, "numbers below 0"),
        ({"<= 20": 3, "21 to 30": 5}, "numbers above 30"),
        ({"<= 20": 3, ">= 21": 5}, None),  # minutes are whole
    ],
)
def test_numbers_without_a_case_are_refused(example: Blueprint, cases: dict[str, Any], gap: str | None):
    found = problems_of(with_column(example, "rentals.new", lognormal={"median": {"by": "minutes", **cases}}))
    assert len(found) == (gap is not None)
    assert all(f"There is no case for {gap}." in problem for problem in found)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("minutes >", "tables.rentals.columns.new.flag.by"),
        ("minuets > 3", "'minuets' is not a column of rentals"),
        ("rider_id.plan = 'Weekly'", "'Weekly' is never a value"),
    ],
)
def test_an_expression_that_cannot_decide_is_refused(example: Blueprint, by: str, words: str):
    found = problems(with_column(example, "rentals.new", flag={"by": by, "true": 0.5, "otherwise": 0}))
    assert any(words in problem for problem in found)


def test_a_condition_has_the_cases_true_and_false_only(example: Blueprint):
    (problem,) = problems_of(with_column(example, "rentals.new", flag={"by": "minutes > 3", "yes": 0.5}))
    assert "'yes' is not a result of `minutes > 3`. Write true or false." in problem


# --- settings by cases ---------------------------------------------------------------------------------------------


def by_plan(month: float, year: float, otherwise: float) -> dict[str, Any]:
    return {"by": "rider_id.plan", "Month pass": month, "Year pass": year, "otherwise": otherwise}


def test_spread_and_bounds_go_by_cases(example: Blueprint, tmp_path: Path):
    spread = {"lognormal": {"median": 100, "sigma": by_plan(0.1, 0.8, 0.3)}, "decimals": 2}
    bounded = {
        "normal": {"mean": 0, "sd": by_plan(1, 5, 2), "minimum": by_plan(-1, -9, -3), "maximum": by_plan(1, 9, 3)}
    }
    flat = {"uniform": {"low": by_plan(0, 50, 10), "high": by_plan(1, 60, 20)}, "decimals": 3}
    new = with_columns(
        example, "rentals", spread=spread, bounded={**bounded, "decimals": 3}, flat=flat, plan={"from": "rider_id.plan"}
    )
    (rentals,) = made(new, tmp_path, "rentals")
    for plan, sigma, sd, bound, low, high in (
        ("Month pass", 0.1, 1, 1, 0, 1), ("Year pass", 0.8, 5, 9, 50, 60), ("Pay as you go", 0.3, 2, 3, 10, 20),
    ):  # fmt: skip
        there = rentals.filter(pl.col("plan") == plan)
        assert there["spread"].log().std() == pytest.approx(sigma, rel=0.1)
        assert there["bounded"].abs().max() == bound
        inside = there.filter(pl.col("bounded").abs() < bound)["bounded"]
        assert 0.5 * sd < float(inside.std() or 0) < sd  # pyright: ignore[reportArgumentType]
        assert low <= float(there["flat"].min()) < float(there["flat"].max()) <= high  # pyright: ignore[reportArgumentType]


def test_a_time_apart_goes_by_cases_and_is_multiplied(example: Blueprint, tmp_path: Path):
    after = {
        "base": "rented_at", "unit": "minutes", "median": 10, "sigma": by_plan(0.05, 0.05, 0.1), "times": "minutes",
        "minimum": by_plan(0, 300, 0), "maximum": by_plan(10**6, 10**6, 100), "probability": by_plan(0.2, 1, 0.6),
    }  # fmt: skip
    new = with_columns(example, "rentals", closed_at={"after": after}, plan={"from": "rider_id.plan"})
    (rentals,) = made(new, tmp_path, "rentals")
    old = rentals.filter(pl.col("rented_at") < pl.col("rented_at").max().dt.offset_by("-60d"))
    for plan, share, low, high in (
        ("Month pass", 0.2, 0, 1e6),
        ("Year pass", 1, 300, 1e6),
        ("Pay as you go", 0.6, 0, 100),
    ):
        there = old.filter(pl.col("plan") == plan)
        assert there["closed_at"].is_not_null().mean() == close_to(share, len(there))
        known = there.drop_nulls("closed_at").with_columns(
            apart=(pl.col("closed_at") - pl.col("rented_at")).dt.total_seconds() / 60
        )
        assert low - 0.1 <= known["apart"].min() <= known["apart"].max() <= high + 0.1  # pyright: ignore[reportOperatorIssue]
        free = known.filter((pl.col("minutes") * 10).is_between(1.3 * low, 0.7 * high))
        if plan != "Pay as you go":
            assert (free["apart"] / free["minutes"]).median() == pytest.approx(10, rel=0.02)


def test_a_time_times_nothing_is_empty(example: Blueprint, tmp_path: Path):
    times = "case when minutes > 20 then 2 end"
    closed = {"after": {"base": "rented_at", "unit": "minutes", "median": 1, "times": times, "maximum": 30}}
    (rentals,) = made(with_columns(example, "rentals", closed_at=closed), tmp_path, "rentals")
    assert (rentals["closed_at"].is_not_null() <= (rentals["minutes"] > 20)).all()
    assert rentals["closed_at"].is_not_null().any()


@pytest.mark.parametrize(
    ("generator", "words"),
    [
        ({"lognormal": {"median": 5, "sigma": by_plan(0.1, -1, 0.3)}}, "The sigma is -1.0 for 'Year pass'."),
        ({"gamma": {"mean": 5, "shape": by_plan(0.1, 0, 0.3)}}, "is 0.0 for 'Year pass'."),
        (
            {"normal": {"mean": 5, "sd": 1, "minimum": by_plan(1, 9, 0), "maximum": by_plan(2, 8, 9)}},
            "minimum 9.0 is above",
        ),
        ({"normal": {"mean": 5, "sd": 1, "minimum": by_plan(1, 9, 0), "maximum": 8}}, "minimum 9.0 is above"),
        (
            {"after": {"base": "rented_at", "unit": "days", "median": 5, "probability": by_plan(0.1, 1.2, 0.3)}},
            "The probability is 1.2 for 'Year pass'.",
        ),
        (
            {"after": {"base": "rented_at", "unit": "days", "median": 5, "minimum": by_plan(1, -2, 0)}},
            "The shortest time is -2.0 for 'Year pass'.",
        ),
        (
            {
                "before": {
                    "base": "rented_at",
                    "unit": "days",
                    "median": 5,
                    "sigma": {"by": "rider_id.plan", "Weekly": 1, "otherwise": 1},
                }
            },
            "'Weekly' is never a value",
        ),
        ({"after": {"base": "rented_at", "unit": "days", "median": 5, "times": "rider_id.plan"}}, "gives STRING"),
    ],
)
def test_cases_that_cannot_be_used_are_refused(example: Blueprint, generator: dict[str, Any], words: str):
    found = problems(with_column(example, "rentals.drawn", **generator))
    assert found
    assert all(problem.startswith("tables.rentals.columns.drawn") for problem in found)
    assert any(words in problem for problem in found)


# --- habits and weights --------------------------------------------------------------------------------------------


def home(example: Blueprint) -> Blueprint:
    """Riders have a station near their home."""
    return written(
        example,
        {
            "tables.riders.columns.home_id": {"reference": {"table": "stations", "weight": "docks"}},
            "tables.rentals.columns.home_id": {"from": "rider_id.home_id"},
        },
    )


def test_a_habit_is_written_as_a_path_and_a_share(example: Blueprint, tmp_path: Path):
    habit = {"path": "rider_id.home_id", "share": {"by": "minutes", "< 30": 0.9, "otherwise": 0.2}}
    new = written(home(example), {"tables.rentals.columns.station_id.usually": habit})
    assert column(tables_of(new)["rentals"], "station_id").usually is not None
    rentals, stations = made(new, tmp_path, "rentals", "stations")
    docks = stations["docks"] / stations["docks"].sum()
    by_chance = dict(zip(stations["station_id"], docks, strict=True))
    same = rentals.with_columns(
        same=pl.col("station_id") == pl.col("home_id"),
        chance=pl.col("home_id").replace_strict(by_chance, return_dtype=pl.Float64),
    )
    touched = pl.col("rented_at") >= same["rented_at"].max()  # no effect of the example changes the station
    for there, share in (
        (same.filter(~touched & (pl.col("minutes") < 30)), 0.9),
        (same.filter(~touched & (pl.col("minutes") >= 30)), 0.2),
    ):
        wanted = share + (1 - share) * float(there["chance"].mean() or 0)  # pyright: ignore[reportArgumentType]
        assert there["same"].mean() == close_to(wanted, len(there))


def test_a_habit_of_a_reference_leads_to_the_same_table(example: Blueprint):
    new = written(example, {"tables.rentals.columns.station_id.usually": {"path": "rider_id.plan", "share": 0.5}})
    assert any("rider_id.plan is STRING" in problem or "rider_id.plan" in problem for problem in problems(new))


def test_weights_go_by_the_rows_own_columns_and_are_multiplied(example: Blueprint, tmp_path: Path):
    weight = ["docks", {"by": "rider_id.plan", "Year pass": "commuters", "otherwise": "visitors"}]
    new = with_columns(
        example,
        "stations",
        commuters={"expression": "case when station_id = 1 then 0 else 1 end"},
        visitors={"expression": "case when station_id = 2 then -1 else station_id end"},
    )
    new = written(
        new,
        {
            "tables.rentals.columns.station_id": {
                "reference": {"table": "stations", "weight": weight},
                "description": "Where it was taken",
            },
            "tables.rentals.columns.plan": {"from": "rider_id.plan"},
        },
    )
    rentals, stations = made(new, tmp_path, "rentals", "stations")
    for passes, factor in ((True, "commuters"), (False, "visitors")):
        there = rentals.filter((pl.col("plan") == "Year pass") == passes)
        weights = stations["docks"] * stations[factor].clip(0)
        shares = weights / weights.sum()
        for station, share in zip(stations["station_id"], shares, strict=True):
            assert (there["station_id"] == station).mean() == close_to(share, len(there))
            if share == 0:
                assert station not in there["station_id"]


def test_an_effect_multiplies_the_weights_of_each_case(example: Blueprint, tmp_path: Path):
    weight = {"by": "rider_id.plan", "Year pass": "even", "otherwise": "docks"}
    effect = {"column": "rentals.station_id", "factor": 3, "value_column": "station_name", "value": "{cities[1]}"}
    new = with_columns(example, "stations", even={"expression": "1"})
    new = written(
        new,
        {
            "tables.rentals.columns.station_id.reference": {"table": "stations", "weight": weight},
            "tables.rentals.columns.plan": {"from": "rider_id.plan"},
            "insights.empty_station.effects": [effect],
        },
    )
    rentals, stations = made(new, tmp_path, "rentals", "stations")
    for passes, name in ((True, "even"), (False, "docks")):
        there = rentals.filter((pl.col("plan") == "Year pass") == passes)
        weights = stations[name] * pl.Series([1, 3] + [1] * (len(stations) - 2))
        assert (there["station_id"] == stations["station_id"][1]).mean() == close_to(
            weights[1] / weights.sum(), len(there)
        )


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ({"by": "rider_id.plan", "Year pass": "dokcs", "otherwise": "docks"}, "'dokcs' is not a column of stations"),
        ({"by": "rider_id.plan", "Year pass": "docks"}, "There is no case for"),
        ({"by": "rider_id.plan", "Weekly": "docks", "otherwise": "docks"}, "'Weekly' is never a value"),
        ({"by": "rider_id.plan", "Year pass": "station_name", "otherwise": "docks"}, "is STRING"),
        (
            [
                {"by": "started_late", "true": "docks", "otherwise": "docks"},
                {"by": "rider_id.plan", "otherwise": "docks"},
            ],
            "More than one of the weights goes `by` a column",
        ),
    ],
)
def test_weights_that_cannot_be_used_are_refused(example: Blueprint, weight: Any, words: str):
    new = written(example, {"tables.rentals.columns.station_id.reference": {"table": "stations", "weight": weight}})
    found = problems(new)
    assert any(words in problem for problem in found), found
    assert all("tables.rentals.columns.station_id" in problem for problem in found)


# --- children ------------------------------------------------------------------------------------------------------


def notes(example: Blueprint, rows: dict[str, Any], **riders: dict[str, Any]) -> Blueprint:
    """Riders with notes; ``riders`` are further columns of theirs."""
    table = {
        "description": "Notes about riders. One row each.",
        "rows": {"parent": "riders", **rows},
        "columns": {"note_id": {"key": 1}, "rider_id": {"parent": True}, "number": {"position": True}},
    }
    return written(with_columns(example, "riders", **riders), {"tables.notes": table})


def counted(riders: pl.DataFrame, notes_: pl.DataFrame) -> pl.DataFrame:
    found = riders.join(notes_.group_by("rider_id").agg(notes=pl.len()), on="rider_id", how="left")
    return found.with_columns(pl.col("notes").fill_null(0))


def test_the_number_of_children_goes_by_cases_of_the_parent(example: Blueprint, tmp_path: Path):
    rows = {
        "count": {"by": "plan", "Year pass": {"3": 1, "5": 1}, "Month pass": {"0": 9, "1": 1}, "otherwise": {"2": 1}},
        "probability": {"by": "plan", "Year pass": 0.5, "otherwise": 1},
    }
    riders, found = made(notes(example, rows), tmp_path, "riders", "notes")
    by_plan_ = dict(counted(riders, found).group_by("plan").agg("notes").iter_rows())
    assert set(by_plan_["Pay as you go"]) == {2}
    assert set(by_plan_["Month pass"]) == {0, 1}
    assert np.mean(by_plan_["Month pass"]) == close_to(0.1, len(by_plan_["Month pass"]))
    year = np.array(by_plan_["Year pass"])
    assert set(year) == {0, 3, 5}
    assert (year > 0).mean() == close_to(0.5, len(year))
    assert (year[year > 0] == 5).mean() == close_to(0.5, (year > 0).sum())


@pytest.mark.parametrize("maximum", [12, 2.5])
def test_the_number_of_children_is_a_column_of_the_parent(example: Blueprint, tmp_path: Path, maximum: float):
    drawn = {"poisson": {"mean": {"by": "plan", "Year pass": 6, "otherwise": 0.5}, "maximum": maximum}}
    new = notes(example, {"count": "noted", "where": "plan <> 'Month pass'"}, noted=drawn)
    riders, found = made(new, tmp_path, "riders", "notes")
    joined = counted(riders, found)
    kept = joined.filter(pl.col("plan") != "Month pass")
    assert (kept["notes"] == kept["noted"]).all()
    assert kept["noted"].min() == 0
    assert joined.filter(pl.col("plan") == "Month pass")["notes"].sum() == 0
    assert not found.select("rider_id", "number").is_duplicated().any()
    assert found["note_id"].is_unique().all()


def test_the_rules_of_the_report_find_a_parent_with_other_children_than_it_says(example: Blueprint, tmp_path: Path):
    model = model_of(notes(example, {"count": "noted"}, noted={"poisson": {"mean": 2, "maximum": 9}}))
    tables = synthesise(model, tmp_path)
    file = next((tmp_path / "tables" / "notes").glob("*.parquet"))
    pl.read_parquet(file).slice(1).write_parquet(file)
    broken = [result for result in coherence(model, tables, tmp_path) if result.violations]
    assert any("has as many notes as noted says" in result.rule for result in broken), broken


def test_most_bounds_a_number_of_children_that_may_be_any(example: Blueprint, tmp_path: Path):
    noted = {
        "expression": "case when mod(rider_id, 2) = 0 then 50 when mod(rider_id, 3) = 0 then -1 end",
        "type": "INT64",
    }
    riders, found = made(notes(example, {"count": "noted", "most": 4}, noted=noted), tmp_path, "riders", "notes")
    joined = counted(riders, found)
    assert set(joined.filter(pl.col("rider_id") % 2 == 0)["notes"]) == {4}
    assert set(joined.filter(pl.col("rider_id") % 2 == 1)["notes"]) == {0}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"count": "noted"}, "How large riders.noted gets is not known"),
        ({"count": "nothing"}, "'nothing' is not a column of riders"),
        ({"count": "plan", "most": 3}, "'plan' is STRING; it must be INT64"),
        ({"count": {"1": 1}, "most": 3}, "`most` is for a number of rows that a column says"),
        ({"count": {"by": "plan", "Year pass": {"1": 1}}}, "There is no case for"),
        ({"count": {"by": "plan", "Weekly": {"1": 1}, "otherwise": {"1": 1}}}, "'Weekly' is never a value"),
        (
            {"count": {"by": "plan", "Year pass": {"0": 1}, "otherwise": {"0": 1}}},
            "the only possible number of rows is 0",
        ),
        ({"probability": {"by": "plan", "Year pass": 1.5, "otherwise": 1}}, "The probability is 1.5 for 'Year pass'."),
    ],
)
def test_numbers_of_children_that_cannot_be_used_are_refused(example: Blueprint, rows: dict[str, Any], words: str):
    found = problems(notes(example, rows, noted={"poisson": {"mean": 3}}))
    assert any(problem.startswith("tables.notes.rows") and words in problem for problem in found), found


# --- memory --------------------------------------------------------------------------------------------------------


def use_of(example: Blueprint, walk: dict[str, Any], **columns: dict[str, Any]) -> Blueprint:
    """What riders use each month."""
    table = {
        "description": "Use of each month. One row each.",
        "rows": {"parent": "riders", "period": "month", "start": "registered_at"},
        "columns": {
            "rider_id": {"parent": True},
            "month": {"period_start": True, "synonyms": ["billing month"]},
            "used": described(walk={"base": "rider_id.usual", **walk}, decimals=4, type="FLOAT64"),
        },
    }
    usual = described(lognormal={"median": 200, "sigma": 0.4}, decimals=2)
    new = written(example, {"tables.use": table, "tables.riders.columns.usual": usual})
    return with_columns(new, "use", **columns) if columns else new


def departures(found: pl.DataFrame, riders: pl.DataFrame) -> pl.DataFrame:
    """The logarithm of each month's use relative to the rider's usual one, and that of the month before."""
    joined = found.join(riders.select("rider_id", "usual"), on="rider_id").sort("rider_id", "month")
    joined = joined.with_columns(
        off=(pl.col("used") / pl.col("usual")).log(), step=pl.int_range(pl.len()).over("rider_id")
    )
    return joined.with_columns(before=pl.col("off").shift().over("rider_id"))


@pytest.mark.parametrize(("pull", "noise"), [(0.2, 0.0), (0.2, 0.1), (0.5, 0.0), (1.0, 0.1)])
def test_a_value_follows_its_own_last_one(example: Blueprint, tmp_path: Path, pull: float, noise: float):
    """An autoregression: the correlation with the month before is that of the level, less what the noise takes."""
    sigma = 0.1
    new = use_of(example, {"growth": 0, "sigma": sigma, "pull": pull, "noise": noise})
    found, riders = made(new, tmp_path, "use", "riders")
    late = departures(found, riders).filter(pl.col("step") >= 12)  # long after the base, where the level forgot it
    level = sigma**2 / (1 - (1 - pull) ** 2)
    assert late["off"].std() == pytest.approx((level + noise**2) ** 0.5, rel=0.06)
    wanted = (1 - pull) * level / (level + noise**2)
    assert late.select(pl.corr("off", "before")).item() == pytest.approx(wanted, abs=0.05)


def test_growth_goes_on_and_the_anchor_has_the_base(example: Blueprint, tmp_path: Path):
    for anchor in ("first", "last"):
        new = use_of(example, {"growth": 0.02, "sigma": 0.01, "pull": 0.3, "anchor": anchor})
        found, riders = made(new, tmp_path / anchor, "use", "riders")
        rows = departures(found, riders).with_columns(
            left=pl.len().over("rider_id") - 1 - pl.col("step"), months=pl.len().over("rider_id")
        )
        there = rows.filter((pl.col("step") if anchor == "first" else pl.col("left")) == 0)
        assert there["off"].abs().max() < 1e-4  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
        away = rows.filter((pl.col("step") if anchor == "first" else pl.col("left")) == 20)
        sign = 1 if anchor == "first" else -1
        assert away["off"].mean() == pytest.approx(sign * 20 * np.log(1.02), abs=0.01)


def test_a_season_is_that_of_the_rows_month(example: Blueprint, tmp_path: Path):
    season = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5]
    found, riders = made(use_of(example, {"growth": 0, "sigma": 0, "season": season}), tmp_path, "use", "riders")
    rows = departures(found, riders).with_columns(factor=pl.col("off").exp(), number=pl.col("month").dt.month())
    mean = sum(season) / 12
    for month in range(1, 13):
        factors = rows.filter(pl.col("number") == month)["factor"]
        assert factors.min() == pytest.approx(season[month - 1] / mean, rel=1e-3)
        assert factors.max() == pytest.approx(season[month - 1] / mean, rel=1e-3)


def test_an_effect_multiplies_the_values_and_the_level_walks_on(example: Blueprint, tmp_path: Path):
    plain = use_of(example, {"growth": 0, "sigma": 0.05, "pull": 0.2, "noise": 0.02})
    effect = {"column": "use.used", "factor": 0.5, "from_days_ago": 200, "to_days_ago": 100, "time": "month"}
    (before,) = made(plain, tmp_path / "plain", "use")
    (after,) = made(written(plain, {"insights.dear_repairs.effects": [effect]}), tmp_path / "planted", "use")
    ratio = after["used"] / before["used"]
    halved = (ratio - 0.5).abs() < 0.001
    assert halved.any()
    assert ((ratio - 1).abs() < 0.001).filter(~halved).all()
    months = after["month"].filter(halved).unique().sort()
    assert 3 <= len(months) <= 4


def test_settings_of_a_walk_go_by_cases(example: Blueprint, tmp_path: Path):
    growth = {"by": "rider_id.plan", "Year pass": 0.05, "otherwise": -0.05}
    new = use_of(example, {"growth": growth, "sigma": 0.001, "pull": 0.5}, plan={"from": "rider_id.plan"})
    found, riders = made(new, tmp_path, "use", "riders")
    tenth = departures(found, riders).filter(pl.col("step") == 10)
    for passes, rate in ((True, 0.05), (False, -0.05)):
        there = tenth.filter((pl.col("plan") == "Year pass") == passes)["off"]
        assert there.mean() == pytest.approx(10 * np.log(1 + rate), abs=0.005)


@pytest.mark.parametrize(
    ("walk", "words"),
    [
        ({"pull": 1.5}, "less than or equal to 1 (given: 1.5)"),
        ({"growth": -1}, "The growth is -1.0."),
        ({"pull": 0.2, "at": "month"}, "`at` is given without `season`."),
        ({"season": [0] * 12}, "These weights cannot be used"),
        ({"noise": {"by": "rider_id.plan", "Year pass": -1, "otherwise": 0}}, "The noise is -1.0 for 'Year pass'."),
    ],
)
def test_memory_that_cannot_be_is_refused(example: Blueprint, walk: dict[str, Any], words: str):
    found = problems(use_of(example, walk))
    assert any(problem.startswith("tables.use.columns.used.walk") and words in problem for problem in found), found


@pytest.mark.parametrize(
    ("rows", "noted"),
    [
        ({"count": {"by": "plan", "Year pass": {"9": 1}, "otherwise": {"0": 3, "1": 1}}}, {"poisson": {"mean": 3}}),
        ({"probability": {"by": "plan", "Pay as you go": 0.1, "otherwise": 0.9}}, {"poisson": {"mean": 3}}),
        ({"count": "noted"}, {"poisson": {"mean": {"by": "plan", "Year pass": 12, "otherwise": 1}, "maximum": 30}}),
        ({"count": "noted"}, {"lognormal": {"median": 4, "sigma": 0.8, "maximum": 90}}),
        ({"count": "noted"}, {"category": {"0": 5, "2": 3, "8": 1}}),
    ],
)
def test_the_expected_number_of_children_is_about_what_is_made(
    example: Blueprint, tmp_path: Path, rows: dict[str, Any], noted: dict[str, Any]
):
    """The estimate of disk and rows before a run is made from it."""
    model = model_of(notes(example, rows, noted=noted))
    tables = synthesise(model, tmp_path)
    rows_made = next(table.rows for table in tables.tables if table.name == "notes")
    assert expected_rows(Lineage(model), "notes") == pytest.approx(rows_made, rel=0.12)
