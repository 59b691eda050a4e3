"""Whether two words have the same meaning."""

from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.planning.blueprint_sources import read_shared
from provisioning_assets.planning.likeness import mean_the_same
from provisioning_assets.planning.shared_words import shared_words, word_list_names
from provisioning_assets_tests.planning.likeness_words import DIFFERENT, SAME_MEANING


@pytest.mark.parametrize(("language", "one", "other"), SAME_MEANING)
def test_words_that_say_the_same(language: str, one: str, other: str) -> None:
    assert mean_the_same(one, other, language, of_customers=True)
    assert mean_the_same(other, one, language, of_customers=True)


@pytest.mark.parametrize(("language", "one", "other"), DIFFERENT)
def test_words_that_say_different_things(language: str, one: str, other: str) -> None:
    for of_customers in (True, False):
        assert not mean_the_same(one, other, language, of_customers=of_customers)
        assert not mean_the_same(other, one, language, of_customers=of_customers)


def test_names_of_customers_mean_the_same_only_among_customers() -> None:
    assert not mean_the_same("Business", "Entreprise", "fr")
    assert mean_the_same("Business", "Entreprises", "fr", of_customers=True)
    assert not mean_the_same("Trade", "Trade customers", "en")
    assert mean_the_same("Trade", "Trade customers", "en", of_customers=True)
    assert mean_the_same("Trade members", "Trade customers", "en")


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["en", "de", "fr", "ja", "xx"]), st.booleans())
def test_likeness_is_mutual_and_every_word_is_like_itself(one: str, other: str, language: str, customers: bool) -> None:
    assert mean_the_same(one, one, language, of_customers=customers)
    assert mean_the_same(one, other, language, of_customers=customers) == mean_the_same(
        other, one, language, of_customers=customers
    )


# A list to refuse names a thing in all of its forms.
@pytest.mark.parametrize("name", sorted({*word_list_names()} - {"sizes_of_customers", "departments_of_people"}))
def test_no_two_shared_words_of_a_list_say_the_same(name: str) -> None:
    customers = name in ("customers_by_size", "business_sizes", "consumers", "industries_served", "goods_industries")
    for language, words in shared_words(name).items():
        for number, word in enumerate(words):
            assert not [
                other for other in words[:number] if mean_the_same(word, other, language, of_customers=customers)
            ]


def test_the_table_of_meanings_is_lower_case_and_each_phrase_has_one_meaning() -> None:
    data: dict[str, Any] = read_shared("same_meaning.yaml")
    languages = set(Locale.parse("en").languages)
    meanings: dict[tuple[str, str], str] = {}
    for name, by_language in data["groups"].items():
        for language, phrases in by_language.items():
            assert language in languages
            for phrase in phrases:
                assert phrase == phrase.casefold().strip() or language == "de", phrase
                assert meanings.setdefault((language, phrase), name) == name, phrase
                assert phrases.count(phrase) == 1, phrase
    for kind in ("fillers", "endings", "irregular", "never", "customers", "members"):
        assert set(data[kind]) <= languages
    assert set(data["compounding"]) <= languages
    assert set(data["leading"]) <= languages
