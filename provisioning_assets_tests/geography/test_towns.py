"""Towns, the distance between them, and which of several towns of one name a company means."""

import random
import re
from collections import Counter

import phonenumbers
import pytest

from provisioning_assets.geography.distance import great_circle_km
from provisioning_assets.geography.towns import located, towns
from provisioning_assets.synthesis.places import render


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((43.66, -70.26), (42.36, -71.06), 158),  # Portland, Maine to Boston
        ((52.52, 13.40), (48.14, 11.58), 504),  # Berlin to Munich
        ((-36.85, 174.76), (-33.87, 151.21), 2156),  # Auckland to Sydney
        ((10.0, 179.9), (10.0, -179.9), 22),  # across the date line
        ((0.0, 0.0), (0.0, 180.0), 20015),  # to the other side of the Earth
    ],
)
def test_distances(one: tuple[float, float], other: tuple[float, float], km: float) -> None:
    assert great_circle_km(*one, *other) == pytest.approx(km, rel=0.01)
    assert great_circle_km(*one, *one) == 0


def regions_of(country: str, places: dict[str, str | None], regions: list[str] | None = None) -> dict[str, str]:
    return {name: town.region for name, town in located(places, country, regions or []).items()}


def test_a_name_alone_means_the_largest_town() -> None:
    assert regions_of("US", {"Portland": None}) == {"Portland": "Oregon"}


def test_the_region_of_the_address_decides_first() -> None:
    places = {"Portland": "Maine", "Burlington": "Vermont", "Portsmouth": "New Hampshire", "Richmond": "Virginia"}
    assert regions_of("US", dict(places)) == places


def test_a_region_of_the_company_decides_next() -> None:
    assert regions_of("US", {"Portland": None}, ["Maine"]) == {"Portland": "Maine"}


def test_the_companys_other_places_decide_last() -> None:
    assert regions_of("US", {"Portland": None, "Boston": None, "Providence": None})["Portland"] == "Maine"
    assert regions_of("US", {"Portland": None, "Seattle": None, "Tacoma": None})["Portland"] == "Oregon"


def test_accents_and_case_do_not_matter_and_what_is_no_town_is_left_out() -> None:
    assert set(located({"MALAGA": None, "Old Port": None}, "ES")) == {"MALAGA"}
    assert located({"Wien": None}, "DE") == {}


ADDRESSED = [(country, town) for country, each in towns().items() for town in each if town.region]


def test_a_town_has_all_parts_of_an_address_or_none() -> None:
    halves = [town.names[0] for each in towns().values() for town in each if bool(town.postcode) != bool(town.region)]
    assert halves == []
    assert all(town.phone for _, town in ADDRESSED)
    counts = Counter(country for country, _ in ADDRESSED)  # as docs/blueprint-format.md has them
    assert (len(counts), counts["US"], counts["IS"]) == (55, 5201, 2)


def test_every_phone_template_gives_a_possible_number_of_its_country() -> None:
    templates = {(country, town.phone) for country, town in ADDRESSED}
    choice = random.Random(1)
    wrong = [
        (country, phone)
        for country, phone in sorted(templates)
        if not phonenumbers.is_possible_number(phonenumbers.parse(render(phone, choice), country))
    ]
    assert wrong == []


FIRST_DIGITS = {
    "Maine": r"039|04\d", "New Hampshire": r"03[0-8]", "Vermont": r"05\d", "Massachusetts": r"01\d|02[0-7]|055",
    "Rhode Island": r"02[89]", "Connecticut": r"06\d", "New York": r"00[56]|063|1[0-4]\d", "California": r"9[0-5]\d|96[01]",
    "Oregon": r"97\d", "Texas": r"7[5-9]\d|885", "Florida": r"3[2-4]\d",
}  # fmt: skip
"""State -> the first three digits of its postcodes. Source: US Postal Service, 3-digit ZIP Code prefix matrix (L002)."""


def test_postcodes_of_the_united_states_begin_as_their_state_has_it() -> None:
    choice = random.Random(2)
    wrong = [
        (town.names[0], town.region, code)
        for country, town in ADDRESSED
        if country == "US" and town.region in FIRST_DIGITS
        for code in {render(town.postcode, choice) for _ in range(5)}
        if not re.fullmatch(f"(?:{FIRST_DIGITS[town.region]})\\d\\d", code)
    ]
    assert wrong == []


def test_german_towns_have_their_own_area_code_and_postcode() -> None:
    by_name = {town.names[0]: town for town in towns()["DE"]}
    assert by_name["Regensburg"].phone.startswith("+49 941 ")
    assert by_name["Regensburg"].region == "Bayern"
    assert render(by_name["Regensburg"].postcode, random.Random(3)).startswith("930")
