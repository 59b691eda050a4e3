"""When the company is open: from structured data, else from a list, a table or a sentence of weekdays and times."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from babel.dates import get_day_names

from provisioning_assets.research.profile.models import Evidence, OpeningHours, OpenPeriod, periods_of
from provisioning_assets.research.profile.passages import NOTES, Part, SitePassages, one_line, quotation
from provisioning_assets.research.profile.statements import pages_of_today, sentences
from provisioning_assets.research.profile.structured_data import objects
from provisioning_assets.research.profile.term_words import languages, word, written
from provisioning_assets.research.profile.words import same_language
from provisioning_assets.research.website.models import WebPage

FEWEST_DAYS = 4
"""Weekdays that a list of hours has to name, open or closed; fewer are those of an event."""
MOST_LINES = 9
"""Lines of one list: seven days, a heading, and a remark."""
_DAYS_OF_SCHEMA = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DASH = r"\s?(?:-|–|—|−|~|〜|～)\s?"
_AFTERNOON = 12
_MOST_DIGITS = 6
"""Of an address; telephone numbers have more, and the hours below one may be its own."""
_SHORT = 2  # letters
_LIST = "bis|und|tot|t/m|en|et|au|to|and|til|till|og|och|a|e|y|al|do|i"  # between short names of days
_FARTHEST = 14  # characters between a weekday and "9-5"

Week = dict[int, tuple[tuple[str, str], ...]]
"""Weekday, 0 is Monday -> periods as (opens, closes); none: closed."""


def read_opening_hours(reading: SitePassages, language: str) -> tuple[OpeningHours | None, list[str]]:
    """The hours, and, if the site states different ones, why there are none.

    Args:
        reading: the site.
        language: its main language, ISO 639-1.
    """
    pages = pages_of_today(reading, language)
    notes = [found for passage in reading.of(Part.NOTES) for found in _of_lines([passage.text], NOTES, language)]
    declared = [(*found, True) for page in pages for found in _declared(page)]
    written_out = [] if notes or declared else [found for page in pages for found in _of_page(page, language)]
    stated = notes or declared or written_out
    if not any(plain for _, _, plain in stated):
        return None, []
    weeks = {tuple(sorted(week.items())): (week, evidence) for week, evidence, _ in reversed(stated)}
    if len(weeks) > 1:
        where = ", ".join(dict.fromkeys(evidence.page for _, evidence, _ in stated))
        return None, [f"opening_hours: {len(weeks)} different ones ({where})"]
    ((week, evidence),) = weeks.values()
    return hours_of(week, evidence), []


def hours_of(week: Week, evidence: Evidence) -> OpeningHours | None:
    """A week as opening hours; None if it has no period."""
    periods = [
        OpenPeriod(weekday=day, opens=opens, closes=closes) for day in sorted(week) for opens, closes in week[day]
    ]
    return OpeningHours(periods=periods, evidence=[evidence]) if periods else None


# --- structured data -------------------------------------------------------------------------------------------------


def _declared(page: WebPage) -> Iterator[tuple[Week, Evidence]]:
    """The hours of each object of a page that has some; those of seasons and holidays are left out."""
    for thing in objects(page):
        given = thing.get("openingHoursSpecification")
        entries = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)]
        week: Week = {}
        quoted = ""
        for entry in entries:
            if entry.get("validFrom") or entry.get("validThrough"):
                continue
            opens, closes = _clock(entry.get("opens")), _clock(entry.get("closes"))
            days = [day for named in _listed(entry.get("dayOfWeek")) if (day := _schema_day(named)) is not None]
            if opens and closes and opens != closes:
                for day in days:
                    week[day] = (*week.get(day, ()), (opens, "24:00" if closes in {"00:00", "23:59"} else closes))
                quoted = quoted or str(entry.get("opens"))
        compact = " ".join(str(each) for each in _listed(thing.get("openingHours")) if isinstance(each, str))
        if not week and (periods := periods_of(compact)):
            quoted = compact.split(",")[0]
            for period in periods:
                week[period.weekday] = (*week.get(period.weekday, ()), (period.opens, period.closes))
        if week and quoted:
            yield {day: tuple(sorted(week[day])) for day in week}, Evidence(page=page.url, words=quoted[:200])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _schema_day(named: object) -> int | None:
    name = str(named).rsplit("/", 1)[-1].strip().lower()
    return next((at for at, day in enumerate(_DAYS_OF_SCHEMA) if name and day in {name, name.removesuffix("s")}), None)


def _clock(value: object) -> str | None:
    found = re.match(r"^T?([01]?\d|2[0-4]):([0-5]\d)", str(value or ""))
    return f"{int(found[1]):02d}:{found[2]}" if found else None


def _between(first: int, last: int) -> list[int]:
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


# --- lines -----------------------------------------------------------------------------------------------------------


_Stated = tuple[Week, Evidence, bool]
"""A week, where it stands, and whether it is plainly that of opening; else it can only contradict another."""


def _of_page(page: WebPage, language: str) -> Iterator[_Stated]:
    spoken = same_language(page.language) or language
    if spoken in languages():
        for lines in (page.text.splitlines(), page.footer):
            shown = [part for line in lines for part in sentences(page.shown(one_line(line)).strip("| "))]
            yield from _of_lines(shown, page.url, spoken)


def _of_lines(lines: list[str], page: str, language: str) -> Iterator[_Stated]:
    """The hours in each run of lines that name days, if a line near it says so, or it stands alone below an address."""
    at = 0
    while at < len(lines):
        run = lines[at : at + MOST_LINES]
        length = next((n for n, line in enumerate(run) if not _names_days(line, language)), len(run))
        if length:
            above = [line for line in lines[max(0, at - 2) : at] if len(line) <= 80]
            block = " ; ".join(run[:length])
            around = " ; ".join((*above, block))
            said = word("open", language).search(around)
            alone = _is_nothing_else(block, language)
            below_address = bool(above) and _has_number_of_house(above[-1])
            other = word("not_open", language).search(around)
            week = _week(block, language) if (said or alone) and not other else None
            if week is not None:
                evidence = Evidence(
                    page=page, words=quotation(run[0], 0, len(run[0])), under=above[-1] if above else ""
                )
                yield week, evidence, bool(said) or below_address
        at += max(1, length)


def _is_nothing_else(block: str, language: str) -> bool:
    """Whether a block is a bare list of days and times, as contact pages and footers have it."""
    rest = block
    for role in ("span", "times"):
        rest = _patterns(language)[role].sub("", rest)
    rest = word("closed", language).sub("", rest)
    return not any(character.isalnum() for character in rest)


def _has_number_of_house(line: str) -> bool:
    return 1 <= sum(character.isdigit() for character in line) <= _MOST_DIGITS and "@" not in line


def _names_days(line: str, language: str) -> bool:
    found = _patterns(language)
    has_time = found["times"].search(line) or word("closed", language).search(line)
    return len(line) <= 300 and bool(has_time and found["day"].search(line))


@lru_cache(maxsize=32)
def _day_names(language: str) -> Mapping[str, int]:
    """Name of a weekday, in lower case and without a dot -> 0 to 6."""
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "short"):
            for day, name in get_day_names(width, context, language).items():
                names[name.lower().rstrip(".")] = day
                if width == "wide":
                    names[name.lower() + "s"] = day  # Mondays, montags, lundis
                    names[name.lower() + "e"] = day
    if language == "en":
        names |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
    if language == "es":
        names |= {"miercoles": 2, "sabado": 5, "sabados": 5, "sábados": 5, "domingos": 6}
    if language == "pt":  # without "-feira"
        names |= {"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4, "sábados": 5, "domingos": 6}
    if language == "pl":  # the usual short forms, and the case of sentences
        names |= {"pn": 0, "wt": 1, "śr": 2, "cz": 3, "pt": 4, "sb": 5, "nd": 6, "ndz": 6}
        names |= {"poniedziałku": 0, "wtorku": 1, "środy": 2, "czwartku": 3, "piątku": 4, "soboty": 5, "niedzieli": 6}
    return names


@lru_cache(maxsize=32)
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    names = sorted(_day_names(language), key=lambda name: (-len(name), name))
    full, short = ([re.escape(name) for name in names if (len(name) > _SHORT) is long] for long in (True, False))
    # in sentences "we", "so", "je" are words
    shortened = rf"(?<!\w)(?:{'|'.join(short) or '(?!)'})(?=\.?\s?(?:[-–—,:+&/;|]|\d|$|(?:{_LIST})\s))\.?"
    one = rf"(?:(?<!\w)(?:{'|'.join(full)})\.?(?!\w)|{shortened})" if language != "ja" else rf"(?:{'|'.join(names)})"
    to = rf"(?:{_DASH}|\s(?:{written('to', language)}|through|thru|bis|al|alla|do|till|til|tot en met|t/m|au)\s)"
    hour = r"(?<![\d.,:/])(\d{1,2})(?:\s?[:.hH時]\s?(\d{2})|\s?[hH時])?\s?(a\.?\s?m\b\.?|p\.?\s?m\b\.?|Uhr|uur|h\b)?(?![\d/%€$£])"
    groups = "|".join(written(role, language) for role in ("every_day", "weekday_group", "weekend"))
    return {
        "day": re.compile(rf"{one}|{groups}", re.I),
        "span": re.compile(rf"({one})(?:{to}(?:\w+\s)?({one}))?|({groups})", re.I),
        "times": re.compile(rf"{hour}{_time_separator(language)}{hour}", re.I),
    }


def _time_separator(language: str) -> str:
    return rf"(?:{_DASH}|\s(?:{written('to', language)}|until|till|til|bis|às|as|alle|al|a las|a|à|tot|do)\s?(?:las\s|l'|kl\.?\s)?)"


def _week(block: str, language: str) -> Week | None:
    """The week that a block of text states; None if it states less than ``FEWEST_DAYS``, or not plainly."""
    patterns = _patterns(language)
    events: list[tuple[int, str, Any]] = []
    spans = [match.end() for match in patterns["span"].finditer(block)]
    for match in patterns["span"].finditer(block):
        events.append((match.start(), "days", _days_of(match, language)))
    for match in patterns["times"].finditer(block):
        behind = max((end for end in spans if end <= match.start()), default=-_FARTHEST)
        if match.start() - behind > _FARTHEST and not any(match.groups()[at] for at in (1, 2, 4, 5)):
            continue  # two numbers that need not be times: "ages 15-23"
        period = _period(match)
        if period is None:
            return None
        events.append((match.start(), "times", period))
    for match in word("closed", language).finditer(block):
        events.append((match.start(), "closed", None))
    return _assembled(sorted(events, key=lambda event: event[0]))


def _assembled(events: Iterable[tuple[int, str, Any]]) -> Week | None:
    """Days followed by their times or by "closed"; "closed" before days, behind times without days, leaves the other days open."""
    week: Week = {}
    days: list[int] = []
    everyday: list[tuple[str, str]] = []
    closed_before = filled = False
    for _, kind, value in events:
        if kind == "days":
            if closed_before and not days:
                week |= dict.fromkeys(value, ())
                continue
            days = [*value] if filled else [*days, *value]
            filled = closed_before = False
        elif kind == "times":
            if not days:
                everyday.append(value)
                continue
            if not filled and any(day in week for day in days):
                return None  # a day that has been said already
            for day in days:
                week[day] = (*week.get(day, ()), value)
            filled = True
        elif days and not filled:
            week |= dict.fromkeys(days, ())
            days = []
        else:
            closed_before, days = True, []
    if everyday and week and not any(week.values()):
        week = {day: () if day in week else tuple(everyday) for day in range(7)}
    elif everyday:
        return None
    plain = all(_follow_each_other(periods) for periods in week.values())
    return week if len(week) >= FEWEST_DAYS and any(week.values()) and plain else None


def _follow_each_other(periods: tuple[tuple[str, str], ...]) -> bool:
    ordered = sorted(periods)
    return all(one[1] <= other[0] for one, other in pairwise(ordered))


def _days_of(match: re.Match[str], language: str) -> list[int]:
    if match[3]:
        every, week = word("every_day", language), word("weekday_group", language)
        return [*range(7)] if every.fullmatch(match[3]) else [*range(5)] if week.fullmatch(match[3]) else [5, 6]
    names = _day_names(language)
    first = names[match[1].lower().rstrip(".")]
    return _between(first, names[match[2].lower().rstrip(".")]) if match[2] else [first]


def _period(match: re.Match[str]) -> tuple[str, str] | None:
    """Two times of a day as (opens, closes); None if they are none."""
    (hour, minute, half), (to_hour, to_minute, to_half) = match.groups()[:3], match.groups()[3:6]
    opens, closes = _time(hour, minute, half), _time(to_hour, to_minute, to_half)
    if opens is None or closes is None:
        return None
    if (
        closes <= opens
        and not half
        and not to_half
        and int(to_hour) < _AFTERNOON
        and int(hour) < _AFTERNOON
        and int(to_hour) < int(hour)
    ):
        closes = f"{int(to_hour) + _AFTERNOON:02d}{closes[2:]}"  # "9-5"
    if closes == "00:00":
        closes = "24:00"
    return None if opens == closes else (opens, closes)


def _time(hour: str, minute: str | None, half: str | None) -> str | None:
    clock = int(hour)
    half_day = (half or "").lower().replace(".", "").replace(" ", "")
    if half_day in {"am", "pm"}:
        if not 1 <= clock <= 12:
            return None
        clock = clock % 12 + (12 if half_day == "pm" else 0)
    return f"{clock:02d}:{minute or '00'}" if clock <= 24 and int(minute or 0) < 60 else None
