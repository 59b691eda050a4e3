"""Names of people, streets and companies of a locale, as lists to draw from.

Faker's own lists are read directly: calling Faker for each row would take a hundred times as long as the rest of the row.
If Faker has no list for a locale, the nearest one of the same language is used, and ``NameLists.stand_in`` says which.
"""

import random
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from provisioning_assets.data_model.keyed_random import Floats

COUNTRIES = Path(__file__).with_name("countries.yaml")

STREETS = 400
"""Street names drawn from Faker for a locale that has no list of its own."""

FALLBACK_LOCALE = "en_US"

LAST_LATIN = "\u0250"
"""End of the Unicode blocks of Latin letters with diacritics."""

CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "y",
            "",
            "e",
            "yu",
            "ya",
            "i",
            "yi",
            "ye",
            "g",
        ],
        strict=True,
    )
)
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
        ],
        strict=True,
    )
)
LATIN = {
    "ß": "ss",
    "æ": "ae",
    "ø": "oe",
    "å": "aa",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ł": "l",
    "đ": "d",
    "þ": "th",
    "ð": "d",
    "ı": "i",
}
"""Romanisation by the usual tables (BGN/PCGN without diacritics; German and Nordic digraphs)."""


@dataclass(frozen=True)
class Weighted:
    """Words with running totals of their weights."""

    words: tuple[str, ...]
    cumulative: Floats


@dataclass(frozen=True)
class NameLists:
    """The names of a locale; ``ascii_*`` are the same names as written in an e-mail address."""

    locale: str
    stand_in: str | None
    female: Weighted
    male: Weighted
    family: Weighted
    ascii_female: tuple[str, ...]
    ascii_male: tuple[str, ...]
    ascii_family: tuple[str, ...]
    family_first: bool


@cache
def country_data() -> Mapping[str, Any]:
    """The content of ``countries.yaml``."""
    return yaml.load(COUNTRIES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def country_entry(country: str) -> Mapping[str, Any]:
    """The entry of a country in ``countries.yaml``, or the default entry if the country has none."""
    data = country_data()
    return data["countries"].get(country, data["elsewhere"])


@lru_cache(maxsize=8)
def name_lists(locale: str, country: str) -> NameLists:
    """Names for a Faker locale in a country; the country's own lists take precedence."""
    own = country_entry(country).get("names")
    if own is not None:
        female, male, family = (_weighted(own[part]) for part in ("female", "male", "family"))
        stand_in, romanised = None, {}
    else:
        used = faker_locale("person", locale)
        provider = import_module(f"faker.providers.person.{used}").Provider
        everyone = getattr(provider, "first_names", ())
        female = _weighted(getattr(provider, "first_names_female", everyone))
        male = _weighted(getattr(provider, "first_names_male", everyone))
        family = _weighted(_family_names(provider))
        stand_in = None if used == locale else used
        romanised = _romanised(provider)
    return NameLists(
        locale=locale,
        stand_in=stand_in,
        female=female,
        male=male,
        family=family,
        ascii_female=tuple(romanised.get(word) or ascii_name(word) for word in female.words),
        ascii_male=tuple(romanised.get(word) or ascii_name(word) for word in male.words),
        ascii_family=tuple(romanised.get(word) or ascii_name(word) for word in family.words),
        family_first=locale.split("_")[0] in ("ja", "zh", "ko", "hu"),
    )


def faker_locale(kind: str, locale: str) -> str:
    """The locale itself, the first locale of its language, or en_US: the first for which Faker has a provider of ``kind``."""
    language = locale.split("_")[0]
    package = import_module(f"faker.providers.{kind}")
    siblings = sorted(path.name for path in Path(package.__path__[0]).glob(f"{language}_*") if path.is_dir())
    preferred = {"en": ["en_GB"]}.get(language, [f"{language}_{language.upper()}"]) if locale != "en_CA" else []
    for candidate in [locale, *preferred, *siblings]:
        if find_spec(f"faker.providers.{kind}.{candidate}") is not None:
            return candidate
    return FALLBACK_LOCALE


def _family_names(provider: Any) -> Iterable[str] | Mapping[str, float]:
    for name in ("last_names", "last_names_unisex", "last_names_male", "unisex_last_names"):
        names = getattr(provider, name, None)
        if names is not None and len(names) > 10:
            return names
    faker = import_module("faker.generator").Generator()
    faker.random = random.Random(1)  # noqa: S311  (names, not secrets)
    instance = provider(faker)
    return sorted({instance.last_name() for _ in range(STREETS)})


def _weighted(names: Iterable[str] | Mapping[str, float]) -> Weighted:
    """Names with Faker's frequencies if it has them, otherwise with equal weights."""
    if isinstance(names, Mapping):
        words, weights = tuple(names.keys()), np.fromiter(names.values(), dtype=np.float64)
    else:
        words = tuple(dict.fromkeys(names))
        weights = np.ones(len(words))
    return Weighted(words=words, cumulative=np.cumsum(weights))


def _romanised(provider: Any) -> dict[str, str]:
    """Latin spellings that the provider gives for its names (Japanese)."""
    pairs = [*getattr(provider, "first_name_pairs", ()), *getattr(provider, "last_name_pairs", ())]
    return {written: latin.lower() for written, _, latin in pairs}


@lru_cache(maxsize=1 << 15)
def ascii_name(name: str) -> str:
    """A name as written in an e-mail address: only lower case a-z and hyphens; empty if no letter can be converted."""
    letters = [_ascii_letter(letter) for letter in name.lower()]
    return "".join(letters).strip("-")


@cache
def _ascii_letter(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalpha() or letter == "-" else ""
    for table in (LATIN, CYRILLIC, GREEK):
        if letter in table:
            return table[letter]
    base = unicodedata.normalize("NFKD", letter)
    plain = "".join(part for part in base if part.isascii() and part.isalpha())
    if plain:
        return plain
    if base[0] in GREEK or base[0] in CYRILLIC:
        return {**GREEK, **CYRILLIC}[base[0]]
    called = unicodedata.name(letter, "")
    if called.startswith("HANGUL SYLLABLE "):
        return called.removeprefix("HANGUL SYLLABLE ").lower()
    spelled = called.split(" LETTER ")[-1] if " LETTER " in called else ""
    return spelled[:1].lower() if spelled[:1].isascii() and spelled[:1].isalpha() else ""


@lru_cache(maxsize=8)
def streets(locale: str, country: str) -> tuple[str, ...]:
    """Street names of a country: its own list, or Faker's list for the locale; always the same names in the same order."""
    own = country_entry(country).get("streets")
    if own is not None:
        names = dict.fromkeys(
            own["pattern"].format(kind=kind, stem=stem) for stem in own["stems"] for kind in own["kinds"]
        )
        return tuple(names)
    used = faker_locale("address", locale)
    provider = import_module(f"faker.providers.address.{used}").Provider
    if hasattr(provider, "towns"):
        return tuple(dict.fromkeys(provider.towns))
    faker = import_module("faker.generator").Generator()
    faker.random = random.Random(1)  # noqa: S311  (names, not secrets)
    faker.add_provider(import_module(f"faker.providers.person.{faker_locale('person', locale)}").Provider)
    faker.add_provider(provider)
    return tuple(sorted({faker.street_name() for _ in range(STREETS)}))


@lru_cache(maxsize=8)
def companies(locale: str, country: str) -> tuple[tuple[str, ...], ...]:
    """The parts that company names consist of: invented words, family names, trades, legal forms."""
    data = country_data()["companies"]
    language = locale.split("_")[0]
    lists = name_lists(locale, country)
    trades = data["trades"].get(language, data["trades"]["en"])
    # Invented words are in Latin letters, so they are used only for locales with names in Latin letters.
    is_latin = lists.family.words[0][0] < LAST_LATIN
    words = tuple(data["words"]) if is_latin else lists.family.words
    return words, lists.family.words, tuple(trades), legal_forms(country)


def legal_forms(country: str) -> tuple[str, ...]:
    """Legal forms at the end of a country's company names."""
    data = country_data()["companies"]
    return tuple(data["forms"].get(country, data["elsewhere"]))
