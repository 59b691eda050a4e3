"""Every property of real data is measured in generated tables, and found missing in tables that were changed to lack it."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.models import RealismResult
from provisioning_assets.quality.realism import FEWEST_ROWS, realism, seasonal_strength
from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import AS_OF, column, retail_model, retail_tables, with_effect

FIRST = datetime(AS_OF.year, AS_OF.month, AS_OF.day) - timedelta(days=799)
NR = pl.col("nr").cast(pl.Int64)

SYLLABLES = [first + second for first in "bdfghjklmnprstvwz" for second in ("a", "e", "i", "o", "u", "an", "er", "ol")]


def correlated_and_wordy() -> list[dict[str, Any]]:
    """The retail tables with a remark, and two numbers that go together, on every order."""
    tables = retail_tables()
    orders = next(table for table in tables if table["name"] == "orders")
    number = {"kind": "number", "distribution": "lognormal", "a": 20, "b": 0.5, "decimals": 3}
    word = {"name": SYLLABLES, "end": [".", "!", "?"]}
    orders["columns"] += [
        column("weight_kg", "FLOAT64", number, "measure"),
        column("volume_l", "FLOAT64", {**number, "correlation": {"column": "weight_kg", "rho": 0.6}}, "measure"),
        column(
            "remark",
            "STRING",
            {"kind": "text", "templates": ["{name}{name} {name}{name} {name}{name}{name}{end}"], "parts": word},
            "text",
        ),
    ]
    return tables


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Retail tables in which every property can be measured."""
    return generated(retail_model(tables=correlated_and_wordy()), tmp_path_factory.mktemp("shop"))


def measured(
    shop: Generated, folder: Path | UPath | None = None, model: DataModel | None = None
) -> list[RealismResult]:
    return realism(model or shop.model, shop.tables, folder or shop.folder)


def doctored(shop: Generated, folder: Path, table: str, **changes: pl.Expr) -> Path:
    """A copy of the files in which columns of one table are computed anew; ``nr`` is the number of the row."""
    shutil.copytree(shop.folder / "tables", folder / "tables")
    file = folder / "tables" / table / "part-00000.parquet"
    frame = pl.read_parquet(file)
    changed = frame.with_row_index("nr").with_columns(
        value.cast(frame.schema[name]).alias(name) for name, value in changes.items()
    )
    changed.drop("nr").write_parquet(file)
    return folder


def failures(results: list[RealismResult]) -> set[tuple[str, str | None]]:
    return {(result.check, result.column) for result in results if result.passed is False}


def test_what_the_engine_makes_is_lifelike(shop: Generated) -> None:
    results = measured(shop)
    assert failures(results) == set()
    assert {result.check for result in results} == {
        "top_fifth_share",
        "top_hundredth_share",
        "one_time_share",
        "events_dispersion",
        "amount_tail",
        "weekday_ratio",
        "seasonal_strength",
        "night_share",
        "midnight_share",
        "category_ratio",
        "growth",
        "correlation",
        "text_compression",
        "text_repeats",
        "text_repeats_lately",
        "price_endings",
    }
    assert {result.real_sets for result in results if result.check == "top_fifth_share"} == {"0.68 / 0.75"}
    assert all(result.source and result.says and result.rows > 0 for result in results)


def test_the_figures_are_those_of_the_rows(shop: Generated) -> None:
    orders = shop.read("orders")
    buyers = orders.group_by("customer_id").agg(pl.len().alias("orders"), pl.col("order_total").sum().alias("revenue"))
    revenue = buyers["revenue"].sort(descending=True).to_numpy()
    amounts, events = orders["order_total"].to_numpy(), buyers["orders"].to_numpy()
    found = {(result.check, result.table): result.measured for result in measured(shop)}
    assert found["top_fifth_share", "orders"] == pytest.approx(
        revenue[: len(revenue) // 5].sum() / revenue.sum(), abs=1e-4
    )
    assert found["one_time_share", "orders"] == pytest.approx((events == 1).mean(), abs=1e-4)
    assert found["events_dispersion", "orders"] == pytest.approx(events.var() / events.mean(), abs=1e-3)
    assert found["amount_tail", "orders"] == pytest.approx(
        np.percentile(amounts, 99) / np.percentile(amounts, 50), rel=0.02
    )


EVEN = pl.lit(FIRST) + pl.duration(minutes=NR * 144 + NR * 37 % 144)
"""8,000 orders, ten a day, around the clock."""


@pytest.mark.parametrize(
    ("check", "named", "table", "changes"),
    [
        ("top_fifth_share", "customer_id", "orders", {"customer_id": 10001 + NR % 2000}),
        ("top_hundredth_share", "customer_id", "orders", {"customer_id": 10001 + NR % 2000}),
        ("top_fifth_share", "customer_id", "orders", {"customer_id": 10001 + (NR - 7_200).clip(0)}),
        ("one_time_share", "customer_id", "orders", {"customer_id": 10001 + NR % 2000}),
        ("events_dispersion", "customer_id", "orders", {"customer_id": 10001 + NR % 2000}),
        ("amount_tail", "order_total", "orders", {"order_total": 40 + NR % 7}),
        ("weekday_ratio", "ordered_at", "orders", {"ordered_at": EVEN}),
        ("seasonal_strength", "ordered_at", "orders", {"ordered_at": EVEN}),
        ("growth", "ordered_at", "orders", {"ordered_at": EVEN}),
        ("night_share", "ordered_at", "orders", {"ordered_at": EVEN}),
        ("night_share", "delivered_at", "orders", {"delivered_at": EVEN}),
        ("midnight_share", "ordered_at", "orders", {"ordered_at": pl.col("ordered_at").dt.truncate("1d")}),
        (
            "category_ratio",
            "channel",
            "orders",
            {"channel": (NR % 3).cast(pl.String).replace({"0": "Shop", "1": "App", "2": "Marketplace"})},
        ),
        ("price_endings", "list_price", "products", {"list_price": pl.col("list_price").cast(pl.Float64) + 0.37}),
        ("correlation", "volume_l", "orders", {"volume_l": pl.col("volume_l").shuffle(seed=1)}),
        ("correlation", "volume_l", "orders", {"volume_l": pl.col("weight_kg")}),
        (
            "text_repeats",
            "remark",
            "orders",
            {"remark": pl.when(NR % 60 == 0).then(pl.lit("ok.")).otherwise("remark")},
        ),
        (
            "text_repeats_lately",
            "remark",
            "orders",
            {"remark": pl.when((NR == 7_900) | (NR == 7_999)).then(pl.lit("It works.")).otherwise("remark")},
        ),
    ],
)
def test_a_doctored_table_does_not_pass(
    shop: Generated, tmp_path: Path, check: str, named: str, table: str, changes: dict[str, pl.Expr]
) -> None:
    assert (check, named) in failures(measured(shop, doctored(shop, tmp_path, table, **changes)))


@pytest.mark.parametrize(("limit", "passed"), [(4_000, False), (7_000, True)])
def test_a_category_that_an_expression_chooses_is_looked_at_like_a_drawn_one(
    tmp_path: Path, limit: int, passed: bool
) -> None:
    columns = [
        {"name": "order_id", "type": "INT64", "role": "key", "description": "key", "generator": {"kind": "sequence"}},
        {
            "name": "age",
            "type": "STRING",
            "role": "dimension",
            "description": "age",
            "generator": {"kind": "expression", "sql": f"case when order_id <= {limit} then 'early' else 'late' end"},
        },
    ]
    population = {"kind": "scaled", "share": 0.4}
    table = {
        "name": "orders", "description": "orders", "population": population, "primary_key": ["order_id"], "columns": columns,
    }  # fmt: skip
    found = generated(retail_model(tables=[table]), tmp_path)
    (result,) = [each for each in measured(found) if each.check == "category_ratio"]
    assert (result.column, result.passed) == ("age", passed)


def test_equal_weekdays_do_not_differ_by_chance(shop: Generated, tmp_path: Path) -> None:
    """A thousand rows differ by a tenth between weekdays by chance alone; that is not a rhythm."""
    days = pl.Series(np.random.default_rng(1).integers(0, 800, 8_000))
    by_chance = pl.when(NR < FEWEST_ROWS).then(pl.lit(FIRST) + pl.duration(days=pl.lit(days)))
    folder = doctored(shop, tmp_path, "orders", ordered_at=by_chance)
    (weekdays,) = [result for result in measured(shop, folder) if result.check == "weekday_ratio"]
    assert weekdays.rows == FEWEST_ROWS
    assert weekdays.measured >= 1.10
    assert not weekdays.passed


def changed(model: DataModel, table: str, column: str | None = None, **fields: object) -> DataModel:
    """The model with other fields of one table, or of one of its columns."""
    copied = model.model_dump()
    (found,) = [each for each in copied["tables"] if each["name"] == table]
    if column is not None:
        (found,) = [each for each in found["columns"] if each["name"] == column]
    found.update(fields)
    return DataModel.model_validate(copied)


BUYERS = {"top_fifth_share", "top_hundredth_share", "one_time_share", "events_dispersion"}
HOURS = {"night_share", "midnight_share"}


@pytest.mark.parametrize(
    ("rhythm", "left_out"),
    [
        ("people", set()),
        ("members", set()),
        ("appointments", {"one_time_share", "seasonal_strength"}),
        ("businesses", BUYERS),
        ("machines", {*BUYERS, *HOURS, "weekday_ratio"}),
        ("fees", {*BUYERS, *HOURS, "weekday_ratio", "seasonal_strength"}),
        ("schedule", {*BUYERS, *HOURS, "weekday_ratio", "seasonal_strength"}),
    ],
)
def test_what_a_rhythm_does_not_have_is_left_out(shop: Generated, rhythm: str, left_out: set[str]) -> None:
    of_people = {result.check for result in measured(shop) if result.table == "orders"}
    of_rhythm = measured(shop, model=changed(shop.model, "orders", rhythm=rhythm))
    assert {result.check for result in of_rhythm if result.table == "orders"} == of_people - left_out


def by_habit(shape: float, entities: int = 800, rows: int = 8_000) -> pl.Expr:
    """Customers of the orders: how often each comes is gamma-distributed with this shape; 8 is nearly alike."""
    chance = np.random.default_rng(3)
    habits = chance.gamma(shape, size=entities)
    return pl.lit(pl.Series(10_001 + chance.choice(entities, rows, p=habits / habits.sum()))).gather(NR)


@pytest.mark.parametrize(("shape", "lifelike"), [(8.0, True), (2.0, True), (0.6, True), (1e6, False)])
def test_visits_of_members_may_be_much_alike_but_not_by_chance_alone(
    shop: Generated, tmp_path: Path, shape: float, lifelike: bool
) -> None:
    folder = doctored(shop, tmp_path, "orders", customer_id=by_habit(shape))
    model = changed(shop.model, "orders", rhythm="members")
    failed = {check for check, column in failures(measured(shop, folder, model)) if column == "customer_id"}
    assert (not failed) is lifelike, failed
    as_buyers = {check for check, column in failures(measured(shop, folder)) if column == "customer_id"}
    assert as_buyers, "as consumers who buy they do not pass"


def test_most_members_come_more_than_once(shop: Generated, tmp_path: Path) -> None:
    mostly_once = pl.when(NR < 1_500).then(20_001 + NR).otherwise(by_habit(2.0))
    folder = doctored(shop, tmp_path, "orders", customer_id=mostly_once)
    model = changed(shop.model, "orders", rhythm="members")
    assert ("one_time_share", "customer_id") in failures(measured(shop, folder, model))
    assert ("one_time_share", "customer_id") not in failures(measured(shop, folder))


def test_appointments_lie_in_business_hours(shop: Generated, tmp_path: Path) -> None:
    model = changed(shop.model, "orders", rhythm="appointments")
    failed = failures(measured(shop, model=model))
    assert ("weekday_ratio", "ordered_at") in failed, "shops are open on Sundays"
    at_desks = FIRST + timedelta(days=-FIRST.weekday())
    weekdays = pl.lit(at_desks) + pl.duration(days=NR // 10 // 5 * 7 % 798 + NR // 10 % 5, hours=8 + NR % 9)
    folder = doctored(shop, tmp_path, "orders", ordered_at=weekdays)
    assert not {check for check, column in failures(measured(shop, folder, model)) if column == "ordered_at"} & {
        "weekday_ratio",
        "night_share",
        "midnight_share",
    }


def test_flat_fees_have_no_tail(shop: Generated, tmp_path: Path) -> None:
    flat = pl.when(NR % 3 == 0).then(29.9).otherwise(19.9)
    folder = doctored(shop, tmp_path, "orders", order_total=flat)
    assert ("amount_tail", "order_total") in failures(measured(shop, folder))
    results = measured(shop, folder, changed(shop.model, "orders", rhythm="fees"))
    (tail,) = [result for result in results if (result.check, result.table) == ("amount_tail", "orders")]
    assert (tail.passed, tail.lowest) == (True, None)
    assert tail.measured == pytest.approx(29.9 / 19.9, rel=0.01)


def test_a_table_without_an_amount_has_no_check_of_amounts(shop: Generated) -> None:
    of_rows = measured(shop, model=changed(shop.model, "orders", amount=None))
    checks = {result.check for result in of_rows if result.table == "orders"}
    assert not checks & {"amount_tail", "top_fifth_share", "top_hundredth_share"}
    assert "one_time_share" in checks


BECAUSE = "every member pays one of two flat fees"


def test_a_table_may_set_its_own_bound_and_the_reason_is_its_source(shop: Generated, tmp_path: Path) -> None:
    flat = doctored(shop, tmp_path, "orders", order_total=pl.lit(19.9))
    own = {"amount_tail": [1.0, 6.0], "one_time_share": [0.9, None], "because": BECAUSE}
    results = measured(shop, flat, changed(shop.model, "orders", realism=own))
    of_orders = {result.check: result for result in results if result.table == "orders"}
    tail, once = of_orders["amount_tail"], of_orders["one_time_share"]
    assert (tail.passed, tail.lowest, tail.highest) == (True, 1.0, 6.0)
    assert tail.source == f"the table's own bound: {BECAUSE}"
    assert tail.real_sets is None
    assert (once.passed, once.lowest) == (False, 0.9)
    assert of_orders["weekday_ratio"].real_sets is not None


def test_a_table_may_add_a_check_that_its_kind_does_not_have(shop: Generated) -> None:
    own = {"one_time_share": [0.0, 0.4], "because": "dealers order more than once"}
    results = measured(shop, model=changed(shop.model, "orders", rhythm="businesses", realism=own))
    assert {result.check for result in results if result.table == "orders"} & BUYERS == {"one_time_share"}


def test_a_share_may_miss_its_bound_by_chance(shop: Generated, tmp_path: Path) -> None:
    """Among 1,000 texts one stands 15 times: 1% is within two standard errors of that. Among 8,000 texts it is not."""
    few = pl.when(NR < 1_000).then(pl.when(NR % 67 == 0).then(pl.lit("ok.")).otherwise("remark"))
    many = pl.when(NR % 67 == 0).then(pl.lit("ok.")).otherwise("remark")
    for name, remark, passed in (("few", few, True), ("many", many, False)):
        folder = doctored(shop, tmp_path / name, "orders", remark=remark)
        (repeats,) = [result for result in measured(shop, folder) if result.check == "text_repeats"]
        assert repeats.measured == pytest.approx(0.015, abs=5e-4)
        assert repeats.passed is passed
    assert repeats.allowance == pytest.approx(2 * np.sqrt(0.015 * 0.985 / 8_000), rel=0.02)


def test_how_well_texts_compress_is_reported_and_never_fails(shop: Generated, tmp_path: Path) -> None:
    folder = doctored(shop, tmp_path, "orders", remark=pl.format("Order {} was fine, thank you.", NR))
    (packed,) = [result for result in measured(shop, folder) if result.check == "text_compression"]
    assert packed.measured > 5
    assert packed.passed is None
    assert (packed.lowest, packed.highest) == (None, None)


def test_a_column_may_have_a_rhythm_of_its_own(shop: Generated, tmp_path: Path) -> None:
    folder = doctored(shop, tmp_path, "orders", delivered_at=EVEN)
    model = changed(shop.model, "orders", "delivered_at", rhythm="machines")
    assert ("night_share", "delivered_at") in failures(measured(shop, folder))
    assert "delivered_at" not in {result.column for result in measured(shop, folder, model)}


def test_too_few_rows_are_not_measured(tmp_path: Path) -> None:
    tiny = generated(retail_model(fact_rows=500), tmp_path)
    assert {result.check for result in measured(tiny)} == {"price_endings"}


def test_children_of_an_entity_are_not_counted_as_its_purchases(shop: Generated) -> None:
    children = measured(shop, model=changed(shop.model, "order_lines", entity="order_id"))
    assert not BUYERS & {result.check for result in children if result.table == "order_lines"}
    looked_up = measured(shop, model=changed(shop.model, "returns", entity="customer_id"))
    assert "one_time_share" in {result.check for result in looked_up if result.table == "returns"}


def test_a_planted_burst_of_orders_is_not_taken_for_growth_or_a_season(tmp_path: Path) -> None:
    burst = with_effect(table="orders", column="ordered_at", factor=2.5, from_days_ago=150)
    planted = generated(retail_model(effects=burst), tmp_path)
    results = {result.check: result for result in measured(planted) if result.column == "ordered_at"}
    days = planted.read("orders")["ordered_at"].dt.date()
    this = days.filter(days > AS_OF - timedelta(days=365)).len()
    before = days.filter(days.is_between(AS_OF - timedelta(days=729), AS_OF - timedelta(days=365))).len()
    assert this / before > 1.5
    assert results["growth"].passed
    assert results["seasonal_strength"].passed


def test_prices_that_the_customer_asks_are_left_as_they_are(shop: Generated, tmp_path: Path) -> None:
    """Only what the generator drew is held to its endings."""
    asked = [{"product_id": f"P{number}", "list_price_asked": 10.37 if number < 15 else None} for number in range(30)]
    products = {
        "name": "products",
        "description": "The range",
        "population": {"kind": "records", "rows": asked},
        "primary_key": ["product_id"],
        "columns": [
            column("product_id", "STRING", {"kind": "record"}, "key"),
            column("list_price_asked", "NUMERIC", {"kind": "record"}, "measure", internal=True),
            column(
                "list_price_drawn",
                "NUMERIC",
                {"kind": "price", "median": 28, "minimum": 3, "maximum": 400},
                "measure",
                internal=True,
            ),
            column(
                "list_price",
                "NUMERIC",
                {"kind": "expression", "sql": "coalesce(list_price_asked, list_price_drawn)"},
                "measure",
            ),
        ],
    }
    asking = generated(retail_model(tables=[products]), tmp_path)
    (endings,) = measured(asking)
    assert (endings.rows, endings.measured, endings.passed) == (15, 1.0, True)
    odd = doctored(asking, tmp_path / "odd", "products", list_price=pl.col("list_price").cast(pl.Float64) + 0.5)
    assert failures(measured(asking, odd)) == {("price_endings", "list_price")}


@pytest.mark.parametrize(("currency", "median", "endings"), [("JPY", 3200, [0.8, 0.0]), ("HUF", 9_000, [0.9, 0.5])])
def test_endings_of_large_amounts_are_fractions_of_a_larger_step(
    tmp_path: Path, currency: str, median: float, endings: list[float]
) -> None:
    tables = retail_tables()
    products = next(table for table in tables if table["name"] == "products")
    price = {"kind": "price", "median": median, "minimum": median / 8, "maximum": median * 9, "endings": endings}
    next(column for column in products["columns"] if column["name"] == "list_price")["generator"] = price
    coarse = generated(retail_model(tables=tables, currency=currency), tmp_path)
    (found,) = [result for result in measured(coarse) if result.check == "price_endings"]
    assert found.passed
    odd = doctored(coarse, tmp_path / "odd", "products", list_price=pl.col("list_price").cast(pl.Float64) + 7)
    assert ("price_endings", "list_price") in failures(measured(coarse, odd))


def test_a_name_from_a_list_is_not_checked_as_free_text(shop: Generated) -> None:
    assert "product_name" not in {result.column for result in measured(shop)}


def test_seasons_come_back_each_year() -> None:
    months = np.array([90, 80, 90, 95, 100, 95, 90, 90, 100, 110, 150, 140], dtype=np.float64)
    chance = np.random.default_rng(1)
    yearly = np.resize(months, 26) * chance.normal(1, 0.03, 26)
    assert seasonal_strength(yearly) > 0.9
    assert seasonal_strength(chance.permutation(yearly)) < 0.64
    assert seasonal_strength(np.full(26, 7.0)) == 0


def test_tables_are_read_through_any_store(shop: Generated) -> None:
    memory = UPath("memory://realism")
    for file in shop.tables.files():
        (memory / file).parent.mkdir(parents=True, exist_ok=True)
        (memory / file).write_bytes((shop.folder / file).read_bytes())
    assert measured(shop, memory) == measured(shop)


def test_declared_peaks_are_no_growth_and_those_that_move_no_season(tmp_path: Path) -> None:
    tables = retail_tables()
    orders = next(table for table in tables if table["name"] == "orders")
    arrival = next(found for found in orders["columns"] if found["generator"]["kind"] == "arrival")["generator"]
    # on 1 July 2025 and 30 June 2026, twice in the last year, and on 2 July 2024, once in the year before
    twice = {"name": "twice", "factor": 30, "shape": {-1: 1}, "on": {"month": 7, "nth": 1, "weekday": "wednesday"}}
    june = {"name": "june", "factor": 6, "shape": {-8: 1, 8: 1}, "on": {"month": 6, "day": 20}}
    results = {}
    for name, peaks in {"plain": [], "peaks": [twice, june]}.items():
        arrival["peaks"] = peaks
        found = generated(retail_model(20_000, tables=tables), tmp_path / name)
        results[name] = {
            result.check: result
            for result in measured(found)
            if result.table == "orders" and result.column == "ordered_at"
        }
        days = found.read("orders")["ordered_at"].dt.date()
        share = days.filter(days.is_between(date(2026, 6, 12), date(2026, 6, 28))).len() / days.len()
        assert (share > 0.06) if peaks else (share < 0.04)
    growth, season = results["peaks"]["growth"], results["peaks"]["seasonal_strength"]
    assert growth.passed
    assert growth.measured == pytest.approx(results["plain"]["growth"].measured, abs=0.03)
    assert season.passed
    assert season.measured > results["plain"]["seasonal_strength"].measured - 0.05
