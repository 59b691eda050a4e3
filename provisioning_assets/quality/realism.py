"""Whether finished tables look like real ones: concentration, tails, rhythm, categories, growth, texts and prices.

What is measured follows from the model: a table's ``rhythm`` (its kind of business), ``entity``, ``amount`` and ``event_time``, and
its columns' generators. A property that a table does not have, or that its number of rows cannot show, is left out: it does not
count as passed. Everything is read from the Parquet files, column by column; the memory used grows with the number of buyers,
never with the number of rows.
"""

# ruff: noqa: S608  (names match the data model's Name pattern)

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from upath import UPath

from provisioning_assets.data_model.amounts import minor_digits, price_step, round_half_away
from provisioning_assets.data_model.arrival_profile import day_weights
from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.generators import (
    Arrival,
    Category,
    Expression,
    Lookup,
    Number,
    Price,
    Reference,
    Text,
)
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.peaks import Peak
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.value_domains import text_of, values_of
from provisioning_assets.quality import realism_bars as bars
from provisioning_assets.quality.models import RealismResult
from provisioning_assets.quality.realism_bars import Bar
from provisioning_assets.quality.table_views import table_views
from provisioning_assets.synthesis.models import SyntheticTables

FEWEST_ROWS = 1_000
"""Smallest number of rows that are measured. A share of one half is then known to three percentage points (95% confidence)."""

FEWEST_ENTITIES = 500
"""Smallest number of entities for the checks on entities; the top hundredth then consists of five entities."""

FEWEST_PRICES = 10

FEWEST_A_MONTH = 200
"""Smallest mean number of rows a month for the check of seasons. With fewer, chance alone changes a month by more than 7% (1 /
sqrt(200))."""

YEAR_DAYS = 365
CYCLE_MONTHS = 12
CYCLES = 2

SEASONAL_WINDOW, SEASONAL_DEGREE = 11, 0
"""Seasonal window and degree of the STL decomposition: the defaults of ``mstl`` in R's forecast package, by which ``nsdiffs``
decides. With degree 1, two cycles would always look perfectly seasonal."""

ROUNDING = 1e-12
"""Variance of months, relative to the square of their mean, below which they are constant: the rest is rounding of floats."""

BINS_PER_E = 200
"""Logarithmic bins of amounts for each factor of e. A bin is 0.5% wide, which is the error of a quantile for any number of rows."""

MOST_TEXTS = 500_000
"""Largest number of texts in which repeats are counted, from the first row on."""

LATEST_TEXTS = 200
"""Number of latest texts that are checked separately, because visitors of the demo read these."""

ZIPPED_TEXTS = 10_000
"""Largest number of texts that are compressed together, from the first row on: a few gzip windows of 32 KB, which is enough and
fast."""

MOST_PAIRS = 500_000
"""Largest number of rows from which a correlation is computed, from the first row on; its error is then about 0.003."""

RESAMPLES = 100
RESAMPLED_ENTITIES = 10_000
"""Number of bootstrap samples for the standard errors of concentration (Efron 1979), and largest number of entities in each
sample."""

ENDS_OF_SENTENCES = (".", "!", "?", "。", "！", "？")

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class _Tables:
    """What every measurement needs: the model, and its files as views."""

    lineage: Lineage
    connection: Connection

    @property
    def model(self) -> DataModel:
        return self.lineage.model

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


def realism(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[RealismResult]:
    """Every property of real data that the model's tables have, measured in the files under the customer's ``folder``.

    Bounds are those of ``realism_bars``, or the table's own. Planted insights are measured in ``insight_strength``.
    """
    with table_views(tables, folder) as connection:
        given = _Tables(Lineage(model), connection)
        return [result for table in model.tables for result in _table_results(given, table)]


def _table_results(given: _Tables, table: Table) -> Iterator[RealismResult]:
    bounds = bars.bars_of(table)
    yield from _buyer_results(given, table, bounds)
    yield from _amount_results(given, table, bounds)
    yield from _calendar_results(given, table, bounds)
    for column in table.columns:
        if isinstance(column.generator, Arrival) and not column.internal and not column.source_generators:
            yield from _growth_results(given, table, column, column.generator)
        if not column.internal:
            yield from _column_results(given, table, column)


def _column_results(given: _Tables, table: Table, column: Column) -> Iterator[RealismResult]:
    bounds = bars.bars_of(table, column)
    if column.type == "DATETIME":
        yield from _hour_results(given, table, column, bounds)
    yield from _price_results(given, table, column, bounds)
    if column.source_generators:
        return  # the values of several generators are like none of them
    match column.generator:
        case Category():
            yield from _category_results(given, table, column, bounds)
        case Expression() if column.type == "STRING":
            yield from _category_results(given, table, column, bounds)
        case Number():
            yield from _correlation_results(given, table, column, column.generator)
        case Text() if _is_prose(column.generator):
            yield from _text_results(given, table, column, bounds)
        case _:
            pass


Bounds = Mapping[str, Bar]
"""Check -> its bound, for the checks that apply to a table."""


def _result(
    bar: Bar, table: Table, column: str, measured: float, rows: int, says: str, error: float = 0.0
) -> RealismResult:
    """A measured property; four decimals, so that the same files give the same result on every machine.

    ``error`` is the standard error of ``measured`` at so many rows.
    """
    measured, allowance = round(float(measured), 4), round(float(error) * bars.ALLOWED_ERRORS, 4)
    above = bar.lowest is None or measured + allowance >= bar.lowest
    below = bar.highest is None or measured - allowance <= bar.highest
    gated = bar.lowest is not None or bar.highest is not None
    return RealismResult(
        check=bar.check,
        table=table.name,
        column=column,
        says=says,
        measured=measured,
        allowance=allowance,
        lowest=bar.lowest,
        highest=bar.highest,
        real_sets=bar.real_sets,
        source=bar.source,
        rows=rows,
        passed=above and below if gated else None,
    )


def _error_of_share(share: float, rows: int) -> float:
    """Standard error of a share of so many independent rows (binomial)."""
    return math.sqrt(max(share * (1 - share), 0.0) / rows)


def _around(bar: Bar, declared: float, tolerance: float) -> Bar:
    return replace(bar, lowest=round(declared - tolerance, 4), highest=round(declared + tolerance, 4))


# --- who buys, and how much ----------------------------------------------------------------------------------------


def _acts_again(lineage: Lineage, table: str, column: str) -> bool:
    """Whether rows choose the entity in this column, so that entities act repeatedly. The parent of a child row is not chosen."""
    generator = lineage.columns[table, column].generator
    if isinstance(generator, Reference):
        return True
    if not isinstance(generator, Lookup):
        return False
    if isinstance(lineage.columns[table, generator.through].generator, Reference):
        return True  # who owns the chosen row acts again, however the owned rows came to be
    other = lineage.target(table, generator.through)
    if other is None:
        return False
    if lineage.tables[other].primary_key == [generator.column]:
        return _acts_again(lineage, table, generator.through)
    return _acts_again(lineage, other, generator.column)


BUYER_CHECKS = frozenset({"top_fifth_share", "top_hundredth_share", "one_time_share", "events_dispersion"})


def _buyer_results(given: _Tables, table: Table, bounds: Bounds) -> Iterator[RealismResult]:
    entity = table.entity
    if entity is None or not BUYER_CHECKS & bounds.keys() or not _acts_again(given.lineage, table.name, entity):
        return
    by_amount = table.amount is not None and bars.KINDS[table.rhythm].shares_of == "amount"
    weight = f'sum("{table.amount}")' if by_amount else "count(*)"
    found = given.connection.execute(
        f'SELECT count(*) AS events, CAST({weight} AS DOUBLE) AS weight FROM "{table.name}" '
        f'WHERE "{entity}" IS NOT NULL GROUP BY "{entity}" ORDER BY "{entity}"'
    ).fetchnumpy()
    events = np.asarray(found["events"], dtype=np.float64)
    weights = np.asarray(np.ma.filled(found["weight"], 0.0), dtype=np.float64)
    buyers = len(events)
    if buyers < FEWEST_ENTITIES:
        return
    of_what = table.amount if by_amount else f"the rows of {table.name}"
    shares = {"top_fifth_share": (5, "fifth"), "top_hundredth_share": (100, "hundredth")}
    for check, (part, words) in shares.items():
        # A kind whose concentration is about amounts has none without an amount, unless the table asks for it.
        asked = table.realism is not None and check in table.realism.bounds()
        if check in bounds and (by_amount or asked or bars.KINDS[table.rhythm].shares_of == "rows"):
            says = f"share of {of_what} that the largest {words} of {entity} brings"
            share, error = _with_error(weights, lambda sample, part=part: _share_of_largest(sample, part))
            yield _result(bounds[check], table, entity, share, buyers, says, error)
    if (bar := bounds.get("one_time_share")) is not None:
        once = float((events == 1).mean())
        says = f"share of {entity} with one row in {table.name}"
        yield _result(bar, table, entity, once, buyers, says, _error_of_share(once, buyers))
    if (bar := bounds.get("events_dispersion")) is not None:
        spread, error = _with_error(events, lambda sample: float(sample.var() / sample.mean()))
        says = f"variance of the number of {table.name} for each {entity}, in relation to its mean; 1 is chance alone"
        yield _result(bar, table, entity, spread, buyers, says, error)


def _share_of_largest(weights: NDArray[np.float64], part: int) -> float:
    """What the largest ``1 / part`` of the entities have of the whole."""
    return float(np.sort(weights)[::-1][: len(weights) // part].sum() / weights.sum())


def _with_error(values: NDArray[np.float64], figure: Callable[[NDArray[np.float64]], float]) -> tuple[float, float]:
    """A figure of independent values and its standard error, by the bootstrap. Same values, same error.

    The largest value is not resampled: a single one that outweighs all others would make every error an allowable one.
    """
    chance = np.random.default_rng(0)
    others = np.sort(values)[:-1]
    drawn = others if len(others) <= RESAMPLED_ENTITIES else chance.choice(others, RESAMPLED_ENTITIES, replace=False)
    samples = [figure(drawn[chance.integers(0, len(drawn), len(drawn))]) for _ in range(RESAMPLES)]
    return figure(values), float(np.std(samples) * math.sqrt(len(drawn) / len(values)))


def _amount_results(given: _Tables, table: Table, bounds: Bounds) -> Iterator[RealismResult]:
    bar = bounds.get("amount_tail")
    if table.amount is None or bar is None:
        return
    counted = given.rows(
        f'SELECT CAST(floor(ln("{table.amount}") * {BINS_PER_E}) AS INTEGER) AS bin, count(*) FROM "{table.name}" '
        f'WHERE "{table.amount}" > 0 GROUP BY bin ORDER BY bin'
    )
    bins, counts = np.array(counted, dtype=np.int64).reshape(-1, 2).T
    rows = int(counts.sum())
    if rows < FEWEST_ROWS:
        return
    reached = np.cumsum(counts)

    def quantile(share: float) -> float:
        """Logarithm of the amount below which a share of the rows lies."""
        return float(bins[np.searchsorted(reached, share * rows)]) / BINS_PER_E

    def error(share: float) -> float:
        """Standard error of ``quantile``: the rank of a quantile varies as a binomial count."""
        step = _error_of_share(share, rows)
        return (quantile(min(share + step, 1.0)) - quantile(share - step)) / 2

    tail = math.exp(quantile(0.99) - quantile(0.5))
    says = f"the {table.amount} that one row in a hundred exceeds, in relation to the usual one (median)"
    yield _result(bar, table, table.amount, tail, rows, says, tail * math.hypot(error(0.99), error(0.5)))


# --- when things happen --------------------------------------------------------------------------------------------


def _by_day(given: _Tables, table: str, column: str) -> dict[date, int]:
    """Rows of each day."""
    return dict(
        given.rows(
            f'SELECT CAST("{column}" AS DATE) AS day, count(*) FROM "{table}" WHERE "{column}" IS NOT NULL '
            f"GROUP BY day ORDER BY day"
        )
    )


def _calendar_results(given: _Tables, table: Table, bounds: Bounds) -> Iterator[RealismResult]:
    time = table.event_time
    weekdays, seasons = bounds.get("weekday_ratio"), bounds.get("seasonal_strength")
    if time is None or given.lineage.columns[table.name, time].internal or weekdays is seasons is None:
        return
    days = _by_day(given, table.name, time)
    if weekdays is not None:
        yield from _weekday_results(weekdays, table, time, days)
    if seasons is not None:
        yield from _season_results(seasons, given, table, time, days)


def _weekday_results(bar: Bar, table: Table, time: str, days: dict[date, int]) -> Iterator[RealismResult]:
    counts = np.zeros(7)
    for day, rows in days.items():
        counts[day.weekday()] += rows
    if counts.sum() < FEWEST_ROWS:
        return
    says = f"{table.name} on the busiest weekday in relation to the quietest"
    yield _uneven(bar, table, time, counts, says)


def _uneven(bar: Bar, table: Table, column: str, counts: NDArray[np.float64], says: str) -> RealismResult:
    """Largest count in relation to the smallest (of one row at least).

    Passed when it lies within the bound and, where the bound asks for a difference, chance does not explain that difference.
    """
    from scipy.stats import chisquare

    chance = float(chisquare(counts).pvalue)
    says = f"{says}; equal ones would differ as much by chance in {chance:.1%} of cases"
    result = _result(bar, table, column, counts.max() / max(counts.min(), 1.0), int(counts.sum()), says)
    explained = bar.lowest is not None and bar.lowest > 1 and chance >= bars.SIGNIFICANCE
    return result.model_copy(update={"passed": result.passed and not explained})


def _season_results(
    bar: Bar, given: _Tables, table: Table, time: str, days: dict[date, int]
) -> Iterator[RealismResult]:
    """Only of rows with an arrival: rows that follow from others have the season of those, and planted changes on top.

    Peaks that come back in the same month are part of the season; those that move, such as Easter, are taken out.
    """
    column = given.lineage.columns[table.name, time]
    arrival = column.generator
    months = _complete_months(history_start(given.model), given.model.as_of)
    if not isinstance(arrival, Arrival) or column.source_generators or len(months) < CYCLES * CYCLE_MONTHS:
        return
    moving = [peak for peak in arrival.peaks if peak.moves(months[0].year, months[-1].year)]
    planted = _planted_factors(given, table.name, time, arrival, moving)
    totals: dict[date, float] = defaultdict(float)
    for day, rows in days.items():
        totals[day.replace(day=1)] += rows / planted.get(day, 1.0)
    counts = np.array([totals[month] for month in months], dtype=np.float64)
    if counts.mean() < FEWEST_A_MONTH:
        return
    lengths = np.array([(_next_month(month) - month).days for month in months])
    says = f"how much of the months' ups and downs of {table.name} comes back each year; 0 none, 1 all"
    yield _result(bar, table, time, seasonal_strength(counts / lengths), len(months), says)


def _planted_factors(
    given: _Tables, table: str, column: str, arrival: Arrival, peaks: Sequence[Peak]
) -> dict[date, float]:
    """What the planted insights and these of its peaks multiply the arrivals of each day of the history by."""
    effects = given.lineage.effects_on(table, column)
    others = arrival.model_copy(update={"peaks": [peak for peak in arrival.peaks if peak not in peaks]})
    planted = day_weights(given.model, table, column, arrival, effects)
    usual = day_weights(given.model, table, column, others, [])
    factors = np.divide(planted, usual, out=np.ones_like(usual), where=(usual > 0) & (planted > 0))
    first = history_start(given.model)
    return {first + timedelta(days=age): float(factor) for age, factor in enumerate(factors)}


def _complete_months(first: date, last: date) -> list[date]:
    """First days of the months of which every day lies in ``first`` .. ``last``."""
    month = first if first.day == 1 else _next_month(first)
    found = []
    while _next_month(month) <= last + timedelta(days=1):
        found.append(month)
        month = _next_month(month)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def seasonal_strength(monthly: NDArray[np.float64]) -> float:
    """Strength of the yearly season in figures of consecutive months, two cycles or more, 0 to 1.

    1 - variance of the remainder / variance of season and remainder, after STL (Wang, Smith and Hyndman 2006).
    """
    from statsmodels.tsa.seasonal import STL

    fitted = STL(monthly, period=CYCLE_MONTHS, seasonal=SEASONAL_WINDOW, seasonal_deg=SEASONAL_DEGREE).fit()
    together = float(np.var(fitted.resid + fitted.seasonal))
    if together < ROUNDING * float(np.mean(monthly)) ** 2:
        return 0.0
    return max(0.0, 1.0 - float(np.var(fitted.resid)) / together)


def _hour_results(given: _Tables, table: Table, column: Column, bounds: Bounds) -> Iterator[RealismResult]:
    night_bar, midnight_bar = bounds.get("night_share"), bounds.get("midnight_share")
    if night_bar is midnight_bar is None:
        return
    ((rows, night, midnight),) = given.rows(
        f'SELECT count("{column.name}"), count(*) FILTER (WHERE extract(hour FROM "{column.name}") = 3), '
        f'count(*) FILTER (WHERE CAST("{column.name}" AS TIME) = TIME \'00:00:00\') FROM "{table.name}"'
    )
    if rows < FEWEST_ROWS:
        return
    if night_bar is not None:
        says = f"{column.name} between 3 and 4 in the morning, in relation to an even spread over the day"
        error = 24 * _error_of_share(night / rows, rows)
        yield _result(night_bar, table, column.name, 24 * night / rows, rows, says, error)
    if midnight_bar is not None:
        says = f"share of {column.name} at exactly midnight"
        share = midnight / rows
        yield _result(midnight_bar, table, column.name, share, rows, says, _error_of_share(share, rows))


def _growth_results(given: _Tables, table: Table, column: Column, arrival: Arrival) -> Iterator[RealismResult]:
    """Rows of the last 365 days against the 365 before, the planted changes and the peaks of the arrivals taken out."""
    model = given.model
    if model.history_days < 2 * YEAR_DAYS:
        return
    days = _by_day(given, table.name, column.name)
    planted = _planted_factors(given, table.name, column.name, arrival, arrival.peaks)
    years = np.zeros(2)
    for day, rows in days.items():
        years_ago = (model.as_of - day).days // YEAR_DAYS
        if 0 <= years_ago < len(years):
            years[years_ago] += rows / planted[day]
    this, before = years
    if this + before < FEWEST_ROWS or before == 0:
        return
    growth = this / before - 1.0
    declared = arrival.growth_per_year
    bar = _around(bars.GROWTH, declared, bars.GROWTH_TOLERANCE)
    says = f"growth of {table.name} from one year to the next; {declared:g} was asked for"
    yield _result(bar, table, column.name, growth, int(this + before), says)


# --- what is in the columns ----------------------------------------------------------------------------------------


def _category_results(given: _Tables, table: Table, column: Column, bounds: Bounds) -> Iterator[RealismResult]:
    """Shares of the values that can come up at all, drawn or chosen by an expression; one that does not has no rows."""
    possible = sorted(values_of(given.lineage, table.name, column.name) or ())
    if len(possible) < 2:
        return
    counted = Counter(
        {
            text_of(value): rows
            for value, rows in given.rows(
                f'SELECT "{column.name}" AS value, count(*) FROM "{table.name}" WHERE value IS NOT NULL GROUP BY value'
            )
        }
    )
    counts = np.array([counted[value] for value in possible], dtype=np.float64)
    if counts.sum() < FEWEST_ROWS:
        return
    says = f"the most frequent {column.name} of {table.name} in relation to the rarest"
    yield _uneven(bounds[bars.CATEGORIES.check], table, column.name, counts, says)


def _correlation_results(given: _Tables, table: Table, column: Column, number: Number) -> Iterator[RealismResult]:
    """Of two stored numbers as they were drawn: neither multiplied by the row, nor usual, nor changed by a planted insight."""
    declared = number.correlation
    if declared is None:
        return
    other = given.lineage.columns[table.name, declared.column]
    for one in (column, other):
        drawn_with = one.generator.times if isinstance(one.generator, Number) else None
        if one.internal or drawn_with or one.usually or given.lineage.effects_on(table.name, one.name):
            return
    pairs = given.connection.execute(
        f'SELECT CAST("{column.name}" AS DOUBLE) AS one, CAST("{other.name}" AS DOUBLE) AS other FROM "{table.name}" '
        f'WHERE "{column.name}" IS NOT NULL AND "{other.name}" IS NOT NULL LIMIT {MOST_PAIRS}'
    ).fetchnumpy()
    if len(pairs["one"]) < FEWEST_ROWS:
        return
    from scipy.stats import rankdata

    ranks = np.corrcoef(rankdata(pairs["one"]), rankdata(pairs["other"]))[0, 1]
    # Of normal scores with correlation r, the ranks' correlation is 6 / pi asin(r / 2) (Pearson 1907).
    bar = _around(bars.CORRELATION, declared.rho, bars.CORRELATION_TOLERANCE)
    says = f"correlation of {column.name} and {other.name}, as normal scores; {declared.rho:g} was asked for"
    rho, rows = 2 * math.sin(math.pi * ranks / 6), len(pairs["one"])
    # Fisher (1915): of so many pairs, a correlation has about this standard error.
    yield _result(bar, table, column.name, rho, rows, says, (1 - rho**2) / math.sqrt(rows))


def _is_prose(text: Text) -> bool:
    """Whether a text is written in sentences, as opposed to a name out of a list."""
    written = [*text.templates]
    for more in (*text.templates_by.values(), *text.parts.values()):
        written += more
    return any(words.rstrip().endswith(ENDS_OF_SENTENCES) for words in written)


def _text_results(given: _Tables, table: Table, column: Column, bounds: Bounds) -> Iterator[RealismResult]:
    name = column.name
    ((rows, most),) = given.rows(
        f'SELECT coalesce(sum(times), 0), coalesce(max(times), 0) FROM (SELECT count(*) AS times FROM (SELECT "{name}" '
        f'FROM "{table.name}" WHERE "{name}" IS NOT NULL LIMIT {MOST_TEXTS}) GROUP BY "{name}")'
    )
    rows = int(rows)
    if rows < FEWEST_ROWS:
        return
    share = int(most) / rows
    says = f"share of the most frequent {name} among all"
    yield _result(bounds[bars.REPEATS.check], table, name, share, rows, says, _error_of_share(share, rows))
    latest = ", ".join(f'"{key}" DESC' for key in [*_stored_time(given, table), *table.primary_key])
    ((again,),) = given.rows(
        f'SELECT count(*) - count(DISTINCT "{name}") FROM (SELECT "{name}" FROM "{table.name}" WHERE "{name}" IS NOT NULL '
        f"ORDER BY {latest} LIMIT {LATEST_TEXTS})"
    )
    says = f"rows among the latest {LATEST_TEXTS} with {name} whose text stands there before"
    yield _result(bounds[bars.LATEST_REPEATS.check], table, name, again, LATEST_TEXTS, says)
    read = given.rows(f'SELECT "{name}" FROM "{table.name}" WHERE "{name}" IS NOT NULL LIMIT {ZIPPED_TEXTS}')
    joined = "\n".join(text for (text,) in read).encode()
    says = f"how many times smaller gzip makes {name}: repeated words are packed together"
    yield _result(bars.COMPRESSION, table, name, len(joined) / len(gzip.compress(joined)), len(read), says)


def _stored_time(given: _Tables, table: Table) -> list[str]:
    """The column that says when a row happened; empty when the files do not have it."""
    time = table.event_time
    return [] if time is None or given.lineage.columns[table.name, time].internal else [time]


def _price_results(given: _Tables, table: Table, column: Column, bounds: Bounds) -> Iterator[RealismResult]:
    """Drawn prices have their generator's endings. Prices that the customer's site asks are not looked at: they are facts."""
    price, asked = _price_of(given.lineage, table, column)
    if price is None or column.usually is not None:
        return
    digits = minor_digits(given.model.currency)
    step = price_step(price.median, digits)
    usual = {_ending(ending * step, step, digits) for ending in price.endings}
    counted = given.rows(
        f'SELECT CAST("{column.name}" AS DOUBLE) AS price, count(*) FROM "{table.name}" GROUP BY price'
    )
    drawn = [(value, rows) for value, rows in counted if value is not None and round(value, digits) not in asked]
    rows = sum(rows for _, rows in drawn)
    if rows < FEWEST_PRICES:
        return
    standing = sum(rows for value, rows in drawn if _ending(value, step, digits) in usual)
    says = f"share of {column.name} on the usual endings, such as {price.endings[0] * step:g} of {step:g}"
    share = standing / rows
    yield _result(bounds[bars.ENDINGS.check], table, column.name, share, rows, says, _error_of_share(share, rows))


def _ending(value: float, step: float, digits: int) -> int:
    """What is left of a price above the last whole step, in the currency's smallest unit."""
    scale = 10**digits
    whole = round_half_away(np.array([value]), digits)[0]
    return round(whole * scale) % round(step * scale)


def _price_of(lineage: Lineage, table: Table, column: Column) -> tuple[Price | None, frozenset[float]]:
    """How a stored price is drawn, and the prices that the customer's own site asks for rows of the table."""
    if isinstance(column.generator, Price):
        return column.generator, frozenset()
    drawn = lineage.columns.get((table.name, f"{column.name}_drawn"))
    if drawn is None or not isinstance(drawn.generator, Price) or not isinstance(table.population, Records):
        return None, frozenset()
    known = [row.get(f"{column.name}_asked") for row in table.population.rows]
    return drawn.generator, frozenset(float(price) for price in known if isinstance(price, int | float))
