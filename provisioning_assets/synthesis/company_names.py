"""Names of companies, and the internet domains that they write from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from string import Formatter
from typing import Any

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers, generator
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.name_lists import country_data, language_of, name_lists
from provisioning_assets.synthesis.places import places_of
from provisioning_assets.synthesis.romanisation import ascii_name
from provisioning_assets.synthesis.row_numbers import at_rows, stride

LONGEST_DOMAIN = 40
"""Maximum characters of a company's domain before the dot."""


@dataclass(frozen=True)
class Pattern:
    """How a name is put together: the texts around and between its fields, one more than there are fields."""

    texts: tuple[str, ...]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, template: str) -> "Pattern":
        """A pattern from a template such as ``{family} {trade}``."""
        pieces = list(Formatter().parse(template))
        texts = [text for text, _, _, _ in pieces]
        fields = [field for _, field, _, _ in pieces if field is not None]
        return cls(tuple(texts if len(texts) > len(fields) else [*texts, ""]), tuple(fields))


@dataclass(frozen=True)
class CompanyNames:
    """What the names of a country's companies consist of.

    The last of the ``patterns`` is for more companies than another pattern has combinations. ``lists`` are the words for each
    field of the patterns. ``around`` are the texts before and after a name, with each of the legal forms. ``spellings`` are the
    Latin spellings of words that are not in ASCII.
    """

    patterns: tuple[Pattern, ...]
    lists: Mapping[str, tuple[str, ...]]
    around: tuple[tuple[str, str], ...]
    spellings: Mapping[str, str]

    def choices(self, pattern: Pattern) -> list[int]:
        """How many words each field of the pattern can have; the second family of a name differs from the first."""
        return [
            len(self.lists["family"]) - 1 if field == "other" else len(self.lists[field]) for field in pattern.fields
        ]


@lru_cache(maxsize=16)
def company_names(locale: str, country: str, *, trade: bool = True) -> CompanyNames:
    """The parts of company names for a Faker locale in a country (ISO 3166-1).

    Without ``trade``, no name says what the company does, except in languages that have no other pattern, or too few names by it.
    """
    data = country_data()["companies"]
    language = language_of(locale)

    def listed(part: str, default: str) -> Any:
        keys = (country, locale, language, default)
        return next(data[part][key] for key in keys if key in data[part])

    words = _spelled(listed("words", "any"), language)
    trades = _spelled(listed("trades", "en"), language)
    people = name_lists(locale, country)
    families = dict(zip(people.family.words, people.ascii_family, strict=True))
    cities = {city: data["cities"].get(language, {}).get(city, "") for city in places_of(country, locale).cities}
    lists = {
        "family": people.mens_families(),
        "word": tuple(words),
        "trade": tuple(trades),
        "city": tuple(cities),
    }
    spellings = {
        word: latin or ascii_name(word, language)
        for word, latin in {**families, **cities, **trades, **words}.items()
        if not word.isascii()
    }
    templates = listed("patterns", "any")
    if not trade:
        families = ["{family}"] if any("{family}" in template for template in templates) else []
        plain = [template for template in templates if "{trade}" not in template]
        templates = [*plain, *families] or templates
    return CompanyNames(
        patterns=tuple(Pattern.of(template) for template in (*templates, listed("overflow", "any"))),
        lists=lists,
        around=_around(country, language),
        spellings=spellings,
    )


def _spelled(words: Iterable[str] | Mapping[str, Any], language: str) -> dict[str, str]:
    """Words and their Latin spellings, from a list, a mapping, or the combinations of a ``first`` and a ``second`` list."""
    if isinstance(words, Mapping) and "first" in words:
        first, second = (_spelled(words[part], language).items() for part in ("first", "second"))
        return {
            one + words["join"] + other: latin + end for one, latin in first for other, end in second if one != other
        }
    if isinstance(words, Mapping):
        return dict(words)
    return {word: ascii_name(word, language) for word in words}


def legal_forms(country: str, language: str = "") -> tuple[str, ...]:
    """Legal forms of a country's companies; in some countries they are written in several languages (ISO 639-1)."""
    data = country_data()["companies"]
    forms = data["forms"]
    return tuple(forms.get(f"{country} {language}") or forms.get(country) or data["forms_elsewhere"])


def _around(country: str, language: str) -> tuple[tuple[str, str], ...]:
    written = country_data()["companies"]["written"]
    template = written.get(f"{country} {language}") or written.get(country) or "{name} {form}"
    filled = (template.replace("{form}", form).partition("{name}") for form in legal_forms(country, language))
    return tuple((before, after) for before, _, after in filled)


def company(block: Block, table: str, column: str, *, trade: bool) -> pl.Series:
    """Company names; a name is not repeated until all combinations of the lists are used."""
    model = block.lineage.model
    names = company_names(model.locale, model.country, trade=trade)
    numbers = np.arange(block.rows[table]) + block.first_row_of(table)
    shift = int(generator(model.seed, table, column, "company").integers(0, 1 << 40))
    sizes = np.array([prod(names.choices(pattern)) * len(names.around) for pattern in names.patterns])
    last = len(sizes) - 1
    chosen = block.random(table, column).integers(0, last, block.rows[table])
    if not trade:
        chosen = np.where(numbers >= sizes[chosen], sizes[:last].argmax(), chosen)
    chosen = np.where(numbers >= sizes[chosen], last, chosen)
    parts, places = [], []
    for number, pattern in enumerate(names.patterns):
        rows = np.flatnonzero(chosen == number)
        size = int(sizes[number])
        parts.append(_written(names, pattern, (numbers[rows] * stride(size) + shift) % size))
        places.append(rows)
    return at_rows(pl.concat(parts), np.argsort(np.concatenate(places))).alias("company")


def _written(names: CompanyNames, pattern: Pattern, drawn: Integers) -> pl.Series:
    """Names by a pattern; each number below the count of combinations gives another one."""
    columns = []
    rest, family = drawn, np.zeros(len(drawn), dtype=np.int64)
    for text, field, choices in zip(pattern.texts, pattern.fields, names.choices(pattern), strict=False):
        word, rest = rest % choices, rest // choices
        if field == "family":
            family = word
        if field == "other":
            word = (family + 1 + word) % len(names.lists["family"])
        words = names.lists["family" if field == "other" else field]
        columns.append(_words([text + each for each in words], word))
    before = _words([before for before, _ in names.around], rest)
    after = _words([pattern.texts[-1] + after for _, after in names.around], rest)
    frame = pl.DataFrame({str(number): column for number, column in enumerate([before, *columns, after])})
    return frame.select(pl.concat_str(pl.all()).alias("company")).to_series()


def _words(words: list[str], indices: Integers) -> pl.Series:
    return at_rows(pl.Series(words, dtype=pl.String), indices)


def company_domains(company: pl.Series, locale: str, country: str) -> pl.Series:
    """Domains of companies below ``.example`` (reserved by RFC 2606), from the first two words of a name without its legal form.

    Args:
        company: names of companies, null where a row has none.
        locale: Faker locale of the names.
        country: ISO 3166-1 alpha-2.

    Returns:
        Domains such as ``atlas-energy.example``; null without a company, and where its name has no letters.
    """
    names = company_names(locale, country)
    name = pl.col("name")
    longest = sorted(names.around, key=lambda texts: len(texts[0] + texts[1]), reverse=True)
    cut = [
        pl.when(name.str.starts_with(before) & name.str.ends_with(after)).then(
            name.str.strip_prefix(before).str.strip_suffix(after)
        )
        for before, after in longest
    ]
    short = pl.coalesce(*cut, name)
    for connection in {text for pattern in names.patterns for text in pattern.texts if text.strip()}:
        short = short.str.replace(connection, " ", literal=True)
    if names.spellings:
        natives = sorted(names.spellings, key=len, reverse=True)
        latin = [f"{names.spellings[word]} " for word in natives]
        short = short.str.replace_many(natives, latin, leftmost=True)
    frame = pl.DataFrame({"name": company.cast(pl.String)})
    words = frame.select(short.fill_null("").str.extract_all(r"\S+").alias("words")).to_series()
    first, second = _first_two_in_ascii(words, language_of(locale))
    hyphen = pl.when(pl.col("second") == "").then(pl.lit("")).otherwise(pl.lit("-"))
    domain = pl.concat_str(pl.col("first"), hyphen, "second").str.head(LONGEST_DOMAIN) + ".example"
    found = pl.when(pl.col("first") != "").then(domain)
    return pl.DataFrame({"first": first, "second": second}).select(found.alias("domain")).to_series()


def _first_two_in_ascii(words: pl.Series, language: str) -> tuple[pl.Series, pl.Series]:
    """The first two words of each list that can be written in ASCII; empty if there are fewer.

    The names differ, but they consist of few different words, so each word is converted only once.
    """
    split = words.filter(words.list.len() > 0).explode()
    known = split.unique(maintain_order=True)
    written = pl.Series(["", *(ascii_name(word, language) for word in known)], dtype=pl.String)
    order = pl.Series(np.arange(1, len(known) + 1))
    numbers = split.replace_strict(known, order, return_dtype=pl.Int64).to_numpy().astype(np.int64)
    readable = (written != "").to_numpy()[numbers]
    rows, numbers = (
        np.repeat(np.arange(len(words)), words.list.len().to_numpy().astype(np.int64))[readable],
        numbers[readable],
    )
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    found = np.zeros((2, len(words)), dtype=np.int64)
    for place in (0, 1):
        found[place, rows[places == place]] = numbers[places == place]
    return at_rows(written, found[0]), at_rows(written, found[1])
