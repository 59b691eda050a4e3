"""Writes numbers, amounts, dates and counts for readers, everywhere alike.

Every function takes the language of the demo (ISO 639-1, one of ``labels.languages``) and writes for readers of English if
none is given. English has the project's own forms; the others those of CLDR, as Babel has them. The customer's own words keep
their language.
"""

import math
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from provisioning_assets.data_model.amounts import minor_digits
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, locale_of

if TYPE_CHECKING:
    from provisioning_assets.labels.catalogue import Counted

FEWEST_WHOLE = 1_000
"""Figures from here on are written without decimals."""

FINDING_DECIMALS = 1
"""Decimals of a finding's figure, in its headline and beside it."""

FEWEST_WITHOUT_DECIMALS = 1_000
"""Amounts from here on are written without decimals: their cents say nothing to a reader."""

FEWEST_SCALED = 1e7
"""Amounts from here on are written in millions, billions or trillions."""

LARGEST_WRITTEN_OUT = 1e15
"""Larger numbers are written in exponent form, because their digits cannot be read at a glance."""

SMALLEST_ON_A_SCALE = 0.1
"""Amounts below this part of a scale are not written on it: one decimal would not show them."""

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


@cache
def is_currency(unit: str) -> bool:
    """Whether a unit is an ISO 4217 code."""
    from babel.numbers import list_currencies

    return unit in list_currencies()


def shown_digits(largest: float, currency: str) -> int:
    """Number of decimals of the amounts of one list, of which ``largest`` is the largest: all have them, or none has."""
    return 0 if abs(largest) >= FEWEST_WITHOUT_DECIMALS else minor_digits(currency)


def _scale_of(value: float) -> tuple[float, str]:
    return next((step for step in _SCALES if abs(value) >= FEWEST_SCALED and abs(value) >= step[0]), (1, ""))


def amount_text(value: float, currency: str, largest: float | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """An amount as a reader sees it everywhere: ``€12.50``, ``€1,234``, ``IDR 11.5 billion``; in German ``8,1 Mio. €``.

    Args:
        value: smaller than ``LARGEST_WRITTEN_OUT``.
        currency: ISO 4217 code.
        largest: the largest amount of the same sentence, on whose scale this one is written: ``€8.1 million`` beside
            ``€46.3 million``. Without it, and for an amount too small for that scale, its own.
        language: of the reader, ISO 639-1.
    """
    from babel.numbers import format_compact_currency, format_currency

    scale, word = _scale_of(value if largest is None else largest)
    if abs(value) < scale * SMALLEST_ON_A_SCALE:
        scale, word = _scale_of(value)
    whole = shown_digits(value, currency) == 0
    locale = locale_of(language)
    if language == DEFAULT_LANGUAGE:
        pattern = "¤#,##0.0" if word else "¤#,##0" if whole else None
        text = format_currency(value / scale, currency, format=pattern, locale=locale, currency_digits=not whole)
        text = f"{text}\N{NO-BREAK SPACE}{word}" if word else text
    elif word:
        text = format_compact_currency(value, currency, locale=locale, fraction_digits=1)
        text = text.replace(f"M{currency}", f"M\N{NO-BREAK SPACE}{currency}")  # in Spanish: 8,1 M€, but 8,1 M JPY
    else:
        pattern = _whole_pattern(locale) if whole else None
        text = format_currency(value, currency, format=pattern, locale=locale, currency_digits=not whole)
    # A currency code is separated from its amount (IDR 1,200), a sign is not. No line break inside an amount.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text)


def _whole_pattern(locale: str) -> str:
    """The pattern of a locale's amounts without decimals: ``#,##0 ¤``."""
    from babel import Locale

    return re.sub(r"\.0+", "", Locale.parse(locale).currency_formats["standard"].pattern)


def quantity(value: float, decimals: int = 0, language: str = DEFAULT_LANGUAGE) -> str:
    """``1234.5`` -> ``1,234.5``, with at most ``decimals`` decimals; a value below 0.1 gets two significant digits."""
    if not math.isfinite(value):
        return "not a number" if language == DEFAULT_LANGUAGE else "–"
    if 0 < abs(value) < 0.1 and decimals:
        return _with_signs_of(f"{value:.2g}", language)
    if abs(value) >= LARGEST_WRITTEN_OUT:
        return _with_signs_of(f"{Decimal(value):.4g}", language)
    text = number_text(value, decimals, language)
    return text.rstrip("0").rstrip(decimal_sign(language)) if decimals else text


def number_text(value: float, decimals: int, language: str = DEFAULT_LANGUAGE) -> str:
    """A number with exactly so many decimals: ``1,234.50``."""
    # Adding zero turns -0.0 into 0.0.
    rounded = round(value, decimals) + 0
    if language == DEFAULT_LANGUAGE:
        return f"{rounded:,.{decimals}f}"
    from babel.numbers import format_decimal

    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(Decimal(f"{rounded:.{decimals}f}"), format=pattern, locale=locale_of(language))


@cache
def decimal_sign(language: str) -> str:
    """What stands before the decimals: a point or a comma."""
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(locale_of(language))


def _with_signs_of(english: str, language: str) -> str:
    return english if language == DEFAULT_LANGUAGE else english.replace(".", decimal_sign(language))


def figure(
    value: float | None,
    unit: str,
    decimals: int = 2,
    *,
    largest: float | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> str:
    """A figure with its unit: ``12.4%``, ``€1,234``, ``IDR 11.5 billion``, ``3.2 days``; a dash for None.

    Args:
        value: in ``unit``.
        unit: ``percent``, an ISO 4217 code, ``count``, or any other word, which follows the figure; empty for none.
        decimals: of other figures than amounts and percentages, at most; those from 1,000 on have none.
        largest: the largest amount of the same sentence, see ``amount_text``.
        language: of the reader, ISO 639-1.
    """
    if value is None:
        return "–"
    if unit in ("percent", "%"):
        return percentage(quantity(value, 1, language), language)
    if is_currency(unit) and abs(value) < LARGEST_WRITTEN_OUT:
        return amount_text(value, unit, largest, language)
    text = quantity(value, 0 if abs(value) >= FEWEST_WHOLE else decimals, language)
    if unit in ("", "count", "number"):
        return text
    return _with_unit(value, text, unit, language)


def _with_unit(value: float, text: str, unit: str, language: str) -> str:
    units = _units(language)
    return units[unit].of(round(abs(value), 2), shown=text) if unit in units else f"{text} {unit}"


def unit_name(unit: str, language: str = DEFAULT_LANGUAGE) -> str:
    """A unit as a word: ``days``, ``Tage``. A currency stays its code; a word of the demo stays as it is."""
    units = _units(language)
    return units[unit].of(2, shown="").strip() if unit in units else unit


def _units(language: str) -> dict[str, "Counted"]:
    """The units that blueprints name in English; the words of other units are those of the demo itself."""
    if language == DEFAULT_LANGUAGE:
        return {}
    from provisioning_assets.labels.catalogue import labels_of  # which writes its own numbers by this module

    return labels_of(language).units


def percentage(text: str, language: str) -> str:
    """A number with the percent sign where the language has it."""
    if language == DEFAULT_LANGUAGE:
        return f"{text}%"
    from babel import Locale

    pattern = Locale.parse(locale_of(language)).percent_formats[None].pattern
    return re.sub(r"[#,0.]+", lambda _: text, pattern.split(";")[0], count=1)


def figure_in_words(value: float, unit: str, language: str = DEFAULT_LANGUAGE) -> str:
    """The size of a figure inside a sentence that says its sign and its unit itself: ``26.7%``, ``€1,234``, ``3.3``.

    Args:
        value: in ``unit``.
        unit: ``percent``, an ISO 4217 code, or any other, which is left to the sentence.
        language: of the sentence, ISO 639-1.
    """
    own = unit if unit == "percent" or is_currency(unit) else ""
    return figure(abs(value), own, FINDING_DECIMALS, language=language)


def percent(share: float, language: str = DEFAULT_LANGUAGE) -> str:
    """``0.954`` -> ``95%``. A share below 1 is never rounded up to 100%."""
    whole = round(share * 100)
    return percentage(str(min(99, max(1, whole)) if 0 < share < 1 else whole), language)


def day(value: date, language: str = DEFAULT_LANGUAGE) -> str:
    """``30 June 2026``, ``30. Juni 2026``."""
    from babel.dates import format_date

    return format_date(
        value, format="d MMMM yyyy" if language == DEFAULT_LANGUAGE else "long", locale=locale_of(language)
    )


def moment_text(value: str, language: str) -> str:
    """A date or a moment in ISO 8601 as a table shows it: in English as it is, else ``31.01.2026``, ``31.01.2026, 14:05``."""
    if language == DEFAULT_LANGUAGE:
        return value.replace("T", " ")
    from babel.dates import format_date, format_datetime

    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    locale = locale_of(language)
    return (
        format_datetime(moment, format="short" if moment.second == 0 else "medium", locale=locale)
        if "T" in value
        else format_date(moment, locale=locale)
    )


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 table``, ``7 tables``; in English only."""
    return f"{quantity(count)} {noun if count == 1 else plural_noun or noun + 's'}"
