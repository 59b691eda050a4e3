"""Cities, regions and countries, and names that only look like them."""

import pytest

from provisioning_assets.research.profile.gazetteer import country_code, country_name, country_names, places_by_name
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.places import mentions, read_places
from provisioning_assets_tests.research.profile.site_text import page, site


def placed(*pages, notes="", language="en", country="US", taken=()):
    website = site(*pages, notes=notes)
    reading = read_passages(website)
    places = read_places(reading, list(mentions(reading, language)), country, frozenset(taken))
    assert all(evidence_occurs(evidence, website) for place in places for evidence in place.evidence)
    return [(place.name, place.kind, place.country) for place in places]


def test_addresses_come_first():
    address = {
        "@type": "PostalAddress",
        "addressLocality": "Surabaya",
        "addressRegion": "Jawa Timur",
        "addressCountry": {"name": "Indonesia"},
    }
    found = placed(
        page(text="We also ship to Jakarta.", json_ld=[{"@type": "Organization", "address": [address]}]), country="ID"
    )
    assert found[0] == ("Jawa Timur", "region", "ID") or found[0] == ("Surabaya", "city", "ID")
    assert ("Jakarta", "city", "ID") in found


def test_cities_at_home_are_believed_and_small_ones_abroad_are_not():
    text = "Our shops in Louisville and Portland. A parcel went to Erlangen and one to Munich."
    found = placed(page(text=text))
    assert ("Louisville", "city", "US") in found
    assert ("Portland", "city", "US") in found
    assert ("Munich", "city", "DE") in found
    assert not [place for place in found if place[0] == "Erlangen"]
    assert ("Erlangen", "city", "DE") in placed(page(text=text), country="DE")


def test_names_in_the_sites_language():
    found = placed(
        page(text="Von Köln nach Österreich und in die Niederlande, nach Nürnberg und Nordrhein-Westfalen"),
        language="de",
        country="DE",
    )
    assert ("Köln", "city", "DE") in found
    assert ("Österreich", "country", "AT") in found
    assert ("Nordrhein-Westfalen", "region", "DE") in found


def test_genitives_and_headings():
    found = placed(page(title="Canada's online store", headings=["Boston Personal Injury Attorneys"]))
    assert ("Canada", "country", "CA") in found
    assert ("Boston", "city", "US") in found


def test_words_people_and_streets_are_not_taken_for_places():
    text = "Reading is nice. Mobile offers. Visit 211 Newbury Street or West Cary Street. Best of Bath towels."
    text += " Mr Paul Houston Miller says so."
    assert placed(page(text=text)) == []


def test_words_of_the_companys_name_are_not_taken_for_places():
    assert placed(page(text="Boston"), taken=("boston",)) == []


def test_a_town_behind_a_postcode_is_found_where_addresses_are_written_so():
    found = placed(page(text="Bahnhofstraße 3, 39043 Klausen"), language="de", country="IT")
    assert found == [("Klausen", "city", "IT")]
    assert placed(page(text="Order 39043 Klausen"), country="US") == []


def test_japanese_names_by_longest_match():
    found = placed(page(text="東京都品川区 スタイル 京都市", language="ja"), language="ja", country="JP")
    assert ("東京都", "region", "JP") in found
    assert not [place for place in found if place[2] in {"TH", "CN"}]


def test_one_name_is_given_once():
    address = {
        "@type": "PostalAddress",
        "addressLocality": "Hamburg",
        "addressRegion": "Hamburg",
        "addressCountry": "DE",
    }
    found = placed(page(json_ld=[{"address": address}], text="Hamburg Hamburg"), country="DE", language="de")
    assert [place[0] for place in found].count("Hamburg") == 1


def test_a_city_of_two_spellings_is_given_once():
    found = placed(page(text="Vi flyver fra København. Copenhagen and Amsterdam."), country="DK", language="da")
    assert [place[0] for place in found if place[1] == "city"] in (
        ["København", "Amsterdam"],
        ["Amsterdam", "København"],
        ["Copenhagen", "Amsterdam"],
        ["Amsterdam", "Copenhagen"],
    )


def test_notes_and_nothing():
    assert ("Brisbane", "city", "AU") in placed(notes="Head office in Brisbane", country="AU")
    assert placed(page(text="")) == []


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("DE", "DE"),
        ("uk", "GB"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("日本", "JP"),
        ("Narnia", None),
        ("ZZ", None),
        ("", None),
    ],
)
def test_country_codes(written, code):
    assert country_code(written) == code


def test_gazetteer_data_are_whole():
    places = places_by_name()
    assert len(places) > 6_000
    assert all(len(place.country) == 2 for found in places.values() for place in found)
    assert "Reading" not in places
    assert country_name("DE") == "Germany"
    assert country_names("xx")["France"] == "FR"
