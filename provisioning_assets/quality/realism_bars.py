"""Within which bounds generated data look like real ones, and where each bound comes from.

The two real sets are CDNOW (23,570 buyers of an online music shop, 69,659 orders, 1997-98; Fader and Hardie) and UCI Online
Retail (a British gift shop, 22,190 orders, 2010-11; Chen, Sain and Guo). Most bounds stand around both with room on either side.
No bound is on first digits (Benford): both real sets fail it.
"""

from dataclasses import dataclass

TWO_SETS = "around CDNOW and UCI Online Retail, with room on either side"


@dataclass(frozen=True)
class Bar:
    """A bound, inclusive; ``real_sets`` is what CDNOW / UCI Online Retail have."""

    check: str
    source: str
    lowest: float | None = None
    highest: float | None = None
    real_sets: str | None = None


TOP_FIFTH = Bar("top_fifth_share", TWO_SETS, 0.50, 0.85, "0.68 / 0.75")
TOP_HUNDREDTH = Bar("top_hundredth_share", TWO_SETS, 0.08, 0.40, "0.16 / 0.32")
ONE_TIME = Bar("one_time_share", TWO_SETS, 0.10, None, "0.50 / 0.34")
DISPERSION = Bar("events_dispersion", TWO_SETS, 3.0, 30.0, "7.6 / 13.9")
AMOUNT_TAIL = Bar("amount_tail", TWO_SETS, 4.0, 25.0, "6.7 / 12.7")
WEEKDAYS = Bar("weekday_ratio", TWO_SETS, 1.10, None, "1.15 / closed on Saturdays")
SEASONS = Bar("seasonal_strength", "R forecast::nsdiffs takes a series for seasonal from here on", 0.64)
NIGHT = Bar("night_share", "people sleep: half of what would be even over the day, at most", None, 0.5)
MIDNIGHT = Bar("midnight_share", "a time of day that was never recorded shows as midnight", None, 0.10)
CATEGORIES = Bar(
    "category_ratio", "real groups differ: a chi-square test against equal shares, and by half at least", 1.5
)
GROWTH = Bar("growth", "the data model's own figure, within five points")
CORRELATION = Bar("correlation", "the data model's own figure, within 0.05")
COMPRESSION = Bar("text_compression", "gzip makes real comments 2.95 times smaller at most", None, 4.0, "2.95 at most")
REPEATS = Bar("text_repeats", "people seldom write the same words", None, 0.001)
ENDINGS = Bar("price_endings", "a price list keeps to the shop's usual endings", 0.80)

GROWTH_TOLERANCE = 0.05
CORRELATION_TOLERANCE = 0.05
SIGNIFICANCE = 0.05
"""Largest probability that equal shares would differ so much by chance; the usual level."""
