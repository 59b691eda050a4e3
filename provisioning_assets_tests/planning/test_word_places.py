"""Words of slots of places are on the map, and columns, addresses and references use where they are."""

import pytest

from provisioning_assets.data_model.generators import Address, FromRecord, Lookup, Reference
from provisioning_assets.data_model.populations import Records
from provisioning_assets.demo_edits import Edit
from provisioning_assets.planning.blueprint import Blueprint, WordPlace
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import filled_blueprint, with_edits
from provisioning_assets.planning.near_addresses import addresses_far_away
from provisioning_assets.planning.plan_report import words_markdown
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Place
from provisioning_assets_tests.planning.conftest import profile, request_for
from provisioning_assets_tests.planning.trial_designs import column, problems_of, tables_of, with_column, written

STATION = {"reference": "stations", "description": "The station at home", "synonyms": ["home"]}
RIDERS = "tables.riders.columns"


def named(name: str, kind: str = "city", region: str | None = None, country: str | None = "US") -> Place:
    evidence = [Evidence(page="https://acme.com/", words=name)]
    return Place.model_validate(
        {"name": name, "kind": kind, "region": region, "country": country, "evidence": evidence}
    )


def of_maine() -> CustomerProfile:
    """A company whose places are in New England, with a shop whose name is no town's."""
    return profile(places=[named("Portland", region="Maine"), named("Boston"), named("Old Port"), named("Providence")])


def stations(blueprint: Blueprint, customer: CustomerProfile) -> dict[str, WordPlace | None]:
    made = filled_blueprint(blueprint, customer, blueprint.id)
    return {word.word: word.place for word in made.blueprint.slots["cities"].filled}


def test_words_stand_where_their_town_is_and_others_in_the_home_city(example: Blueprint):
    found = {
        word: (place.town, place.region, place.known_by)
        for word, place in stations(example, of_maine()).items()
        if place is not None
    }
    assert found == {
        "Portland": ("Portland", "Maine", "name"),
        "Boston": ("Boston", "Massachusetts", "name"),
        "Old Port": ("Portland", "Maine", "home"),
        "Providence": ("Providence", "Rhode Island", "name"),
    }


def test_without_a_known_city_they_stand_in_the_countrys_first_city(example: Blueprint):
    places = [named("Old Port"), named("Hafen"), named("Quay")]
    found = stations(example, profile(places=places))
    assert {(place.town, place.known_by) for place in found.values() if place} == {("New York", "country")}


def test_a_city_abroad_stands_abroad(example: Blueprint):
    abroad = [named(name, country=country) for name, country in (("Rotterdam", "NL"), ("Wien", "AT"), ("Paris", "FR"))]
    found = stations(example, profile(country="DE", language="de", currency="EUR", places=abroad))
    assert {word: place.country for word, place in found.items() if place} == {
        "Rotterdam": "NL",
        "Wien": "AT",
        "Paris": "FR",
    }


@pytest.mark.parametrize("country", ["AE", "DE", "GB", "HK", "IN", "JP", "KE", "US"])
def test_the_cities_of_a_country_are_known(example: Blueprint, country: str):
    language = {"AE": "ar", "DE": "de", "JP": "ja", "HK": "zh"}.get(country, "en")
    found = stations(example, profile(country=country, language=language))
    assert {place.known_by for place in found.values() if place} == {"name"}
    assert all(place is not None and place.country == country for place in found.values())


def test_the_report_says_where_each_word_stands(example: Blueprint):
    table = words_markdown(filled_blueprint(example, of_maine(), example.id))
    assert "Portland, Maine, US (no known town; the customer's home city)" in table


def test_a_word_that_an_edit_adds_stands_somewhere_too(example: Blueprint):
    made = filled_blueprint(example, of_maine(), example.id)
    changed = with_edits(made, [Edit(path="slots.cities.filled.2.word", value="Portsmouth")])
    place = changed.blueprint.slots["cities"].filled[2].place
    assert place is not None
    assert (place.town, place.known_by) == ("Portsmouth", "name")


# --- columns ---


def test_place_gives_numbers_of_the_word_at_planning_time(example: Blueprint):
    blueprint = with_column(example, "stations.latitude", place="latitude")
    blueprint = with_column(blueprint, "stations.state", place="region")
    customer = of_maine()
    table = tables_of(blueprint, places=customer.places)["stations"]
    assert isinstance(table.population, Records)
    assert [(row["state"], row["latitude"]) for row in table.population.rows][:2] == [
        ("Maine", 43.66),
        ("Massachusetts", 42.36),
    ]
    assert (column(table, "latitude").type, column(table, "latitude").generator) == ("FLOAT64", FromRecord())


def test_written_rows_name_the_column_with_the_place(example: Blueprint):
    rows = [{"yard": "{cities[0]}", "size": 3}, {"yard": "{cities[1]}", "size": 2}]
    columns = {name: {"description": f"The {name} of it", "synonyms": [f"a {name}"]} for name in ("yard", "size")}
    east = {"place": {"part": "longitude", "of": "yard"}, "description": "How far east", "synonyms": ["east"]}
    yards = {"description": "Yards. One row each.", "rows": rows, "columns": {**columns, "east": east}}
    table = tables_of(written(example, {"tables.yards": yards}), places=of_maine().places)["yards"]
    assert isinstance(table.population, Records)
    assert [row["east"] for row in table.population.rows] == [-70.26, -71.06]
    bare = {**yards, "columns": {**columns, "east": {**east, "place": "longitude"}}}
    assert "do not stand for the words of a slot" in str(problems_of(written(example, {"tables.yards": bare})))


def test_an_address_near_a_station_reads_the_stations_place_without_further_columns(example: Blueprint):
    near = {"part": "city", "near": "station_id", "within": 40}
    blueprint = written(example, {f"{RIDERS}.station_id": STATION})
    blueprint = with_column(blueprint, "riders.city", address=near)
    blueprint = with_column(blueprint, "riders.postcode", address="postcode")
    tables = tables_of(blueprint, places=of_maine().places)
    for name in ("city", "postcode"):
        generator = column(tables["riders"], name).generator
        assert isinstance(generator, Address)
        assert generator.near is not None
        assert generator.near.within_km == 40
        source = column(tables["riders"], generator.near.latitude).generator
        assert isinstance(source, Lookup)
        assert column(tables["stations"], source.column).internal
    population = tables["stations"].population
    assert isinstance(population, Records)
    assert 43.66 in population.rows[0].values()


def test_a_reference_near_the_own_address_or_near_another_row(example: Blueprint):
    blueprint = with_column(example, "riders.city", address="city")
    near = {"table": "stations", "near": {"to": "rider_id", "within": 25}}
    blueprint = written(blueprint, {"tables.rentals.columns.station_id.reference": near})
    blueprint = written(
        blueprint, {f"{RIDERS}.station_id": {**STATION, "reference": {"table": "stations", "near": True}}}
    )
    tables = tables_of(blueprint)
    for table, name, within in (("rentals", "station_id", 25), ("riders", "station_id", 60)):
        generator = column(tables[table], name).generator
        assert isinstance(generator, Reference)
        assert generator.near is not None
        assert generator.near.within_km == within
    own = column(tables["riders"], "station_id").generator
    assert isinstance(own, Reference)
    assert own.near is not None
    assert column(tables["riders"], own.near.latitude).generator == Address(part="latitude")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({f"{RIDERS}.city": {"address": {"part": "city", "near": "plan"}}}, "'plan' is not a foreign key"),
        ({f"{RIDERS}.city": {"address": {"part": "city", "within": 5}}}, "Give both, or neither"),
        (
            {"tables.rentals.columns.bike_id.reference": {"table": "bikes", "near": True}},
            "It is not known where the rows of rentals are",
        ),
        (
            {"tables.rentals.columns.bike_id.reference": {"table": "bikes", "near": "station_id"}},
            "It is not known where the rows of bikes are",
        ),
    ],
)
def test_what_has_no_place_is_refused_with_a_remedy(example: Blueprint, changes: dict, words: str):
    described = {
        path: {**value, "description": "Town of the rider", "synonyms": ["town"]} if "riders" in path else value
        for path, value in changes.items()
    }
    assert words in str(problems_of(written(example, described)))


def test_places_without_a_town_in_reach_are_told(example: Blueprint):
    near = {"part": "city", "near": "station_id", "within": 0.001}
    blueprint = with_column(written(example, {f"{RIDERS}.station_id": STATION}), "riders.city", address=near)
    made = filled_blueprint(blueprint, of_maine(), blueprint.id)
    told = addresses_far_away(design_data_model(made, request_for()))
    assert told
    assert all("these addresses are in the towns that are nearest" in line for line in told)
    wide = written(blueprint, {f"{RIDERS}.city.address.within": 60})
    assert addresses_far_away(design_data_model(filled_blueprint(wide, of_maine(), wide.id), request_for())) == []
