"""Keys that are numbered in order of a moment rise with it and have no holes, however and wherever the blocks are made."""

import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis.clock import NEVER
from provisioning_assets.synthesis.engine import STAGING_PREFIX, synthesise
from provisioning_assets.synthesis.numbering import in_order
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import column, retail_model
from provisioning_assets_tests.synthesis.test_engine import digests

SEVERAL_BLOCKS = 160_000
"""Shipments that take three blocks."""


def child(name: str, parent: str, key: str, columns: list[dict[str, Any]], **population: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": name,
        "population": {"kind": "per_parent", "parent": parent, **population},
        "primary_key": [key],
        "columns": columns,
    }


def key(name: str, **settings: Any) -> dict[str, Any]:
    kind = "STRING" if "prefix" in settings else "INT64"
    return column(name, kind, {"kind": "sequence", **settings}, "key")


def freight_model(shipments: int = 3_000, *, order: str | None = "invoiced_on", **changes: Any) -> DataModel:
    """Shipments with invoices some days later, lines of the invoices, and reminders of the lines' invoice."""
    tables = [
        {
            "name": "shipments",
            "description": "shipments",
            "population": {"kind": "scaled", "share": 1},
            "primary_key": ["shipment_id"],
            "columns": [
                key("shipment_id"),
                column("sent_at", "DATETIME", {"kind": "arrival"}, "time"),
                column(
                    "billed_on",
                    "DATE",
                    {"kind": "after", "base": "sent_at", "unit": "days", "median": 9, "sigma": 0.8},
                    "time",
                ),
            ],
        },
        child(
            "invoices",
            "shipments",
            "invoice_id",
            [
                key("invoice_id", start=440001, prefix="R", width=6, in_order_of=order),
                column("shipment_id", "INT64", {"kind": "parent_key"}),
                column(
                    "invoiced_on", "DATE", {"kind": "lookup", "through": "shipment_id", "column": "billed_on"}, "time"
                ),
            ],
            where="billed_on is not null",
        ),
        child(
            "lines",
            "invoices",
            "line_id",
            [
                key("line_id"),
                column("invoice_id", "STRING", {"kind": "parent_key"}),
                column("position", "INT64", {"kind": "position"}),
                column("shipment_id", "INT64", {"kind": "lookup", "through": "invoice_id", "column": "shipment_id"}),
            ],
            count={"first": 1, "weights": [3, 2]},
        ),
        child(
            "reminders",
            "lines",
            "reminder_id",
            [
                key("reminder_id", start=7, in_order_of="sent_on"),
                column("line_id", "INT64", {"kind": "parent_key"}),
                column("invoice_id", "STRING", {"kind": "lookup", "through": "line_id", "column": "invoice_id"})
                | {"null_share": 0.1},
                column("shipment_id", "INT64", {"kind": "lookup", "through": "line_id", "column": "shipment_id"}),
                column("due_on", "DATE", {"kind": "lookup", "through": "invoice_id", "column": "invoiced_on"}, "time"),
                column("sent_on", "DATE", {"kind": "after", "base": "due_on", "unit": "days", "median": 30}, "time"),
            ],
            probability=0.2,
        ),
    ]
    return retail_model(shipments, tables=tables, **changes)


def numbers(keys: pl.Series) -> np.ndarray:
    return keys.str.slice(1).cast(pl.Int64).to_numpy()


@pytest.fixture(scope="module")
def freight(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    found = generated(freight_model(SEVERAL_BLOCKS), tmp_path_factory.mktemp("freight"))
    assert len(next(table for table in found.tables.tables if table.name == "invoices").files) > 1
    return found


def test_numbers_rise_with_their_date_without_holes(freight: Generated) -> None:
    invoices = freight.read("invoices")
    found = numbers(invoices["invoice_id"])
    assert sorted(found.tolist()) == list(range(440001, 440001 + len(found)))
    dates = invoices["invoiced_on"].to_numpy()[np.argsort(found)]
    assert (np.diff(dates).astype(int) >= 0).all()
    assert set(invoices["invoice_id"].str.len_chars()) == {7}
    # within a day, in the order of the rows: nothing is left to chance
    assert (
        invoices.with_columns(number=pl.Series(found))
        .group_by("invoiced_on")
        .agg((pl.col("number").diff() == 1).all())["number"]
        .all()
    )


def test_copies_lead_to_the_same_rows(freight: Generated) -> None:
    invoices = freight.read("invoices").select("invoice_id", whose="shipment_id")
    for table in ("lines", "reminders"):
        rows = freight.read(table)
        joined = rows.filter(pl.col("invoice_id").is_not_null()).join(invoices, on="invoice_id")
        assert joined.height == rows["invoice_id"].is_not_null().sum()
        assert (joined.height < rows.height) is (table == "reminders")
        assert (joined["whose"] == joined["shipment_id"]).all()


def test_rows_without_a_moment_come_last(freight: Generated) -> None:
    reminders = freight.read("reminders").sort("reminder_id")
    assert reminders["reminder_id"].to_list() == list(range(7, 7 + reminders.height))
    known = reminders["sent_on"].is_not_null()
    assert 0 < (~known).sum() < reminders.height
    assert known.to_list() == sorted(known.to_list(), reverse=True)
    assert reminders["sent_on"].drop_nulls().is_sorted()


def test_the_report_proves_it_and_finds_a_hole(freight: Generated, tmp_path: Path) -> None:
    results = coherence(freight.model, freight.tables, freight.folder)
    assert [result for result in results if result.violations] == []
    assert {(result.kind, result.table) for result in results} >= {
        ("numbers_without_holes", "invoices"),
        ("ids_grow_with_time", "invoices"),
        ("numbers_without_holes", "reminders"),
    }
    plain = generated(freight_model(SEVERAL_BLOCKS, order=None), tmp_path)
    broken = {result.kind for result in coherence(freight.model, plain.tables, plain.folder) if result.violations}
    assert broken == {"numbers_without_holes", "ids_grow_with_time"}


def test_nothing_else_changes(freight: Generated, tmp_path: Path) -> None:
    plain = generated(freight_model(SEVERAL_BLOCKS, order=None), tmp_path)
    assert digests(plain.tables)["tables/shipments/part-00000.parquet"] in digests(freight.tables).values()
    for table in ("invoices", "lines", "reminders"):
        assert freight.read(table).drop("invoice_id").equals(plain.read(table).drop("invoice_id"))
    assert not freight.read("invoices")["invoice_id"].equals(plain.read("invoices")["invoice_id"])


def test_workers_and_stores_do_not_change_a_byte(freight: Generated, tmp_path: Path) -> None:
    expected = digests(freight.tables)
    assert digests(synthesise(freight.model, tmp_path / "two", workers=2)) == expected
    with ThreadPoolExecutor(2) as executor:
        assert digests(synthesise(freight.model, tmp_path / "threads", workers=executor)) == expected
    small = freight_model()
    store = UPath("memory://numbered/acme_com")
    assert digests(synthesise(small, store)) == digests(synthesise(small, tmp_path / "small"))


def test_another_size_of_blocks_gives_the_same_order(freight: Generated) -> None:
    moments = freight.read("invoices")["invoiced_on"].cast(pl.Datetime("us")).to_physical().to_numpy() // 1_000_000
    assert np.array_equal(in_order(moments, at_once=5_000), in_order(moments))


@given(
    st.lists(st.one_of(st.integers(-(10**9), 2 * 10**9), st.integers(0, 200_000), st.just(NEVER)), max_size=60),
    st.integers(1, 70),
)
def test_places_are_those_of_a_stable_sort(moments: list[int], at_once: int) -> None:
    given_ = np.array(moments, dtype=np.int64)
    expected = np.empty(len(given_), dtype=np.int64)
    expected[np.argsort(given_, kind="stable")] = np.arange(len(given_))
    assert np.array_equal(in_order(given_, at_once), expected)


KILLED_RUN = """
    import os, signal, sys
    from pathlib import Path
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets_tests.synthesis.test_numbering import freight_model

    steps = []

    def kill(rows, expected):
        steps.append(rows)
        if len(steps) == {steps}:
            os.kill(os.getpid(), signal.SIGKILL)

    synthesise(freight_model(), Path(sys.argv[1]), progress=kill)
"""


@pytest.mark.parametrize(("steps", "left"), [(1, "blocks"), (2, "order"), (4, "numbers")])
def test_a_killed_run_goes_on_from_each_step(steps: int, left: str, tmp_path: Path) -> None:
    script = textwrap.dedent(KILLED_RUN.format(steps=steps))
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "killed")], check=False)
    assert killed.returncode == -signal.SIGKILL
    (staging,) = (tmp_path / "killed").glob(f"{STAGING_PREFIX}*")
    kept = {path: path.stat().st_mtime_ns for path in (staging / left).rglob("*.json")}
    assert kept
    assert not (tmp_path / "killed" / "tables").exists()
    seen: list[int] = []

    def look(rows: int, _expected: int) -> None:
        seen.append(rows)
        assert {path: path.stat().st_mtime_ns for path in kept} == kept

    after = synthesise(freight_model(), tmp_path / "killed", progress=look)
    assert len(seen) == 4  # the rows, two orders, the numbers
    assert digests(after) == digests(synthesise(freight_model(), tmp_path / "fresh"))


def several_model() -> DataModel:
    """Payments of invoices and payments on their own, numbered together."""
    model = freight_model(order=None).model_dump(mode="json")
    payments = {
        "name": "payments",
        "description": "payments",
        "population": {
            "kind": "several",
            "sources": [
                {"kind": "per_parent", "parent": "invoices", "where": "invoiced_on is not null"},
                {"kind": "scaled", "share": 0.4},
            ],
        },
        "primary_key": ["payment_id"],
        "columns": [
            key("payment_id", start=100, in_order_of="paid_on"),
            column("invoice_id", "STRING", {"kind": "parent_key"})
            | {"source_generators": {1: {"kind": "expression", "sql": "null"}}},
            column("billed_on", "DATE", {"kind": "lookup", "through": "invoice_id", "column": "invoiced_on"}, "time")
            | {"source_generators": {1: {"kind": "arrival"}}},
            column("paid_on", "DATE", {"kind": "expression", "sql": "billed_on"}, "time"),
        ],
    }
    return DataModel.model_validate(model | {"tables": [*model["tables"], payments]})


def test_rows_of_several_sources_are_numbered_together(tmp_path: Path) -> None:
    found = generated(several_model(), tmp_path)
    payments = found.read("payments").sort("payment_id")
    assert payments["payment_id"].to_list() == list(range(100, 100 + payments.height))
    assert payments["paid_on"].is_sorted()
    of_invoices = payments["invoice_id"].is_not_null()
    assert 0 < of_invoices.sum() < payments.height
    assert [result for result in coherence(found.model, found.tables, found.folder) if result.violations] == []


def with_changes(change: Any) -> DataModel:
    model = freight_model().model_dump(mode="json")
    change({table["name"]: table for table in model["tables"]}, model)
    return DataModel.model_validate(model)


def _expression(tables: dict[str, Any], _model: Any) -> None:
    tables["invoices"]["columns"].append(
        column("reference", "STRING", {"kind": "expression", "sql": "'Invoice ' || invoice_id"}, "dimension")
    )


def _of_a_copy(tables: dict[str, Any], _model: Any) -> None:
    tables["lines"]["columns"].append(
        column("remark", "STRING", {"kind": "text", "templates": ["See {invoice_id}"]}, "text")
    )


def _roll_up(tables: dict[str, Any], _model: Any) -> None:
    generator = {"kind": "rollup", "table": "invoices", "function": "last", "column": "invoice_id"}
    tables["shipments"]["columns"].append(column("last_invoice", "STRING", generator, "dimension"))


def _rows(tables: dict[str, Any], _model: Any) -> None:
    tables["lines"]["population"]["where"] = "invoice_id > 'R5'"


def _other_family(tables: dict[str, Any], model: Any) -> None:
    invoice = column("invoice_id", "STRING", {"kind": "reference", "table": "invoices"})
    calls = child("calls", "x", "call_id", [key("call_id"), invoice])
    model["tables"].append(calls | {"population": {"kind": "scaled", "share": 1}})


def _effect(_tables: dict[str, Any], model: Any) -> None:
    model["effects"] = [
        {"insight_id": "i", "table": "reminders", "column": "sent_on", "factor": 2, "where": "invoice_id = 'R440001'"}
    ]


def _no_moment(tables: dict[str, Any], _model: Any) -> None:
    tables["invoices"]["columns"][0]["generator"]["in_order_of"] = "shipment_id"


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        (_expression, "invoices.reference", "made from invoices.invoice_id"),
        (_of_a_copy, "lines.remark", "made from lines.invoice_id"),
        (_roll_up, "shipments.last_invoice", "made from invoices.invoice_id"),
        (_rows, "lines.rows", "made from invoices.invoice_id"),
        (_other_family, "calls.invoice_id", "known only after all rows of invoices"),
        (_effect, "reminders.sent_on", "made from reminders.invoice_id"),
        (_no_moment, "invoices.invoice_id", "'shipment_id' is INT64; it must be DATE or DATETIME"),
    ],
)
def test_what_needs_the_numbers_is_refused(change: Any, place: str, says: str) -> None:
    problems = model_problems(with_changes(change))
    assert problems
    assert str(problems[0]).startswith(place)
    assert says in str(problems[0])
    assert all(problem.remedy for problem in problems)


def test_the_model_itself_has_no_problem() -> None:
    assert model_problems(freight_model()) == []
    assert model_problems(several_model()) == []
