"""Names of result columns as people read them: in tables, on axes, in sentences."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from provisioning_assets.figure_text import is_currency, moment_text
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, locale_of

_ACRONYMS = frozenset(
    "aov arpu arr cac csat dau gb gmv grr id kpi ltv mau mb mrr nps nrr oee rpm sku sla usd eur vip".split()  # noqa: SIM905
)
_FIRST_OF_MONTH = re.compile(r"(?!0000)(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-01(T00:00:00)?$", re.ASCII)
_MONTH, _QUARTER = re.compile(r"(^|_)(month|cohort)(_|$)"), re.compile(r"(^|_)quarter(_|$)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HYPHENATED = re.compile(r"\b([^\W\d_]+)-([^\W\d_]+)\b")
_ABBREVIATION = re.compile(r"\b(?=\w*[A-Z]\w*[A-Z])[^\W\d_]{2,8}\b")
"""A word with two capitals or more, such as MTBF and eCPM."""
_PERCENT = re.compile(r" (pct|percent|percentage)$")


def column_title(name: str, unit: str | None = None, written: str = "") -> str:
    """``order_month`` -> ``Order month``, ``late_pct`` -> ``Late %``, ``arr_won`` in EUR -> ``ARR won (EUR)``.

    Args:
        name: the column's name.
        unit: the column's unit; only a currency is shown.
        written: a text about the column, such as the question: words that it writes with a hyphen have one in the title, too, so
            that ``check_ins`` is ``Check-ins`` where the question says check-ins; and abbreviations have their capitals.
    """
    words = _PERCENT.sub(" %", re.sub(r"[_\s]+", " ", name).strip())
    words = re.sub(r"^avg\b", "average", words)
    for one, other in _HYPHENATED.findall(written):
        # the name may be of one check-in, and the text of many
        words = re.sub(rf"\b({one}) ({other.removesuffix('s')}s?)\b", r"\1-\2", words, flags=re.IGNORECASE)
    forms = {form.lower(): form for form in _ABBREVIATION.findall(written)}
    first, *others = (
        forms.get(word.lower(), word.upper() if word.lower() in _ACRONYMS else word) for word in words.split(" ")
    )
    if first.lower() not in forms:
        first = first[:1].upper() + first[1:]
    return _with_currency(" ".join([first, *others]), unit)


def heading(column: ResultColumn, written: str = "") -> str:
    """The heading of a result's column: its own, else one made from its name (``column_title``), with its currency."""
    if column.heading is None:
        return column_title(column.name, column.unit, written)
    return _with_currency(column.heading, column.unit)


def trade_headings(columns: Iterable[ResultColumn], written: str, terms: Iterable[str]) -> dict[str, str]:
    """Name -> heading, of the columns whose names have an abbreviation of the trade: ``mtbf_hours`` -> ``MTBF hours``.

    Args:
        columns: of a result.
        written: a text about them, such as the question.
        terms: of the glossary, which write the abbreviations as the trade does.
    """
    forms = _ABBREVIATION.findall(" ".join(terms))
    known = {form.lower() for form in forms}
    named = [column.name for column in columns if known.intersection(column.name.lower().split("_"))]
    return {name: column_title(name, written=" ".join([written, *forms])) for name in named}


def headings_from(named: Iterable[tuple[str, Sequence[str]]], periods: Mapping[str, str]) -> dict[str, str]:
    """Name -> heading, for a demo whose names are not in its language: the first synonym, as a heading is written.

    Args:
        named: names of tables and columns with their synonyms; the first one that has some counts.
        periods: what ``month``, ``quarter`` and the like are called.
    """
    first = {name: synonyms[0][:1].upper() + synonyms[0][1:] for name, synonyms in reversed(list(named)) if synonyms}
    return {**periods, **first}


def _with_currency(title: str, unit: str | None) -> str:
    return f"{title} ({unit})" if unit is not None and is_currency(unit) else title


def period_text(value: str, column: str, language: str = DEFAULT_LANGUAGE) -> str:
    """A date or time as people read it: ``2025-01-01`` of a month is ``Jan 2025``, of a quarter ``Q1 2025``.

    Args:
        value: a date or datetime in ISO 8601.
        column: the column's name, which says what period the date stands for.
        language: of the reader, ISO 639-1.
    """
    day = _FIRST_OF_MONTH.match(value)
    if day and language != DEFAULT_LANGUAGE and (_QUARTER.search(column.lower()) or _MONTH.search(column.lower())):
        from babel.dates import format_skeleton

        skeleton = "yQQQ" if _QUARTER.search(column.lower()) else "yMMM"
        return format_skeleton(skeleton, date(int(day["year"]), int(day["month"]), 1), locale=locale_of(language))
    if day and _QUARTER.search(column.lower()):
        return f"Q{(int(day['month']) + 2) // 3} {day['year']}"
    if day and _MONTH.search(column.lower()):
        return f"{_MONTHS[int(day['month']) - 1]} {day['year']}"
    return moment_text(value.removesuffix("T00:00:00"), language)


def singular_of(words: str) -> str:
    """The English singular of a table's or a list's name: deliveries -> delivery, boxes -> box. A name without a plural s stays."""
    for ending, replacement, shortest in (
        ("ies", "y", 5),
        ("sses", "ss", 5),
        ("xes", "x", 4),
        ("ches", "ch", 5),
        ("shes", "sh", 5),
    ):
        if words.endswith(ending) and len(words) >= shortest:
            return words.removesuffix(ending) + replacement
    return words if words.endswith(("ss", "us", "is")) or not words.endswith("s") else words[:-1]
