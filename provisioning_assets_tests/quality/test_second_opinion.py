"""SDMetrics finds the keys of generated tables valid, and finds keys that were broken by hand."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets_tests.quality.second_opinion import ValidityScore, validity
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import retail_model


def broken(retail: Generated, folder: Path, table: str, change: pl.Expr) -> dict[tuple[str, str, str], float]:
    """Scores below 1 after a column of a table was changed, by metric, table and column."""
    shutil.copytree(retail.folder / "tables", folder / "tables")
    file = folder / "tables" / table / "part-00000.parquet"
    pl.read_parquet(file).with_row_index("nr").with_columns(change).drop("nr").write_parquet(file)
    return by_key(score for score in validity(retail.model, retail.tables, folder) if score.score < 1)


def by_key(scores: Iterable[ValidityScore]) -> dict[tuple[str, str, str], float]:
    return {(score.metric, score.table, score.column): score.score for score in scores}


def test_every_key_and_reference_of_generated_tables_is_valid(retail: Generated) -> None:
    scores = validity(retail.model, retail.tables, retail.folder)
    assert [score for score in scores if score.score != 1] == []
    judged = {(score.metric, score.table, score.column) for score in scores}
    assert judged == {
        *(("KeyUniqueness", table.name, ", ".join(table.primary_key)) for table in retail.model.tables),
        *(
            ("ReferentialIntegrity", table.name, ", ".join(key.columns))
            for table in retail.model.tables
            for key in table.foreign_keys
        ),
    }
    assert len(judged) == 10


def test_a_repeated_and_a_missing_key_lower_its_score(retail: Generated, tmp_path: Path) -> None:
    repeated = pl.when(pl.col("nr") == 1).then(500_003).when(pl.col("nr") > 1).then("order_id").alias("order_id")
    scores = broken(retail, tmp_path, "orders", repeated)
    rows = retail.read("orders").height
    assert scores["KeyUniqueness", "orders", "order_id"] == pytest.approx(1 - 2 / rows)


def test_an_unresolved_reference_lowers_its_score(retail: Generated, tmp_path: Path) -> None:
    lost = pl.when(pl.col("nr") < 10).then(pl.lit("SKU-99999")).otherwise("product_id").alias("product_id")
    scores = broken(retail, tmp_path, "order_lines", lost)
    rows = retail.read("order_lines").height
    assert scores == {("ReferentialIntegrity", "order_lines", "product_id"): pytest.approx(1 - 10 / rows)}


def test_an_empty_reference_is_valid(retail: Generated, tmp_path: Path) -> None:
    half = pl.when(pl.col("nr") % 2 == 0).then("customer_id").alias("customer_id")
    assert broken(retail, tmp_path / "half", "orders", half) == {}
    none = pl.lit(None, pl.Int64).alias("customer_id")
    assert broken(retail, tmp_path / "none", "orders", none) == {}


def test_money_can_be_part_of_a_key(tmp_path: Path) -> None:
    model = retail_model(fact_rows=2_000)
    tables = model.model_dump()["tables"]
    next(table for table in tables if table["name"] == "orders")["primary_key"] = ["order_id", "order_total"]
    made = generated(model, tmp_path)
    keyed = model.model_copy(update={"tables": retail_model(tables=tables).tables})
    scores = by_key(validity(keyed, made.tables, tmp_path))
    assert scores["KeyUniqueness", "orders", "order_id, order_total"] == 1


def test_the_first_rows_are_judged_and_what_they_refer_to_is_looked_for_in_all(
    retail: Generated, tmp_path: Path
) -> None:
    scores = validity(retail.model, retail.tables, retail.folder, most_rows=5)
    assert {score.score for score in scores} == {1.0}
    assert max(score.rows for score in scores) == 5
    assert max(retail.read("order_lines")["product_id"].head(5)) > "SKU-00005", "beyond the first five products"
    late = pl.when(pl.col("nr") < 100).then("order_id").otherwise(pl.lit(500_001)).alias("order_id")
    shutil.copytree(retail.folder / "tables", tmp_path / "tables")
    file = tmp_path / "tables" / "orders" / "part-00000.parquet"
    pl.read_parquet(file).with_row_index("nr").with_columns(late).drop("nr").write_parquet(file)
    judged = by_key(validity(retail.model, retail.tables, tmp_path, most_rows=100))
    assert judged["KeyUniqueness", "orders", "order_id"] == 1
    assert by_key(validity(retail.model, retail.tables, tmp_path))["KeyUniqueness", "orders", "order_id"] < 0.1
