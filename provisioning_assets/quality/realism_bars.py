"""Within which bounds generated data look like real ones, by kind of business, and where each bound comes from.

The two real sets are CDNOW (23,570 buyers of an online music shop, 69,659 orders, 1997-98; Fader and Hardie) and UCI Online
Retail (a British gift shop, 22,190 orders, 2010-11; Chen, Sain and Guo). Most bounds of consumers who buy stand around both, with
room on either side. Where no published figure was found the source says "by construction of the trade", with the reason.
No bound is on first digits (Benford): both real sets fail it.

Reading a bound: it holds when the measured figure lies within it, or outside by less than chance moves the figure at so many rows
(``ALLOWED_ERRORS`` standard errors).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from provisioning_assets.data_model.tables import Column, Rhythm, Table

TWO_SETS = "around CDNOW and UCI Online Retail, with room on either side"

ALLOWED_ERRORS = 2.0
"""Number of standard errors by which a figure may miss its bound. If a table keeps the bound, 95 of 100 samples are within."""


@dataclass(frozen=True)
class Bar:
    """A bound, inclusive. Without ``lowest`` and ``highest`` the figure is reported only.

    ``real_sets`` is what CDNOW / UCI Online Retail have.
    """

    check: str
    source: str
    lowest: float | None = None
    highest: float | None = None
    real_sets: str | None = None


@dataclass(frozen=True)
class Kind:
    """What is measured of the tables of one kind of business. A check that is not among ``bars`` is not measured.

    ``shares_of`` is what concentration is about: the amount that the largest bring, or the number of their rows.
    """

    bars: Mapping[str, Bar]
    shares_of: Literal["amount", "rows"] = "amount"


def _by_check(*bars: Bar) -> Mapping[str, Bar]:
    return MappingProxyType({bar.check: bar for bar in bars})


# --- bounds of every table -------------------------------------------------------------------------------------------

CATEGORIES = Bar(
    "category_ratio", "real groups differ: a chi-square test against equal shares, and by half at least", 1.5
)
GROWTH = Bar("growth", "the data model's own figure, within five points")
CORRELATION = Bar("correlation", "the data model's own figure, within 0.05")
ENDINGS = Bar("price_endings", "a price list keeps to the shop's usual endings", 0.80)
COMPRESSION = Bar(
    "text_compression",
    "reported only: texts of a narrow topic repeat their words although each makes sense",
    real_sets="2.95 at most",
)
REPEATS = Bar("text_repeats", "texts that repeat more often than this look like a completed form", None, 0.01)
LATEST_REPEATS = Bar(
    "text_repeats_lately", "the latest texts are what a visitor reads: two equal ones are noticed", None, 0
)

EVERY_TABLE = _by_check(CATEGORIES, ENDINGS, COMPRESSION, REPEATS, LATEST_REPEATS)

# --- when people act -------------------------------------------------------------------------------------------------

WEEKDAYS = Bar("weekday_ratio", TWO_SETS, 1.10, None, "1.15 / closed on Saturdays")
SEASONS = Bar("seasonal_strength", "R forecast::nsdiffs takes a series for seasonal from here on", 0.64)
NIGHT = Bar("night_share", "people sleep: half of what would be even over the day, at most", None, 0.5)
MIDNIGHT = Bar("midnight_share", "a time of day that was not recorded appears as midnight", None, 0.10)

_HOURS_AND_SEASONS = (WEEKDAYS, SEASONS, NIGHT, MIDNIGHT)

_OFFICE_HOURS = (
    Bar("weekday_ratio", "by construction of the trade: closed, or on call only, on one weekday at least", 1.5),
    Bar("night_share", "by construction of the trade: no one makes an appointment for 3 in the morning", None, 0.1),
    Bar("midnight_share", "by construction of the trade: an appointment has a time of day", None, 0.01),
)
"""There is no bound on seasons, because the number of staff, not demand, limits the work in each season."""

# --- who acts, and how much ------------------------------------------------------------------------------------------

TOP_FIFTH = Bar("top_fifth_share", TWO_SETS, 0.50, 0.85, "0.68 / 0.75")
TOP_HUNDREDTH = Bar("top_hundredth_share", TWO_SETS, 0.08, 0.40, "0.16 / 0.32")
ONE_TIME = Bar("one_time_share", TWO_SETS, 0.10, None, "0.50 / 0.34")
DISPERSION = Bar("events_dispersion", TWO_SETS, 3.0, 30.0, "7.6 / 13.9")

_MEMBERS_HABITS = (
    "by construction of the trade: habits of members are gamma-distributed, from shape 8 (nearly alike: {0}) to shape 0.5 (most "
    "stay away: {1}), with room for members who joined at different times"
)
_VISITS = (
    Bar("top_fifth_share", _MEMBERS_HABITS.format(0.31, 0.63), 0.29, 0.72),
    Bar("top_hundredth_share", _MEMBERS_HABITS.format("0.023", "0.08"), 0.02, 0.12),
    Bar(
        "one_time_share",
        "members with a monthly fee come 4.3 times a month (DellaVigna and Malmendier 2006): a single visit is the exception",
        None,
        0.25,
    ),
    Bar(
        "events_dispersion",
        "by construction of the trade: some come more than others, and 1 is chance alone; no upper bound, because the ratio grows "
        "with the number of visits",
        2.0,
    ),
)

_PATIENTS = (
    Bar(
        "top_fifth_share",
        "around general practice, where the top tenth of patients has 0.4 of the consultations (Kontopantelis and others "
        "2021), with room on either side",
        0.28,
        0.80,
    ),
    Bar(
        "top_hundredth_share",
        "around general practice, where the top hundredth of patients has 0.06 of the consultations (Neal and others 1998), with "
        "room on either side",
        0.02,
        0.15,
    ),
    Bar(
        "events_dispersion",
        "by construction of the trade: some come more often than others, and 1 is chance alone",
        1.2,
    ),
)
"""There is no bound on customers who came once, because a repair or an inspection need not be repeated."""

# --- amounts ---------------------------------------------------------------------------------------------------------

AMOUNT_TAIL = Bar("amount_tail", TWO_SETS, 4.0, 25.0, "6.7 / 12.7")
_PRICE_LIST = Bar(
    "amount_tail",
    "by construction of the trade: with flat fees or a short price list all amounts may be equal, so there is no lower bound; the "
    "upper one is that of consumers who buy",
    None,
    25.0,
)
_LARGE_CUSTOMERS = Bar(
    "amount_tail",
    "by construction of the trade: small customers buy as consumers do, and an order of a large one may be a hundred times the "
    "usual one",
    4.0,
    100.0,
)

KINDS: Mapping[Rhythm, Kind] = MappingProxyType(
    {
        "people": Kind(_by_check(TOP_FIFTH, TOP_HUNDREDTH, ONE_TIME, DISPERSION, AMOUNT_TAIL, *_HOURS_AND_SEASONS)),
        "members": Kind(_by_check(*_VISITS, _PRICE_LIST, *_HOURS_AND_SEASONS), shares_of="rows"),
        "appointments": Kind(_by_check(*_PATIENTS, _PRICE_LIST, *_OFFICE_HOURS), shares_of="rows"),
        "businesses": Kind(_by_check(_LARGE_CUSTOMERS, *_HOURS_AND_SEASONS)),
        "fees": Kind(_by_check(_PRICE_LIST)),
        "schedule": Kind(_by_check(AMOUNT_TAIL)),
        "machines": Kind(_by_check(AMOUNT_TAIL, SEASONS)),
    }
)

ACTED_BY_PEOPLE: frozenset[Rhythm] = frozenset({"people", "members", "appointments", "businesses"})
"""Rhythms of rows that someone decided to make."""

MADE_BY_A_CALENDAR: frozenset[Rhythm] = frozenset({"fees", "schedule"})
"""Rhythms whose days follow the calendar and not people's habits."""

_USUAL = {**KINDS["people"].bars, **EVERY_TABLE}
"""Check -> its usual bar, for checks that a table adds to those of its rhythm; the table gives the bound."""

GROWTH_TOLERANCE = 0.05
CORRELATION_TOLERANCE = 0.05
SIGNIFICANCE = 0.05
"""Significance level: largest probability that equal shares would differ so much by chance. It is the usual level."""


def bars_of(table: Table, column: Column | None = None) -> dict[str, Bar]:
    """Check -> its bound for a table: that of its kind of business, or its own, whose source is the table's reason.

    A ``column`` with a rhythm of its own has the bounds of that kind alone.
    """
    if column is not None and column.rhythm is not None:
        return {**KINDS[column.rhythm].bars, **EVERY_TABLE}
    bars = {**KINDS[table.rhythm].bars, **EVERY_TABLE}
    if table.realism is None:
        return bars
    source = f"the table's own bound: {table.realism.because}"
    for check, (lowest, highest) in table.realism.bounds().items():
        usual = bars.get(check, _USUAL[check])
        bars[check] = replace(usual, source=source, lowest=lowest, highest=highest, real_sets=None)
    return bars
