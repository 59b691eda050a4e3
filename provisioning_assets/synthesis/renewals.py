"""Contracts that are renewed term by term until they end: any number of terms at once, by calendar arithmetic.

At each renewal a contract ends with some probability ``p``. One draw gives the number of renewals that it survives: it ends
at the first renewal at which the sum of the hazards, ``-log(1 - p)`` each, reaches a standard exponential number. Between the
edges of planted windows the hazard is the same at each renewal, so a division gives that renewal.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Renewal
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.tables import Column
from provisioning_assets.synthesis.anniversaries import months_later, whole_months
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.clock import BEFORE_ALL, seconds_of, series_of, with_nulls
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.parameters import by_case, planted


@dataclass(frozen=True)
class Terms:
    """Start of each contract (day number), months of a term (0: never renewed), and which contracts began by the as-of date."""

    start: Integers
    months: Integers
    begun: Mask

    def day(self, number: Integers) -> Integers:
        """The day of the renewal with this number, for each contract."""
        return months_later(self.start, number * self.months)

    def renewals(self, day: int | Integers) -> Integers:
        """Number of renewals of each contract on or before a day."""
        until = np.broadcast_to(np.asarray(day, dtype=np.int64), self.start.shape)
        months = np.maximum(whole_months(self.start, until), 0)
        return np.where(self.months > 0, months // np.maximum(self.months, 1), 0)


def renewal(block: Block, table: str, column: Column) -> pl.Series:
    """One part of each row's contract."""
    generator = generator_as(column, Renewal)
    today = day_number(block.lineage.model.as_of)
    terms = _terms(block, table, generator, today)
    if generator.part == "ended":
        number = _left_at(block, table, column, generator, terms, today)
        return series_of(terms.day(number) * DAY_SECONDS, as_date=True, valid=number > 0)
    end = block.lineage.renewal_end(table, generator.of)
    ended = None if end is None else seconds_of(block.columns[table][end], missing=BEFORE_ALL) // DAY_SECONDS
    running = terms.begun if ended is None else terms.begun & (ended == BEFORE_ALL // DAY_SECONDS)
    number = terms.renewals(today if ended is None else np.where(running | ~terms.begun, today, ended))
    match generator.part:
        case "due":
            return series_of(terms.day(number) * DAY_SECONDS, as_date=True, valid=terms.begun & (number > 0))
        case "next":
            return series_of(terms.day(number + 1) * DAY_SECONDS, as_date=True, valid=running & (terms.months > 0))
        case _:
            return with_nulls(pl.Series(np.where(running, number, number - 1)), terms.begun)


def _terms(block: Block, table: str, generator: Renewal, today: int) -> Terms:
    start = seconds_of(block.columns[table][generator.start], missing=BEFORE_ALL)
    begun = (start != BEFORE_ALL) & (start // DAY_SECONDS <= today)
    cases = {case: float(months or 0) for case, months in generator.every_months_by.items()}
    months = by_case(block, table, generator.by, cases, float(generator.every_months or 0)).astype(np.int64)
    return Terms(np.where(begun, start // DAY_SECONDS, today), months, begun)


def _left_at(block: Block, table: str, column: Column, generator: Renewal, terms: Terms, today: int) -> Integers:
    """Number of the renewal, from 1, at which each contract ended; 0 if it has not ended."""
    leave = by_case(block, table, generator.leave_case or generator.by, generator.leave_by, generator.leave)
    effects = planted(block, table, column)
    patience = -np.log1p(-block.uniforms(table, column.name, "patience"))
    left = np.zeros(len(leave), dtype=np.int64)
    passed = np.zeros(len(leave), dtype=np.int64)
    for first, last in _spans([effect for effect, _ in effects], today):
        until = np.where(terms.begun, terms.renewals(last), 0)
        hazard = _hazard(leave, [(effect, rows) for effect, rows in effects if _covers(effect, first, last, today)])
        needed = np.divide(patience, hazard, out=np.full(len(hazard), np.inf), where=hazard > 0)
        steps = np.maximum(np.ceil(needed), 1.0)
        ends = (left == 0) & (steps <= until - passed)
        left[ends] = passed[ends] + steps[ends].astype(np.int64)
        with np.errstate(invalid="ignore"):  # infinite hazard times 0 renewals
            patience -= np.where(until > passed, (until - passed) * hazard, 0.0)
        passed = until
    return left


def _spans(effects: list[Effect], today: int) -> list[tuple[int, int]]:
    """First and last day of the spans between the edges of windows, up to today; the first span starts in the distant past."""
    edges = {today}
    for effect in effects:
        if effect.from_days_ago is not None:
            edges |= {today - effect.from_days_ago - 1, today - effect.to_days_ago}
    last = sorted(edge for edge in edges if edge <= today)
    return list(zip([BEFORE_ALL, *(edge + 1 for edge in last[:-1])], last, strict=True))


def _covers(effect: Effect, first: int, last: int, today: int) -> bool:
    """Whether a span is in an effect's window."""
    if effect.from_days_ago is None:
        return True
    return first >= today - effect.from_days_ago and last <= today - effect.to_days_ago


def _hazard(leave: Floats, effects: list[tuple[Effect, Mask]]) -> Floats:
    """``-log(1 - p)`` of each contract; infinite where it certainly ends."""
    for effect, rows in effects:
        leave = np.where(rows, np.minimum(leave * effect.factor, 1.0), leave)
    with np.errstate(divide="ignore"):
        return -np.log1p(-leave)
