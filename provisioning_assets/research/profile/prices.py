"""Finds a price in the text beside a name: the figure next to a sign of the site's currency.

price-parser reads the figure, whatever its separators are ("1'299.90", "1.299,-", "1,05,000"). It does not know which of
several figures is the price ("100 Mbit/s for 39,90 €"), so the figure next to the currency is cut out first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel.numbers import get_currency_symbol
from babel.units import format_unit

from provisioning_assets.research.profile.labels import comparable
from provisioning_assets.research.profile.market_signs import market_signs

LARGEST_PRICE = 100_000_000
"""Larger numbers are article or phone numbers, in any currency of today."""

# a space separates thousands only: "$12 1 TB" costs 12
_FIGURE = r"\d+(?:[ \u00a0\u202f]\d{3}(?!\d)|[.,'’]\d+)*(?:,-|,–|,—|:-)?"
_UNSPACED = r"[\u3040-\u30ff\u3400-\u9fff]"
"""Letters of scripts without spaces, which may follow a currency's sign: ``5,500円以上``."""
_PERIODS = (
    # Babel lacks the units of several languages; words that mean something else without "per" are given with it
    "month", "mo", "mth", "year", "yr", "week", "p.m", "p.a", "pm", "pcm", "user", "seat", "monat", "jahr",
    "woche", "mtl", "mois", "par an", "/an", "/ an", "semaine", "al mes", "por mes", "/mes", "/ mes", "cada mes", "año",
    "semana", "mês", "ano", "mese", "anno", "settimana", "maand", "jaar", "md", "mdr", "måned", "mnd", "år", "uge",
    "uke", "mån", "månad", "vecka", "kk", "kuukausi", "vuosi", "viikko", "miesiąc", "mies", "rok", "tydzień", "měsíc",
    "týden", "hónap", "hó", "év", "lună", "pe an", "săptămână", "/ay", "/ ay", "ayda", "yılda", "месяц", "мес", "год",
    "неделю", "місяць", "міс", "рік", "тиждень", "μήνα", "έτος", "εβδομάδα", "شهر", "شهرياً", "سنة", "חודש", "שנה",
    "bulan", "tahun", "minggu",
)  # fmt: skip
_REPEATED = (
    "monthly", "yearly", "weekly", "annually", "monatlich", "jährlich", "wöchentlich", "mensuel", "annuel", "mensual",
    "mensal", "mensile", "anual", "maandelijks", "jaarlijks", "månedlig", "månatlig", "årlig", "miesięczni", "roczni",
    "měsíčn", "ročn", "havonta", "havi", "lunar", "aylık", "yıllık", "ежемесяч", "щомісяч", "شهري", "kuukaudessa",
)  # fmt: skip
_REPEATED_UNSPACED = (
    r"月額|年額|月会費|年会費|毎月|每月|包月|매월|월\s?(?:정액|요금|회비|이용료)|[/／]\s?(?:月|年|월|년)"
)
_OTHER_PERIODS = (  # than a month
    "year", "yr", "yearly", "annual", "annually", "annum", "p.a", "quarter", "quarterly", "half-year", "half-yearly",
    "week", "weekly", "jahr", "jährlich", "quartal", "halbjahr", "woche", "wöchentlich", "annuel", "annuelle", "/an",
    "par an", "semaine", "trimestre", "semestre", "année", "año", "anual", "semana", "anno", "annuale", "annuo",
    "settimana", "ano", "jaar", "jaarlijks", "kwartaal", "år", "årlig", "årligt", "uge", "uke", "vecka", "kvartal",
    "vuosi", "viikko", "rok", "rocznie", "tydzień", "kwartał", "ročně", "týden", "év", "éves", "hét", "negyedév",
    "an", "săptămână", "yıl", "yıllık", "yılda", "hafta", "год", "неделю", "квартал", "рік", "тиждень", "έτος",
    "εβδομάδα", "سنة", "سنوي", "سنوياً", "أسبوع", "שנה", "שבוע", "tahun", "minggu",
)  # fmt: skip
_OTHER_UNSPACED = r"年額|年会費|毎年|[/／]\s?[年년週주]|每年|연간|매년|매주"
_TERMS = ("duration-day", "duration-week", "duration-month", "duration-year")  # of CLDR
_NEAR = 18  # characters between a price and its period: "€ 9 (incl. VAT) a month"
_LANGUAGES = "en de fr es it pt nl da sv nb fi is pl cs hu ro tr ru uk kk el ar he hi id ja zh ko vi th".split()  # noqa: SIM905


@dataclass(frozen=True)
class Price:
    """An amount in the site's currency, and whether it is paid again and again (a month, a year, a user).

    ``monthly`` is False if the text names a period that is not a month.
    """

    amount: float
    recurring: bool = False
    monthly: bool = True


def price_in(text: str, currency: str) -> Price | None:
    """The first price in a text, those of a month before others; None if no figure is next to a sign or code of the currency.

    Args:
        text: one line, such as ``Fibre 250, from € 39,90 a month``.
        currency: ISO 4217.
    """
    if not any(character.isdigit() for character in text):
        return None
    matches = list(_priced(currency).finditer(text))
    if not matches:
        return None
    monthly = [match for match in matches if not _is_of_another_period(text, match)]
    match = (monthly or matches)[0]
    amount = _figure(match)
    if amount is None:
        return None
    around = text[max(0, match.start() - 25) : match.end() + 30]
    recurring = _period().match(text[match.end() :]) or _repeated().search(around)
    return Price(amount, recurring is not None, bool(monthly))


@dataclass(frozen=True)
class Amount:
    """A figure next to a sign or code of a currency, with its place in the text, both included."""

    value: float
    start: int
    end: int
    recurring: bool


def amounts_in(text: str, currency: str) -> list[Amount]:
    """All amounts of a text, in their order.

    Args:
        text: one line, such as ``$7.95, free over $75``.
        currency: ISO 4217; amounts in other currencies are left out.
    """
    if not any(character.isdigit() for character in text):
        return []
    found = []
    for match in _priced(currency).finditer(text):
        value = _figure(match)
        if value is not None:
            found.append(Amount(value, match.start(), match.end(), _period().match(text[match.end() :]) is not None))
    return found


def _figure(match: re.Match[str]) -> float | None:
    from price_parser import Price as Parsed

    written = next(group for group in match.groups() if group is not None)
    amount = Parsed.fromstring(written.strip(" .,")).amount
    return round(float(amount), 2) if amount is not None and 0 < amount <= LARGEST_PRICE else None


def _is_of_another_period(text: str, match: re.Match[str]) -> bool:
    """Whether the words beside a price say that it is not of a month: "Quarterly: Rs 649", "€ 99 a year"."""
    behind = re.split(r"[\d,;|]", text[match.end() : match.end() + _NEAR])[0]
    if ":" not in behind and _period().match(behind):  # else it is the label of the next price
        return _other_period().search(behind) is not None
    before = re.split(r"[\d,;|]", text[: match.start()])[-1]
    return _other_period().search(before[-_NEAR:]) is not None


def is_term(text: str, language: str) -> bool:
    """Whether a text is nothing but a length of time: ``12 months``, ``6 Monate``.

    Args:
        text: a label.
        language: ISO 639-1.
    """
    number = re.fullmatch(r"\s*(\d{1,3})\D+", text)
    if number is None:
        return False
    units = (format_unit(int(number[1]), unit, locale=language) for unit in _TERMS)
    return comparable(text) in {comparable(unit) for unit in units}


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
        rf"(?<![\w.])(?:{written})\.?\s?({_FIGURE})|(?<![\d.,])({_FIGURE})\s?(?:{written})(?!(?!{_UNSPACED})[^\W\d_])"
        r"|(\d+(?:[ .']\d{3}(?!\d))*(?:,-|,–|:-))",
        re.I,
    )


@lru_cache(maxsize=1)
def _period() -> re.Pattern[str]:
    """A period right behind a price: "a month", "/user"; a figure between them, as in "2 years warranty", makes it none."""
    return re.compile(rf"\D{{0,{_NEAR}}}?(?<![^\W\d_])(?:1\s)?(?:{_alternatives(_PERIODS)})(?![^\W\d_])", re.I)


@lru_cache(maxsize=1)
def _repeated() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{_alternatives(_REPEATED)})|{_REPEATED_UNSPACED}", re.I)


@lru_cache(maxsize=1)
def _other_period() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{_alternatives(_OTHER_PERIODS)})(?![^\W\d_])|{_OTHER_UNSPACED}", re.I)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)) if word)
