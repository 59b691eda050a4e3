"""What an author may leave out, and how amounts follow the currency."""

import pytest

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Category, Expression, Number, Price, Text
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.tables import Table
from provisioning_assets.planning.blueprint import Blueprint, BlueprintColumn
from provisioning_assets.planning.demo_plan import customer_facts, home_market
from provisioning_assets.planning.markets import market_of
from provisioning_assets.planning.slots import fill_slots
from provisioning_assets.planning.substitution import Vocabulary
from provisioning_assets.planning.table_design import DesignError, tables_and_effects, usual_amount
from provisioning_assets.research.models import Fact
from provisioning_assets_tests.planning.conftest import facts, profile


def designed(blueprint: Blueprint, **known: object) -> tuple[dict[str, Table], list[Effect]]:
    customer = profile(**known)
    market = home_market(customer)
    filled = fill_slots(blueprint, customer, market)
    words = Vocabulary(slots=filled.words, facts=customer_facts(customer), groups=filled.groups, prices=filled.prices)
    tables, effects = tables_and_effects(blueprint, words, market)
    return {table.name: table for table in tables}, effects


def column(table: Table, name: str):
    return next(column for column in table.columns if column.name == name)


def with_column(blueprint: Blueprint, table: str, name: str, **written: object) -> Blueprint:
    given = blueprint.model_copy(deep=True)
    given.tables[table].columns[name] = BlueprintColumn.model_validate(
        {"description": "something new", "synonyms": ["novelty"], **written}
    )
    return given


def test_keys_are_inferred(example: Blueprint):
    tables, _ = designed(example)
    assert tables["rentals"].primary_key == ["rental_id"]
    keys = {key.columns[0]: key.references_table for key in tables["rentals"].foreign_keys}
    assert keys == {"rider_id": "riders", "bike_id": "bikes", "station_id": "stations"}
    keys = {key.columns[0]: key.references_table for key in tables["repairs"].foreign_keys}
    assert keys == {"rental_id": "rentals", "bike_id": "bikes"}


@pytest.mark.parametrize(
    ("name", "type_", "role", "aggregation", "unit"),
    [
        ("rental_id", "INT64", "key", "none", None),
        ("rented_at", "DATETIME", "time", "none", None),
        ("bike_id", "STRING", "key", "none", None),
        ("plan", "STRING", "dimension", "none", None),
        ("minutes", "INT64", "measure", "sum", "minutes"),
        ("fare", "NUMERIC", "measure", "sum", "USD"),
        ("started_late", "BOOL", "dimension", "none", None),
        ("reported_at", "DATETIME", "time", "none", None),
    ],
)
def test_types_roles_and_units_are_inferred(example: Blueprint, name, type_, role, aggregation, unit):
    found = column(designed(example)[0]["rentals"], name)
    assert (found.type, found.role, found.aggregation, found.unit) == (type_, role, aggregation, unit)


@pytest.mark.parametrize(
    ("written", "type_", "aggregation"),
    [
        ({"number": {"distribution": "uniform", "a": 0, "b": 1, "decimals": 2}}, "FLOAT64", "avg"),
        ({"price": {"median": 9, "minimum": 1, "maximum": 99}}, "NUMERIC", "avg"),
        ({"category": [1, 2, 3], "role": "measure"}, "INT64", "sum"),
        ({"category": [True, False]}, "BOOL", "none"),
        ({"after": {"base": "rented_at", "unit": "days", "median": 2}}, "DATE", "none"),
        ({"address": "latitude"}, "FLOAT64", "none"),
        ({"person": "email"}, "STRING", "none"),
        ({"lookup": "station_id.docks"}, "INT64", "avg"),
        ({"rollup": "sum(repairs.cost)"}, "NUMERIC", "sum"),
        ({"rollup": "mean(repairs.repair_id)"}, "FLOAT64", "avg"),
        ({"rollup": "count(repairs)"}, "INT64", "sum"),
        ({"text": "Fine, {plan}."}, "STRING", "none"),
    ],
)
def test_types_of_every_generator(example: Blueprint, written, type_, aggregation):
    found = column(designed(with_column(example, "rentals", "new", **written))[0]["rentals"], "new")
    assert (found.type, found.aggregation) == (type_, aggregation)


def test_a_slots_words_become_rows_and_values_are_dealt(example: Blueprint):
    tables, _ = designed(example)
    population = tables["stations"].population
    assert isinstance(population, Records)
    assert [row["docks"] for row in population.rows] == [60, 42, 30, 60, 42]
    assert population.rows[0]["station_name"] == "New York"


def test_weights_fit_a_slot_of_any_length(example: Blueprint):
    weighted = with_column(example, "bikes", "colour", category={"values": "$models", "weights": [4, 2]})
    generator = column(designed(weighted)[0]["bikes"], "colour").generator
    assert isinstance(generator, Category)
    assert generator.weights == [4, 2, 1.6, pytest.approx(1.28)]
    falling = column(designed(example)[0]["bikes"], "model").generator
    assert isinstance(falling, Category)
    assert falling.weights == sorted(falling.weights, reverse=True)


def test_a_mapping_is_dealt_out_to_a_slots_words(example: Blueprint):
    priced = with_column(
        example,
        "bikes",
        "value_new",
        price={"median": 900, "minimum": 100, "maximum": 9000, "by": "model", "median_by": {"$models": [700, 1900]}},
    )
    generator = column(designed(priced)[0]["bikes"], "value_new").generator
    assert isinstance(generator, Price)
    assert generator.median_by == {"City": 700, "Cargo": 1900, "Electric": 700, "Tandem": 1900}


def test_a_text_draws_a_slots_words_and_keeps_columns(example: Blueprint):
    told = with_column(
        example,
        "bikes",
        "remark",
        text={"templates": ["{company}: {models} {part}, {model}"], "parts": {"part": ["bell {models}", "brake"]}},
    )
    generator = column(designed(told)[0]["bikes"], "remark").generator
    assert isinstance(generator, Text)
    assert generator.templates == ["Acme: {models} {part}, {model}"]
    assert generator.parts == {"models": ["City", "Cargo", "Electric", "Tandem"], "part": ["bell {models}", "brake"]}


def test_amounts_follow_the_currency(example: Blueprint):
    repair = column(designed(example, country="JP", currency="JPY", language="ja")[0]["repairs"], "cost")
    assert repair.unit == "JPY"
    assert isinstance(repair.generator, Number)
    assert (repair.generator.a, repair.generator.b, repair.generator.decimals) == (6400, 2.5, 0)
    uniform = with_column(
        example, "bikes", "paid", number={"distribution": "uniform", "a": 10, "b": 20}, type="NUMERIC"
    )
    generator = column(designed(uniform, currency="DKK")[0]["bikes"], "paid").generator
    assert isinstance(generator, Number)
    assert (generator.a, generator.b) == (75, 150)
    priced = with_column(example, "bikes", "worth", price={"median": 10, "minimum": 1, "maximum": 99, "endings": [0.5]})
    generator = column(designed(priced, currency="DKK")[0]["bikes"], "worth").generator
    assert isinstance(generator, Price)
    assert (generator.median, generator.maximum, generator.endings) == (75, 742.5, [0.0, 0.95])
    generator = column(designed(priced, currency="EUR")[0]["bikes"], "worth").generator
    assert isinstance(generator, Price)
    assert generator.endings == [0.5]


@pytest.mark.parametrize(("currency", "decimals"), [("IDR", 0), ("JPY", 0), ("EUR", 2), ("USD", 2)])
def test_computed_amounts_have_the_currencys_decimals(example: Blueprint, currency: str, decimals: int):
    paid = with_column(example, "bikes", "paid", expression={"sql": "bike_id * 1.5", "decimals": 2}, type="NUMERIC")
    generator = column(designed(paid, currency=currency)[0]["bikes"], "paid").generator
    assert isinstance(generator, Expression)
    assert generator.decimals == decimals


@pytest.mark.parametrize(
    ("amount", "currency", "usual"),
    [
        (19.99, "EUR", 19.99),
        (19.99, "CAD", 29.99),
        (20, "CAD", 30),
        (19.99, "DKK", 150),
        (19.99, "JPY", 3200),
        (0, "JPY", 0),
        (129.5, "HUF", 51800),
    ],
)
def test_written_amounts_become_usual_prices(amount: float, currency: str, usual: float):
    assert usual_amount(amount, market_of("US", "en", currency)) == usual


def test_written_rows_of_money_are_scaled(example: Blueprint):
    given = example.model_copy(deep=True)
    given.tables["stations"].rows = [{"station_name": "A {company}", "docks": 10}, {"station_name": "B", "docks": 20}]
    given.tables["stations"].columns["docks"].type = "NUMERIC"
    population = designed(given, currency="JPY")[0]["stations"].population
    assert isinstance(population, Records)
    assert population.rows == [{"station_name": "A Acme", "docks": 1600}, {"station_name": "B", "docks": 3200}]


def test_effects_take_the_tables_event_time_and_the_customers_words(example: Blueprint):
    _, effects = designed(example, products=facts("O'Neill {x}", "b\\c", "d"))
    by_insight = {effect.insight_id: effect for effect in effects}
    assert by_insight["empty_station"].time == "rented_at"
    assert by_insight["weak_model"].where == "model = 'O''Neill x'"


def priced_stations(blueprint: Blueprint) -> Blueprint:
    """The example with a table of models that takes the customer's prices."""
    given = with_column(blueprint, "stations", "day_price", price={"median": 10, "minimum": 2, "maximum": 90})
    given.slots["cities"].sources = ["product_categories"]
    rows = given.tables["stations"].rows
    assert not isinstance(rows, list)
    rows.prices = "day_price"
    return given


def asking(**prices: float) -> list[Fact]:
    return [fact.model_copy(update={"price": prices[fact.value]}) for fact in facts(*prices)]


def test_the_customers_own_prices_are_taken_and_tell_the_level_of_the_others(example: Blueprint):
    known = [*asking(Alpha=1290.0, Beta=890.0, Gamma=2400.0), *facts("Delta")]
    stations = designed(priced_stations(example), product_categories=known)[0]["stations"]
    assert isinstance(stations.population, Records)
    assert [row["day_price_asked"] for row in stations.population.rows] == [1290.0, 890.0, 2400.0, None]
    price = column(stations, "day_price")
    assert (price.generator, price.internal, price.type) == (
        Expression(sql="coalesce(day_price_asked, day_price_drawn)"),
        False,
        "NUMERIC",
    )
    drawn = column(stations, "day_price_drawn")
    assert drawn.internal
    assert isinstance(drawn.generator, Price)
    assert (drawn.generator.median, drawn.generator.maximum) == (1290, 11610)


def test_a_few_prices_tell_no_level_and_none_leave_the_column_as_it_is(example: Blueprint):
    stations = designed(priced_stations(example), product_categories=[*asking(Alpha=1290.0), *facts("Beta", "Gamma")])[
        0
    ]["stations"]
    drawn = column(stations, "day_price_drawn").generator
    assert isinstance(drawn, Price)
    assert drawn.median == 10
    unpriced = designed(priced_stations(example), product_categories=facts("Alpha", "Beta", "Gamma"))[0]["stations"]
    assert isinstance(column(unpriced, "day_price").generator, Price)


@pytest.mark.parametrize(
    ("prices", "message"),
    [("fee", "'fee' is not a column"), ("docks", "stations.docks must be generated by 'price'")],
)
def test_the_column_of_prices_must_be_one(example: Blueprint, prices: str, message: str):
    given = priced_stations(example)
    rows = given.tables["stations"].rows
    assert not isinstance(rows, list)
    rows.prices = prices
    with pytest.raises(DesignError, match=message):
        designed(given)


def test_nothing_is_planted_in_the_customers_own_prices(example: Blueprint):
    given = priced_stations(example)
    given.insights["weak_model"].effects[0].column = "stations.day_price"
    with pytest.raises(DesignError, match="takes the customer's own prices"):
        designed(given)
