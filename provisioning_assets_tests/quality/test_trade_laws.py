"""The laws and relations of a trade are executed on the finished files: rows that break a law are counted, figures measured."""

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.quality import trade_laws as measuring
from provisioning_assets.quality.models import LawResult, RelationResult
from provisioning_assets.quality.trade_laws import LONGEST_CELL, ROWS_SHOWN, trade_laws, trade_relations
from provisioning_assets_tests.synthesis.conftest import Generated

LATE = Law(
    id="delivered_after_placed",
    says="No order is delivered before it was placed",
    sql="SELECT order_id, ordered_at, delivered_at FROM orders WHERE delivered_at < ordered_at",
)


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


def results(shop: Generated, *laws: Law, folder: Path | None = None) -> list[LawResult]:
    model: DataModel = shop.model.model_copy(update={"rules": list(laws)})
    return trade_laws(model, shop.tables, folder or shop.folder, translate)


def other(sql: str) -> Law:
    return Law(id="other", says="Something else that must hold", sql=sql)


def test_a_law_that_holds_has_no_violations(retail: Generated) -> None:
    (result,) = results(retail, LATE)
    assert result.holds()
    assert (result.violations, result.examples, result.error) == (0, [], None)


def test_rows_that_break_a_law_are_counted_and_some_are_shown(retail: Generated, tmp_path: Path) -> None:
    shutil.copytree(retail.folder / "tables", tmp_path / "tables")
    file = tmp_path / "tables" / "orders" / "part-00000.parquet"
    orders = pl.read_parquet(file).with_row_index("nr")
    early = (pl.col("nr") < 17) & pl.col("delivered_at").is_not_null()
    broken = orders.filter(early).height
    orders.with_columns(
        delivered_at=pl.when(early).then(pl.col("ordered_at") - pl.duration(days=1)).otherwise("delivered_at")
    ).drop("nr").write_parquet(file)
    (result,) = results(retail, LATE, folder=tmp_path)
    assert not result.holds()
    assert result.violations == broken > ROWS_SHOWN
    assert result.columns == ["order_id", "ordered_at", "delivered_at"]
    assert len(result.examples) == ROWS_SHOWN
    assert all(placed > delivered for _, placed, delivered in result.examples)
    assert result.failure() == (
        f"delivered_after_placed: No order is delivered before it was placed: {broken} rows break it"
    )


def test_today_is_the_models_as_of_date(retail: Generated) -> None:
    (future, all_of_them) = results(
        retail,
        other("SELECT order_id FROM orders WHERE DATE(ordered_at) > CURRENT_DATE()"),
        other("SELECT order_id FROM orders WHERE DATE(ordered_at) <= CURRENT_DATE()"),
    )
    assert future.violations == 0
    assert all_of_them.violations == retail.read("orders").height


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT cost_share FROM products", "The query failed"),
        ("SELECT CAST(given_name AS INT64) AS n FROM customers", "The query failed"),
        ("DROP TABLE orders", "not one single SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "reads from"),
        ("SELECT content FROM read_text('/etc/passwd')", "reads from"),
    ],
)
def test_a_law_that_cannot_be_executed_counts_as_broken(retail: Generated, sql: str, reason: str) -> None:
    failed, good = results(retail, other(sql), LATE)
    assert not failed.holds()
    assert failed.violations is None
    assert reason in (failed.error or "")
    assert "could not be checked" in failed.failure()
    assert good.holds()


def test_long_and_missing_values_are_shown_short(retail: Generated) -> None:
    (result,) = results(
        retail, other("SELECT REPLACE('x', 'x', RPAD('y', 300, 'y')) AS long_text, NULL AS nothing FROM orders")
    )
    assert result.examples[0] == ["y" * LONGEST_CELL + "…", ""]


def test_a_model_without_laws_has_no_results(retail: Generated) -> None:
    assert results(retail) == []


# --- relations -------------------------------------------------------------------------------------------------------

SPREAD = "SELECT AVG(order_total) AS mean_total, MIN(order_total) AS least, MAX(order_total) AS most FROM orders"


def related(shop: Generated, *queries: str, between: tuple[float, float] = (0.5, 0.7)) -> list[RelationResult]:
    relations = [
        Relation(
            id=f"r{number}", says="What goes with what", sql=sql, between=between, unit="times", source="experience"
        )
        for number, sql in enumerate(queries)
    ]
    model: DataModel = shop.model.model_copy(update={"relations": relations})
    return trade_relations(model, shop.tables, shop.folder, translate)


def test_the_first_column_is_the_figure_and_the_others_are_its_parts(retail: Generated) -> None:
    totals = retail.read("orders")["order_total"]
    (result,) = related(retail, SPREAD, between=(1.0, 100_000.0))
    assert result.figure == pytest.approx(totals.mean())
    assert result.parts == {"least": pytest.approx(totals.min()), "most": pytest.approx(totals.max())}
    assert (result.holds(), result.error, result.unit) == (True, None, "times")


def test_a_figure_does_not_depend_on_the_order_of_a_sum(retail: Generated) -> None:
    """Threads share the rows in another way each time; the report of the same files is the same."""
    forth, back = related(
        retail,
        "SELECT 0.1e0 + 0.2e0 + 0.3e0 AS x, 1 / (0.1e0 + 0.2e0 + 0.3e0) AS y FROM orders LIMIT 1",
        "SELECT 0.3e0 + 0.2e0 + 0.1e0 AS x, 1 / (0.3e0 + 0.2e0 + 0.1e0) AS y FROM orders LIMIT 1",
    )
    assert (0.1 + 0.2 + 0.3) != (0.3 + 0.2 + 0.1)
    assert (forth.figure, forth.parts) == (back.figure, back.parts)


@pytest.mark.parametrize(
    ("sql", "holds", "side"),
    [
        ("SELECT 0.5 AS x FROM orders LIMIT 1", True, None),
        ("SELECT 0.7 AS x FROM orders LIMIT 1", True, None),
        ("SELECT 0.4999 AS x FROM orders LIMIT 1", False, "below"),
        ("SELECT 1234.5 AS x FROM orders LIMIT 1", False, "above"),
    ],
)
def test_a_figure_holds_within_its_range_ends_included(
    retail: Generated, sql: str, holds: bool, side: str | None
) -> None:
    (result,) = related(retail, sql)
    assert result.holds() is holds
    if side is not None:
        assert f", {side} the plausible 0.5 to 0.7 times (experience)" in result.failure()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT AVG(cost_share) FROM products", "The query failed"),
        ("SELECT * FROM read_csv('/etc/passwd')", "reads from"),
        ("SELECT order_total FROM orders", "more than one row"),
        ("SELECT order_total FROM orders WHERE order_total < 0", "no row"),
        ("SELECT AVG(order_total) FROM orders WHERE order_total < 0", "no rows fit its conditions"),
        ("SELECT 'high' AS x FROM orders LIMIT 1", "must return a number"),
        ("SELECT TRUE AS x FROM orders LIMIT 1", "must return a number"),
    ],
)
def test_a_relation_that_cannot_be_measured_does_not_hold(retail: Generated, sql: str, reason: str) -> None:
    failed, good = related(retail, sql, "SELECT 0.6 AS x FROM orders LIMIT 1")
    assert not failed.holds()
    assert failed.figure is None
    assert reason in (failed.error or "")
    assert "could not be measured" in failed.failure()
    assert good.holds()


def test_a_query_that_takes_too_long_does_not_hold(retail: Generated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST_SECONDS", 0.05)
    long = "SELECT SUM(a.order_total * b.order_total * c.order_total) FROM orders AS a, orders AS b, orders AS c"
    (failed,) = related(retail, long)
    assert failed.error == "The query took longer than 0.05 seconds."


def test_a_model_without_relations_has_no_results(retail: Generated) -> None:
    assert related(retail) == []
