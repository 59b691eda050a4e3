"""A model that cannot be generated is refused before a row is, with table, column and remedy; all faults at once."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from upath import UPath

from provisioning_assets.data_model.rules.model_faults import model_faults
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.validation import validate_model
from provisioning_assets_tests.synthesis.retail_model import column, retail_model, retail_tables, with_effect

Tables = dict[str, dict[str, Any]]


def changed(change: Callable[[Tables], None]) -> list[str]:
    """The faults of the retail model after a change."""
    tables = retail_tables()
    change({table["name"]: table for table in tables})
    return [str(fault) for fault in model_faults(retail_model(tables=tables))]


def at(tables: Tables, place: str) -> dict[str, Any]:
    """The column ``table.column``."""
    table, name = place.split(".")
    return next(found for found in tables[table]["columns"] if found["name"] == name)


def generator(place: str, **fields: Any) -> Callable[[Tables], None]:
    """Replaces a column's generator."""

    def change(tables: Tables) -> None:
        at(tables, place)["generator"] = fields

    return change


def parameter(place: str, **fields: Any) -> Callable[[Tables], None]:
    """Changes parameters of a column's generator."""

    def change(tables: Tables) -> None:
        at(tables, place)["generator"].update(fields)

    return change


def of_column(place: str, **fields: Any) -> Callable[[Tables], None]:
    """Changes a column."""

    def change(tables: Tables) -> None:
        at(tables, place).update(fields)

    return change


def of_table(table: str, **fields: Any) -> Callable[[Tables], None]:
    """Changes a table."""

    def change(tables: Tables) -> None:
        tables[table].update(fields)

    return change


def added(table: str, *columns: dict[str, Any]) -> Callable[[Tables], None]:
    """Adds columns."""

    def change(tables: Tables) -> None:
        tables[table]["columns"] += deepcopy(list(columns))

    return change


def per_parent(table: str, **fields: Any) -> Callable[[Tables], None]:
    """Changes a population."""

    def change(tables: Tables) -> None:
        tables[table]["population"].update(fields)

    return change


def internal(place: str) -> Callable[[Tables], None]:
    """A column that is not stored."""

    def change(tables: Tables) -> None:
        table, column = place.split(".")
        next(found for found in tables[table]["columns"] if found["name"] == column)["internal"] = True

    return change


def all_internal(table: str) -> Callable[[Tables], None]:
    """No column is stored."""

    def change(tables: Tables) -> None:
        for found in tables[table]["columns"]:
            found["internal"] = True

    return change


def records(*rows: dict[str, Any]) -> Callable[[Tables], None]:
    """Products as records with a key, a name and a price."""

    def change(tables: Tables) -> None:
        tables["products"]["population"] = {"kind": "records", "rows": list(rows)}
        at(tables, "products.product_id")["generator"] = {"kind": "record"}
        at(tables, "products.list_price")["generator"] = {"kind": "record"}

    return change


def both(*changes: Callable[[Tables], None]) -> Callable[[Tables], None]:
    """Several changes, one after the other."""

    def change(tables: Tables) -> None:
        for each in changes:
            each(tables)

    return change


def category(name: str, values: list[str]) -> dict[str, Any]:
    """A column of one of these values, each as likely."""
    return column(name, "STRING", {"kind": "category", "values": values, "weights": [1.0] * len(values)})


def lookup(through: str, name: str) -> dict[str, Any]:
    """Looks a column up."""
    return {"kind": "lookup", "through": through, "column": name}


def after(name: str, base: str) -> dict[str, Any]:
    """A column with a moment some days after another."""
    return column(name, "DATETIME", {"kind": "after", "base": base, "unit": "days", "median": 3}, "time")


def since(table: str, begun: str, at: str) -> dict[str, Any]:
    """Refers to rows that have begun by then."""
    return {"kind": "reference", "table": table, "since": begun, "at": at}


FAULTS: list[tuple[str, Callable[[Tables], None], str]] = [
    (
        "two columns of one name",
        added("orders", column("channel", "STRING", {"kind": "company"})),
        "orders.channel: the table has two columns",
    ),
    (
        "a key that is no column",
        of_table("orders", primary_key=["number"]),
        "orders.number: the primary key is no column",
    ),
    (
        "a key with nulls",
        of_column("orders.order_id", null_share=0.1),
        "orders.order_id: a primary key is stored and never null",
    ),
    (
        "an event time that is none",
        of_table("orders", event_time="placed"),
        "orders.placed: its event_time is no column",
    ),
    ("a parent that is none", per_parent("order_lines", parent="carts"), "order_lines: its parent 'carts' is no table"),
    ("a table that descends from itself", per_parent("order_lines", parent="returns"), "it descends from itself"),
    (
        "a foreign key to no table",
        of_table(
            "orders",
            foreign_keys=[{"columns": ["customer_id"], "references_table": "people", "references_columns": ["id"]}],
        ),
        "orders.customer_id: it references 'people'",
    ),
    (
        "a foreign key of no column",
        of_table(
            "orders",
            foreign_keys=[
                {"columns": ["buyer"], "references_table": "customers", "references_columns": ["customer_id"]}
            ],
        ),
        "orders.buyer: its foreign key",
    ),
    (
        "counts without weight",
        per_parent("order_lines", count={"first": 1, "weights": [0.0]}),
        "order_lines: its child counts",
    ),
    ("no child ever", per_parent("order_lines", count={"first": 0, "weights": [1.0]}), "no parent could have a child"),
    ("a condition on no column", per_parent("returns", where="lost"), "returns: its where reads 'lost'"),
    (
        "a type that does not fit",
        of_column("orders.is_cancelled", type="STRING"),
        "orders.is_cancelled: a flag cannot fill",
    ),
    (
        "a text key without prefix",
        parameter("products.product_id", prefix=None),
        "products.product_id: a sequence is INT64",
    ),
    (
        "a position without parent",
        generator("orders.item_count", kind="position"),
        "orders.item_count: position needs rows that have a parent",
    ),
    (
        "a period without periods",
        of_column("orders.shipped_at", generator={"kind": "period_start"}),
        "orders.shipped_at: period_start needs",
    ),
    (
        "an arrival of children",
        of_column("returns.requested_at", generator={"kind": "arrival"}),
        "returns.requested_at: rows that have a parent",
    ),
    ("no generator", generator("orders.channel", kind="record"), "orders.channel: it has no generator"),
    (
        "weights that are too few",
        parameter("orders.channel", weights=[1.0]),
        "orders.channel: the weights do not fit 3 values",
    ),
    (
        "weights of a case that are too few",
        parameter("orders.channel", by="discount_pct", weights_by={"10": [1.0]}),
        "orders.channel: the weights for '10'",
    ),
    ("a case column that is none", parameter("orders.channel", by="mood"), "orders.channel: its by 'mood'"),
    (
        "values of another type",
        of_column("orders.channel", type="INT64"),
        "orders.channel: its values are not all INT64",
    ),
    ("a category of times", of_column("orders.channel", type="DATE"), "orders.channel: a category cannot fill DATE"),
    ("text in numbers", of_column("orders.channel", type="FLOAT64"), "orders.channel: its values are not numbers"),
    (
        "a lognormal of nothing",
        parameter("products.cost_share", distribution="lognormal", a=0),
        "products.cost_share: lognormal needs",
    ),
    ("a range upside down", parameter("products.cost_share", a=1, b=0), "products.cost_share: its upper end"),
    (
        "bounds upside down",
        parameter("products.cost_share", minimum=1, maximum=0),
        "products.cost_share: its minimum 1.0",
    ),
    (
        "a factor that is no expression",
        parameter("products.cost_share", times="(("),
        "products.cost_share: its times `((` cannot be evaluated",
    ),
    (
        "endings above one",
        parameter("products.list_price", endings=[99]),
        "products.list_price: price endings are fractions",
    ),
    (
        "a median of nothing",
        parameter("products.list_price", by="category", median_by={"Living": 0}),
        "products.list_price: a median of its cases",
    ),
    (
        "a rate above one",
        parameter("orders.is_cancelled", by="channel", rate_by={"App": 2}),
        "orders.is_cancelled: a rate of its cases",
    ),
    (
        "a base that is no time",
        parameter("orders.shipped_at", base="channel"),
        "orders.shipped_at: its base 'channel' is STRING",
    ),
    (
        "a duration of nothing",
        parameter("orders.shipped_at", by="channel", median_by={"App": 0}),
        "orders.shipped_at: a median of its cases",
    ),
    (
        "hours that are all closed",
        parameter("orders.shipped_at", hours=[0.0] * 24),
        "orders.shipped_at: its hours are all 0",
    ),
    (
        "hours whose sum is infinite",
        parameter("orders.shipped_at", hours=[1e308] * 24),
        "orders.shipped_at: its hours are all 0 or too large",
    ),
    (
        "weekdays that are all closed",
        parameter("orders.shipped_at", weekdays=[0.0] * 7),
        "orders.shipped_at: its weekdays are all 0",
    ),
    (
        "a condition that is an aggregate",
        parameter("orders.shipped_at", where="sum(discount_pct) > 3"),
        "looks at more than one row",
    ),
    ("months without weight", parameter("orders.ordered_at", months=[0.0] * 12), "orders.ordered_at: its months"),
    (
        "growth below nothing",
        parameter("orders.ordered_at", growth_per_year=-1),
        "orders.ordered_at: growth is above -1",
    ),
    (
        "an unknown function",
        parameter("products.unit_cost", sql="frobnicate(list_price)"),
        "products.unit_cost: its sql",
    ),
    (
        "an unknown column",
        parameter("products.unit_cost", sql="price * 2"),
        "products.unit_cost: its sql reads 'price'",
    ),
    ("a subquery", parameter("products.unit_cost", sql="(select 1)"), "products.unit_cost: its sql"),
    (
        "text where a number is",
        parameter("products.unit_cost", sql="concat(category, 'x')"),
        "products.unit_cost: `concat(category, 'x')` gives String",
    ),
    (
        "types that do not go together",
        parameter("products.unit_cost", sql="category * list_price"),
        "products.unit_cost: `category * list_price` cannot",
    ),
    (
        "a placeholder that is nothing",
        parameter("products.product_name", templates=["{colour} {thing}"]),
        "'{colour}' is neither a part nor a column",
    ),
    (
        "a part of itself",
        parameter("products.product_name", parts={"style": ["{thing}"], "thing": ["{style}"], "number": ["1"]}),
        "contains itself",
    ),
    (
        "a company that is none",
        parameter("customers.email", company="employer"),
        "customers.email: its company 'employer'",
    ),
    (
        "a latitude as text",
        generator("customers.city", kind="address", part="latitude"),
        "customers.city: a latitude is FLOAT64",
    ),
    (
        "a reference to no table",
        parameter("orders.customer_id", table="people"),
        "orders.customer_id: it references 'people'",
    ),
    (
        "a reference within the family",
        generator("returns.customer_id", kind="reference", table="orders"),
        "returns.customer_id: orders is generated together with returns",
    ),
    (
        "a key of another type",
        of_column("orders.customer_id", type="STRING"),
        "orders.customer_id: its type is not that of customers.customer_id",
    ),
    (
        "a weight that is text",
        parameter("orders.customer_id", weight="segment"),
        "orders.customer_id: its weight 'segment'",
    ),
    ("since without at", parameter("orders.customer_id", at=None), "orders.customer_id: `since` or `until` and `at`"),
    (
        "a match of no column",
        parameter("orders.customer_id", match={"channel": "mood"}),
        "orders.customer_id: its match 'mood'",
    ),
    (
        "a match of other types",
        parameter("orders.customer_id", match={"discount_pct": "segment"}),
        "match compares discount_pct",
    ),
    (
        "distinct without parent",
        parameter("orders.customer_id", distinct_in_parent=True),
        "orders.customer_id: distinct_in_parent needs",
    ),
    (
        "distinct out of too few",
        per_parent("products", share=0.0001, minimum=3),
        "order_lines.product_id: a parent has up to 5 rows, but products only 3",
    ),
    (
        "a look-up through no key",
        parameter("order_lines.unit_price", through="quantity"),
        "order_lines.unit_price: 'quantity' is no foreign key",
    ),
    (
        "look-ups in a circle",
        generator("order_lines.product_id", kind="lookup", through="unit_price", column="product_id"),
        "order_lines.product_id: 'unit_price' is no foreign key",
    ),
    (
        "a look-up of no column",
        parameter("order_lines.unit_price", column="price"),
        "order_lines.unit_price: 'price' is no column of products",
    ),
    (
        "a look-up of another type",
        parameter("order_lines.unit_price", column="category"),
        "order_lines.unit_price: it is NUMERIC, but products.category is STRING",
    ),
    (
        "a roll-up of no child",
        parameter("orders.order_total", table="products"),
        "orders.order_total: 'products' is no child of orders",
    ),
    (
        "a roll-up of no column",
        parameter("orders.order_total", column="total"),
        "orders.order_total: 'total' is no column of order_lines",
    ),
    ("a sum of nothing", parameter("orders.order_total", column=None), "orders.order_total: sum needs a column"),
    ("a sum of text", parameter("orders.order_total", column="product_id"), "orders.order_total: sum of STRING"),
    ("columns in a circle", parameter("products.cost_share", times="unit_cost"), "columns wait for each other"),
    ("records without the value", records({"product_id": "A"}), "products.list_price: no record has a value"),
    (
        "records of another type",
        records({"product_id": "A", "list_price": "dear"}),
        "products.list_price: a record's value is no NUMERIC",
    ),
    (
        "records with one key twice",
        records({"product_id": "A", "list_price": 1}, {"product_id": "A", "list_price": 2}),
        "products.product_id: the records' keys are not one each",
    ),
    ("no records", records(), "products: its records have no rows"),
    (
        "a foreign key that is not stored",
        internal("returns.customer_id"),
        "returns.customer_id: its foreign key to customers.customer_id is internal",
    ),
    ("nothing stored", all_internal("returns"), "returns: no column is stored"),
    (
        "a case that never is",
        parameter("orders.is_cancelled", by="channel", rate_by={"Phone": 0.5}),
        "orders.is_cancelled: its case 'Phone' is never a value of orders.channel. Name one of: App, Marketplace, Shop",
    ),
    (
        "weights of an unknown category",
        parameter("orders.discount_pct", by="channel", weights_by={"Ap": [1, 1, 1]}),
        "orders.discount_pct: its case 'Ap' is never a value",
    ),
    (
        "cases of a looked-up category that never are",
        parameter("order_lines.is_returned", by="category", rate_by={"Toys": 0.5}),
        "order_lines.is_returned: its case 'Toys' is never a value of order_lines.category",
    ),
    (
        "cases by nothing",
        parameter("orders.is_cancelled", rate_by={"App": 0.5}),
        "orders.is_cancelled: it has cases for App, and no `by`",
    ),
    (
        "a value that is there twice",
        parameter("orders.channel", values=["Shop", "Shop", "App"]),
        "orders.channel: it has Shop twice",
    ),
    (
        "a range in which no price ends",
        parameter("products.list_price", minimum=10.2, maximum=10.4, endings=[0.99, 0.5]),
        "products.list_price: no price from 10.2 to 10.4 ends in 0.5, 0.99",
    ),
    (
        "what is no number",
        parameter("products.cost_share", a=float("nan")),
        "products.cost_share: its a is nan",
    ),
    (
        "weights that are no numbers",
        parameter("orders.channel", weights=[1.0, float("inf"), 1.0]),
        "orders.channel: its weights is inf",
    ),
    (
        "fewer rows at most than at least",
        per_parent("customers", minimum=900, maximum=10),
        "customers: its rows are at least 900 and at most 10",
    ),
    (
        "a value for no column",
        records({"product_id": "a", "list_price": 3, "colour": "red"}),
        "products.colour: its records have a value for it, and it is no column",
    ),
    (
        "a foreign key of too few columns",
        of_table(
            "orders",
            foreign_keys=[{"columns": [], "references_table": "customers", "references_columns": ["customer_id"]}],
        ),
        "orders: its foreign key to customers has 0 columns for 1",
    ),
    (
        "a weight that nobody has",
        both(
            records({"product_id": "a", "list_price": 0}, {"product_id": "b"}),
            parameter("order_lines.product_id", weight="list_price", distinct_in_parent=False),
        ),
        "order_lines.product_id: no row of products has a list_price above 0",
    ),
    (
        "a match that cannot be",
        both(
            added("orders", category("wanted", ["Toys", "Living"])),
            added("order_lines", column("wanted", "STRING", lookup("order_id", "wanted"))),
            parameter("order_lines.product_id", match={"wanted": "category"}),
        ),
        "order_lines.product_id: no row of products can match wanted Toys: category is Beauty, Clothing",
    ),
    (
        "more lines than different products may match",
        both(
            records(
                *({"product_id": f"p{number}", "list_price": 3, "category": "AB"[number % 2]} for number in range(8))
            ),
            generator("products.category", kind="record"),
            added("orders", category("wanted", ["A", "B"])),
            added("order_lines", column("wanted", "STRING", lookup("order_id", "wanted"))),
            parameter("order_lines.product_id", match={"wanted": "category"}),
        ),
        "order_lines.product_id: a parent has up to 5 rows, and only 4 of products may match them",
    ),
    (
        "customers who come later than the first order",
        both(
            parameter("customers.signed_up_at", before_history=0),
            added("customers", after("verified_at", "signed_up_at")),
            parameter("orders.customer_id", since="verified_at"),
        ),
        "orders.customer_id: the first row of orders can come before any verified_at of customers",
    ),
    (
        "orders before the first customer",
        both(parameter("customers.signed_up_at", before_history=0), parameter("orders.ordered_at", before_history=0.2)),
        "orders.customer_id: the first row of orders can come before any signed_up_at",
    ),
    (
        "products that are sold from a later day on",
        both(
            records(
                *({"product_id": f"p{day}", "list_price": 3, "sold_from": f"2026-06-0{day}"} for day in range(1, 9))
            ),
            added("products", column("sold_from", "DATE", {"kind": "record"}, "time")),
            added("orders", column("product_id", "STRING", since("products", "sold_from", "ordered_at"))),
        ),
        "orders.product_id: no row of products has begun (sold_from) when the first row of orders comes",
    ),
]


@pytest.mark.parametrize(("change", "told"), [pytest.param(change, told, id=name) for name, change, told in FAULTS])
def test_a_fault_is_told_with_its_place(change: Callable[[Tables], None], told: str) -> None:
    faults = changed(change)
    assert any(told in fault for fault in faults), faults


def test_tables_that_refer_to_each_other_are_refused() -> None:
    def change(tables: Tables) -> None:
        tables["customers"]["columns"].append(column("favourite", "STRING", {"kind": "reference", "table": "products"}))
        tables["products"]["columns"].append(column("inventor", "INT64", {"kind": "reference", "table": "customers"}))

    assert any("tables refer to each other" in fault for fault in changed(change))


def test_names_that_bigquery_refuses_are_told() -> None:
    model = retail_model()
    model.tables[0].columns[9].name = "_PARTITIONDATE"
    model.tables[0].columns[8].name = "CITY"
    faults = [str(fault) for fault in model_faults(model)]
    assert any("customers._PARTITIONDATE: BigQuery refuses this prefix" in fault for fault in faults)
    assert any("customers.CITY: the table has two columns of this name" in fault for fault in faults)
    model.tables[1].name = "customers"
    assert any("two tables of this name" in str(fault) for fault in model_faults(model))


EFFECTS: list[tuple[str, dict[str, Any], str]] = [
    ("no such column", {"table": "orders", "column": "mood", "factor": 2}, "changes a column that is not there"),
    (
        "what has no parameter",
        {"table": "orders", "column": "order_total", "factor": 2},
        "an effect cannot change a rollup",
    ),
    ("a negative factor", {"table": "orders", "column": "is_cancelled", "factor": -1}, "factor -1.0 is not 0 or more"),
    (
        "a set of no rate",
        {"table": "orders", "column": "shipped_at", "operation": "set", "factor": 1},
        "`set` replaces a rate",
    ),
    (
        "a rate above one",
        {"table": "orders", "column": "is_cancelled", "operation": "set", "factor": 2},
        "a rate cannot be 2",
    ),
    (
        "a window upside down",
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 3, "to_days_ago": 9},
        "ends before it begins",
    ),
    (
        "a window without time",
        {"table": "returns", "column": "reason", "value": "Size", "factor": 2, "from_days_ago": 9},
        "window has no time",
    ),
    (
        "a condition on an arrival",
        {"table": "orders", "column": "ordered_at", "factor": 2, "where": "channel = 'App'"},
        "cannot depend on their values",
    ),
    (
        "a condition on no column",
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "mood = 1"},
        "effect's where reads 'mood'",
    ),
    (
        "no value of the category",
        {"table": "orders", "column": "channel", "value": "Fax", "factor": 2},
        "'Fax' is none of the category's",
    ),
    (
        "no referenced rows named",
        {"table": "orders", "column": "customer_id", "factor": 2},
        "does not say which referenced rows",
    ),
    (
        "no referenced column",
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "mood", "value": "x"},
        "'mood' is no column of customers",
    ),
    (
        "a condition of no truth",
        {"table": "orders", "column": "is_cancelled", "factor": 2, "where": "channel"},
        "gives String, where BOOL",
    ),
    (
        "all have children already",
        {"table": "returns", "column": "order_line_id", "factor": 2},
        "all parents have children already",
    ),
    (
        "a multiplied rate above one",
        {"table": "orders", "column": "is_cancelled", "factor": 30},
        "30.0 times the rate 0.04 is above 1. Give a factor up to 25.00",
    ),
    (
        "a window before the history",
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 9000, "to_days_ago": 8000},
        "the effect's window, 9000 to 8000 days ago, lies outside the history",
    ),
    (
        "a window in the future",
        {"table": "orders", "column": "is_cancelled", "factor": 2, "from_days_ago": 9, "to_days_ago": -3},
        "lies outside the history",
    ),
    (
        "no day on which rows arrive",
        {"table": "orders", "column": "ordered_at", "factor": 0},
        "no row of orders would arrive",
    ),
    (
        "referenced rows that are not there",
        {"table": "orders", "column": "customer_id", "factor": 2, "value_column": "segment", "value": "Robots"},
        "no row of customers has 'Robots' in segment. Name one of: Family, Senior, Single",
    ),
]


@pytest.mark.parametrize(("effect", "told"), [pytest.param(effect, told, id=name) for name, effect, told in EFFECTS])
def test_an_effect_that_cannot_be_applied_is_refused(effect: dict[str, Any], told: str) -> None:
    faults = [str(fault) for fault in model_faults(retail_model(effects=with_effect(**effect)))]
    assert any(told in fault for fault in faults), faults


def test_the_retail_model_has_no_fault() -> None:
    assert model_faults(retail_model()) == []


def test_all_faults_are_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    tables = retail_tables()
    by_name = {table["name"]: table for table in tables}
    parameter("orders.channel", weights=[1.0])(by_name)
    parameter("products.unit_cost", sql="price * 2")(by_name)
    with pytest.raises(ProvisioningError, match=r"2 faults(.|\n)*products.unit_cost(.|\n)*orders.channel"):
        synthesise(retail_model(tables=tables), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_size_beyond_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=5_000_000))
    validate_model(retail_model(2_000), tmp_path / "not" / "there" / "yet")
    with pytest.raises(ProvisioningError, match=r"GB are needed.*smaller --size"):
        validate_model(retail_model(2_000_000), tmp_path)
    validate_model(retail_model(2_000_000), UPath("memory://bucket/shop"))
