"""Reports of mistakes in a blueprint: the line, the place, and what is accepted."""

from pathlib import Path

import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_files import (
    BlueprintError,
    Mistake,
    load_blueprint,
    parse_blueprint,
    read_blueprint,
    read_yaml,
)


def reported(text: str) -> str:
    with pytest.raises(BlueprintError) as failure:
        parse_blueprint(text, "bike_rental.yaml")
    return "\n".join(map(str, failure.value.mistakes))


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


MISTAKES = {
    "unknown field": ("\ntitle:", "\ntitel:", "titel: 'titel' is not a field here. Did you mean 'title'?"),
    "unknown generator": (
        "{category: $models,",
        "{categry: $models,",
        "tables.bikes.columns.model.categry: 'categry' is not a field here. Did you mean 'category'?",
    ),
    "two generators": (
        "rider_id: {key: 1001}",
        "rider_id: {key: 1001, flag: 0.5}",
        "tables.riders.columns.rider_id: a column has one generator, but key and flag are given",
    ),
    "generator's field": (
        "{table: stations, weight: docks}",
        "{table: stations, wieght: docks}",
        "tables.rentals.columns.station_id.reference.wieght: 'wieght' is not a field here. Did you mean 'weight'?",
    ),
    "generator without fields": (
        "rental_id: {parent: true}",
        "rental_id: {parent: rentals}",
        "tables.repairs.columns.rental_id.parent: Input should be True",
    ),
    "missing field": ("    business_value: The season.\n", "", "questions.rentals_by_month.business_value: is missing"),
    "too few paraphrases": (
        "[Rentals by month, Show the rentals month by month]",
        "[Rentals by month]",
        "paraphrases: There are 1 entries; at least 2 are accepted.",
    ),
    "unknown complexity": (
        "complexity: expert\n    business_value: Which riders",
        "complexity: hard\n    business_value: Which riders",
        "'simple', 'medium', 'complex' or 'expert'",
    ),
    "rows of two kinds": (
        "{share: 1}",
        "{share: 1, parent: riders}",
        "tables.rentals.rows.parent: 'parent' is not a field here. Accepted: share, minimum, maximum.",
    ),
    "rows of no kind": ("{share: 1}", "{minimum: 5}", "tables.rentals.rows.parent: is missing"),
    "period without start": (
        "{parent: rentals, where: reported_at is not null}",
        "{parent: rentals, period: month}",
        "tables.repairs.rows.start: is missing",
    ),
    "rows without their parent": (
        "{parent: rentals, where: reported_at is not null}",
        "{share: 0.1}",
        "tables.repairs.columns.rental_id.parent: The rows of this table have no parent.",
    ),
    "unknown slot in values": (
        "{category: $models,",
        "{category: $modles,",
        "tables.bikes.columns.model.category: $modles is not a slot. Did you mean 'models'?",
    ),
    "unknown slot of each": (
        "{each: cities,",
        "{each: citys,",
        "tables.stations.rows.each: 'citys' is not a slot. Did you mean 'cities'?",
    ),
    "unknown word in a text": (
        'talk_track: "Then {cities[1]}."',
        'talk_track: "Then {city[1]}."',
        "scenes.trouble.talk_track: {city} is neither a slot nor a fact. Did you mean 'cities'?",
    ),
    "word beyond the minimum": (
        'where: "bike_id.model = {models[0]}"',
        'where: "bike_id.model = {models[3]}"',
        "a customer may have only 3 words in 'models'; use an index from 0 to 2",
    ),
    "quoted word": (
        'where: "bike_id.model = {models[0]}"',
        "where: \"bike_id.model = '{models[0]}'\"",
        "write {models[0]} without quotes",
    ),
    "column not of each": (
        "docks: [60, 42, 30]}}",
        "dock: [60, 42, 30]}}",
        "tables.stations.rows.values.dock: 'dock' is not a column of stations. Did you mean 'docks'?",
    ),
    "no value for a column": (
        ", docks: [60, 42, 30]}}",
        "}}",
        "tables.stations.columns.docks: The column has no generator and no value in the table's rows.",
    ),
    "unknown table": (
        "bike_id: {reference: bikes,",
        "bike_id: {reference: bike,",
        "tables.rentals.columns.bike_id.reference: 'bike' is not a table. Did you mean 'bikes'?",
    ),
    "look-up through nothing": (
        "{from: rental_id.bike_id}",
        "{from: cost.bike_id}",
        "tables.repairs.columns.bike_id.from: 'cost' of repairs is not a foreign key. Foreign keys of repairs: rental_id",
    ),
    "look-up of nothing": (
        "{from: rental_id.bike_id}",
        "{from: rental_id.bike}",
        "tables.repairs.columns.bike_id.from: 'bike' is not a column of rentals. Did you mean 'bike_id'?",
    ),
    "look-up through itself": (
        "bike_id: {from: rental_id.bike_id}",
        "bike_id: {from: bike_id.bike_id}",
        "tables.repairs.columns.bike_id.from: The column refers to itself.",
    ),
    "look-up of the row itself": (
        "{from: rental_id.bike_id}",
        "{from: rental_id}",
        "tables.repairs.columns.bike_id.from: 'rental_id' is a column of the same row.",
    ),
    "type that depends on itself": (
        "fare: {expression:",
        "fare: {expression: fare * 2, decimals: 2, description: Fare of the trip, synonyms: [x]}\n      fee: {expression:",
        "tables.rentals.columns.fare: The type of the column depends on itself.",
    ),
    "expression of nothing": (
        "(1 + 0.12 * minutes)",
        "(1 + 0.12 * minute)",
        "tables.rentals.columns.fare.expression: 'minute' is not a column of rentals. Did you mean 'minutes'?",
    ),
    "not an expression": (
        "(1 + 0.12 * minutes)",
        "(1 + * minutes",
        "tables.rentals.columns.fare.expression: `*` stands",
    ),
    "types that do not go together": (
        "(1 + 0.12 * minutes)",
        "(1 + 0.12 * rented_at)",
        "tables.rentals.columns.fare.expression: ",
    ),
    "no primary key": (
        "bike_id: {key: B-000001}",
        "bike_id: {flag: 0.1, description: No key, synonyms: [x]}",
        "tables.bikes: The table has no primary key.",
    ),
    "key without a number": (
        "bike_id: {key: B-000001}",
        "bike_id: {key: B}",
        "tables.bikes.columns.bike_id.key: 'B' cannot be the first key. Write a key such as 1001, S-70001 or ORD-000001.",
    ),
    "shared synonym": (
        "synonyms: [repair bill]",
        "synonyms: [breakdown time]",
        "breakdown time",
    ),
    "no description": (
        "description: Model of the bike, ",
        "",
        "tables.bikes.columns.model: The column has no description. Describe what its values mean.",
    ),
    "no synonyms": (
        ", synonyms: [bike type]",
        "",
        "tables.bikes.columns.model: The column has no synonyms. Write at least one other name that people use for it, or write "
        "the column under `helpers`: it is not stored then.",
    ),
    "reserved name": (
        "      docks: {description",
        "      rows: {flag: 0.1, description: A flag of it, synonyms: [f]}\n      docks: {description",
        "tables.stations.columns.rows: 'rows' is a reserved word of GoogleSQL.",
    ),
    "weights of words": (
        "{category: [Pay as you go, Month pass, Year pass],",
        "{category: {Pay as you go: 3, Month pass: x},",
        "tables.riders.columns.plan.category.Month pass: 'x' is not a number. One plain number is accepted here.",
    ),
    "weights of one word": (
        "{category: [Pay as you go, Month pass, Year pass],",
        "{category: {Pay as you go: [3, 2], Month pass: 1},",
        "category.Pay as you go: A list of weights is accepted only for the words of a slot.",
    ),
    "case that never is": (
        "{flag: 0.05,",
        "{flag: {by: rider_id.plan, Weekly: 0.2, otherwise: 0.1},",
        "tables.rentals.columns.started_late",
    ),
    "value without a case": (
        "{lognormal: {median: 24,",
        "{lognormal: {median: {by: rider_id.plan, Year pass: 24},",
        "tables.rentals.columns.minutes.lognormal: There is no case for Month pass, Pay as you go of rider_id.plan.",
    ),
    "cases of a column with any values": (
        "{lognormal: {median: 24,",
        "{lognormal: {median: {by: rider_id, R-000001: 24},",
        "tables.rentals.columns.minutes.lognormal: rider_id may have other values than R-000001. Add `otherwise`",
    ),
    "cases of nothing": (
        "{flag: 0.05,",
        "{flag: {by: rider_id.plan, otherwise: 0.1},",
        "tables.rentals.columns.started_late.flag: `by` is given without cases.",
    ),
    "distribution": (
        "{lognormal: {median: 24,",
        "{zipf: {median: 24,",
        "tables.rentals.columns.minutes.zipf: 'zipf' is not a field here.",
    ),
    "cases of a probability": (
        "median: 3, where",
        "median: 3, probability: {by: rider_id.plan, otherwise: 1}, where",
        "reported_at.after.probability: `by` is given without cases.",
    ),
    "a probability of children above 1": (
        "{parent: rentals, where: reported_at is not null}",
        "{parent: rentals, probability: {by: minutes, < 20: 2, otherwise: 1}}",
        "tables.repairs.rows.probability.< 20: The probability is 2.0 for '< 20'. Give a number 0 or more, up to 1.",
    ),
    "cases of a spread": (
        "sigma: 0.6,",
        "sigma: {by: rider_id.plan, Year pass: 0.2},",
        "minutes.lognormal.sigma: There is no case for Month pass, Pay as you go of rider_id.plan.",
    ),
    "cases of a setting of arrivals": (
        "{before_history: 0.5}",
        "{before_history: 0.5, growth: {by: plan, otherwise: 0.5}}",
        "registered_at.arrival.growth: One plain number is accepted here, without cases.",
    ),
    "cases of a number of children": (
        "{parent: rentals, where: reported_at is not null}",
        "{parent: rentals, count: {by: minutes, otherwise: 3}}",
        "tables.repairs.rows.count.otherwise: Input should be a valid dictionary (given: 3).",
    ),
    "frequencies of children that are no numbers": (
        "{parent: rentals, where: reported_at is not null}",
        "{parent: rentals, count: {1: minutes}}",
        "tables.repairs.rows.count.1: `count` says how often each number of children occurs, such as {1: 66, 2: 34}, or {by: plan,",
    ),
    "computed median": (
        "median: 24,",
        "median: 1 + docks,",
        "minutes.lognormal.median: '1 + docks' is not a number. Accepted: a number, or cases such as {by: column, value: 8, "
        "otherwise: 20}. An expression that multiplies the draw is written as `times`.",
    ),
    "computed time": (
        "median: 3, where",
        "median: 1 + minutes, where",
        "reported_at.after.median: '1 + minutes' is not a number. Accepted: a number, or cases such as {by: column, value: 8, "
        "otherwise: 20}. An expression that multiplies the draw is written as `times`.",
    ),
    "computed time before": (
        "reported_at: {after: {base: rented_at, unit: hours, median: 3, where: broke_down}}",
        "reported_at: {before: {base: rented_at, unit: hours, median: minutes}}",
        "before.median: 'minutes' is not a number. Accepted: a number, or cases such as {by: column, value: 8, otherwise: 20}. "
        "An expression that multiplies the draw is written as `times`.",
    ),
    "computed rate": (
        "{flag: 0.05,",
        "{flag: minutes / 100,",
        "started_late.flag: 'minutes / 100' is not a number. Accepted: a number, or cases such as {by: column, value: 8, "
        "otherwise: 20}. For what is computed, make a helper with `expression: case when ... end` and go `by` it.",
    ),
    "unknown rhythm": (
        "{arrival: {before_history: 0.5}",
        "{arrival: {before_history: 0.5, hours: ofice}",
        "tables.riders.columns.registered_at.arrival.hours: 'ofice' is not a rhythm of hours. Did you mean 'office'?",
    ),
    "insight without its question": (
        "question: waiting_by_station",
        "question: waiting_by_town",
        "'waiting_by_town' is not a question",
    ),
    "insight's table": (
        "column: repairs.cost",
        "column: repair.cost",
        "insights.dear_repairs.effects.0.column: 'repair' is not a table. Did you mean 'repairs'?",
    ),
    "insight's column": (
        "column: repairs.cost",
        "column: repairs.costs",
        "insights.dear_repairs.effects.0.column: 'costs' is not a column of repairs. Did you mean 'cost'?",
    ),
    "effect on what cannot change": (
        "column: repairs.cost",
        "column: repairs.bike_id",
        "repairs.bike_id has values read from other rows, which an effect cannot change.",
    ),
    "a parameter by the author's name": (
        "lognormal: {median: 24,",
        "lognormal: {median: -24,",
        "The median of a lognormal number is -24.0. Give a number above 0.",
    ),
    "effect without a time": (
        ", from_days_ago: 120, time: reported_at}",
        ", from_days_ago: 120}",
        "The window has no time column. Name one in `time`, or give the table repairs an event_time.",
    ),
    "two insights, one question": ("question: minutes_by_plan", "question: waiting_by_station", "shows 2 insights"),
    "challenge's insight": (
        "insights: [weak_model,",
        "insights: [strong_model,",
        "'strong_model' is not an insight. Accepted: empty_station",
    ),
    "scene's question": (
        "questions: [riders_by_quarter,",
        "questions: [riders_by_year,",
        "'riders_by_year' is not a question",
    ),
    "question in no scene": (
        "questions: [riders_by_quarter, ",
        "questions: [",
        "questions.riders_by_quarter: It is in 0 scenes.",
    ),
    "complexities": (
        "complexity: expert",
        "complexity: complex",
        "There are 0 with the complexity expert. At least 2 of each complexity are needed.",
    ),
    "a question's column": (
        "SELECT plan, COUNT(*) AS riders FROM riders",
        "SELECT tariff, COUNT(*) AS riders FROM riders",
        "questions.riders_by_plan.sql: `tariff` is not a column of riders. Accepted: rider_id, registered_at, rider_name, plan.",
    ),
    "a question's helper": (
        "SELECT plan, COUNT(*) AS riders FROM riders",
        "SELECT r.broke_down AS plan, COUNT(*) AS riders FROM rentals AS r",
        "questions.riders_by_plan.sql: `broke_down` is a helper of rentals, which is not stored: make it a column, or use "
        "another. Accepted: rental_id,",
    ),
    "a figure's misspelled column": (
        "SELECT SUM(fare) AS value",
        "SELECT SUM(far) AS value",
        "kpis.1.sql: `far` is not a column of rentals. Did you mean 'fare'?",
    ),
    "a law's helper": (
        "\nkpis:",
        "\nrules: {whole_bikes: {says: Bikes last, sql: SELECT rental_id FROM rentals WHERE broke_down}}\nkpis:",
        "rules.whole_bikes.sql: `broke_down` is a helper of rentals, which is not stored",
    ),
    "a chart's column": (
        "y: waited_pct}",
        "y: waited}",
        "questions.waiting_by_station.chart.y: The result has no column",
    ),
    "an insight's cell": (
        "read: {column: waited_pct,",
        "read: {column: waited,",
        "insights.empty_station.read: The result of waiting_by_station has no column 'waited'.",
    ),
    "a figure's column": ("SELECT SUM(fare) AS value", "SELECT SUM(fare) AS total", "kpis.1.sql: It returns total."),
    "a window": (
        "{last 90 days of DATE(r.rented_at)} GROUP BY s",
        "{last 90 dais of DATE(r.rented_at)} GROUP BY s",
        "questions.waiting_by_station.sql: {last 90 dais of DATE(r.rented_at)} is not a window.",
    ),
    "slot's bounds": ("minimum: 3, maximum: 6", "minimum: 3, maximum: 2", "the maximum (2) is below the minimum (3)"),
    "slot's words": (
        "[City, Cargo, Electric, Tandem]",
        "[City]",
        "slots.models.words: There are 1 English words, but the minimum is 3.",
    ),
    "slot's source": ("from: [products]", "from: [product]", "slots.models.from.0: Input should be 'plans'"),
    "slot within nothing": (
        "words: {en: [City,",
        "leftover: {en: Rest}, words: {en: [City,",
        "'leftover' needs 'within'",
    ),
    "function": (
        "\ntables:",
        '\nfunctions: {"paid(minutes": minutes * 2}\ntables:',
        "functions.paid(minutes: ",
    ),
    "law's window": (
        "\nkpis:",
        "\nrules: {no_trip: {says: Nobody rents before opening, sql: 'SELECT 1 FROM rentals WHERE {last x}'}}\nkpis:",
        "rules.no_trip.sql: {last x} is not a window.",
    ),
    "law's word": (
        "\nkpis:",
        "\nrules: {no_trip: {says: 'Nobody rents at {citys[0]}', sql: SELECT 1 FROM rentals}}\nkpis:",
        "rules.no_trip.says: {citys} is neither a slot nor a fact. Did you mean 'cities'?",
    ),
    "relation's range": (
        "between: [1.5, 2.6]",
        "between: [2.6, 1.5]",
        "relations.large_stations_are_busier.between: the lowest value 2.6 is not below the highest 1.5; write [lowest, highest]",
    ),
    "relation without a range": (
        "between: [1.5, 2.6]",
        "between: 2",
        "relations.large_stations_are_busier.between: two numbers are needed; write [lowest, highest]",
    ),
    "relation without a source": (
        "between: [1.5, 2.6]\n    unit: times\n    source: experience",
        "between: [1.5, 2.6]",
        "relations.large_stations_are_busier.source: is missing",
    ),
    "relation's column": (
        "MAX_BY(rentals, docks)",
        "MAX_BY(rentals, dock)",
        "relations.large_stations_are_busier.sql: `dock` is not a column",
    ),
    "relation's window": (
        "FROM repairs AS p JOIN rentals AS r USING (rental_id)",
        "FROM repairs AS p JOIN rentals AS r USING (rental_id) WHERE {last x}",
        "relations.breakdowns_are_reported_soon.sql: {last x} is not a window.",
    ),
    "relation's word": (
        'says: "Large stations start',
        'says: "At {citys[0]} large stations start',
        "relations.large_stations_are_busier.says: {citys} is neither a slot nor a fact.",
    ),
    "realism without a reason": (
        ', because: "a fare follows from the minutes, and no rental lasts for days"}',
        "}",
        "tables.rentals.realism: A table that sets bounds must give a reason.",
    ),
    "key twice": ("id: bike_rental", "id: bike_rental\nid: again", "id: is written twice; the first one is on line 1"),
    "not YAML": ("slots:", "slots: [", "not YAML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_place_and_what_is_accepted(mistake: str, example_text: str):
    right, wrong, message = MISTAKES[mistake]
    assert right in example_text
    assert message in reported(example_text.replace(right, wrong))


def test_the_line_is_that_of_the_mistake(example_text: str):
    wrong = example_text.replace("{category: $models,", "{categry: $models,")
    assert f"line {line_of(wrong, 'categry')}, tables.bikes.columns.model.categry:" in reported(wrong)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("hours: ofice", "hours: 'ofice' is not a rhythm of hours. Did you mean 'office'? Accepted: waking, "),
        ("weekdays: b2b", "weekdays: 'b2b' is not a rhythm of weekdays. Accepted: every_day, "),
        ("season: b2c", "season: 'b2c' is not a rhythm of months. Did you mean 'b2b'? Accepted: even, "),
    ],
)
def test_an_unknown_rhythm_is_reported_together_with_other_mistakes_of_form(
    example_text: str, setting: str, problem: str
):
    wrong = example_text.replace("{before_history: 0.5}", f"{{before_history: 0.5, {setting}}}")
    message = reported(wrong.replace("\ntitle:", "\ntitel:"))
    assert f"tables.riders.columns.registered_at.arrival.{problem}" in message
    assert "titel" in message


def test_a_case_that_is_not_a_number_is_reported_once(example_text: str):
    wrong = example_text.replace("median: 24,", "median: {by: rider_id.plan, Year pass: a + b, otherwise: 24},")
    assert [line.partition(", ")[2] for line in reported(wrong).splitlines()] == [
        f"line {line_of(wrong, 'median: {by')}, tables.rentals.columns.minutes.lognormal.median.Year pass: 'a + b' is not a "
        "number. One plain number is accepted here."
    ]


def test_a_comma_that_ended_a_text_is_explained(example_text: str):
    wrong = example_text.replace("y: rentals}", "y: rentals, title: Rentals, by month}")
    assert "a comma within { } ends a text: put texts with commas in quotes" in reported(wrong)


def test_every_mistake_is_reported_at_once(example_text: str):
    wrong = example_text.replace("\ntitle:", "\ntitel:").replace("    business_value: The season.\n", "")
    message = reported(wrong)
    assert "titel" in message
    assert "business_value: is missing" in message


BELLS = "bells: {description: Bells, within: models, minimum: 1, maximum: 2}"


def with_slots(example_text: str, *slots: str) -> str:
    return example_text.replace("\nslots:\n", "\nslots:\n" + "".join(f"  {slot}\n" for slot in slots))


def test_a_slot_within_another(example_text: str):
    parsed = parse_blueprint(with_slots(example_text, BELLS), "bike_rental.yaml")
    assert parsed.slots["bells"].within == "models"


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([BELLS.replace("models", "modells")], "slots.bells.within: 'modells' is not a slot. Did you mean 'models'?"),
        (
            [BELLS, BELLS.replace("models", "bells").replace("bells:", "tones:", 1)],
            "slots.tones.within: 'bells' is itself within another slot. Only one level is accepted.",
        ),
        (
            [BELLS[:-1] + ", words_within: {Citty: [Ding]}}"],
            "slots.bells.words_within.Citty: 'Citty' is not a word of 'models'. Did you mean 'City'?",
        ),
    ],
)
def test_conditions_of_a_slot_within_another(example_text: str, slots: list[str], message: str):
    assert message in reported(with_slots(example_text, *slots))


@pytest.mark.parametrize("field", ["shared", "refuse_shared"])
def test_a_list_of_shared_words_that_does_not_exist_is_reported(example_text: str, field: str):
    words = "words: {en: [City, Cargo, Electric, Tandem]}"
    wrong = example_text.replace(words, f"{words}, {field}: edition")
    assert "slots.models" in reported(wrong)
    assert "Did you mean 'editions'?" in reported(wrong)


def test_a_word_that_does_not_exist_is_the_only_mistake_that_is_reported(example_text: str):
    """What follows from it - a category without values, a table without the column - is not the author's mistake."""
    assert len(reported(example_text.replace("{category: $models,", "{category: $modles,")).splitlines()) == 1


def test_yaml_reads_plain_words_as_words():
    document, lines = read_yaml("a: [no, on, 12:30, 2024-01-01, true, 3, 0.5, null]\nb: ~", "x.yaml")
    assert document == {"a": ["no", "on", "12:30", "2024-01-01", True, 3, 0.5, None], "b": None}
    assert lines["b",] == 2


@pytest.mark.parametrize("text", ["", "- a", "a: !!python/object:os.system {}", "\x00"])
def test_what_is_not_a_blueprint_is_reported(text: str):
    with pytest.raises(BlueprintError):
        parse_blueprint(text, "x.yaml")


def test_the_file_is_named_as_its_id(tmp_path: Path, example_text: str):
    path = tmp_path / "trike_rental.yaml"
    path.write_text(example_text, encoding="utf-8")
    with pytest.raises(BlueprintError, match="'bike_rental' must be the file's name, 'trike_rental'"):
        read_blueprint(path)


def test_an_unknown_blueprint_is_refused_with_the_known_ones():
    with pytest.raises(ProvisioningError, match="Did you mean 'retail_ecommerce'"):
        load_blueprint("retail_ecomerce")


def test_many_mistakes_are_cut():
    error = BlueprintError("x.yaml", [Mistake("x.yaml", number, "", "wrong") for number in range(30)])
    assert "... and 10 more" in str(error)


def test_sql_compares_columns_with_values_that_they_have(example_text: str) -> None:
    parse_blueprint(example_text, "bike_rental.yaml", queries=True)
    wrong = (
        example_text.replace(
            "SELECT COUNT(*) AS value FROM rentals WHERE",
            "SELECT COUNT(*) AS value FROM rentals AS r JOIN riders AS d USING (rider_id) WHERE d.plan != 'Month pas' AND",
        )
        .replace(
            "\nrelations:",
            """
relations:
  passes_ride_long:
    says: Who has a pass rides long
    sql: SELECT AVG(minutes) FROM rentals AS r JOIN riders AS d USING (rider_id) WHERE d.plan = 'Week pass'
    between: [10, 60]
    source: experience""",
        )
        .replace(
            "\nkpis:",
            """
rules:
  passes_are_paid:
    says: A year pass rides free of charge
    sql: SELECT rider_id FROM riders WHERE plan IN ('Year pass', 'Yearly')
kpis:""",
        )
    )
    assert wrong.count("Month pas'") == wrong.count("'Yearly'") == 1
    parse_blueprint(wrong, "bike_rental.yaml")
    with pytest.raises(BlueprintError) as failure:
        parse_blueprint(wrong, "bike_rental.yaml", queries=True)
    kpi, rule, relation = map(str, failure.value.mistakes)
    assert "kpis.0.sql: 'Month pas' is never a value of riders.plan. Did you mean 'Month pass'?" in kpi
    assert "rules.passes_are_paid.sql: 'Yearly' is never a value of riders.plan." in rule
    assert "relations.passes_ride_long.sql: 'Week pass' is never a value of riders.plan." in relation
