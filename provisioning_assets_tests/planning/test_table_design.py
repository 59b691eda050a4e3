"""Settings that are inferred if the author leaves them out, and how amounts follow the currency."""

from typing import Any

import pytest

from provisioning_assets.data_model.generators import Category, Expression, Number, Price, RollUp, Sequence, Text
from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.realism_bounds import RealismBounds
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.markets import market_of
from provisioning_assets.planning.shared_words import named_rhythm
from provisioning_assets.planning.table_design.money import usual_amount
from provisioning_assets.research.profile.models import Fact
from provisioning_assets_tests.planning.conftest import facts, planned, profile
from provisioning_assets_tests.planning.trial_designs import (
    column,
    design_of,
    problems_of,
    tables_of,
    with_column,
    written,
)


def generated(blueprint: Blueprint, path: str, **known: object) -> Any:
    """The generator of a column: ``generated(example, "rentals.fare")``."""
    table, _, name = path.partition(".")
    return column(tables_of(blueprint, **known)[table], name).generator


# --- keys, types, labels ---------------------------------------------------------------------------------------------


def test_keys_are_inferred(example: Blueprint):
    tables = tables_of(example)
    assert tables["rentals"].primary_key == ["rental_id"]
    keys = {key.columns[0]: key.references_table for key in tables["rentals"].foreign_keys}
    assert keys == {"rider_id": "riders", "bike_id": "bikes", "station_id": "stations"}
    keys = {key.columns[0]: key.references_table for key in tables["repairs"].foreign_keys}
    assert keys == {"rental_id": "rentals", "bike_id": "bikes"}


@pytest.mark.parametrize(
    ("key", "expected", "type_"),
    [
        (1001, Sequence(start=1001), "INT64"),
        ("S-70001", Sequence(start=70001, prefix="S-"), "STRING"),
        ("ORD-000001", Sequence(start=1, prefix="ORD-", width=6), "STRING"),
        ("2024/07-000", Sequence(start=0, prefix="2024/07-", width=3), "STRING"),
    ],
)
def test_a_first_key_says_prefix_width_and_type(example: Blueprint, key: int | str, expected: Sequence, type_: str):
    found = column(tables_of(written(example, {"tables.riders.columns.rider_id.key": key}))["riders"], "rider_id")
    assert (found.generator, found.type) == (expected, type_)


@pytest.mark.parametrize(
    ("rows", "columns", "primary_key"),
    [
        ({"parent": "riders"}, {"rider_id": {"parent": True}, "plan": {"from": "rider_id.plan"}}, ["rider_id"]),
        (
            {"parent": "riders", "count": {"1": 1, "2": 1}},
            {"rider_id": {"parent": True}, "n": {"position": True}},
            ["rider_id", "n"],
        ),
        (
            {"parent": "riders", "period": "month", "start": "registered_at"},
            {"rider_id": {"parent": True}, "month": {"period_start": True}},
            ["rider_id", "month"],
        ),
        (
            [{"code": "a", "size": 1}, {"code": "b", "size": 2}],
            {name: {"description": f"The {name} of it", "synonyms": [f"a {name}"]} for name in ("code", "size")},
            ["code"],
        ),
    ],
)
def test_the_primary_key_of_a_table_without_a_key_column(
    example: Blueprint, rows: Any, columns: dict[str, Any], primary_key: list[str]
):
    table = {"description": "More of it. One row each.", "rows": rows, "columns": columns}
    assert tables_of(written(example, {"tables.more": table}))["more"].primary_key == primary_key


@pytest.mark.parametrize(
    ("name", "type_", "role", "aggregation", "unit"),
    [
        ("rental_id", "INT64", "key", "none", None),
        ("rented_at", "DATETIME", "time", "none", None),
        ("bike_id", "STRING", "key", "none", None),
        ("minutes", "INT64", "measure", "sum", "minutes"),
        ("started_late", "BOOL", "dimension", "none", None),
        ("reported_at", "DATETIME", "time", "none", None),
    ],
)
def test_types_roles_and_units_are_inferred(example: Blueprint, name, type_, role, aggregation, unit):
    found = column(tables_of(example)["rentals"], name)
    assert (found.type, found.role, found.aggregation, found.unit) == (type_, role, aggregation, unit)


@pytest.mark.parametrize(
    ("generator", "type_", "aggregation"),
    [
        ({"uniform": {"low": 0, "high": 1, "decimals": 2}}, "FLOAT64", "avg"),
        ({"uniform": {"low": 0, "high": 9}}, "INT64", "sum"),
        ({"normal": {"mean": 5, "sd": 1}, "decimals": 1}, "FLOAT64", "avg"),
        ({"lognormal": {"median": 5}, "type": "NUMERIC"}, "NUMERIC", "sum"),
        ({"gamma": {"mean": 5}}, "INT64", "sum"),
        ({"poisson": {"mean": 5}}, "INT64", "sum"),
        ({"price": {"median": 9, "minimum": 1, "maximum": 99}}, "NUMERIC", "avg"),
        ({"walk": {"base": "minutes"}}, "INT64", "avg"),
        ({"category": [1, 2, 3], "role": "measure"}, "INT64", "sum"),
        ({"category": {"1": 3, "2": 1}}, "INT64", "sum"),
        ({"category": {"1": 3, "two": 1}}, "STRING", "none"),
        ({"category": {"01": 3, "02": 1}}, "STRING", "none"),
        ({"category": [True, False]}, "BOOL", "none"),
        ({"flag": 0.5}, "BOOL", "none"),
        ({"value": {"by": "rider_id.plan", "Year pass": 1, "otherwise": 2}}, "INT64", "sum"),
        ({"value": {"by": "rider_id.plan", "Year pass": 1, "otherwise": 2.5}}, "FLOAT64", "avg"),
        ({"value": {"by": "rider_id.plan", "Year pass": "yes"}}, "STRING", "none"),
        ({"value": {"by": "rider_id.plan", "Year pass": True, "otherwise": False}}, "BOOL", "none"),
        ({"after": {"base": "rented_at", "unit": "days", "median": 2}}, "DATE", "none"),
        ({"after": {"base": "rented_at", "unit": "minutes", "median": 2}}, "DATETIME", "none"),
        ({"before": {"base": "rented_at", "unit": "days", "median": 2}}, "DATE", "none"),
        ({"moment": "rented_at + interval '1 day'"}, "DATETIME", "none"),
        ({"address": "latitude"}, "FLOAT64", "none"),
        ({"address": "city"}, "STRING", "none"),
        ({"person": "email"}, "STRING", "none"),
        ({"company": True}, "STRING", "none"),
        ({"from": "station_id.docks"}, "INT64", "avg"),
        ({"rollup": "sum(repairs.cost)"}, "NUMERIC", "sum"),
        ({"rollup": "mean(repairs.repair_id)"}, "FLOAT64", "avg"),
        ({"rollup": "max(repairs.reported_at)"}, "DATETIME", "none"),
        ({"rollup": "count(repairs)"}, "INT64", "sum"),
        ({"text": "Fine, {minutes}."}, "STRING", "none"),
        # expressions
        ({"expression": "minutes + 1"}, "INT64", "sum"),
        ({"expression": "minutes / 60"}, "FLOAT64", "avg"),
        ({"expression": "paid * minutes"}, "NUMERIC", "sum"),
        ({"expression": "coalesce(paid, 0)"}, "NUMERIC", "sum"),
        ({"expression": "minutes > 60 and not started_late"}, "BOOL", "none"),
        ({"expression": "case when started_late then 'late' else null end"}, "STRING", "none"),
        ({"expression": "cast(rented_at as date)"}, "DATE", "none"),
        ({"expression": "rented_at + interval '1 day'"}, "DATETIME", "none"),
        ({"expression": "extract(hour from rented_at)"}, "INT64", "sum"),
        ({"expression": "rider_id.plan || '!'"}, "STRING", "none"),
    ],
)
def test_types_of_every_generator(example: Blueprint, generator: dict[str, Any], type_: str, aggregation: str):
    money = {"tables.rentals.helpers.paid": {"expression": "minutes * 0.2", "type": "NUMERIC"}}
    found = column(
        tables_of(with_column(written(example, money), "rentals.new", **generator))["rentals"],
        "new",
    )
    assert (found.type, found.aggregation) == (type_, aggregation)


def test_money_stays_money_through_look_ups_roll_ups_and_expressions(example: Blueprint):
    spent = with_column(example, "riders.spent", rollup="sum(rentals.paid)")
    spent = with_column(spent, "rentals.paid", expression="minutes * 0.2", decimals=2, type="NUMERIC")
    spent = with_column(spent, "repairs.spent_by_rider", expression="rental_id.rider_id.spent * 2")
    tables = tables_of(spent, currency="CHF")
    for table, name in (("riders", "spent"), ("repairs", "spent_by_rider")):
        found = column(tables[table], name)
        assert (found.type, found.unit) == ("NUMERIC", "CHF")


def test_what_is_read_elsewhere_inherits_description_synonyms_unit_and_type(example: Blueprint):
    read = written(example, {"tables.repairs.columns.trip_minutes": {"from": "rental_id.minutes"}})
    tables = tables_of(read)
    source, found = column(tables["rentals"], "minutes"), column(tables["repairs"], "trip_minutes")
    inherited = ("type", "description", "synonyms", "unit", "role", "aggregation")
    assert [getattr(found, name) for name in inherited] == [getattr(source, name) for name in inherited]


def test_the_authors_settings_win_over_inherited_ones(example: Blueprint):
    read = with_column(example, "repairs.trip_minutes", **{"from": "rental_id.minutes", "unit": "min"})
    found = column(tables_of(read)["repairs"], "trip_minutes")
    assert (found.description, found.synonyms, found.unit) == ("Something new in the table", ["novelty"], "min")


def test_keys_parents_and_references_describe_themselves(example: Blueprint):
    bare = written(
        example,
        {"tables.rentals.columns.bike_id": {"reference": "bikes"}, "tables.riders.singular": "customer"},
    )
    tables = tables_of(bare)
    key, parent = column(tables["rentals"], "rental_id"), column(tables["repairs"], "rental_id")
    assert (key.description, key.synonyms) == ("Identifies the rental", ["rental number", "rental code"])
    assert (parent.description, parent.synonyms) == ("Rental of the repair", ["rental number", "rental code"])
    assert column(tables["rentals"], "bike_id").description == "Bike of the rental"
    assert column(tables["riders"], "rider_id").description == "Identifies the customer"


def test_two_references_to_one_table_are_not_called_the_same(example: Blueprint):
    back = written(example, {"tables.rentals.columns.return_station_id": {"reference": "stations"}})
    tables = tables_of(back)
    assert column(tables["rentals"], "return_station_id").synonyms == ["return station"]
    assert column(tables["rentals"], "station_id").synonyms != ["return station"]


def test_helpers_are_not_stored_and_need_no_words(example: Blueprint):
    rentals = tables_of(example)["rentals"]
    internal = {found.name for found in rentals.columns if found.internal}
    assert {"broke_down", "reported_at"} <= internal
    assert not internal & set(example.tables["rentals"].columns)


# --- words -------------------------------------------------------------------------------------------------------------


def test_a_slots_words_become_rows_and_values_are_dealt(example: Blueprint):
    population = tables_of(example)["stations"].population
    assert isinstance(population, Records)
    assert [row["docks"] for row in population.rows] == [60, 42, 30, 60, 42]
    assert population.rows[0]["station_name"] == "New York"


def test_weights_fit_a_slot_of_any_length(example: Blueprint):
    weighted = generated(with_column(example, "bikes.colour", category={"$models": [4, 2]}), "bikes.colour")
    assert isinstance(weighted, Category)
    assert weighted.weights == [4, 2, 1.6, pytest.approx(1.28)]
    falling = generated(example, "bikes.model")
    assert isinstance(falling, Category)
    assert falling.weights == sorted(falling.weights, reverse=True)
    assert len(set(falling.weights)) == len(falling.weights)


def test_words_of_a_slot_are_added_to_the_authors_values(example: Blueprint):
    mixed = generated(with_column(example, "bikes.kind", category={"$models": [4, 2], "Other": 1}), "bikes.kind")
    assert mixed.values == ["City", "Cargo", "Electric", "Tandem", "Other"]
    assert mixed.weights[-1] == 1


def test_a_text_draws_a_slots_words_and_keeps_columns(example: Blueprint):
    remark = {"templates": ["{company}: {models} {part}, {model}"], "parts": {"part": ["bell {models}", "brake"]}}
    found = generated(with_column(example, "bikes.remark", text=remark), "bikes.remark")
    assert isinstance(found, Text)
    assert found.templates == ["Acme: {models} {part}, {model}"]
    assert found.parts == {"models": ["City", "Cargo", "Electric", "Tandem"], "part": ["bell {models}", "brake"]}


def test_a_named_rhythm_is_its_weights(example: Blueprint):
    office = with_column(example, "riders.called_at", arrival={"hours": "office", "weekdays": "working_days"})
    found = generated(office, "riders.called_at")
    assert found.hours == named_rhythm("hours", "office")
    assert found.weekdays == named_rhythm("weekdays", "working_days")
    waiting = {"base": "registered_at", "unit": "hours", "median": 3, "hours": "office"}
    assert generated(with_column(example, "riders.called_at", after=waiting), "riders.called_at").hours == named_rhythm(
        "hours", "office"
    )


def test_effects_take_the_tables_event_time_and_the_customers_words(example: Blueprint):
    design = design_of(example, products=facts("O'Neill {x}", "b\\c", "d"))
    by_insight = {effect.insight_id: effect for effect in design.effects}
    assert by_insight["empty_station"].time == "rented_at"
    assert by_insight["weak_model"].where == "bike_id__model = 'O''Neill x'"


def test_the_window_of_an_effect_on_renewals_is_measured_on_each_of_them(example: Blueprint):
    contract = {"start": "rented_at", "every": "12 months", "leave": 0.1}
    effect = {"column": "rentals.returned_for_good_on", "factor": 2.0, "from_days_ago": 400}
    leaving = with_column(example, "rentals.returned_for_good_on", renewal=contract)
    design = design_of(written(leaving, {"insights.long_pass_trips.effects.0": effect}))
    planted = [effect for effect in design.effects if effect.insight_id == "long_pass_trips"]
    assert (design.problems, [(effect.from_days_ago, effect.time) for effect in planted]) == ([], [(400, None)])


def test_an_effects_factor_by_cases_is_an_effect_for_each(example: Blueprint):
    factor = {"by": "rider_id.plan", "Month pass": 1.5, "Year pass": 2, "otherwise": 1.1}
    cased = written(
        example,
        {
            "insights.long_pass_trips.effects.0.factor": factor,
            "insights.long_pass_trips.effects.0.where": "minutes > 5",
        },
    )
    found = [effect for effect in design_of(cased).effects if effect.insight_id == "long_pass_trips"]
    assert {effect.where: effect.factor for effect in found} == {
        "minutes > 5 and rider_id__plan = 'Month pass'": 1.5,
        "minutes > 5 and rider_id__plan = 'Year pass'": 2,
        "minutes > 5 and rider_id__plan not in ('Month pass', 'Year pass')": 1.1,
    }


# --- functions, laws, realism ------------------------------------------------------------------------------------------


def test_a_blueprints_functions_are_expanded_where_they_are_called(example: Blueprint):
    functions = {"share_of(part, whole)": "part / nullif(whole, 0)", "beyond(limit)": "share_of(minutes, limit) > 1"}
    called = written(example, {"functions": functions, "tables.rentals.helpers.broke_down": {"flag": 0.02}})
    called = with_column(called, "rentals.long", expression="beyond(60)")
    sql = generated(called, "rentals.long").sql
    assert sql == "minutes / nullif(60, 0) > 1"
    assert column(tables_of(called)["rentals"], "long").type == "BOOL"


def test_a_function_may_follow_paths_and_name_the_customers_words(example: Blueprint):
    called = written(example, {"functions": {"at_best()": "station_id.station_name = {cities[0]}"}})
    called = with_column(called, "rentals.at_best_station", expression="at_best()")
    assert generated(called, "rentals.at_best_station").sql == "station_id__station_name = 'New York'"


@pytest.mark.parametrize(
    ("functions", "expression", "message"),
    [
        ({"twice(n)": "n * 2"}, "twise(minutes)", "twice"),
        ({"twice(n)": "n * 2"}, "twice(minutes, 2)", "twice"),
        ({"one(n)": "two(n)", "two(n)": "one(n)"}, "one(minutes)", "one"),
        ({"twice(n)": "n * 2", "twice(m)": "m * 2"}, "twice(minutes)", "There are two functions 'twice'."),
    ],
)
def test_a_function_that_cannot_be_called_is_refused(
    example: Blueprint, functions: dict[str, str], expression: str, message: str
):
    wrong = with_column(written(example, {"functions": functions}), "rentals.new", expression=expression)
    problems = problems_of(wrong)
    assert len(problems) == 1
    assert message in problems[0]


def test_laws_reach_the_model_with_words_and_windows_written_out(example: Blueprint):
    law = {
        "says": "Nobody rents at {cities[0]} before it opens",
        "sql": "SELECT rental_id FROM rentals WHERE station_id = {cities[0]} AND {last 2 days of DATE(rented_at)}",
    }
    _, model = planned(profile(), blueprint=written(example, {"rules": {"no_early_trip": law}}))
    assert model.rules == [
        Law(
            id="no_early_trip",
            says="Nobody rents at New York before it opens",
            sql="SELECT rental_id FROM rentals WHERE station_id = 'New York' "
            "AND DATE(rented_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)",
        )
    ]


def test_relations_reach_the_model_with_words_and_windows_written_out(example: Blueprint):
    relation = {
        "says": "At {cities[0]} riders ride as long as elsewhere",
        "sql": "SELECT AVG(minutes) FROM rentals WHERE station_id = {cities[0]} AND {last 2 days of DATE(rented_at)}",
        "between": [10, 60.5],
        "unit": "{currency}",
        "source": "page of {company}",
    }
    _, model = planned(profile(), blueprint=written(example, {"relations": {"same_rides": relation}}))
    assert model.relations == [
        Relation(
            id="same_rides",
            says="At New York riders ride as long as elsewhere",
            sql="SELECT AVG(minutes) FROM rentals WHERE station_id = 'New York' "
            "AND DATE(rented_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)",
            between=(10, 60.5),
            unit="USD",
            source="page of Acme",
        )
    ]


def test_a_tables_own_realism_reaches_the_model(example: Blueprint):
    bounds = {"amount_tail": [1.2, 6], "because": "Fares are capped by the day"}
    flat = written(example, {"tables.rentals.realism": bounds, "tables.rentals.rhythm": "schedule"})
    rentals = tables_of(flat)["rentals"]
    assert rentals.realism == RealismBounds(amount_tail=(1.2, 6), because="Fares are capped by the day")
    assert rentals.rhythm == "schedule"


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("count(repairs)", RollUp(table="repairs", function="count")),
        (" max( repairs.cost ) ", RollUp(table="repairs", function="max", column="cost")),
        (
            "count(repairs where cost > 10 and repair_id in (1, 2))",
            RollUp(table="repairs", function="count", where="cost > 10 and repair_id in (1, 2)"),
        ),
        (
            "last(repairs.cost\n where cost > 10)",
            RollUp(table="repairs", function="last", column="cost", where="cost > 10"),
        ),
    ],
)
def test_the_short_form_of_a_roll_up(example: Blueprint, short: str, expected: RollUp):
    assert generated(with_column(example, "rentals.new", rollup=short), "rentals.new") == expected


@pytest.mark.parametrize("short", ["cost", "median(repairs.cost)", "sum()", "sum(repairs.cost", "count(Repairs)"])
def test_an_invalid_roll_up_is_refused_with_the_accepted_form(example: Blueprint, short: str):
    (problem,) = problems_of(with_column(example, "rentals.new", rollup=short))
    assert "tables.rentals.columns.new.rollup: " in problem
    assert "is not a roll-up. Write function(table.column) or count(table)" in problem


# --- money -------------------------------------------------------------------------------------------------------------


def test_amounts_follow_the_currency(example: Blueprint):
    repair = column(tables_of(example, country="JP", currency="JPY", language="ja")["repairs"], "cost")
    assert repair.unit == "JPY"
    assert isinstance(repair.generator, Number)
    assert (repair.generator.a, repair.generator.b, repair.generator.decimals) == (6400, 2.5, 0)
    uniform = with_column(example, "bikes.paid", uniform={"low": 10, "high": 20}, type="NUMERIC")
    found = generated(uniform, "bikes.paid", currency="DKK")
    assert (found.a, found.b) == (75, 150)
    priced = with_column(example, "bikes.worth", price={"median": 10, "minimum": 1, "maximum": 99, "endings": [0.5]})
    found = generated(priced, "bikes.worth", currency="DKK")
    assert isinstance(found, Price)
    assert (found.median, found.maximum, found.endings) == (75, 742.5, [0.0, 0.95])
    assert generated(priced, "bikes.worth", currency="EUR").endings == [0.5]


@pytest.mark.parametrize(("currency", "decimals"), [("IDR", 0), ("JPY", 0), ("EUR", 2), ("USD", 2)])
def test_computed_amounts_have_the_currencys_decimals(example: Blueprint, currency: str, decimals: int):
    paid = with_column(example, "rentals.paid", expression="minutes * 1.5", decimals=2, type="NUMERIC")
    found = generated(paid, "rentals.paid", currency=currency)
    assert isinstance(found, Expression)
    assert found.decimals == decimals


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
    paid = written(
        example,
        {
            "tables.stations.rows": [{"station_name": "A {company}", "docks": 10}, {"station_name": "B", "docks": 20}],
            "tables.stations.columns.docks.type": "NUMERIC",
        },
    )
    population = tables_of(paid, currency="JPY")["stations"].population
    assert isinstance(population, Records)
    assert population.rows == [{"station_name": "A Acme", "docks": 1600}, {"station_name": "B", "docks": 3200}]


# --- the customer's own prices -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def priced_stations(example: Blueprint) -> Blueprint:
    """The example with a table that takes the customer's prices."""
    price = {"median": 10, "minimum": 2, "maximum": 90}
    return written(
        with_column(example, "stations.day_price", price=price),
        {"slots.cities.from": ["product_categories"], "tables.stations.rows.prices": "day_price"},
    )


def asking(**prices: float) -> list[Fact]:
    return [fact.model_copy(update={"price": prices[fact.value]}) for fact in facts(*prices)]


def test_known_prices_are_used_and_set_the_level_of_the_others(priced_stations: Blueprint):
    known = [*asking(Alpha=1290.0, Beta=890.0, Gamma=2400.0), *facts("Delta")]
    stations = tables_of(priced_stations, product_categories=known)["stations"]
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


def test_a_few_prices_set_no_level_and_without_prices_the_column_is_unchanged(priced_stations: Blueprint):
    known = [*asking(Alpha=1290.0), *facts("Beta", "Gamma")]
    assert generated(priced_stations, "stations.day_price_drawn", product_categories=known).median == 10
    assert isinstance(
        generated(priced_stations, "stations.day_price", product_categories=facts("Alpha", "Beta", "Gamma")), Price
    )


@pytest.mark.parametrize(
    ("prices", "message"),
    [("fee", "'fee' is not a column"), ("docks", "stations.docks cannot take the prices of the customer's website.")],
)
def test_the_column_of_prices_must_be_able_to_take_them(priced_stations: Blueprint, prices: str, message: str):
    wrong = written(priced_stations, {"tables.stations.rows.prices": prices})
    (problem,) = problems_of(wrong, product_categories=facts("Alpha", "Beta", "Gamma"))
    assert message in problem


def test_an_effect_on_the_customers_own_prices_is_refused(priced_stations: Blueprint):
    planted = {"column": "stations.day_price", "factor": 2}
    wrong = written(priced_stations, {"insights.weak_model.effects.0": planted})
    (problem,) = problems_of(wrong, product_categories=facts("Alpha", "Beta", "Gamma"))
    assert "takes the prices of the customer's website" in problem


def test_a_key_may_be_numbered_in_order_of_a_moment(example: Blueprint):
    reported = written(
        example, {"tables.repairs.columns.repair_id.key": {"first": "R0001", "in_order_of": "reported_at"}}
    )
    found = generated(reported, "repairs.repair_id")
    assert (found.prefix, found.start, found.width, found.in_order_of) == ("R", 1, 4, "reported_at")
    far = written(example, {"tables.repairs.columns.repair_id.key": {"first": 7, "in_order_of": "rental_id.rented_at"}})
    found = generated(far, "repairs.repair_id")
    assert found.prefix is None
    assert found.in_order_of == "rental_id__rented_at"
    assert generated(example, "repairs.repair_id").in_order_of is None


def test_rows_may_come_at_their_own_rate_before_the_history(example: Blueprint):
    earlier = with_column(example, "riders.called_at", arrival={"before_history": {"days": 900}})
    found = generated(earlier, "riders.called_at")
    assert (found.before_days, found.before_history) == (900, 0)
    found = generated(with_column(example, "riders.called_at", arrival={"before_history": 0.4}), "riders.called_at")
    assert (found.before_days, found.before_history) == (0, 0.4)
