"""Names, labels and tables for BigQuery, as values: what is refused, cut, chosen."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import polars as pl
import pyarrow
import pyarrow.parquet
import pytest
from google.cloud.bigquery._pyarrow_helpers import bq_to_arrow_scalars

from provisioning_assets.cloud_labels import label_value
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.tables import ForeignKey, Table
from provisioning_assets.data_model.working_types import STORED_TYPES
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.synthesis.generation import PARQUET
from provisioning_assets.warehouse.bigquery_names import (
    customer_names,
    labels,
    require_accepted_names,
    tables_expire_at,
)
from provisioning_assets.warehouse.bigquery_tables import clustering, keys_resource, partitioning
from provisioning_assets_tests.warehouse.retail_dataset import retail_model


def renamed(table: int, **columns: str) -> list[Table]:
    """The retail tables with other names of columns in one table; the names are not checked."""
    tables = retail_model().tables
    made = [
        column.model_copy(update={"name": columns.get(column.name, column.name)}) for column in tables[table].columns
    ]
    tables[table] = tables[table].model_copy(update={"columns": made})
    return tables


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        (renamed(2, status="_table_x"), "_TABLE_"),
        (renamed(2, status="_PARTITIONTIME"), "_PARTITION"),
        (renamed(2, status="__root__a"), "__ROOT__"),
        (renamed(2, status="WEIGHT"), "two columns"),
        (renamed(2, status="orders"), "own name"),
        (renamed(2, status="a`b"), "not a column's name"),
        ([*retail_model().tables, retail_model().tables[0].model_copy(update={"name": "ORDERS"})], "two tables"),
        ([retail_model().tables[0].model_copy(update={"name": "a`; DROP"})], "not a table's name"),
    ],
)
def test_names_that_bigquery_does_not_accept_are_refused(tables: list[Table], word: str) -> None:
    with pytest.raises(ProvisioningError, match=word):
        require_accepted_names(tables)


def test_the_names_of_a_blueprint_are_accepted_and_its_columns_can_be_clustered() -> None:
    _, model = sample_demo(load_blueprint("retail_ecommerce"), "US")
    require_accepted_names(model.tables)
    for table in model.tables:
        types = {column.name: column.type for column in table.columns if not column.internal}
        chosen = clustering(table)
        assert 1 <= len(chosen) <= 4
        assert {types[name] for name in chosen} <= {"STRING", "INT64", "NUMERIC", "BOOL", "DATE", "DATETIME"}
        assert len(set(chosen)) == len(chosen)
    assert any(partitioning(table) for table in model.tables)


def test_an_internal_column_may_have_any_name() -> None:
    require_accepted_names(renamed(1, secret="_TABLE_"))


@pytest.mark.parametrize("text", ["acme_com", "a" * 200, "Ann.O'Brien+x@Acme.co.uk", "ÄÖ", ""])
def test_a_label_has_the_form_that_is_accepted(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{0,63}", label_value(text))


def test_long_keys_have_different_labels() -> None:
    assert label_value("a" * 80 + "_com") != label_value("a" * 80 + "_de")
    assert label_value("a" * 63) == "a" * 63


def test_no_data_set_of_a_customer_has_the_name_of_anothers_staging() -> None:
    # a suffix could be part of a key, a prefix before demo_ cannot
    for key in ("acme_com", "staging__demo_com", "acme_com___staging"):
        names = customer_names("p", key)
        assert names.final.dataset_id.startswith("demo_")
        assert not names.staging.dataset_id.startswith("demo_")


def test_all_labels_are_always_written() -> None:
    names = customer_names("p", "acme_com")
    made = labels(names, state="ready", content="x", expires_on=date(2026, 12, 13), owner="")
    assert made["expires"] == "2026-12-13"
    assert made["owner"] == made["load"] == ""


def test_tables_outlive_the_demo_by_a_week() -> None:
    now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert tables_expire_at(date(2026, 12, 13), now) == datetime(2026, 12, 20, tzinfo=UTC)
    assert tables_expire_at(date(2026, 1, 1), now) == now + timedelta(days=7)


def test_columns_with_few_values_come_first_and_fractions_never() -> None:
    orders = retail_model().tables[2].model_copy(update={"event_time": "ordered_at"})
    roles = {"order_date": "time", "total": "measure"}
    orders = orders.model_copy(
        update={"columns": [c.model_copy(update={"role": roles.get(c.name, c.role)}) for c in orders.columns]}
    )
    assert clustering(orders) == ["status", "customer_id", "order_id"]


def test_a_table_without_stored_event_time_has_no_partitions() -> None:
    orders = retail_model().tables[2]
    assert partitioning(orders) is None
    hidden = [c.model_copy(update={"internal": c.name == "ordered_at"}) for c in orders.columns]
    assert partitioning(orders.model_copy(update={"event_time": "ordered_at", "columns": hidden})) is None


def test_a_reference_to_the_table_itself_is_not_declared() -> None:
    orders = retail_model().tables[2]
    own = ForeignKey(columns=["customer_id"], references_table="orders", references_columns=["order_id"])
    table = orders.model_copy(update={"foreign_keys": [own, *orders.foreign_keys]})
    made = keys_resource(customer_names("p", "acme_com").final, table, referring=True)
    assert [key["referencedTable"]["tableId"] for key in made["foreignKeys"]] == ["customers"]
    assert keys_resource(customer_names("p", "acme_com").final, table, referring=False)["foreignKeys"] == []


@pytest.mark.parametrize("kind", ["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "DATETIME"])
def test_files_hold_the_types_that_bigquerys_client_writes_for_a_column(kind: GoogleSqlType) -> None:
    theirs = bq_to_arrow_scalars(kind)
    assert theirs is not None
    buffer = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"x": pyarrow.array([], theirs())}), buffer)
    assert _logical_type(_stored(kind)) == _logical_type(buffer)


def test_money_is_a_decimal_that_fits_into_numeric() -> None:
    # NUMERIC holds 29 digits before the point and 9 behind it
    assert _logical_type(_stored("NUMERIC")) == ("INT64", "Decimal(precision=18, scale=2)")


def _stored(kind: GoogleSqlType) -> BytesIO:
    """A file with one empty column, written as synthesis writes it."""
    buffer = BytesIO()
    pl.DataFrame({"x": []}, schema={"x": STORED_TYPES[kind]}).write_parquet(buffer, **PARQUET)
    return buffer


def _logical_type(file: BytesIO) -> tuple[str, str]:
    column = pyarrow.parquet.ParquetFile(file).schema.column(0)
    return column.physical_type, re.sub(r", is_from_converted_type.*", ")", str(column.logical_type))
