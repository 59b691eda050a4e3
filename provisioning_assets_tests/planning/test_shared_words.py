"""Calendars, words and menu words that all blueprints share."""

import re
from typing import get_args

import pytest
from babel import Locale

from provisioning_assets.data_model.generators import WAKING_HOURS
from provisioning_assets.planning.blueprint_sources import read_shared
from provisioning_assets.planning.shared_words import (
    RhythmKind,
    UnknownNameError,
    menu_words,
    named_rhythm,
    rhythm_names,
    shared_words,
    word_list_names,
)
from provisioning_assets.settings import PROJECT_FOLDER

LENGTHS: dict[RhythmKind, int] = {"hours": 24, "weekdays": 7, "months": 12}
RHYTHMS = [(kind, name) for kind in LENGTHS for name in rhythm_names(kind)]
LANGUAGES = set(Locale.parse("en").languages)
COMMON_LANGUAGES = {"en", "de", "fr", "es", "it", "nl", "pt", "da", "sv", "no", "id", "ja"}


def test_every_kind_of_rhythm_is_named() -> None:
    assert (
        set(get_args(RhythmKind))
        == set(LENGTHS)
        == set(read_shared("rhythms.yaml")) - {"calendars", "peaks", "southern"}
    )


@pytest.mark.parametrize(("kind", "name"), RHYTHMS)
def test_a_rhythm_has_a_weight_for_each_of_its_units(kind: RhythmKind, name: str) -> None:
    weights = named_rhythm(kind, name)
    assert len(weights) == LENGTHS[kind]
    assert min(weights) >= 0
    assert max(weights) > 0


@pytest.mark.parametrize("kind", LENGTHS)
def test_no_two_rhythms_of_a_kind_are_nearly_the_same(kind: RhythmKind) -> None:
    shares = {name: proportions(named_rhythm(kind, name)) for name in rhythm_names(kind)}
    names = list(shares)
    for number, one in enumerate(names):
        for other in names[:number]:
            apart = sum(abs(a - b) for a, b in zip(shares[one], shares[other], strict=True)) / 2
            # The default is kept beside the two calendars that were made after it.
            assert apart > (0.01 if "waking" in (one, other) else 0.02), (one, other, apart)


def proportions(weights: list[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


def test_waking_hours_are_the_default_of_arrivals() -> None:
    assert named_rhythm("hours", "waking") == WAKING_HOURS


def test_a_caller_cannot_change_a_rhythm_or_words_for_others() -> None:
    named_rhythm("hours", "office")[0] = 9
    shared_words("compass")["en"].clear()
    assert named_rhythm("hours", "office")[0] == 0
    assert shared_words("compass")["en"] == ["North", "South", "East", "West"]


def test_unknown_names_are_refused_with_what_was_meant() -> None:
    with pytest.raises(
        UnknownNameError, match=r"'ofice' is not a rhythm of hours\. Did you mean 'office'\? Accepted: "
    ):
        named_rhythm("hours", "ofice")
    with pytest.raises(UnknownNameError, match=r"'b2b' is not a rhythm of weekdays\. Accepted: every_day, "):
        named_rhythm("weekdays", "b2b")
    with pytest.raises(UnknownNameError, match=r"'compas' is not a list of shared words\. Did you mean 'compass'\?"):
        shared_words("compas")


@pytest.mark.parametrize("name", word_list_names())
def test_shared_words_are_complete_in_every_language(name: str) -> None:
    by_language = shared_words(name)
    assert set(by_language) >= COMMON_LANGUAGES
    assert set(by_language) <= LANGUAGES
    lengths = set()
    for language, words in by_language.items():
        assert words, language
        assert len({word.casefold() for word in words}) == len(words), language
        assert all(word == word.strip() and word for word in words), language
        lengths.add(len(words))
    if not refused(name):
        assert len(lengths) == 1, "the first word stands for the same thing in every language, and so does the last"


def refused(name: str) -> bool:
    """Lists of words to refuse are lower case, and as long as a language has words."""
    return all(word == word.casefold() for word in shared_words(name)["en"])


def test_menu_words_are_case_folded_and_said_once() -> None:
    by_kind: dict[str, dict[str, list[str]]] = read_shared("menu_words.yaml")
    assert set(by_kind) == {"menu", "offers", "legal"}
    for kind, by_language in by_kind.items():
        assert set(by_language) >= COMMON_LANGUAGES, kind
        assert set(by_language) <= LANGUAGES, kind
        for language, words in by_language.items():
            assert len(set(words)) == len(words), (kind, language)
            for word in words:
                assert word == word.casefold().strip(), word
                assert word in menu_words()
    for language in COMMON_LANGUAGES:
        words = [word for by_language in by_kind.values() for word in by_language[language]]
        assert len(set(words)) == len(words), language


def test_shared_fallback_words_are_not_refused_as_menu_words() -> None:
    for name in word_list_names():
        for language, words in shared_words(name).items():
            # "Services" is a menu entry and, in French and Portuguese, an industry of customers.
            found = {word for word in words if word.casefold() in menu_words()} - {"Services", "Serviços"}
            assert not found, (name, language, found)


@pytest.mark.parametrize(("setting", "kind"), [("hours", "hours"), ("weekdays", "weekdays"), ("season", "months")])
def test_the_description_of_the_format_lists_the_rhythms(setting: str, kind: RhythmKind) -> None:
    document = (PROJECT_FOLDER / "docs" / "blueprint-format.md").read_text(encoding="utf-8")
    (row,) = (line for line in document.splitlines() if line.startswith(f"| `{setting}` | {LENGTHS[kind]}, from "))
    assert re.findall(r"`([^`]+)`", row.split("|")[3]) == rhythm_names(kind)
