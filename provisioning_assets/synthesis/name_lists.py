"""Names of people and streets of a locale, as lists to draw from.

Faker's own lists are read directly: calling Faker for each row would take a hundred times as long as the rest of the row.
``names.yaml`` has the names of markets for which Faker has none or unusable ones. If neither has a list for a locale, the nearest
one of the same language is used, and ``NameLists.stand_in`` says which.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.synthesis.romanisation import ascii_name

COUNTRIES = Path(__file__).with_name("countries.yaml")
NAMES = Path(__file__).with_name("names.yaml")

Names = Iterable[str] | Mapping[str, Any]
"""Words in a list, or words with weights or Latin spellings."""

FEW = 10
"""Lists of Faker with at most this many family names are placeholders."""

FAMILY_FIRST = ("hu", "ja", "ko", "vi", "zh")
WITHOUT_SPACES = ("ja", "ko", "zh")
"""Languages (ISO 639-1) whose full names begin with the family name, and those that write them without a space."""

STREETS = 400
"""Street names drawn from Faker for a locale that has no list of its own."""

FALLBACK_LOCALE = "en_US"


@dataclass(frozen=True)
class Weighted:
    """Words with running totals of their weights."""

    words: tuple[str, ...]
    cumulative: Floats

    def weights(self) -> Floats:
        """The weight of each word."""
        return np.diff(self.cumulative, prepend=0.0)


@dataclass(frozen=True)
class NameLists:
    """The names of a locale; ``ascii_*`` are the same names as written in an e-mail address.

    ``family`` and ``family_of_men`` have the same words. Their weights differ where a woman's family name has another form.
    """

    locale: str
    stand_in: str | None
    female: Weighted
    male: Weighted
    family: Weighted
    family_of_men: Weighted
    ascii_female: tuple[str, ...]
    ascii_male: tuple[str, ...]
    ascii_family: tuple[str, ...]
    family_first: bool
    between: str
    """What stands between the parts of a full name: a space, or nothing in Chinese, Japanese and Korean."""

    def mens_families(self) -> tuple[str, ...]:
        """The family names in a man's form, in which companies are called."""
        return tuple(
            word for word, weight in zip(self.family.words, self.family_of_men.weights(), strict=True) if weight
        )


def language_of(locale: str) -> str:
    """Language (ISO 639-1) of a Faker locale."""
    return locale.split("_")[0]


@cache
def country_data() -> Mapping[str, Any]:
    """The content of ``countries.yaml``."""
    return yaml.load(COUNTRIES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def _listed_names() -> Mapping[str, Any]:
    return yaml.load(NAMES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["countries"]


def country_entry(country: str) -> Mapping[str, Any]:
    """The entry of a country in ``countries.yaml``, or the default entry if the country has none."""
    data = country_data()
    return data["countries"].get(country, data["elsewhere"])


@lru_cache(maxsize=8)
def name_lists(locale: str, country: str) -> NameLists:
    """Names for a Faker locale in a country; the country's own lists take precedence."""
    language = language_of(locale)
    listed = _listed_names().get(country, {})
    own = listed.get(language) or listed.get("any") or {}
    used = faker_locale("person", locale)
    provider = import_module(f"faker.providers.person.{used}").Provider
    everyone = getattr(provider, "first_names", ())
    female = own.get("female") or getattr(provider, "first_names_female", everyone)
    male = own.get("male") or getattr(provider, "first_names_male", everyone)
    women, men = _both_forms(own["family"]) if "family" in own else _family_names(provider)
    family, family_of_men = _weighted_together(women, men)
    romanised = {**_romanised(provider), **{word: latin for part in own.values() for word, latin in _spelled(part)}}
    given = _weighted(female), _weighted(male)

    def in_ascii(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(romanised.get(word) or ascii_name(word, language) for word in words)

    return NameLists(
        locale=locale,
        stand_in=None if own or used == locale else used,
        female=given[0],
        male=given[1],
        family=family,
        family_of_men=family_of_men,
        ascii_female=in_ascii(given[0].words),
        ascii_male=in_ascii(given[1].words),
        ascii_family=in_ascii(family.words),
        family_first=language in FAMILY_FIRST,
        between="" if language in WITHOUT_SPACES else " ",
    )


def _spelled(names: Iterable[str] | Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return names.items() if isinstance(names, Mapping) else ()


def _both_forms(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The women's and the men's forms of listed family names, which are written ``Novotná/Novotný`` if they differ."""
    forms = [name.partition("/") for name in names]
    return tuple(woman for woman, _, _ in forms), tuple(man or woman for woman, _, man in forms)


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


def _family_names(provider: Any) -> tuple[Names, Names]:
    """Faker's family names for women and for men; the same ones if it does not tell them apart."""
    of_women, of_men = (getattr(provider, f"last_names_{gender}", ()) for gender in ("female", "male"))
    if len(of_women) > FEW and len(of_men) > FEW:
        return of_women, of_men
    for attribute in ("last_names", "last_names_unisex", "unisex_last_names"):
        names = getattr(provider, attribute, ())
        if len(names) > FEW:
            return names, names
    faker = import_module("faker.generator").Generator()
    faker.random = random.Random(1)  # noqa: S311  (names, not secrets)
    instance = provider(faker)
    drawn = sorted({instance.last_name() for _ in range(STREETS)})
    return drawn, drawn


def _weights(names: Names) -> dict[str, float]:
    """Names with Faker's frequencies if it has them, otherwise with equal weights; without what cannot be a name.

    Some of Faker's lists have names in the order of a register (``Berg, van der``), in lower case, with a title or a number
    (``Koch II``), or with spaces at the end.
    """
    weighted: dict[str, float] = {}
    numbers = names.values() if isinstance(names, Mapping) else repeat(1.0)
    for name, weight in zip(names, numbers, strict=False):
        word = name.strip()
        if word and not {",", "."} & set(word) and _is_name(word.split()[-1]):
            weighted[word] = weighted.get(word, 0.0) + (weight if isinstance(weight, float | int) else 1.0)
    return weighted


def _is_name(word: str) -> bool:
    """Whether a word neither begins with a small letter, if its script has capitals, nor is a number such as II."""
    return word[0] == word[0].title() and not (len(word) > 1 and word.isupper())


def _weighted(names: Names) -> Weighted:
    weights = _weights(names)
    return Weighted(words=tuple(weights), cumulative=np.cumsum(list(weights.values())))


def _weighted_together(women: Names, men: Names) -> tuple[Weighted, Weighted]:
    """Family names of women and of men, with the same words in both; a word that only the others have has weight 0."""
    if women is men:
        both = _weighted(women)
        return both, both
    of_women, of_men = _weights(women), _weights(men)
    words = tuple({**of_women, **of_men})
    female, male = (np.cumsum([weights.get(word, 0.0) for word in words]) for weights in (of_women, of_men))
    return Weighted(words, female), Weighted(words, male)


def _romanised(provider: Any) -> dict[str, str]:
    """Latin spellings that the provider gives for its names (Japanese)."""
    pairs = [*getattr(provider, "first_name_pairs", ()), *getattr(provider, "last_name_pairs", ())]
    return {written: latin.lower() for written, _, latin in pairs}


@lru_cache(maxsize=8)
def streets(locale: str, country: str) -> tuple[str, ...]:
    """Street names of a country: its own list, or Faker's list for the locale; always the same names in the same order."""
    own = country_entry(country).get("streets")
    if own is not None and "pattern" not in own:
        own = own.get(language_of(locale)) or next(iter(own.values()))
    if own is not None:
        names = dict.fromkeys(
            own["pattern"].format(kind=kind, stem=stem) for stem in own["stems"] for kind in own["kinds"]
        )
        return tuple(names)
    used = faker_locale("address", locale)
    provider = import_module(f"faker.providers.address.{used}").Provider
    faker = import_module("faker.generator").Generator()
    faker.random = random.Random(1)  # noqa: S311  (names, not secrets)
    faker.add_provider(import_module(f"faker.providers.person.{faker_locale('person', locale)}").Provider)
    faker.add_provider(provider)
    return tuple(sorted({faker.street_name() for _ in range(STREETS)}))
