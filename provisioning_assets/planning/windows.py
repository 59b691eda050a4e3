"""Time windows in an author's SQL: written as people say them, stored as plain GoogleSQL.

======================================  ==============================================================================
written                                 stored
======================================  ==============================================================================
``{last 12 months of paid_on}``         ``paid_on >= <first day 12 months ago> AND paid_on < <first day of this month>``
``{last 90 days of paid_on}``           ``paid_on > DATE_SUB(CURRENT_DATE(), INTERVAL 90 DAY)``
``{545 to 365 days ago of paid_on}``    ``paid_on > ... 545 DAY) AND paid_on <= ... 365 DAY)``
``{12 to 6 months ago of paid_on}``     the same with first days of months
``{this month}``                        ``DATE_TRUNC(CURRENT_DATE(), MONTH)``
``{3 months ago}``                      ``DATE_SUB(DATE_TRUNC(CURRENT_DATE(), MONTH), INTERVAL 3 MONTH)``
``{90 days ago}``                       ``DATE_SUB(CURRENT_DATE(), INTERVAL 90 DAY)``
======================================  ==============================================================================

Months, quarters, weeks and years are complete calendar periods: ``last 12 months`` ends before this month. Windows of days end
today and have as many days as they say: the 90 days before the last 90 are ``{180 to 90 days ago of paid_on}``. A DATETIME
column is written as ``DATE(ordered_at)``.
"""

import re

from provisioning_assets.planning.written import refuse

UNITS = ("day", "week", "month", "quarter", "year")

WINDOW = re.compile(
    r"\{(?:last (?P<last>\d+) (?P<last_unit>[a-z]+?)s? of (?P<of_last>[^{}]+)"
    r"|(?P<from>\d+) to (?P<to>\d+) (?P<between_unit>[a-z]+?)s? ago of (?P<of_between>[^{}]+)"
    r"|(?P<ago>\d+) (?P<ago_unit>[a-z]+?)s? ago"
    r"|this (?P<this_unit>[a-z]+))\}"
)

ATTEMPT = re.compile(r"\{(?:last|this)\b[^{}]*\}|\{\d+\s[^{}]*\}")
"""Text that looks like a window, valid or not. ``{3}`` and ``{2,4}`` do not match: they occur in regular expressions."""

NEGATED = re.compile(r"\bNOT\s*$", re.IGNORECASE)


def expand_windows(sql: str) -> str:
    """The GoogleSQL query with every window replaced by plain GoogleSQL.

    Raises:
        PydanticCustomError: a window cannot be read.
    """
    expanded = WINDOW.sub(_written_out, sql)
    unread = ATTEMPT.search(expanded)
    if unread:
        raise refuse(
            f"{unread[0]} is not a window. Accepted: {{last 12 months of COLUMN}}, {{last 90 days of COLUMN}}, "
            f"{{545 to 365 days ago of COLUMN}}, {{3 months ago}}, {{this month}}; of two numbers the "
            f"larger comes first. Units: {', '.join(UNITS)}."
        )
    return expanded


def _written_out(found: re.Match[str]) -> str:
    """The window as plain GoogleSQL; unchanged if it cannot be read or contains no day."""
    unit = _unit(found["this_unit"] or found["ago_unit"] or found["last_unit"] or found["between_unit"])
    if unit is None:
        return found[0]
    if found["this_unit"]:
        return _start(unit)
    if found["ago"]:
        return _earlier(int(found["ago"]), unit)
    if found["last"]:
        column, since, until = found["of_last"].strip(), int(found["last"]), 0
    else:
        column, since, until = found["of_between"].strip(), int(found["from"]), int(found["to"])
    if since <= until:
        return found[0]
    after, before = (">", "<=") if unit == "DAY" else (">=", "<")
    condition = f"{column} {after} {_earlier(since, unit)}"
    if found["last"] and unit == "DAY":
        return condition
    condition += f" AND {column} {before} {_earlier(until, unit) if until else _start(unit)}"
    return f"({condition})" if NEGATED.search(found.string, 0, found.start()) else condition


def _unit(word: str) -> str | None:
    return word.upper() if word in UNITS else None


def _start(unit: str) -> str:
    """The first day of the current period, as GoogleSQL."""
    return "CURRENT_DATE()" if unit == "DAY" else f"DATE_TRUNC(CURRENT_DATE(), {unit})"


def _earlier(count: int, unit: str) -> str:
    return f"DATE_SUB({_start(unit)}, INTERVAL {count} {unit})"
