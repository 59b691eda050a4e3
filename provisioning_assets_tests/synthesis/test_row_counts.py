"""Missing or shortened files, and numbers of rows that differ from the plan, are found."""

import shutil
from pathlib import Path

import polars as pl

from provisioning_assets.synthesis.row_counts import file_errors, row_errors
from provisioning_assets_tests.synthesis.conftest import Generated
from provisioning_assets_tests.synthesis.retail_model import retail_model


def test_files_are_compared_with_their_manifests(retail: Generated, tmp_path: Path) -> None:
    assert file_errors(retail.model, retail.tables, retail.folder) == []
    shutil.copytree(retail.folder / "tables", tmp_path / "tables")
    file = tmp_path / "tables" / "orders" / "part-00000.parquet"
    pl.read_parquet(file).head(10).write_parquet(file)
    (tmp_path / "tables" / "returns" / "part-00000.parquet").write_bytes(b"half a file")
    [fewer, unreadable] = file_errors(retail.model, retail.tables, tmp_path)
    assert fewer == "tables/orders/part-00000.parquet has 10 rows, but its manifest says 8,000"
    assert "tables/returns/part-00000.parquet cannot be read" in unreadable
    missing = retail.tables.model_copy(update={"tables": retail.tables.tables[1:]})
    assert file_errors(retail.model, missing, retail.folder) == ["customers was not generated"]


def test_rows_are_compared_with_the_plan(retail: Generated) -> None:
    assert row_errors(retail.model, retail.tables) == []
    larger = row_errors(retail_model(200_000), retail.tables)
    assert any("customers has 3,200 rows, but 32,000 are planned" in error for error in larger)
    assert any("the largest table, order_lines" in error for error in larger)
    emptied = [table.model_copy(update={"rows": 0}) for table in retail.tables.tables]
    nothing = row_errors(retail.model, retail.tables.model_copy(update={"tables": emptied}))
    assert "returns has no rows" in nothing
