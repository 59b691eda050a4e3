"""Finds a price in the text beside a name: the figure next to a sign of the site's currency.

price-parser reads the figure, whatever its separators are ("1'299.90", "1.299,-", "1,05,000"). It does not know which of
several figures is the price ("100 Mbit/s for 39,90 €"), so the figure next to the currency is cut out first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_symbol
from babel.units import get_unit_name

from provisioning_assets.research.profile.market_signs import market_signs

LARGEST_PRICE = 100_000_000
"""Larger numbers are article or phone numbers, in any currency of today."""

_FIGURE = r"\d[\d.,'’\u00a0\u202f ]*(?:,-|,–|,—|:-)?"
_PERIODS = ("duration-month", "duration-year", "duration-week")
_SHORT_PERIODS = (
    "mo", "yr", "p.m", "p.a", "pm", "pcm", "user", "seat", "md", "mdr", "mnd", "mån", "mies", "mtl", "monatlich", "jährlich",
    "mensuel", "mensual", "mensal", "mensile", "月額", "年額", "월",
)  # fmt: skip
_LANGUAGES = "en de fr es it pt nl da sv nb fi is pl cs hu ro tr ru uk kk el ar he hi id ja zh ko vi th".split()  # noqa: SIM905


@dataclass(frozen=True)
class Price:
    """An amount in the site's currency, and whether it is paid again and again (a month, a year, a user)."""

    amount: float
    recurring: bool = False


def price_in(text: str, currency: str) -> Price | None:
    """The first price in a text; None if no figure is next to a sign or code of the currency.

    Args:
        text: one line, such as ``Fibre 250, from € 39,90 a month``.
        currency: ISO 4217.
    """
    if not any(character.isdigit() for character in text):
        return None
    match = _priced(currency).search(text)
    if match is None:
        return None
    from price_parser import Price as Parsed

    figure = next(group for group in match.groups() if group is not None)
    amount = Parsed.fromstring(figure.strip(" .,")).amount
    if amount is None or not 0 < amount <= LARGEST_PRICE:
        return None
    around = text[max(0, match.start() - 25) : match.end() + 30]
    return Price(round(float(amount), 2), bool(_recurring().search(around)))


_BEFORE_PRICE = re.compile(r"\s*(?:[-–—:|@·(]|\b(?:ab|from|à partir de|desde|da|fra|från|vanaf|od|от|من)\b)?\s*$", re.I)


def without_price(text: str, currency: str) -> str:
    """The text before its first price: ``Caller ID – $3.00`` is called ``Caller ID``; the text itself without a price."""
    match = _priced(currency).search(text)
    return _BEFORE_PRICE.sub("", text[: match.start()]) if match and match.start() > 1 else text


@lru_cache(maxsize=32)
def _priced(currency: str) -> re.Pattern[str]:
    signs = {currency, *(sign for sign, meant in market_signs().signs.items() if currency in meant)}
    for language in _LANGUAGES:
        signs.add(get_currency_symbol(currency, locale=language))
    written = _alternatives(signs)
    return re.compile(
        rf"(?<![\w.])(?:{written})\.?\s?({_FIGURE})|(?<![\d.,])({_FIGURE})\s?(?:{written})(?![^\W\d_])|(\d[\d.' ]*(?:,-|,–|:-))",
        re.I,
    )


@lru_cache(maxsize=1)
def _recurring() -> re.Pattern[str]:
    words: set[str] = set(_SHORT_PERIODS)
    for language in _LANGUAGES:
        try:
            locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            continue
        words.update(name for period in _PERIODS if (name := get_unit_name(period, "long", locale)))
    stems = {word.strip().rstrip("s").lower() for word in words if len(word.strip()) > 1}
    return re.compile(rf"(?<![^\W\d_])(?:{_alternatives(stems)})", re.I)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)) if word)
