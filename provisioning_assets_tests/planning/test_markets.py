"""Country, language and currency -> locale, price level, cities."""

import pytest
from faker.config import AVAILABLE_LOCALES

from provisioning_assets.planning.markets import _data, market_of


@pytest.mark.parametrize(
    ("country", "language", "currency", "locale", "level"),
    [
        ("US", "en", "USD", "en_US", 1),
        ("CH", "fr", "CHF", "fr_CH", 1),
        ("CH", "en", "CHF", "de_CH", 1),
        ("dk", "da", "dkk", "da_DK", 7.5),
        ("JP", "ja", "JPY", "ja_JP", 160),
        ("NO", "no", "NOK", "no_NO", 11.5),
        ("XX", "de", "XYZ", "de_DE", 1),
        ("XX", "xx", "XYZ", "en_US", 1),
    ],
)
def test_a_market(country: str, language: str, currency: str, locale: str, level: float):
    market = market_of(country, language, currency)
    assert (market.locale, market.price_level) == (locale, level)
    assert (market.country, market.currency) == (country.upper(), currency.upper())


def test_every_locale_is_one_of_fakers():
    data = _data()
    locales = [locale for country in data["countries"].values() for locale in country["locales"].values()]
    assert set(locales) | set(data["languages"].values()) <= set(AVAILABLE_LOCALES)


def test_every_country_has_cities_for_a_slot_and_every_currency_a_level():
    data = _data()
    for code, country in data["countries"].items():
        assert len(code) == 2
        assert len(set(country["cities"])) >= 4
    for code, money in data["currencies"].items():
        assert len(code) == 3
        assert money["level"] > 0
        assert all(0 <= ending < 1 for ending in money.get("endings", []))


@pytest.mark.parametrize(
    ("country", "language", "largest"),
    [
        ("AE", "ar", "دبي"),
        ("AE", "en", "Dubai"),
        ("AE", "de", "دبي"),
        ("MA", "fr", "Casablanca"),
        ("IN", "hi", "मुंबई"),
        ("CH", "fr", "Zürich"),
    ],
)
def test_cities_are_written_in_the_script_of_the_language(country: str, language: str, largest: str):
    assert market_of(country, language, "EUR").cities[0] == largest


def test_cities_in_another_script_are_the_same_number_of_cities():
    for country in _data()["countries"].values():
        for language, cities in country.get("cities_in", {}).items():
            assert language in country["locales"]
            assert len(cities) == len(country["cities"])


def test_a_country_that_is_not_listed_has_districts():
    assert market_of("XX", "en", "EUR").cities[0] == "Central"
