"""Fills a blueprint's terms: what the customer's site states in figures, what the CE says, or else what is usual in the trade."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.demo_corrections import Corrections
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint, BusinessTerm, FilledTerm, UsualHours
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.shared_words import RhythmKind, named_rhythm
from provisioning_assets.planning.table_design.money import usual_amount
from provisioning_assets.planning.words import FACTS
from provisioning_assets.planning.written import OwnAmount
from provisioning_assets.research.profile.models import (
    TERMS,
    CustomerProfile,
    Evidence,
    OpenPeriod,
    TermUnit,
    hours_in_words,
    periods_of,
)

GIVEN_TO = "_given_to"
"""Ending of the name under which a blueprint refers to the customers who get a discount."""


@dataclass(frozen=True)
class TermValues:
    """What a blueprint's references to its terms stand for.

    Args:
        numbers: term -> figure, amounts in the customer's currency.
        lists: name of the list -> words of a slot.
        rhythms: term -> 24 weights of hours and 7 of weekdays.
    """

    numbers: Mapping[str, float]
    lists: Mapping[str, list[str]]
    rhythms: Mapping[str, Mapping[RhythmKind, list[float]]]


def unit_of(term: BusinessTerm) -> TermUnit | None:
    """The unit of a term's figure; None for opening hours."""
    return None if term.source == "opening_hours" else TERMS[term.source][1][0]


def filled_terms(
    blueprint: Blueprint,
    profile: CustomerProfile,
    market: Market,
    words: Mapping[str, Iterable[str]],
    *,
    dropped: Iterable[str] = (),
    chosen: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, BusinessTerm]:
    """The blueprint's terms with their values for a customer.

    Args:
        blueprint: whose terms are filled.
        profile: of the customer.
        market: of the customer; amounts of the trade are scaled to it, those of the site are not.
        words: slot -> its words, to which a discount may be given.
        dropped: names of terms that the CE does not want from the site.
        chosen: name of a term -> what the CE says instead.

    Raises:
        ProvisioningError: what the CE says is no figure, or are no hours.
    """
    refused = {name.casefold() for name in dropped}
    found: dict[str, BusinessTerm] = {}
    for name, term in blueprint.terms.items():
        if name in chosen:
            filled = _said(name, term, ", ".join(chosen[name]))
        else:
            stated = None if name in refused else _stated(term, profile, market)
            filled = _usual(term, market) if stated is None else stated
        if term.given_to is not None:
            figure = None if term.source == "opening_hours" else profile.terms.figures.get(term.source)
            given_to = _named_in(words.get(term.given_to, ()), figure.evidence if figure else ())
            filled = filled.model_copy(update={"given_to": given_to})
            filled.model_fields_set.add("given_to")
        found[name] = term.model_copy(update={"filled": filled})
    return found


def with_those_who_get_it(
    blueprint: Blueprint, profile: CustomerProfile, words: Mapping[str, list[str]], corrections: Corrections
) -> tuple[dict[str, list[str]], dict[str, dict[str, Evidence]]]:
    """The words of the slots with the customers to whom the site gives a discount, and slot -> added word -> where it was read.

    A slot whose words name none of them takes one, in place of its last word if it is full; not if the CE chose its words.

    Args:
        blueprint: whose terms are filled.
        profile: of the customer.
        words: slot -> its words.
        corrections: the CE's.
    """
    found = {name: list(of_slot) for name, of_slot in words.items()}
    added: dict[str, dict[str, Evidence]] = {}
    refused = {word.casefold() for word in corrections.dropped}
    for name, term in blueprint.terms.items():
        slot = blueprint.slots.get(term.given_to or "")
        figure = None if term.source == "opening_hours" else profile.terms.figures.get(term.source)
        if term.given_to is None or slot is None or figure is None:
            continue
        named = [group for group in figure.given_to if group.value.casefold() not in refused]
        chosen = bool({name, term.given_to} & {*corrections.used, *refused})
        own = found[term.given_to]
        if named and not chosen and not _named_in(own, figure.evidence) and len(named[0].value) <= slot.longest:
            own[slot.maximum - 1 :] = [named[0].value]
            added.setdefault(term.given_to, {})[named[0].value.casefold()] = named[0].evidence[0]
    return found, added


def _said(name: str, term: BusinessTerm, text: str) -> FilledTerm:
    if term.source == "opening_hours":
        periods = periods_of(text)
        if periods is None:
            raise ProvisioningError(
                f"{name}: {text!r} are no opening hours.", 'Write them as "Mo-Fr 09:00-18:00, Sa 10:00-14:00".'
            )
        return FilledTerm(hours=hours_in_words(periods), source="edit")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    problem = figure_problem(term, value)
    if problem:
        raise ProvisioningError(
            f"{name}: {text!r} cannot be used: {problem}", f"Give a number, such as --use {name}=7.95."
        )
    return FilledTerm(value=value, source="edit")


def figure_problem(term: BusinessTerm, value: float) -> str:
    """Why a figure cannot be one of a term; empty if it can."""
    if term.source == "opening_hours":
        return "it has hours."
    largest = TERMS[term.source][2]
    if not 0 <= value <= largest:
        return f"it is no number from 0 to {largest:,.0f}."
    return "it is no whole number." if unit_of(term) != "currency" and value != int(value) else ""


def _stated(term: BusinessTerm, profile: CustomerProfile, market: Market) -> FilledTerm | None:
    """What the site states; None if it states nothing, or an amount in another currency than the demo's."""
    if term.source == "opening_hours":
        hours = profile.terms.opening_hours
        return hours and _of_site({"hours": hours.in_words()}, hours.evidence[0])
    figure = profile.terms.figures.get(term.source)
    if figure is None or (figure.unit == "currency" and profile.currency != market.currency):
        return None
    return _of_site({"value": figure.value}, figure.evidence[0])


def _of_site(values: dict[str, object], evidence: Evidence) -> FilledTerm:
    where = {"page": evidence.page, "passage": evidence.words, "under": evidence.under or None}
    return FilledTerm.model_validate({**values, "source": "customer", **where})


def _usual(term: BusinessTerm, market: Market) -> FilledTerm:
    """What is usual in the trade; for opening hours the rhythm alone, without hours."""
    if isinstance(term.otherwise, UsualHours):
        return FilledTerm(source="blueprint")
    amount = usual_amount(term.otherwise, market) if unit_of(term) == "currency" else term.otherwise
    return FilledTerm(value=amount, source="blueprint")


def _named_in(words: Iterable[str], evidence: Iterable[Evidence]) -> list[str]:
    """The words that occur in what was read, or in what stands above it."""
    said = " ; ".join(f" {_plain(quote.under)} ; {_plain(quote.words)} " for quote in evidence)
    return [word for word in words if f" {_plain(word)} " in said]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# --- what follows from it --------------------------------------------------------------------------------------------


def term_values(terms: Mapping[str, BusinessTerm], market: Market) -> TermValues:
    """What references to the terms stand for; a term that is not filled has what is usual in the trade."""
    numbers: dict[str, float] = {}
    lists: dict[str, list[str]] = {}
    rhythms: dict[str, Mapping[RhythmKind, list[float]]] = {}
    for name, term in terms.items():
        filled = term.filled or _usual(term, market)
        if isinstance(term.otherwise, UsualHours):
            rhythms[name] = opening_rhythm(periods_of(filled.hours) if filled.hours else None, term.otherwise)
            continue
        value = filled.value if filled.value is not None else (_usual(term, market).value or 0.0)
        whole = int(value) if value == int(value) else value
        numbers[name] = OwnAmount(value) if unit_of(term) == "currency" else whole
        if term.given_to is not None:
            lists[f"{name}{GIVEN_TO}"] = list(filled.given_to)
    return TermValues(numbers, lists, rhythms)


def opening_rhythm(periods: Sequence[OpenPeriod] | None, usual: UsualHours) -> dict[RhythmKind, list[float]]:
    """The weights of hours and weekdays: the usual ones, without what is closed.

    An hour counts as open if it is open as a whole on one of the days. An hour or day that is open, and that the usual rhythm
    does not have, gets the smallest weight that is usual.
    """
    hours, weekdays = _weights("hours", usual.hours), _weights("weekdays", usual.weekdays)
    if periods is None:
        return {"hours": hours, "weekdays": weekdays}
    spans = [_minutes(period) for period in periods]
    whole = {hour for opens, closes in spans for hour in range(math.ceil(opens / 60), closes // 60)}
    touched = {hour for opens, closes in spans for hour in range(opens // 60, math.ceil(closes / 60))}
    open_hours = {hour % 24 for hour in whole or touched}
    return {
        "hours": _opened(hours, open_hours),
        "weekdays": _opened(weekdays, {period.weekday for period in periods}),
    }


def _minutes(period: OpenPeriod) -> tuple[int, int]:
    """Opening and closing in minutes after midnight; a period over midnight closes after 24:00."""
    opens, closes = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (period.opens, period.closes))
    return opens, closes if closes > opens else closes + 24 * 60


def _opened(weights: list[float], open_at: set[int]) -> list[float]:
    least = min(weight for weight in weights if weight > 0)
    return [max(weight, least) if at in open_at else 0.0 for at, weight in enumerate(weights)]


def _weights(kind: RhythmKind, given: str | list[float]) -> list[float]:
    return named_rhythm(kind, given) if isinstance(given, str) else list(given)


# --- problems --------------------------------------------------------------------------------------------------------


def term_problems(blueprint: Blueprint) -> Iterable[Problem]:
    """Problems of the section ``terms``, filled or not."""
    for name, term in blueprint.terms.items():
        place: Place = ("terms", name)
        if name in FACTS or name in blueprint.slots:
            yield Problem(place, f"'{name}' is already a slot or a fact of every customer.", "Choose another name.")
        if term.given_to is not None and term.given_to not in blueprint.slots:
            yield Problem(
                (*place, "given_to"), f"'{term.given_to}' is not a slot.", suggestion(term.given_to, blueprint.slots)
            )
        usual = None if isinstance(term.otherwise, UsualHours) else figure_problem(term, term.otherwise)
        if usual:
            yield Problem((*place, "otherwise"), usual.capitalize(), "Write the figure that is usual in the trade.")
        if term.filled is None:
            continue
        if term.filled.value is not None and (problem := figure_problem(term, term.filled.value)):
            yield Problem((*place, "filled", "value"), problem.capitalize(), "Write the customer's figure.")
        if term.filled.hours is not None and (term.source != "opening_hours" or periods_of(term.filled.hours) is None):
            yield Problem(
                (*place, "filled", "hours"),
                f"'{term.filled.hours}' are no opening hours.",
                'Write them as "Mo-Fr 09:00-18:00, Sa 10:00-14:00".',
            )
