"""Numbers and dates on charts in other languages than English, as CLDR has them: labels, axes, and Vega's own formats."""

import re
from functools import cache
from typing import Any

from babel import Locale

from provisioning_assets.figure_text import number_text, percentage, quantity
from provisioning_assets.labels.languages import locale_of

MONDAY_FIRST = (6, 0, 1, 2, 3, 4, 5)
"""Babel's number of each day in the order of d3, which begins with Sunday."""

_D3 = {
    "y": "%Y", "yy": "%y", "M": "%-m", "MM": "%m", "MMM": "%b", "LLL": "%b", "d": "%-d", "dd": "%d",
    "H": "%H", "HH": "%H", "mm": "%M",
}  # fmt: skip
"""Field of a CLDR pattern -> d3's directive. Sources: UTS 35, "Date Field Symbol Table"; d3-time-format."""


@cache
def vega_locale(language: str) -> dict[str, Any]:
    """Vega's locale of a language: signs of numbers, names of months and days. Source of the layout: d3-format, d3-time-format."""
    locale = Locale.parse(locale_of(language))
    signs = locale.number_symbols["latn"]
    days, months = locale.days["format"], locale.months["format"]
    return {
        "number": {"decimal": signs["decimal"], "thousands": signs["group"], "grouping": [3], "currency": ["", ""]},
        "time": {
            "dateTime": "%x %X", "date": "%Y-%m-%d", "time": "%H:%M:%S", "periods": ["AM", "PM"],
            "days": [days["wide"][day] for day in MONDAY_FIRST],
            "shortDays": [days["abbreviated"][day] for day in MONDAY_FIRST],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        },
    }  # fmt: skip


@cache
def d3_format(skeleton: str, language: str) -> str:
    """The d3 format of a CLDR skeleton: ``yMMM`` is ``%b %Y`` in German, ``%Y年%-m月`` in Japanese."""
    pattern = Locale.parse(locale_of(language)).datetime_skeletons[skeleton].pattern
    parts = re.findall(r"'([^']*)'|([A-Za-z])(\2*)|([^A-Za-z']+)", pattern)
    return "".join(text or between or _D3[letter + more] for text, letter, more, between in parts)


@cache
def scales(language: str) -> tuple[tuple[float, str], ...]:
    """The steps in which a language shortens numbers, the largest first, each with what follows: (1e6, " Mio.") in German."""
    short = Locale.parse(locale_of(language)).compact_decimal_formats["short"]["other"]
    found = []
    for power in range(3, 15):
        pattern = re.sub(r"'([^']*)'", r"\1", short[str(10**power)].pattern)
        # The first power of a step has one zero; without a word, the language does not shorten.
        if pattern.count("0") == 1 and pattern.strip() != "0":
            found.append((float(10**power), pattern.replace("0", "", 1)))
    return tuple(reversed(found))


def tidy_figure(value: float, language: str, *, percent: bool, decimals: int, shortest: float) -> str:
    """A number beside a bar: ``1,23 Mio.``, ``24,3 %``; below ``shortest`` with ``decimals`` digits after the sign."""
    if percent:
        return percentage(quantity(value, 1, language), language)
    for size, word in scales(language):
        if abs(value) >= size and abs(value) >= shortest:
            shown = abs(value) / size
            return quantity(value / size, 2 if shown < 10 else 1 if shown < 100 else 0, language) + word
    return number_text(value, decimals, language) if abs(value) >= 1 or value == 0 else quantity(value, 2, language)


def axis_label(language: str) -> str:
    """The Vega expression of the labels of a long axis: each number on the scale that it reaches."""
    expression = "format(datum.value, ',~f')"
    for size, word in reversed(scales(language)):
        expression = (
            f"abs(datum.value) >= {size:.0f} ? format(datum.value / {size:.0f}, ',~f') + '{word}' : {expression}"
        )
    return expression
