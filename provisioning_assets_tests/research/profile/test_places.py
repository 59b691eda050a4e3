"""Cities, regions and countries, and names that only look like them."""

import pytest

from provisioning_assets.research.profile.gazetteer import country_code, country_name, country_names, places_by_name
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.places import mentions, read_places
from provisioning_assets.research.website.models import Label, LabelGroup
from provisioning_assets_tests.research.profile.site_text import group, page, site


def placed(*pages, notes="", language="en", country="US", taken=()):
    website = site(*pages, notes=notes)
    reading = read_passages(website)
    places = read_places(mentions(reading, language), country, frozenset(taken))
    assert all(evidence_occurs(evidence, website) for place in places for evidence in place.evidence)
    return [(place.name, place.kind, place.country) for place in places]


def test_addresses_of_structured_data_come_first():
    address = {
        "@type": "PostalAddress",
        "addressLocality": "Surabaya",
        "addressRegion": "Jawa Timur",
        "addressCountry": {"name": "Indonesia"},
    }
    branches = group("Jakarta", "Bandung", "Medan", heading="Our branches")
    found = placed(page(groups=[branches], json_ld=[{"@type": "Organization", "address": [address]}]), country="ID")
    assert set(found[:2]) == {("Jawa Timur", "region", "ID"), ("Surabaya", "city", "ID")}
    assert ("Jakarta", "city", "ID") in found


def test_places_in_running_text_are_not_the_companys():
    text = "Mr Muller of Boston loved our bread. A judge in Chicago, Illinois, ruled otherwise last week."
    assert placed(page(text=text, headings=["A weekend in Seattle"])) == []


@pytest.mark.parametrize(
    ("line", "language", "country", "expected"),
    [
        ("12 Mill Lane, Louisville, KY 40202", "en", "US", ("Louisville", "city", "US")),
        ("Unit 4, Canal Street, Leeds LS1 4DY", "en", "GB", ("Leeds", "city", "GB")),
        ("Hafenweg 8, 20457 Hamburg", "de", "DE", ("Hamburg", "city", "DE")),
        ("4 rue des Lilas, 69002 Lyon", "fr", "FR", ("Lyon", "city", "FR")),
        ("ul. Młyńska 5, 61-730 Poznań", "pl", "PL", ("Poznań", "city", "PL")),
        ("〒604-8006 京都市中京区", "ja", "JP", ("京都市", "city", "JP")),
    ],
)
def test_addresses_in_text_and_footers(line, language, country, expected):
    assert expected in placed(page(text=line), language=language, country=country)
    assert expected in placed(page(footer=[line]), language=language, country=country)


@pytest.mark.parametrize(
    "line", ["Certified to ISO 9001 in Hamburg", "Founded 1998 Hamburg", "We sold 20000 pies in Hamburg.", "Hamburg?"]
)
def test_figures_that_are_not_postcodes_make_no_address(line):
    assert placed(page(text=line), language="de", country="DE") == []


def test_a_small_town_behind_a_postcode_is_found_where_addresses_are_written():
    line = "Bahnhofstraße 3, 39043 Klausen"
    for own in (page(footer=[line]), page("/kontakt", text=line), page("/impressum", text=line)):
        assert placed(own, language="de", country="IT") == [("Klausen", "city", "IT")]
    assert placed(page(text=line), language="de", country="IT") == []


def test_a_list_of_branches_is_believed_with_towns_that_the_gazetteer_lacks():
    branches = group("Köln", "Aachen (Zentrale)", "Kleinbüllesheim", heading="Unsere Standorte")
    found = placed(page(groups=[branches]), language="de", country="DE")
    assert {name for name, _, _ in found} == {"Köln", "Aachen", "Kleinbüllesheim"}


def test_a_menu_of_places_needs_no_heading_and_one_city_among_others_is_not_enough():
    assert {name for name, _, _ in placed(page(groups=[group("Boston", "Chicago", "Denver")]))} == {
        "Boston",
        "Chicago",
        "Denver",
    }
    assert placed(page(groups=[group("Boston", "Cheese", "Bread", "Butter")])) == []


def test_small_towns_of_one_country_in_a_list_are_branches_without_a_heading():
    """No other list of a site holds three towns of one country; a town's name alone often means something else."""
    found = placed(page(groups=[group("Viborg", "Silkeborg", "Horsens", "Herning")]), language="da", country="DK")
    assert {name for name, _, _ in found} == {"Viborg", "Silkeborg", "Horsens", "Herning"}
    assert placed(page(groups=[group("Viborg", "Reading", "Vejle", "Plus", "Total", "Basis")]), country="DK") == []


def test_lines_of_a_page_of_branches_are_read():
    found = placed(page(text="We roast coffee."), page("/locations/", text="Boston\nChicago"))
    assert {name for name, _, _ in found} == {"Boston", "Chicago"}


def test_a_city_abroad_needs_an_address_and_size():
    branches = group("Louisville", "Portland", "Munich", "Erlangen", heading="Offices")
    found = placed(page(groups=[branches]))
    assert {("Louisville", "city", "US"), ("Portland", "city", "US"), ("Munich", "city", "DE")} <= set(found)
    assert not [place for place in found if place[0] == "Erlangen"]
    assert ("Erlangen", "city", "DE") in placed(page(groups=[branches]), country="DE")
    assert ("Munich", "city", "DE") not in placed(page(title="Munich style beer"))


def test_the_home_pages_title_names_a_place_and_other_titles_do_not():
    assert placed(page(title="Canada's online store"), country="CA") == [("Canada", "country", "CA")]
    assert ("Boston", "city", "US") in placed(page(title="Piano tuners in Boston"))
    assert placed(page(title="Piano tuners"), page("/a", title="A wedding in Boston")) == []


def test_words_people_and_streets_are_not_taken_for_places():
    for title in ("Reading is nice", "Bath towels", "211 Newbury Street", "Mr Paul Houston Miller"):
        assert placed(page(title=title)) == []


def test_words_of_the_companys_name_are_not_taken_for_places():
    assert placed(page(title="Boston"), taken=("boston",)) == []


def test_japanese_names_by_longest_match():
    found = placed(page(title="東京都品川区 スタイル 京都市", language="ja"), language="ja", country="JP")
    assert ("東京都", "region", "JP") in found
    assert not [place for place in found if place[2] in {"TH", "CN"}]


def test_one_name_is_given_once():
    address = {
        "@type": "PostalAddress",
        "addressLocality": "Hamburg",
        "addressRegion": "Hamburg",
        "addressCountry": "DE",
    }
    found = placed(page(json_ld=[{"address": address}], title="Hamburg"), country="DE", language="de")
    assert [place[0] for place in found] == ["Hamburg"]


def test_a_city_of_two_spellings_is_given_once():
    branches = group("København", "Aarhus", "Odense", heading="Afdelinger")
    found = placed(page(title="Copenhagen bikes", groups=[branches]), country="DK", language="da")
    names = {place[0] for place in found}
    assert len(names & {"København", "Copenhagen"}) == 1
    assert {"Aarhus", "Odense"} <= names


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


def test_branches_with_addresses_beside_them_are_places_whatever_stands_above():
    labels = [
        Label(text="Derby · Centre", beside="1520 N. Rock Rd., KS 67037"),
        Label(text="Hutchinson", beside="27 S. Main St., KS 67501"),
    ]
    clubs = LabelGroup(area="main", heading="Come and lift", labels=labels)
    found = placed(page("/train", groups=[clubs]))
    assert ("Hutchinson", "city", "US") in found
