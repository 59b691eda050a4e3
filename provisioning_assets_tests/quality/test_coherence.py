"""Every rule holds in generated tables, and violations are found in files that were changed by hand."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from upath import UPath

from provisioning_assets.quality.coherence import coherence, recent_days, rules
from provisioning_assets.quality.models import CoherenceResult
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.history_model import history_model
from provisioning_assets_tests.synthesis.retail_model import AS_OF, retail_model

LATE = datetime(AS_OF.year, AS_OF.month, AS_OF.day) + timedelta(days=1)
EARLY = datetime(2001, 1, 1)


def test_everything_holds_in_generated_tables(retail: Generated) -> None:
    results = coherence(retail.model, retail.tables, retail.folder)
    assert {result.kind for result in results} == {
        "key_unique",
        "reference_resolves",
        "rollup_equals_children",
        "expression_holds",
        "has_required_children",
        "distinct_in_parent",
        "in_order",
        "not_after_as_of",
        "ids_grow_with_time",
        "email_is_plausible",
    }
    assert [result for result in results if result.violations] == []


def test_the_last_days_have_rows(retail: Generated) -> None:
    found = recent_days(retail.model, retail.tables, retail.folder)
    assert {result.table: result.violations for result in found}["orders"] == 0
    assert all(result.violations == 0 for result in found)


def with_changed(retail: Generated, folder: Path, table: str, change: pl.Expr) -> list[CoherenceResult]:
    """The broken rules after one column of a table was changed in its third row (or as the expression says)."""
    shutil.copytree(retail.folder / "tables", folder / "tables")
    file = folder / "tables" / table / "part-00000.parquet"
    pl.read_parquet(file).with_row_index("nr").with_columns(change).drop("nr").write_parquet(file)
    return [result for result in coherence(retail.model, retail.tables, folder) if result.violations]


def third(column: str, value: object) -> pl.Expr:
    """A value in the third row only."""
    return (
        pl.when(pl.col("nr") == 2)
        .then(pl.lit(value))
        .otherwise(pl.col(column))
        .cast(pl.Datetime("us") if isinstance(value, datetime) else pl.Int64)
        .alias(column)
    )


@pytest.mark.parametrize(
    ("table", "change", "kind", "column"),
    [
        ("orders", third("order_id", 500_001), "key_unique", "order_id"),
        ("orders", third("customer_id", 1), "reference_resolves", "customer_id"),
        ("orders", third("item_count", 99), "rollup_equals_children", "item_count"),
        ("order_lines", third("quantity", 9), "expression_holds", "line_total"),
        (
            "order_lines",
            pl.when(pl.col("nr") < 9).then(500_001).otherwise(pl.col("order_id")).cast(pl.Int64).alias("order_id"),
            "has_required_children",
            "order_id",
        ),
        ("orders", third("shipped_at", LATE), "not_after_as_of", "shipped_at"),
        ("orders", third("shipped_at", EARLY), "in_order", "shipped_at"),
        ("orders", third("ordered_at", EARLY), "in_order", "customer_id"),
        ("orders", third("ordered_at", EARLY), "ids_grow_with_time", "order_id"),
        ("returns", third("requested_at", EARLY), "in_order", "requested_at"),
        ("order_lines", pl.lit("SKU-00001").alias("product_id"), "distinct_in_parent", "product_id"),
        ("customers", pl.lit("jane@example.com").alias("email"), "email_is_plausible", "email"),
        ("customers", pl.lit("jane at home").alias("email"), "email_is_plausible", "email"),
    ],
)
def test_a_broken_rule_is_counted(
    retail: Generated, tmp_path: Path, table: str, change: pl.Expr, kind: str, column: str
) -> None:
    broken = with_changed(retail, tmp_path, table, change)
    assert (kind, table, column) in {(result.kind, result.table, result.column) for result in broken}


def test_an_amount_that_is_a_cent_off_is_counted(retail: Generated, tmp_path: Path) -> None:
    cent = pl.when(pl.col("nr") == 2).then(pl.col("order_total") + pl.lit("0.01").cast(pl.Decimal(18, 2)))
    change = cent.otherwise(pl.col("order_total")).cast(pl.Decimal(18, 2)).alias("order_total")
    [broken] = with_changed(retail, tmp_path, "orders", change)
    assert (broken.kind, broken.column, broken.violations) == ("rollup_equals_children", "order_total", 1)


def test_stale_days_are_counted(tmp_path: Path) -> None:
    """With so many orders a day that none is empty by chance."""
    model = retail_model(60_000)
    tables = synthesise(model, tmp_path)
    file = tmp_path / "tables" / "orders" / "part-00000.parquet"
    pl.read_parquet(file).with_columns(pl.col("ordered_at") - pl.duration(days=2)).write_parquet(file)
    violations = {result.table: result.violations for result in recent_days(model, tables, tmp_path)}
    assert violations["orders"] == 2


def test_tables_in_an_object_store_are_looked_at_in_place() -> None:
    folder = UPath("memory://bucket/coherence/shop_com")
    model = retail_model(2_000)
    tables = synthesise(model, folder)
    assert all(
        result.violations == 0 for result in coherence(model, tables, folder) + recent_days(model, tables, folder)
    )


def test_rules_say_what_must_hold_in_words(retail: Generated) -> None:
    words = [rule.words for rule in rules(retail.model)]
    assert "orders: ordered_at is not before signed_up_at of its customers" in words
    assert "order_total is the sum of its order_lines" in words
    assert "no product_id comes twice in one orders" in words


# --- histories -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generated(history_model(), tmp_path_factory.mktemp("club"))


def test_everything_holds_in_generated_histories(club: Generated) -> None:
    results = coherence(club.model, club.tables, club.folder)
    assert {"versions_do_not_overlap", "states_in_order", "current_is_last", "as_it_was"} <= {
        result.kind for result in results
    }
    assert [result for result in results if result.violations] == []


def of_last(column: str, value: pl.Expr) -> pl.Expr:
    """A value in the current version of each member."""
    return pl.when(pl.col("is_current")).then(value).otherwise(pl.col(column)).alias(column)


@pytest.mark.parametrize(
    ("table", "change", "kind", "column"),
    [
        ("memberships", pl.col("valid_to") + pl.duration(days=1), "versions_do_not_overlap", "valid_to"),
        ("memberships", of_last("valid_to", pl.col("valid_from")), "versions_do_not_overlap", "valid_to"),
        ("memberships", pl.col("valid_from") + pl.duration(days=1), "in_order", "valid_from"),
        ("memberships", pl.lit("Gold").alias("tier"), "states_in_order", "tier"),
        ("memberships", of_last("tier", pl.lit("None")), "current_is_last", "tier"),
        ("members", pl.lit("Silver").alias("tier"), "current_is_last", "tier"),
        ("members", pl.lit(1.0).cast(pl.Decimal(18, 2)).alias("first_fee"), "rollup_equals_children", "first_fee"),
        ("visits", pl.lit("Bronze").alias("tier"), "as_it_was", "tier"),
        ("visits", pl.lit(None, dtype=pl.String).alias("tier"), "as_it_was", "tier"),
        ("scans", pl.col("scanned_at") + pl.duration(hours=1), "states_in_order", "state"),
        ("scans", pl.lit("lost").alias("state"), "states_in_order", "state"),
        ("scans", pl.lit(101).alias("parcel_id"), "has_required_children", "parcel_id"),
    ],
)
def test_a_broken_history_is_counted(
    club: Generated, tmp_path: Path, table: str, change: pl.Expr, kind: str, column: str
) -> None:
    broken = with_changed(club, tmp_path, table, change)
    assert (kind, table if kind != "current_is_last" else "members", column) in {
        (result.kind, result.table, result.column) for result in broken
    }
