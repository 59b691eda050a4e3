"""Finds times in questions: the window ("last 30 days", "in Q3 2025", "since March") and the grain ("monthly").

The ends of a window are calendar dates or moments relative to today, so a query is still correct if it is run later.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "year"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?P<{0}>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_UNITS = r"(?P<unit>day|week|month|quarter|year)s?"
_CALENDAR = {
    "today",
    "yesterday",
    "tomorrow",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "last",
    "next",
    "previous",
    "prior",
    "past",
    "this",
    "since",
    "until",
    "before",
    "after",
    "between",
    "ago",
}
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_GRAINS: dict[str, Unit] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "date": "day",
    "calendar month": "month",
    "day by day": "day",
    "week by week": "week",
    "month by month": "month",
    "quarter by quarter": "quarter",
    "year by year": "year",
}


@dataclass(frozen=True)
class Moment:
    """A day: a calendar date, or today moved by ``shift`` units and then to the start of the ``truncate`` period."""

    day: date | None = None
    shift: int = 0
    unit: Unit = "day"
    truncate: Unit | None = None

    def on(self, today: date) -> date:
        """Return the calendar date for a given ``today``. Weeks begin on Monday."""
        return self.day or add_units(start_of(today, self.truncate) if self.truncate else today, self.shift, self.unit)


@dataclass(frozen=True)
class Window:
    """Days from ``start`` (included) to ``end`` (excluded); None means no limit. ``words`` are those of the question."""

    start: Moment | None = None
    end: Moment | None = None
    words: str = ""

    def dates(self, today: date) -> tuple[date | None, date | None]:
        """Return the window as calendar dates."""
        return (self.start.on(today) if self.start else None, self.end.on(today) if self.end else None)


@dataclass(frozen=True)
class Times:
    """The windows and grains in a question, each with the positions of its tokens, in the order of the question."""

    windows_at: tuple[tuple[tuple[int, ...], Window, tuple[int, Unit] | None], ...] = ()
    grains_at: tuple[tuple[tuple[int, ...], Unit], ...] = ()


def is_calendar_word(word: str) -> bool:
    """Return whether a word is a month, a day or another word of the calendar, so it is never a name of the data."""
    text = word.casefold()
    return text in _MONTHS or text in _CALENDAR or text.removesuffix("s") in _GRAINS


def start_of(day: date, unit: Unit) -> date:
    """Return the first day of the week (Monday), month, quarter or year that contains a day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(day.year, 1, 1) if unit == "year" else day


def add_units(day: date, count: int, unit: Unit) -> date:
    """Move a day by days, weeks, months, quarters or years. The 31st becomes the last day of a shorter month."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def read_times(tokens: list[str], today: date) -> Times:
    """Find windows and grain in normalised tokens.

    Args:
        tokens: the words of a question, phrases already replaced ("month over month" is "monthly").
        today: "March" or "Q3" without a year means the latest one that has begun by this day.

    Returns:
        the windows and grains in the order of the question, with the indexes of the tokens that express them.
    """
    text = " ".join(tokens)
    starts = {offset: index for index, offset in enumerate(_offsets(tokens))}
    used: set[int] = set()
    windows: list[tuple[tuple[int, ...], Window, tuple[int, Unit] | None]] = []
    grains: list[tuple[tuple[int, ...], Unit]] = []
    moved = [(_span(match, starts), match) for match in _SHIFTED.finditer(text) if match.start() in starts]
    used.update(at for span, _ in moved for at in span)
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(text):
            if match.start() not in starts:
                continue
            span = _span(match, starts)
            window = None if used & set(span) else make(match, today)
            if window is not None:
                used |= set(span)
                windows.append((span, replace(window, words=match.group()), _rolling(match)))
    for span, match in moved:
        earlier = [window for at, window, _ in windows if at < span]
        shifted = _shifted(match, earlier[-1], today) if earlier else None
        if shifted is not None:
            windows.append((span, replace(shifted, words=match.group()), None))
    for pattern in _GRAIN_PATTERNS:
        for match in pattern.finditer(text):
            span = _span(match, starts)
            if not used & set(span):
                used |= set(span)
                grains.append((span, _GRAINS[match["grain"]]))
    return Times(tuple(sorted(windows, key=lambda found: found[0])), tuple(sorted(grains)))


def _shifted(match: re.Match[str], window: Window, today: date) -> Window | None:
    """Return the window of "the same month last year" or "the month before", which moves the one before it, or None."""
    start, end = window.dates(today)
    if start is None or end is None:
        return None
    unit = match["same"] or match["before"]
    if unit in ("day", "week", "month", "quarter", "year") and not (
        start_of(start, unit) == start and end == add_units(start, 1, unit)
    ):
        return None
    if match["before"]:
        back: Unit = match["before"]  # pyright: ignore[reportAssignmentType]
        return Window(Moment(day=add_units(start, -1, back)), Moment(day=start))
    return Window(Moment(day=add_units(start, -1, "year")), Moment(day=add_units(end, -1, "year")))


def _span(match: re.Match[str], starts: dict[int, int]) -> tuple[int, ...]:
    first = starts[match.start()]
    return tuple(range(first, first + len(match.group().split())))


def whole_periods(rolling: tuple[int, Unit]) -> Window:
    """Return the last n complete periods: the meaning of "by month over the last 12 months"."""
    count, unit = rolling
    return Window(Moment(shift=-count, unit=unit, truncate=unit), Moment(truncate=unit))


def _offsets(tokens: list[str]) -> list[int]:
    offsets, at = [], 0
    for token in tokens:
        offsets.append(at)
        at += len(token) + 1
    return offsets


def _rolling(match: re.Match[str]) -> tuple[int, Unit] | None:
    groups = match.groupdict()
    if "rolling" not in groups:
        return None
    return int(groups.get("count") or 1), groups["unit"]  # pyright: ignore[reportReturnType]


# --- the patterns, most specific first ---------------------------------------------------------------------------


def _last(match: re.Match[str], _today: date) -> Window:
    """Return the last n days with today as one of them; weeks are 7 days, months and years go back to the same date."""
    count: int = int(match.groupdict().get("count") or 1)
    unit: Unit = match["unit"]  # pyright: ignore[reportAssignmentType]
    if re.search(_CLOSED, match.group()):
        return whole_periods((count, unit))
    if unit in ("day", "week"):
        return Window(Moment(shift=1 - count * (7 if unit == "week" else 1)), Moment(shift=1))
    return Window(Moment(shift=-count, unit=unit), Moment(shift=1))


def _previous(match: re.Match[str], _today: date) -> Window:
    unit: Unit = match["unit"]  # pyright: ignore[reportAssignmentType]
    return Window(Moment(shift=-1, unit=unit, truncate=unit), Moment(truncate=unit))


def _this(match: re.Match[str], _today: date) -> Window:
    unit: Unit = match["unit"]  # pyright: ignore[reportAssignmentType]
    return Window(Moment(truncate=unit), Moment(shift=1))


def _day(match: re.Match[str], _today: date) -> Window:
    back = 1 if match["day"] == "yesterday" else 0
    return Window(Moment(shift=-back), Moment(shift=1 - back))


def _year_of(text: str | None, month: int, today: date) -> int:
    """Return the year in the question, or the latest year in which that month has begun."""
    return int(text) if text else today.year - (date(today.year, month, 1) > today)


def _period(start: date, unit: Unit) -> Window:
    return Window(Moment(day=start), Moment(day=add_units(start, 1, unit)))


def _month_window(match: re.Match[str], today: date) -> Window:
    month = _MONTHS[match["month"]]
    return _period(date(_year_of(match["year"], month, today), month, 1), "month")


def _quarter_window(match: re.Match[str], today: date) -> Window:
    month = 3 * (int(match["number"]) if match["number"] else _QUARTERS[match["quarter"]]) - 2
    year = today.year - (match["whose"] != "this") if match["whose"] else _year_of(match["year"], month, today)
    return _period(date(year, month, 1), "quarter")


def _to_date(match: re.Match[str], _today: date) -> Window:
    units: dict[str, Unit] = {"y": "year", "m": "month", "q": "quarter", "w": "week"}
    return Window(Moment(truncate=units[match["todate"][0]]), Moment(shift=1))


def _since_period(match: re.Match[str], _today: date) -> Window:
    unit: Unit = match["unit"]  # pyright: ignore[reportAssignmentType]
    back = -1 if match["which"] in ("last", "previous") else 0
    return Window(Moment(shift=back, unit=unit, truncate=unit), Moment(shift=1))


def _calendar_day(match: re.Match[str], today: date) -> Window | None:
    """Return the window of "15 October 2026", "October 15" or "between 1 and 15 October"; None if there is no such day."""
    month = _MONTHS[match["month"]]
    year = _year_of(match["year"], month, today)
    last = match.groupdict().get("last") or match["day"]
    try:
        start, end = date(year, month, int(match["day"])), date(year, month, int(last))
    except ValueError:
        return None
    return Window(Moment(day=start), Moment(day=end + timedelta(days=1))) if start <= end else None


def _day_range(match: re.Match[str], today: date) -> Window | None:
    """Return the window of "between 25 September and 10 October"."""
    to = _MONTHS[match["to"]]
    year = _year_of(match["year"], to, today)
    try:
        end = date(year, to, int(match["last"]))
        start = date(year - (_MONTHS[match["month"]] > to), _MONTHS[match["month"]], int(match["day"]))
    except ValueError:
        return None
    return Window(Moment(day=start), Moment(day=end + timedelta(days=1))) if start <= end else None


def _month_of_year(match: re.Match[str], today: date) -> Window:
    return _period(date(today.year - (match["whose"] == "last"), _MONTHS[match["month"]], 1), "month")


def _exact_day(match: re.Match[str], _today: date) -> Window | None:
    day = _iso(match["iso"])
    return Window(Moment(day=day), Moment(day=day + timedelta(days=1))) if day else None


def _half_window(match: re.Match[str], today: date) -> Window:
    month = 1 if match["half"] in ("1", "first") else 7
    start = date(_year_of(match["year"], month, today), month, 1)
    return Window(Moment(day=start), Moment(day=add_units(start, 6, "month")))


def _year_window(match: re.Match[str], _today: date) -> Window:
    return _period(date(int(match["year"]), 1, 1), "year")


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _month_range(match: re.Match[str], today: date) -> Window:
    first, last = _MONTHS[match["from"]], _MONTHS[match["to"]]
    end_year = _year_of(match["year"], last, today)
    start_year = int(match["from_year"]) if match["from_year"] else end_year - (first > last)
    return Window(Moment(day=date(start_year, first, 1)), Moment(day=add_units(date(end_year, last, 1), 1, "month")))


def _year_range(match: re.Match[str], _today: date) -> Window:
    return Window(Moment(day=date(int(match["from"]), 1, 1)), Moment(day=date(int(match["to"]) + 1, 1, 1)))


def _date_range(match: re.Match[str], _today: date) -> Window | None:
    start, end = _iso(match["from"]), _iso(match["to"])
    return Window(Moment(day=start), Moment(day=end + timedelta(days=1))) if start and end else None


def _bounded(match: re.Match[str], today: date) -> Window | None:
    """Return the window of since / after / before / until a date, month or year."""
    groups = match.groupdict()
    if groups.get("iso"):
        start = _iso(groups["iso"])
        if start is None:
            return None
        after = start + timedelta(days=1)
    elif groups.get("day"):
        window = _calendar_day(match, today)
        if window is None or window.start is None or window.start.day is None:
            return None
        start = window.start.day
        after = start + timedelta(days=1)
    elif groups.get("month"):
        month = _MONTHS[groups["month"]]
        start = date(_year_of(groups.get("year"), month, today), month, 1)
        after = add_units(start, 1, "month")
    else:
        start = date(int(groups["year"]), 1, 1)
        after = add_units(start, 1, "year")
    word = match["bound"]
    if word in ("since", "from", "starting"):
        return Window(Moment(day=start), None)
    if word == "after":
        return Window(Moment(day=after), None)
    return Window(None, Moment(day=start if word == "before" else after))


_CLOSED = "full|complete|completed|calendar|closed|whole|entire"
_WHOLE = f"(?:(?:{_CLOSED}) )?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!-)"
_PREFIX = r"(?:(?:over|in|for|during|within|of|from|the|on|at|throughout|across) )*"
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_LAST_NUMBER = _NUMBER.replace("day", "last")
_BOUND = r"(?P<bound>since|after|before|until|till|through|starting)(?: (?:in|from|on|the|end|of|beginning|start))* "

_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Window | None]], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), make)
    for pattern, make in (
        (rf"{_PREFIX}{_MONTH.format('month')} (?:of )?(?P<whose>last|this) year", _month_of_year),
        (
            rf"{_PREFIX}(?:between|from) (?P<from>\d{{4}}-\d\d-\d\d) (?:and|to|until|till) (?P<to>\d{{4}}-\d\d-\d\d)",
            _date_range,
        ),
        (
            rf"{_PREFIX}(?:between|from) {_MONTH.format('from')}(?: (?P<from_year>(?:19|20)\d\d))? "
            r"(?:and|to|until|till|through) "
            rf"{_MONTH.format('to')}(?: {_YEAR})?",
            _month_range,
        ),
        (
            rf"{_PREFIX}(?:between|from) (?P<from>(?:19|20)\d\d) (?:and|to|until|till|through) (?P<to>(?:19|20)\d\d)",
            _year_range,
        ),
        (
            rf"{_PREFIX}(?:between|from) {_NUMBER} (?:and|to|until|till) {_LAST_NUMBER} (?:of )?"
            rf"{_MONTH.format('month')}(?: {_YEAR})?",
            _calendar_day,
        ),
        (
            rf"{_PREFIX}(?:between|from) {_NUMBER} (?:of )?{_MONTH.format('month')} (?:and|to|until|till) {_LAST_NUMBER} (?:of )?"
            rf"{_MONTH.format('to')}(?: {_YEAR})?",
            _day_range,
        ),
        (rf"{_BOUND}{_NUMBER} (?:of )?{_MONTH.format('month')}(?: {_YEAR})?(?! \d)", _bounded),
        (rf"{_PREFIX}{_NUMBER} (?:of )?{_MONTH.format('month')}(?: {_YEAR})?(?! \d)", _calendar_day),
        (rf"{_BOUND}{_MONTH.format('month')} (?:the )?{_NUMBER}(?!\d)(?: {_YEAR})?(?! \d)", _bounded),
        (rf"{_PREFIX}{_MONTH.format('month')} (?:the )?{_NUMBER}(?!\d)(?: {_YEAR})?(?! \d)", _calendar_day),
        (
            rf"{_PREFIX}(?:q(?P<number>[1-4])|(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th) quarter)"
            rf"(?:(?: of)? (?:(?:the )?(?P<whose>last|previous|this) year|{_YEAR}))?",
            _quarter_window,
        ),
        (rf"since (?:the )?(?:(?:start|beginning) of )?(?:the )?(?P<which>last|previous|this) {_UNITS}", _since_period),
        (rf"{_BOUND}(?P<iso>\d{{4}}-\d\d-\d\d)", _bounded),
        (rf"{_BOUND}{_MONTH.format('month')}(?: {_YEAR})?", _bounded),
        (rf"{_BOUND}{_YEAR}", _bounded),
        (
            rf"{_PREFIX}(?P<rolling>last|past|previous|trailing|recent|latest|most recent) (?P<count>\d+) "
            rf"{_WHOLE}{_UNITS}",
            _last,
        ),
        (rf"(?P<rolling>since) (?P<count>\d+) {_WHOLE}{_UNITS} ago", _last),
        (rf"(?P<count>\d+) {_WHOLE}{_UNITS} (?P<rolling>back)", _last),
        (rf"{_PREFIX}(?P<rolling>past|trailing) {_UNITS}", _last),
        (rf"(?:(?:over|during|within|throughout|across) (?:the )?|for the )(?P<rolling>last|previous) {_UNITS}", _last),
        (rf"{_PREFIX}(?:last|previous|prior) {_WHOLE}{_UNITS}", _previous),
        (
            rf"{_PREFIX}(?:this|current) (?:calendar )?{_UNITS}(?: so far| (?:up )?(?:to|until) (?:today|now|date))?",
            _this,
        ),
        (rf"{_PREFIX}(?P<day>today|yesterday)", _day),
        (rf"{_PREFIX}(?P<todate>ytd|mtd|qtd|(?:year|month|quarter|week) to date)", _to_date),
        (rf"{_PREFIX}(?P<iso>\d{{4}}-\d\d-\d\d)", _exact_day),
        (rf"{_PREFIX}h(?P<half>[12])(?: (?:of )?{_YEAR})?", _half_window),
        (rf"{_PREFIX}(?P<half>first|second) half(?: of)?(?: {_YEAR})?", _half_window),
        (rf"{_PREFIX}{_MONTH.format('month')} (?:of )?{_YEAR}", _month_window),
        (rf"(?:{_PREFIX.replace(')*', ')+')}){_MONTH.format('month')}(?P<year>)", _month_window),
        (rf"{_PREFIX}(?:year |calendar year )?{_YEAR}", _year_window),
        (
            rf"{_MONTH.format('month').replace('|may', '').replace('|march', '').replace('|mar', '')}(?P<year>)",
            _month_window,
        ),
    )
)

_SHIFTED = re.compile(
    r"\b(?:in |with |to |of )*(?:the )?(?:same (?P<same>month|quarter|week|period|time|days|months) "
    r"(?:(?:of |in )?(?:the )?(?:last|previous) year|a year (?:ago|earlier|before))"
    r"|(?P<before>day|week|month|quarter|year) before(?: that)?)\b"
)
_GRAIN_WORDS = "(?P<grain>" + "|".join(sorted(_GRAINS, key=len, reverse=True)) + ")"
_GRAIN_PATTERNS = (
    re.compile(r"\b(?P<grain>day by day|week by week|month by month|quarter by quarter|year by year)\b"),
    re.compile(rf"\b(?:by|per|each|every|for each) {_GRAIN_WORDS}\b(?! of)"),
    re.compile(r"\b(?:on a |in )?(?P<grain>daily|weekly|monthly|quarterly|yearly|annual|annually)(?: basis)?\b"),
    re.compile(r"\b(?:which|what) (?P<grain>day|week|month|quarter|year)s?\b"),
)
