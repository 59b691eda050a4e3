"""Which towns near its own places a company could have another place in."""

import pytest

from provisioning_assets.research.profile.models import Evidence, Place
from provisioning_assets.research.profile.nearby_towns import nearby_towns


def own(country: str, *names: str, kind: str = "city") -> list[Place]:
    evidence = [Evidence(page="https://acme.example/", words="address")]
    return [
        Place.model_validate({"name": name, "kind": kind, "country": country, "evidence": evidence}) for name in names
    ]


@pytest.mark.parametrize(
    ("country", "name", "near", "far"),
    [
        ("DE", "Freiburg", "Offenburg", "Hamburg"),
        ("US", "Boise", "Meridian", "New York"),
        ("IT", "Lecce", "Brindisi", "Milano"),
        ("JP", "福岡", "北九州", "札幌"),
    ],
)
def test_near_towns_are_proposed_and_far_ones_are_not(country: str, name: str, near: str, far: str):
    towns = nearby_towns(own(country, name), country)
    assert near in towns
    assert far not in towns
    assert name not in towns


def test_a_larger_town_goes_before_a_smaller_one_at_the_same_distance():
    towns = nearby_towns(own("GB", "Whitby"), "GB")
    assert towns.index("Leeds") < towns.index("Manchester")
    assert towns.index("Middlesbrough") < towns.index("London")


def test_a_small_town_far_from_all_others_is_another_one_of_the_same_name():
    """The only town of more than 5,000 people called Kathleen is in Florida; this credit union is in Georgia."""
    towns = nearby_towns(own("US", "Macon", "Kathleen", "Milledgeville"), "US")
    assert "Warner Robins" in towns
    assert "Tampa" not in towns


def test_towns_are_spelled_in_the_script_of_the_companys_own_places():
    assert all(name[0] < "\N{LATIN SMALL LETTER Z WITH CARON}" for name in nearby_towns(own("JP", "Kyoto"), "JP"))
    assert not any(name.isascii() for name in nearby_towns(own("JP", "京都"), "JP"))


def test_accents_and_case_do_not_matter():
    assert nearby_towns(own("ES", "Malaga"), "ES") == nearby_towns(own("ES", "MÁLAGA"), "ES") != []


@pytest.mark.parametrize(
    "places",
    [[], own("DE", "Nirgendwo"), own("DE", "Bayern", kind="region"), own("AT", "Wien")],
    ids=["none", "an unknown town", "a region", "a town abroad"],
)
def test_without_a_known_city_at_home_there_are_none(places: list[Place]):
    assert nearby_towns(places, "DE") == []
