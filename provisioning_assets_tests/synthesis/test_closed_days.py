"""What follows from something else waits for open days: public holidays, closed weekdays and hours."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.quality.coherence import coherence
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import AS_OF, column, retail_model

WORKING_DAYS = [1, 1, 1, 1, 1, 0, 0]
MORNING = [0] * 8 + [1] * 4 + [0] * 12


def parcels(**generators: dict[str, Any]) -> DataModel:
    """Parcels posted on every day, with further moments by their generators."""
    moments = [
        column("posted_at", "DATETIME", {"kind": "arrival"}, "time"),
        *(column(name, "DATETIME", generator, "time") for name, generator in generators.items()),
    ]
    table = {
        "name": "parcels",
        "description": "Parcels",
        "population": {"kind": "scaled", "share": 1},
        "primary_key": ["parcel_id"],
        "columns": [column("parcel_id", "INT64", {"kind": "sequence"}, "key"), *moments],
    }
    return retail_model(30_000, tables=[table])


def after(**settings: Any) -> dict[str, Any]:
    return {"kind": "after", "base": "posted_at", "unit": "days", "median": 2, **settings}


def before(**settings: Any) -> dict[str, Any]:
    return {"kind": "before", "base": "posted_at", "unit": "days", "median": 2, **settings}


def on_holidays(series: pl.Series) -> float:
    """Share of moments on public holidays of the model's country, of those that are there."""
    days = series.drop_nulls().dt.date().cast(pl.Int32).to_numpy()
    return float(np.isin(days, public_holidays("US", AS_OF.year - 4, AS_OF.year + 1)).mean())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    closed = {"weekdays": WORKING_DAYS, "holidays": 0}
    model = parcels(
        usual_at=after(),
        delivered_at=after(**closed, hours=MORNING),
        fetched_at=after(**closed, snap={"minutes": 15}),
        half_at=after(weekdays=WORKING_DAYS, holidays=0.5),
        loaded_at=after(holidays=0, snap={"times": ["07:00"], "weekdays": [1, 5]}),
        asked_at={"kind": "moment", "sql": "posted_at - interval '1 day'"},
        promised_at=before(**closed, not_before="asked_at"),
        packed_at=before(**closed),
        due_at={"kind": "moment", "sql": "posted_at + interval '30 days'", **closed, "hours": MORNING},
    )
    assert model.country == "US"
    return generated(model, tmp_path_factory.mktemp("parcels"))


@pytest.mark.parametrize("name", ["delivered_at", "fetched_at", "packed_at", "due_at"])
def test_nothing_happens_on_closed_days(made: Generated, name: str) -> None:
    found = made.read("parcels")
    assert on_holidays(found["usual_at"]) > 0.02
    assert found[name].drop_nulls().len() > 20_000
    assert on_holidays(found[name]) == 0
    assert set(found[name].drop_nulls().dt.weekday()) == {1, 2, 3, 4, 5}


def test_bounds_hold(made: Generated) -> None:
    found = made.read("parcels")
    assert (found["delivered_at"] >= found["posted_at"]).all()
    assert (found["packed_at"] <= found["posted_at"]).all()
    assert (found["due_at"] >= found["posted_at"] + timedelta(days=30)).all()
    promised = found.filter(pl.col("promised_at").is_not_null())
    assert promised["promised_at"].is_between(promised["asked_at"], promised["posted_at"]).all()
    # from Saturday to Sunday there is no open day
    missing = found.filter(pl.col("promised_at").is_null())
    sundays = found["posted_at"].dt.weekday() == 7
    assert found["promised_at"].filter(sundays).is_null().all()
    assert 0 < missing.height - found.filter(sundays).height < 0.05 * found.height


def test_closed_hours_move_a_computed_moment_on(made: Generated) -> None:
    found = made.read("parcels").filter(pl.col("due_at").is_not_null())
    plain = found["posted_at"] + timedelta(days=30)
    assert found["due_at"].dt.hour().is_between(8, 11).all()
    stays = plain.dt.hour().is_between(8, 11) & (plain.dt.date() == found["due_at"].dt.date())
    assert stays.sum() > 2_000
    assert (found["due_at"].filter(stays) == plain.filter(stays)).all()


def test_a_grid_of_times_holds_too(made: Generated) -> None:
    found = made.read("parcels")
    assert set(found["fetched_at"].drop_nulls().dt.minute()) == {0, 15, 30, 45}
    loaded = found["loaded_at"].drop_nulls()
    assert set(loaded.dt.weekday()) == {2, 6}
    assert set(loaded.dt.hour()) == {7}
    assert on_holidays(loaded) == 0


def test_a_factor_keeps_a_share_of_the_holidays(made: Generated) -> None:
    found = made.read("parcels")
    usual = on_holidays(found["usual_at"].filter(found["usual_at"].dt.weekday() < 6))
    assert 0.3 * usual < on_holidays(found["half_at"]) < 0.7 * usual


def test_the_report_proves_closed_days_and_finds_an_open_one(made: Generated) -> None:
    results = coherence(made.model, made.tables, made.folder)
    assert [result for result in results if result.violations] == []
    closed = {result.column for result in results if "closed weekday or a public holiday" in result.rule}
    assert closed == {"delivered_at", "fetched_at", "loaded_at", "promised_at", "packed_at", "due_at"}
    file = made.folder / "tables" / "parcels" / "part-00000.parquet"
    frame = pl.read_parquet(file)
    christmas = pl.lit(date(AS_OF.year - 1, 12, 25)).cast(pl.Datetime("us"))
    try:
        frame.with_columns(
            due_at=pl.when(pl.int_range(pl.len()) < 3).then(christmas).otherwise("due_at")
        ).write_parquet(file)
        again = coherence(made.model, made.tables, made.folder)
    finally:
        frame.write_parquet(file)
    assert [result.violations for result in again if result.column == "due_at" and "closed" in result.rule] == [3]


@pytest.mark.parametrize(
    ("generator", "says"),
    [
        (after(holidays=0, snap={"to": "quarter_end"}), "quarter_end cannot also leave public holidays"),
        (after(holidays=0, weekdays=WORKING_DAYS, snap={"times": ["07:00"], "weekdays": [6]}), "No weekday is open"),
        ({"kind": "moment", "sql": "posted_at", "hours": [0] * 24}, "weights cannot be used"),
    ],
)
def test_what_contradicts_itself_is_refused(generator: dict[str, Any], says: str) -> None:
    (problem,) = model_problems(parcels(moved_at=generator))
    assert says in f"{problem}"
    assert problem.remedy


def test_rows_of_before_the_history_keep_its_holidays(tmp_path: Path) -> None:
    model = parcels()
    arrival = {"kind": "arrival", "before_history": 0.6, "holidays": 0, "hours": MORNING}
    table = model.tables[0].model_dump(mode="json")
    table["columns"][1]["generator"] = arrival
    found = generated(retail_model(30_000, tables=[table]), tmp_path).read("parcels")["posted_at"]
    assert found.dt.year().n_unique() > 5
    days = found.dt.date().cast(pl.Int32).to_numpy()
    assert not np.isin(days, public_holidays("US", AS_OF.year - 8, AS_OF.year)).any()
