"""Slots filled with a customer's own words, hostile ones included."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from provisioning_assets.data_model.populations import Records
from provisioning_assets.planning.blueprint import Blueprint, Slot
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.likeness import mean_the_same
from provisioning_assets.planning.markets import listed_countries, market_of
from provisioning_assets.planning.sample_customer import sample_profile
from provisioning_assets.planning.slots import LEFTOVER_WORDS, clean_word, distinct, fill_slots
from provisioning_assets.research.profile.models import Fact
from provisioning_assets_tests.planning.conftest import facts, places, planned, profile

US = market_of("US", "en", "USD")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Air   Max® 90 ", "Air Max 90"),
        ("<b>Bold</b> <script>alert(1)</script> tea", "Bold alert(1) tea"),
        ("&lt;img src=x onerror=1&gt; Soap", "Soap"),
        ("Ben &amp; Jerry's", "Ben & Jerry's"),
        ("🚀 Rocket 🚀", "Rocket"),
        ("Shoes | Acme Shop", "Shoes"),
        ("see https://evil.test/x now", "see now"),
        ("write to a@b.example.com please", "write to please"),
        ("evil‮txt.exe", "eviltxt.exe"),
        ("a{company}b", "a company b"),
        ("$products", "products"),
        ("C:\\temp", "C:\\temp"),
        ("日本の靴", "日本の靴"),
        ("ニット　セーター", "ニット セーター"),
        ("حذاء", "حذاء"),
        ("- Boots -", "Boots"),
        ("123", None),
        ("—", None),
        ("", None),
        ("\x00\x07", None),
        ("👍👍", None),
        ("a very long product name that goes on and on and on", "a very long product name that goes on"),
        ("超" * 80, "超" * 40),
    ],
)
def test_words_are_cleaned(raw: str, clean: str | None):
    assert clean_word(raw) == clean


@given(st.text(max_size=300))
def test_a_clean_word_is_safe_short_and_stable(raw: str):
    word = clean_word(raw, 40)
    if word is None:
        return
    assert 1 <= len(word) <= 40
    assert word == word.strip()
    assert not set("{}<>`|\n") & set(word)
    assert not word.startswith("$")
    assert not [c for c in word if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")]
    assert clean_word(word, 40) == word


def test_distinct_ignores_case_and_keeps_order():
    assert distinct(["B", "a", "b", "A", "sale"], refuse=["Sale"]) == ["B", "a"]


def slot(**given: object) -> Slot:
    usual: dict[str, object] = {
        "description": "d",
        "minimum": 2,
        "maximum": 3,
        "words": {"en": ["One", "Two", "Three"]},
    }
    return Slot.model_validate({**usual, **given})


def filled(of: Slot, example: Blueprint, **known: object) -> tuple[list[str], str]:
    only = example.model_copy(update={"slots": {"of": of}})
    result = fill_slots(only, profile(**known), US)
    return result.words["of"], result.sources["of"]


def test_the_customers_words_are_enough(example: Blueprint):
    own = slot(**{"from": ["products"]})
    assert filled(own, example, products=facts("A1 x", "b", "c", "d")) == (["A1 x", "b", "c"], "customer")


def test_the_blueprints_words_complete_the_customers(example: Blueprint):
    own = slot(**{"from": ["products"], "minimum": 3})
    assert filled(own, example, products=facts("A", "two")) == (["A", "two", "One"], "mixed")


def test_a_single_word_of_the_customers_does_not_stand_among_the_blueprints(example: Blueprint):
    own = slot(**{"from": ["products"]})
    assert filled(own, example, products=facts("Bespoke")) == (["One", "Two", "Three"], "blueprint")


def test_a_word_that_does_not_fit_is_left_out_and_not_cut(example: Blueprint):
    own = slot(**{"from": ["products"], "longest": 10})
    assert filled(own, example, products=facts("Oak", "Walnut and brass", "Elm"))[0] == ["Oak", "Elm"]


def test_a_silent_site_takes_the_blueprints_words_in_its_language(example: Blueprint):
    words = slot(**{"from": ["products"], "words": {"en": ["One", "Two"], "de": ["Eins", "Zwei"]}})
    assert filled(words, example, language="de") == (["Eins", "Zwei"], "blueprint")
    assert filled(words, example, language="fi") == (["One", "Two"], "blueprint")


def test_sources_are_read_in_order_until_there_are_enough(example: Blueprint):
    own = slot(**{"from": ["product_categories", "products", "features"]})
    known = {"product_categories": facts("Cat"), "products": facts("Lamp"), "features": facts("Word")}
    assert filled(own, example, **known) == (["Cat", "Lamp"], "customer")


def test_places_are_completed_by_the_countrys_cities(example: Blueprint):
    cities = slot(**{"from": ["cities"], "words": {}, "minimum": 3})
    assert filled(cities, example, places=places("Reno"))[0] == ["Reno", "New York", "Los Angeles"]
    assert filled(cities, example)[0] == ["New York", "Los Angeles", "Chicago"]
    near = {"places": places("Reno"), "nearby_towns": ["Sparks"]}
    assert filled(cities, example, **near)[0] == ["Reno", "Sparks", "New York"]
    far_apart = cities.model_copy(update={"far_apart": True})
    assert filled(far_apart, example, **near)[0] == ["Reno", "New York", "Los Angeles"]


def denmark(of: Slot, example: Blueprint, *own: str, language: str = "da") -> list[str]:
    only = example.model_copy(update={"slots": {"of": of}})
    known = [place.model_copy(update={"country": "DK"}) for place in places(*own)]
    customer = profile(country="DK", language=language, currency="DKK", places=known)
    return fill_slots(only, customer, market_of("DK", language, "DKK")).words["of"]


def test_one_town_is_not_shown_under_two_names(example: Blueprint):
    cities = slot(**{"from": ["cities"], "words": {}, "minimum": 3, "maximum": 4, "far_apart": True})
    assert denmark(cities, example, "Copenhagen") == ["Copenhagen", "Aarhus", "Odense"]
    assert denmark(cities, example, "Copenhagen", "København", "Køge")[:2] == ["Copenhagen", "Køge"]


def test_places_far_from_each_other_are_found_abroad_where_the_country_is_small(example: Blueprint):
    world = {"en": ["Sydney", "Vienna", "Warsaw", "Vienna West"], "da": ["Sydney", "Wien", "Warszawa", "Wien Vest"]}
    airports = slot(
        **{"from": ["cities"], "words": world, "minimum": 4, "maximum": 4, "far_apart": True, "least_km": 600}
    )
    assert denmark(airports, example, "Billund") == ["Billund", "Warszawa", "Sydney", "Wien Vest"]
    airports = airports.model_copy(update={"least_km": 300})
    assert denmark(airports, example, "Billund") == ["Billund", "Warszawa", "Wien", "Sydney"]
    assert denmark(airports, example, "Billund", language="de") == ["Billund", "Warsaw", "Vienna", "Sydney"]


def test_cities_of_the_world_are_not_taken_for_small_towns_at_home_in_any_language(example: Blueprint):
    world = {"en": ["Vienna", "Toronto"], "de": ["Wien", "Toronto"]}
    airports = slot(
        **{"from": ["cities"], "words": world, "minimum": 12, "maximum": 12, "far_apart": True, "least_km": 300}
    )
    only = example.model_copy(update={"slots": {"of": airports}})
    for language in ("en", "fi"):
        cities = fill_slots(only, profile(country="US", language=language), US).words["of"]
        assert cities.index("Toronto") < cities.index("Vienna")


def test_an_airline_of_any_country_has_its_eight_cities():
    airline = load_blueprint("airline")
    airports = {
        country: fill_slots(airline, customer, market_of(country, customer.language, customer.currency)).words[
            "airports"
        ]
        for country in listed_countries()
        if (customer := sample_profile(airline, country))
    }
    assert {country: cities for country, cities in airports.items() if len(set(cities)) != 8} == {}


def test_the_words_of_places_far_apart_are_the_same_cities_in_every_language():
    with pytest.raises(ValidationError, match="another number than in en: da"):
        slot(**{"from": ["cities"], "words": {"en": ["Vienna", "Rome"], "da": ["Wien"]}, "least_km": 300})


def test_a_market_with_more_cities_than_the_slot_takes_fills_it_with_cities_alone(example: Blueprint):
    areas = slot(**{"from": ["cities"], "words": {"en": ["Central", "North"]}, "minimum": 2, "maximum": 3})
    assert filled(areas, example) == (["New York", "Los Angeles", "Chicago"], "blueprint")


def test_countries_and_regions_come_from_places(example: Blueprint):
    known = [place.model_copy(update={"kind": "region"}) for place in places("Bavaria", "Saxony")]
    assert filled(slot(**{"from": ["regions"]}), example, places=known) == (["Bavaria", "Saxony"], "customer")


def test_products_go_to_the_category_they_name_or_were_read_under():
    known = {
        "product_categories": facts("Running shoes", "Jackets", "Bags", "Watches"),
        "products": [
            *facts("Speed shoe 3", "Rain jacket"),
            *facts("Alpine 20", page="https://acme.com/bags/alpine"),
            *facts("Mystery one", "Mystery two"),
        ],
    }
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    group_of = dict(zip(words.words["products"], words.groups["products"], strict=True))
    assert group_of["Speed shoe 3"] == "Running shoes"
    assert group_of["Rain jacket"] == "Jackets"
    assert group_of["Alpine 20"] == "Bags"
    assert group_of["Mystery one"] == "More of the range"
    invented = [word for word, group in group_of.items() if group == "Watches"]
    assert len(invented) == load_blueprint("retail_ecommerce").slots["products"].minimum
    assert not any("Watches" in word for word in invented), "nothing is made around the customer's word"
    assert words.sources["products"] == "mixed"


def test_a_range_of_few_articles_is_shown_as_it_is():
    known = {
        "product_categories": facts("Running shoes", "Jackets"),
        "products": facts("Speed shoe 3", "Road shoe", "Rain jacket", "Down jacket", "Laces"),
    }
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    assert [word for word in words.words["products"] if "shoe" in word] == ["Speed shoe 3", "Road shoe"]
    assert "Laces" in words.words["products"]
    assert words.words["categories"][:2] == ["Running shoes", "Jackets"]


def test_a_shop_whose_departments_are_not_known_shows_its_articles_in_departments_of_any_shop():
    known = {"products": facts(*[f"Teapot {letter}" for letter in "abcdefgh"])}
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    assert words.sources == {**words.sources, "categories": "blueprint", "products": "customer"}
    assert set(words.words["products"]) == {f"Teapot {letter}" for letter in "abcdefgh"}


def test_the_plan_names_the_lists_that_the_site_does_not_fill():
    plan, _ = planned(profile(product_categories=facts("Running shoes", "Jackets", "Bags", "Watches")))
    assert "products" in plan.trade_words
    assert "segments" in plan.trade_words
    assert "categories" not in plan.trade_words


def test_articles_that_are_dealt_to_a_department_do_not_overfill_it():
    named = [fact.model_copy(update={"within": "Bestsellers"}) for fact in facts(*[f"Mug {n}" for n in range(1, 13)])]
    known = {"products": [*named, *facts(*[f"Bowl {n}" for n in range(1, 13)])]}
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    most = load_blueprint("retail_ecommerce").slots["products"].maximum
    assert max(words.groups["products"].count(group) for group in words.words["categories"]) == most


def test_a_line_without_offerings_is_its_own_offering():
    known = {"services": facts("Drywall", "Painting", "Tiling", "Flooring")}
    words = fill_slots(load_blueprint("general_business"), profile(industry="construction", **known), US)
    assert words.words["service_lines"] == words.words["offerings"] == ["Drywall", "Painting", "Tiling", "Flooring"]


def test_words_that_fit_no_category_make_a_small_group_of_their_own():
    known = {
        "product_categories": facts("Running shoes", "Jackets", "Bags", "Watches"),
        "products": facts(*[f"Mystery {letter}" for letter in "abcdefghijkl"]),
    }
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    assert words.groups["products"].count("More of the range") == LEFTOVER_WORDS


HOSTILE_LISTS = st.lists(st.text(min_size=1, max_size=80), max_size=12)


@settings(deadline=None)
@given(products=HOSTILE_LISTS, categories=HOSTILE_LISTS, segments=HOSTILE_LISTS, cities=HOSTILE_LISTS)
def test_every_slot_is_filled_within_its_bounds(products, categories, segments, cities):
    blueprint = load_blueprint("retail_ecommerce")
    known = profile(
        products=facts(*products),
        product_categories=facts(*categories),
        customer_segments=facts(*segments),
        places=places(*cities),
    )
    result = fill_slots(blueprint, known, US)
    assert result == fill_slots(blueprint, known, US)
    for name, of in blueprint.slots.items():
        words = result.words[name]
        assert len({word.casefold() for word in words}) == len(words)
        if of.within is None:
            assert of.minimum <= len(words) <= of.maximum
        else:
            counts = [result.groups[name].count(group) for group in result.words[of.within]]
            assert min(counts) >= 1
            assert max(counts) <= of.maximum


def test_places_at_home_come_before_places_abroad(example: Blueprint):
    abroad, home = places("Paris", "Reno")
    known = [abroad.model_copy(update={"country": "FR"}), home.model_copy(update={"country": "US"})]
    assert filled(slot(**{"from": ["cities"]}), example, places=known)[0] == ["Reno", "Paris"]


def test_one_city_abroad_is_a_namesake(example: Blueprint):
    (abroad,) = places("Liverpool")
    foreign = abroad.model_copy(update={"country": "GB"})
    cities = slot(**{"from": ["cities"]})
    assert "Liverpool" not in filled(cities, example, places=[foreign])[0]
    region = abroad.model_copy(update={"country": "US", "kind": "region", "name": "Vermont"})
    assert "Vermont" not in filled(cities, example, places=[foreign, region])[0], "a region is not a city"
    many = [foreign.model_copy(update={"name": name}) for name in ("Leeds", "Paris", "Turin")]
    assert filled(cities, example, places=many)[0][:3] == ["Leeds", "Paris", "Turin"]


def test_the_menus_department_comes_before_likeness_and_car_does_not_match_care():
    categories = facts("Personal Care", "Baby", "Garden", "Kitchen")
    car, bottle = facts("Car Seat Metro", "Steel Bottle")
    known = {"product_categories": categories, "products": [car, bottle.model_copy(update={"within": "Garden"})]}
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US)
    group_of = dict(zip(words.words["products"], words.groups["products"], strict=True))
    assert group_of.get("Car Seat Metro") != "Personal Care"
    assert group_of["Steel Bottle"] == "Garden"


def test_articles_that_a_department_usually_holds_come_before_names_of_models():
    categories = facts("Schuhe & Stiefel", "Taschen", "Handwerk", "Damen")
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(product_categories=categories, language="de"), US)
    group_of = dict(zip(words.words["products"], words.groups["products"], strict=True))
    assert group_of["Laufschuhe"] == "Schuhe & Stiefel"
    assert group_of["Leinenbluse"] == "Damen"
    assert "Handwerk" in group_of.values()


def test_departments_are_not_used_as_customer_groups():
    known = profile(customer_segments=facts("Damen", "Kinder", "Vereine", "Schulen"), language="de")
    words = fill_slots(load_blueprint("retail_ecommerce"), known, US).words["segments"]
    assert words[:2] == ["Vereine", "Schulen"]
    assert not {"Damen", "Kinder"} & set(words)


def priced(**asked: float) -> list[Fact]:
    words = facts(*(name.replace("_", " ") for name in asked))
    return [word.model_copy(update={"price": price}) for word, price in zip(words, asked.values(), strict=True)]


def test_plans_whose_prices_are_all_known_stand_in_their_order_and_cost_what_the_site_asks():
    plans = priced(Giga_Max=69.9, Giga_Start=19.9, Giga_Home=44.9, Giga_Plus=34.9)
    customer = profile(industry="telecom", products=plans)
    blueprint = load_blueprint("telecom")
    filled_words = fill_slots(blueprint, customer, US)
    assert filled_words.words["plans"] == ["Giga Start", "Giga Plus", "Giga Home", "Giga Max"]
    population = next(table for table in planned(customer)[1].tables if table.name == "plans").population
    assert isinstance(population, Records)
    assert [row["monthly_fee"] for row in population.rows] == [19.9, 34.9, 44.9, 69.9]


def test_a_line_without_offerings_of_its_own_is_sold_at_its_own_price():
    customer = profile(
        industry="general_business", products=priced(Crown=120_000, Inlay=70_000, Surcharge=4_000, Bridge=9_000)
    )
    filled_words = fill_slots(load_blueprint("general_business"), customer, US)
    alike = [word for word in filled_words.words["offerings"] if word in filled_words.words["service_lines"]]
    assert alike
    assert {word: filled_words.prices["offerings"][word] for word in alike} == {
        word: filled_words.prices["service_lines"][word] for word in alike
    }


def test_an_incomplete_price_list_is_not_used():
    plans = [*priced(Giga_Max=69.9), *facts("Giga Start", "Giga Home", "Giga Plus")]
    customer = profile(industry="telecom", products=plans)
    blueprint = load_blueprint("telecom")
    filled_words = fill_slots(blueprint, customer, US)
    assert filled_words.words["plans"][0] == "Giga Max"
    population = next(table for table in planned(customer)[1].tables if table.name == "plans").population
    assert isinstance(population, Records)
    assert 69.9 not in [row["monthly_fee"] for row in population.rows]


def test_a_size_of_customer_is_not_used_as_an_industry():
    customer = profile(industry="saas", customer_segments=facts("Enterprise", "Startups", "Hospitals", "Law firms"))
    words = planned(customer)[0].vocabulary["industries"]
    assert words[:2] == ["Hospitals", "Law firms"]
    assert not {"Enterprise", "Startups"} & set(words)


def test_menu_words_of_any_language_fill_no_slot_of_a_website(example: Blueprint) -> None:
    own = slot(**{"from": ["products"]})
    known = facts("Startseite", "Book a demo", "PRIVACY POLICY", "Lamp", "Über uns", "Chair", "ログイン")
    assert filled(own, example, products=known) == (["Lamp", "Chair"], "customer")


def test_a_shared_list_is_refused_in_every_language(example: Blueprint) -> None:
    own = slot(**{"from": ["customer_segments"], "refuse": ["Guests"], "refuse_shared": "departments_of_people"})
    known = facts("Women", "Damen", "guests", "Families", "女性", "Students")
    assert filled(own, example, customer_segments=known) == (["Families", "Students"], "customer")


def test_the_leftover_group_is_of_the_sites_language() -> None:
    grouped = {"words": {}, "within": "lines"}
    shared = slot(**grouped, leftover_shared="further_offerings")
    assert [shared.leftover_group(language) for language in ("de", "xx")] == ["Weitere Angebote", "Further offerings"]
    own = slot(**grouped, leftover={"de": "Sonstiges"}, leftover_shared="further_offerings")
    assert [own.leftover_group(language) for language in ("de", "fr")] == ["Sonstiges", "Autres offres"]
    assert slot().leftover_group("en") is None


def test_a_town_may_be_called_sale(example: Blueprint) -> None:
    assert filled(slot(**{"from": ["cities"]}), example, places=places("Sale", "Perth"))[0] == ["Sale", "Perth"]


def test_no_slot_repeats_a_meaning(example: Blueprint) -> None:
    own = slot(**{"from": ["customer_segments"], "words": {"en": ["Individuals", "Small business", "Students"]}})
    known = facts("Trade customers", "Trade members", "B2B", "Business customers", "Companies", "Schools", "School")
    assert filled(own, example, customer_segments=known)[0] == ["Trade customers", "B2B", "Schools"]


def test_fallback_words_do_not_repeat_what_the_customer_says(example: Blueprint) -> None:
    own = slot(
        **{"from": ["customer_segments"], "words": {"en": ["Individuals", "Small business", "Students", "Clubs"]}}
    )
    known = facts("Private customers", "SMBs")
    assert filled(own, example, customer_segments=known) == (["Private customers", "SMBs"], "customer")
    three = own.model_copy(update={"minimum": 3})
    assert filled(three, example, customer_segments=known)[0] == ["Private customers", "SMBs", "Students"]
    scarce = three.model_copy(update={"words": {"en": ["Individuals", "Small business", "Consumers"]}})
    assert filled(scarce, example, customer_segments=known)[0] == ["Private customers", "SMBs", "Individuals"]


def test_only_slots_of_places_may_have_the_same_words(example: Blueprint) -> None:
    slots = {
        "plans": slot(**{"from": ["products"]}),
        "segments": slot(**{"from": ["customer_segments"], "words": {"en": ["Trade customers", "Clubs", "Schools"]}}),
        "cities": slot(**{"from": ["cities"]}),
        "regions": slot(**{"from": ["regions"], "words": {"en": ["North", "South"]}}),
    }
    region = places("Utrecht", "Gelderland")
    known = profile(
        products=facts("Trade membership", "Trade members", "Support plan"),
        customer_segments=facts("Support plans", "Gardeners"),
        places=[*places("Utrecht", "Breda"), *(place.model_copy(update={"kind": "region"}) for place in region)],
    )
    words = fill_slots(example.model_copy(update={"slots": slots}), known, US).words
    assert words["plans"] == ["Trade membership", "Trade members", "Support plan"]
    assert words["segments"] == ["Clubs", "Schools", "Trade customers"]
    assert words["cities"] == ["Utrecht", "Breda"]
    assert words["regions"] == ["Utrecht", "Gelderland"]


def test_a_list_that_no_site_fills_keeps_its_order_and_language(example: Blueprint) -> None:
    slots = {
        "offers": slot(**{"from": ["products"]}),
        "loans": slot(words={"en": ["Personal loan", "Car loan"], "de": ["Ratenkredit", "Autokredit"]}),
    }
    known = profile(language="de", products=facts("Girokonto", "Ratenkredit"))
    words = fill_slots(example.model_copy(update={"slots": slots}), known, US).words
    assert words["offers"] == ["Girokonto", "Ratenkredit"]
    assert words["loans"] == ["Ratenkredit", "Autokredit"]


def test_articles_of_two_spellings_are_one() -> None:
    known = {
        "product_categories": facts("Running shoes", "Jackets", "Bags", "Watches"),
        "products": facts("Rain jacket", "Rain Jackets", "Running shoe", "Trail shoe"),
    }
    words = fill_slots(load_blueprint("retail_ecommerce"), profile(**known), US).words["products"]
    assert "Rain jacket" in words
    assert "Trail shoe" in words
    assert not {"Rain Jackets", "Running shoe"} & set(words)


@settings(deadline=None)
@given(products=HOSTILE_LISTS, categories=HOSTILE_LISTS, segments=HOSTILE_LISTS)
def test_words_from_the_site_never_repeat_a_meaning(products, categories, segments):
    known = profile(
        products=facts(*products), product_categories=facts(*categories), customer_segments=facts(*segments)
    )
    words = fill_slots(load_blueprint("retail_ecommerce"), known, US).words
    own = [w for name in ("categories", "products") for w in words[name] if w in {*products, *categories}]
    for number, word in enumerate(own):
        assert not [other for other in own[:number] if mean_the_same(word, other, "en")]
