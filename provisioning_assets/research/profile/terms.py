"""Reads what the company states in figures of its own terms: fees, times, discounts, tiers and opening hours.

A figure is taken only from a sentence or row that plainly says what it is, of the usual service, with the words of the page's
language (``terms.yaml``). If the site states two different figures for one thing, none is taken, and that is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from provisioning_assets.research.profile.models import (
    TERMS,
    CompanyTerms,
    Evidence,
    Fact,
    TermFigure,
    TermName,
    TermUnit,
)
from provisioning_assets.research.profile.opening_hours import read_opening_hours
from provisioning_assets.research.profile.passages import NOTES, SitePassages
from provisioning_assets.research.profile.prices import Amount, amounts_in
from provisioning_assets.research.profile.segments import names_a_group
from provisioning_assets.research.profile.statements import Statement, statements_of
from provisioning_assets.research.profile.term_words import Role, languages, other_countries, own_country, word, written

MOST_EVIDENCE = 3
"""Statements of one figure that are kept."""
FEWEST_RETURN_DAYS = 7
"""Shorter times in sentences about returns are those of an answer or a transfer."""
FEWEST_PAYMENT_DAYS = 5
_NEAR = 30  # characters without a figure between a word and its figure
_NUMBER = r"(?<![\d.,])(\d{1,3})(?![\d]|[.,]\d)"
_PERCENT = re.compile(rf"{_NUMBER}\s?(?:%|％|per ?cent\b)")
_NET = re.compile(r"(?<!\w)net[ -]?(\d{2,3})(?!\w)(?=[^.]{0,25}(?:invoice|payment|terms|days))", re.I)
_OF_ONE = re.compile(r"\s?(?:pro|je|per|par|por|each|a piece|/)\s?[^\W\d_]", re.I)
"""Behind an amount: it is the price of one thing."""
_UNLESS = re.compile(
    r"\?|(?<!\w)(?:auch|wenn|falls|if|unless|also|even|with|om|hvis|si|se|même|aussi|anche|também|también|ook|als|även|også)(?!\w)",
    re.I,
)
_LONGEST_PLAIN = 80  # characters of a sentence that says there is no minimum term, and nothing else
_CLAUSE = r"[^\d.;:!?。]"


@dataclass(frozen=True)
class _Found:
    """One figure in one statement."""

    name: TermName
    value: float
    unit: TermUnit
    evidence: Evidence
    given_to: tuple[str, ...] = ()


def read_terms(reading: SitePassages, language: str, currency: str, country: str) -> CompanyTerms:
    """The company's own terms.

    Args:
        reading: the site.
        language: its main language, ISO 639-1.
        currency: ISO 4217; amounts in another one are not read.
        country: the home country, ISO 3166-1 alpha-2; what is said of another one is not read.
    """
    found: dict[TermName, list[_Found]] = defaultdict(list)
    for statement in statements_of(reading, language):
        if statement.language in languages():
            for figure in _figures(_Reader(statement, currency, country)):
                if figure.value <= TERMS[figure.name][2]:
                    found[figure.name].append(figure)
    figures, unclear = _agreed(found)
    hours, hours_unclear = read_opening_hours(reading, language)
    return CompanyTerms(figures=figures, opening_hours=hours, unclear=[*unclear, *hours_unclear])


def _agreed(found: Mapping[TermName, list[_Found]]) -> tuple[dict[TermName, TermFigure], list[str]]:
    """The figures on which all statements agree, those of the notes before the site's; and the others, in words."""
    figures: dict[TermName, TermFigure] = {}
    unclear: list[str] = []
    for name in TERMS:
        stated = [each for each in found.get(name, ()) if each.evidence.page == NOTES] or found.get(name, [])
        said = {(each.value, each.unit): each for each in reversed(stated)}
        if len(said) == 1:
            evidence = list({(each.evidence.page, each.evidence.words): each.evidence for each in stated}.values())
            given_to = {group: each.evidence for each in reversed(stated) for group in reversed(each.given_to)}
            figures[name] = TermFigure(
                value=stated[0].value,
                unit=stated[0].unit,
                evidence=evidence[:MOST_EVIDENCE],
                given_to=[Fact(value=group, evidence=[quote]) for group, quote in reversed(given_to.items())],
            )
        elif said:
            shown = ", ".join(f"{each.value:g} ({each.evidence.page})" for each in reversed(said.values()))
            unclear.append(f"{name}: {shown}")
    if "delivery_days_to" not in figures or ("delivery_days_from" in found and "delivery_days_from" not in figures):
        figures.pop("delivery_days_to", None)
        figures.pop("delivery_days_from", None)
    if {"notice_days", "notice_months"} <= figures.keys():
        shown = (
            f"notice_days: {figures.pop('notice_days').value:g} days, or {figures.pop('notice_months').value:g} months"
        )
        unclear.append(shown)
    return figures, unclear


class _Reader:
    """One statement with its words and amounts."""

    def __init__(self, statement: Statement, currency: str, country: str) -> None:
        self.statement = statement
        self.text = statement.text
        self.language = statement.language
        self.country = country
        self.amounts = amounts_in(statement.text, currency)
        self.is_of_others = bool(
            self.has("special") or other_countries(self.language, country).search(statement.text)
        )  # not the usual service at home

    def has(self, role: Role, text: str | None = None) -> re.Match[str] | None:
        return word(role, self.language).search(self.text if text is None else text)

    def found(self, name: TermName, value: float, unit: TermUnit, at: int = 0) -> _Found:
        return _Found(name, value, unit, self.statement.evidence(at))

    def behind(self, role: Role) -> list[re.Match[str]]:
        return list(word(role, self.language).finditer(self.text))

    def is_limit(self, amount: Amount, role: Role) -> bool:
        """Whether the amount is a threshold: "over $75", "ab einem Bestellwert von 39 €"; for ``over`` also "$29+"."""
        before = self.text[: amount.start]
        if re.search(rf"{written(role, self.language)}\s?(?:{_CLAUSE}{{0,28}}?)$", before, re.I):
            return True
        behind = self.text[amount.end :]
        return role == "over" and bool(
            re.match(
                r"\s?(?:\+|or more|and (?:over|above|up)|and more|et plus|oder mehr|o más|of meer|以上|ou mais)",
                behind,
                re.I,
            )
        )

    def times(self, unit_roles: Iterable[Role]) -> list[tuple[int | None, int, Role, int, int]]:
        """The lengths of time: shortest or None, longest, role of the unit, and the place in the text."""
        found = []
        to = rf"(?:\s?[-–—~〜]\s?|\s{written('to', self.language)}\s)"
        for role in unit_roles:
            unit = written(role, self.language).replace(r"(?<!\w)", "")
            pattern = rf"{_NUMBER}(?:{to}(\d{{1,3}}))?\s?[-–]?\s?{unit}"
            for match in re.finditer(pattern, self.text, re.I):
                first, second = int(match[1]), match[2]
                low, high = (first, int(second)) if second else (None, first)
                if low is None or low < high:
                    found.append((low, high, role, match.start(), match.end()))
        return found


def _figures(reader: _Reader) -> Iterator[_Found]:
    yield from _shipping(reader)
    yield from _delivery_days(reader)
    yield from _return_days(reader)
    yield from _payment_days(reader)
    yield from _discounts(reader)
    yield from _contract(reader)
    names: tuple[Literal["minimum_order", "setup_fee", "late_fee"], ...] = ("minimum_order", "setup_fee", "late_fee")
    for name in names:
        amount = _amount_beside(reader, name)
        if amount is not None:
            yield reader.found(name, amount.value, "currency", amount.start)


# --- shipping --------------------------------------------------------------------------------------------------------


def _is_of_shipping(reader: _Reader) -> bool:
    """Whether a row stands in a table about shipping."""
    return bool(reader.statement.first_cell and reader.has("shipping", reader.statement.context))


def _is_usual_row(reader: _Reader) -> bool:
    """Whether a row is that of the usual service, or of the home country."""
    first = reader.statement.first_cell
    return bool(reader.has("standard", first)) or first.lower() == own_country(reader.language, reader.country)


def _shipping(reader: _Reader) -> Iterator[_Found]:
    in_table = _is_of_shipping(reader)
    if not reader.amounts or not (in_table or reader.has("shipping") or reader.has("shipping_fee")):
        return
    if reader.is_of_others or reader.has("a_year") or any(_is_of_one(reader, amount) for amount in reader.amounts):
        return
    limits = [amount for amount in reader.amounts if reader.is_limit(amount, "over")]
    below = [amount for amount in reader.amounts if amount not in limits and reader.is_limit(amount, "under")]
    others = [amount for amount in reader.amounts if amount not in limits and amount not in below]
    free = _free_shipping(reader, in_table)
    if free and len({amount.value for amount in (*limits, *below)}) == 1 and limits:
        yield reader.found("free_shipping_from", limits[0].value, "currency", limits[0].start)
    if len(others) != 1 or (limits and not free):
        return
    (fee,) = others
    if in_table:
        if _is_usual_row(reader) or limits:  # a row with an order value from which it is free
            yield reader.found("shipping_fee", fee.value, "currency", fee.start)
    elif _is_fee(reader, fee) and not reader.has("not_returns") and not reader.has("returns"):
        yield reader.found("shipping_fee", fee.value, "currency", fee.start)


def _is_of_one(reader: _Reader, amount: Amount) -> bool:
    return amount.recurring or _OF_ONE.match(reader.text[amount.end :]) is not None


def _free_shipping(reader: _Reader, in_table: bool) -> bool:
    """Whether what is free is the delivery: the two words are near each other, or the row is about it."""
    free, about = reader.behind("free"), reader.behind("shipping")
    near = any(
        max(one.start(), other.start()) - min(one.end(), other.end()) <= _NEAR for one in free for other in about
    )
    return near or (in_table and bool(free))


def _is_fee(reader: _Reader, fee: Amount) -> bool:
    """Whether the words of the fee stand right before the amount, or right behind it."""
    language, text = reader.language, reader.text
    before = rf"{written('shipping_fee', language)}{_CLAUSE}{{0,{_NEAR}}}:?\s?$|{written('shipping', language)}\s?[:=|–-]\s?$"
    found = re.search(before, text[: fee.start], re.I)
    if found and not word("over", language).search(found[0]) and not word("under", language).search(found[0]):
        return True
    return bool(re.match(rf"\s(?:\w+\s)?{written('shipping_fee', language)}", text[fee.end :], re.I))


def _delivery_days(reader: _Reader) -> Iterator[_Found]:
    in_row = _is_of_shipping(reader) and _is_usual_row(reader)
    named = reader.has("delivery_time")
    if reader.is_of_others or reader.statement.of_article or not (in_row or named):
        return
    times = reader.times(("working_days", "days", "weeks"))
    if len(times) != 1:
        return
    low, high, role, start, _ = times[0]
    if not in_row and named and not 0 <= start - named.end() <= _NEAR and not named.start() <= start < named.end():
        return
    unit: TermUnit = "working days" if role == "working_days" else "days"
    weeks = 7 if role == "weeks" else 1
    yield reader.found("delivery_days_to", high * weeks, unit, start)
    if low is not None:
        yield reader.found("delivery_days_from", low * weeks, unit, start)


# --- returns, payment, contracts -------------------------------------------------------------------------------------


def _return_days(reader: _Reader) -> Iterator[_Found]:
    about = reader.has("returns")
    if not about or reader.has("special"):
        return
    times = reader.times(("days", "weeks"))
    if len(times) != 1 or reader.times(("working_days",)):
        return
    low, high, role, start, end = times[0]
    other = reader.has("not_returns")
    distance = max(about.start() - end, start - about.end())
    days = high * (7 if role == "weeks" else 1)
    if low is None and days >= FEWEST_RETURN_DAYS and distance <= 60 and not (other and other.start() < end):
        yield reader.found("return_days", days, "days", start)


def _payment_days(reader: _Reader) -> Iterator[_Found]:
    net = _NET.search(reader.text)
    found = [(int(net[1]), net.start())] if net and reader.language == "en" else []
    times = reader.times(("days",))
    for phrase in reader.behind("payment_term"):
        found += [
            (high, start)
            for low, high, _, start, _ in times
            if low is None
            and 0 <= start - phrase.end() <= _NEAR
            and re.fullmatch(rf"{_CLAUSE}*:?\s?", reader.text[phrase.end() : start])
        ]
    if len({days for days, _ in found}) == 1 and len(times) <= 1 and found[0][0] >= FEWEST_PAYMENT_DAYS:
        yield reader.found("payment_days", found[0][0], "days", found[0][1])


def _contract(reader: _Reader) -> Iterator[_Found]:
    if said := reader.has("no_contract"):
        if len(reader.text) <= _LONGEST_PLAIN and not reader.amounts and not _UNLESS.search(reader.text):
            yield reader.found("contract_months", 0, "months", said.start())
        return
    months = _time_beside(reader, "contract_term", ("months",))
    if months is not None:
        yield reader.found("contract_months", months[0], "months", months[2])
    notice = _time_beside(reader, "notice", ("days", "weeks", "months"))
    if notice is not None:
        value, role, start = notice
        name: TermName = "notice_months" if role == "months" else "notice_days"
        yield reader.found(name, value * (7 if role == "weeks" else 1), "months" if role == "months" else "days", start)


def _time_beside(reader: _Reader, role: Role, units: Iterable[Role]) -> tuple[int, Role, int] | None:
    """The one length of time right behind or right before the words of a role, or within them: "12-month contract"."""
    times = reader.times(units)
    if len(times) != 1 or times[0][0] is not None:
        return None
    _, value, unit, start, end = times[0]
    for phrase in reader.behind(role):
        between = reader.text[phrase.end() : start] if start >= phrase.end() else reader.text[end : phrase.start()]
        if len(between) <= (_NEAR if start >= phrase.end() else 3) and re.fullmatch(rf"{_CLAUSE}*:?\s?", between):
            return value, unit, start
    return None


def _amount_beside(reader: _Reader, role: Role) -> Amount | None:
    """The one amount of a statement, right behind the words of a role: "Mindestbestellwert: 50 €"."""
    if len(reader.amounts) != 1 or reader.amounts[0].recurring or reader.has("a_year"):
        return None
    if role == "minimum_order" and reader.is_of_others:
        return None
    (amount,) = reader.amounts
    for phrase in reader.behind(role):
        between = reader.text[phrase.end() : amount.start]
        if amount.start >= phrase.end() and len(between) <= _NEAR and re.fullmatch(rf"{_CLAUSE}*[:|]?\s?", between):
            limits = role != "minimum_order" and (reader.has("over", between) or reader.has("under", between))
            return None if limits or reader.has("free", between) else amount
    return None


# --- discounts -------------------------------------------------------------------------------------------------------


def _discounts(reader: _Reader) -> Iterator[_Found]:
    percents = list(_PERCENT.finditer(reader.text))
    near = [
        each
        for each in reader.behind("discount")
        if len(percents) == 1 and max(each.start() - percents[0].end(), percents[0].start() - each.end()) <= _NEAR
    ]
    if not near or reader.has("not_every_order") or reader.amounts:
        return
    value, start = int(percents[0][1]), percents[0].start()
    if reader.has("trade") or (not reader.has("members") and reader.has("trade", reader.statement.context)):
        yield replace(reader.found("trade_discount", value, "percent", start), given_to=_groups(reader, "trade"))
    elif reader.has("members"):
        yield replace(reader.found("member_discount", value, "percent", start), given_to=_groups(reader, "members"))


def _groups(reader: _Reader, role: Role) -> tuple[str, ...]:
    """The groups of customers that the sentence names: "Trade members save 15%"."""
    named = [each[0] for each in reader.behind(role) if names_a_group(each[0])]
    return tuple(dict.fromkeys(name[:1].upper() + name[1:] for name in named))
