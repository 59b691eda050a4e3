"""Values of one column for all rows of a block: one function for each kind of generator.

Each function takes (block, table, column) and returns a series as long as the table's rows in the block. Effects change a
generator's parameters before values are drawn.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from provisioning_assets.data_model.amounts import cents, price_step, round_half_away
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expressions import evaluate, holds
from provisioning_assets.data_model.generators import (
    Address,
    Category,
    Company,
    Expression,
    Flag,
    Lookup,
    NearRows,
    Number,
    Person,
    Price,
    Reference,
    RollUp,
    Text,
    Walk,
)
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.histories import state_names
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.data_model.lineage import generator_as, population_as
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.tables import Column
from provisioning_assets.data_model.working_types import WORKING_TYPES
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis import company_names, identities, renewals, time_values
from provisioning_assets.synthesis.block import Block, rounded
from provisioning_assets.synthesis.cases import bounds, case_numbers, number
from provisioning_assets.synthesis.clock import BEFORE_ALL, NEVER, months_of, seconds_of, series_of, with_nulls
from provisioning_assets.synthesis.draws import choose, distinct
from provisioning_assets.synthesis.effects import Mask, scaled, variants
from provisioning_assets.synthesis.grammar import Case, Grammar
from provisioning_assets.synthesis.habits import as_usual, usual_rows
from provisioning_assets.synthesis.histories import left_at
from provisioning_assets.synthesis.identities import degrees
from provisioning_assets.synthesis.numbering import key_of
from provisioning_assets.synthesis.parameters import by_case, planted
from provisioning_assets.synthesis.places import directions
from provisioning_assets.synthesis.pointers import chosen_versions, pointers_of, rows_so_far, versions_of
from provisioning_assets.synthesis.populations import first_key
from provisioning_assets.synthesis.references import Candidates, Choice, Nearness, popularity, with_effects
from provisioning_assets.synthesis.row_numbers import at_pointers, at_rows
from provisioning_assets.synthesis.spells import Spells, always, both

Values = Callable[[Block, str, Column], pl.Series]


def column_values(block: Block, table: str, column: Column) -> pl.Series:
    """The column's values in its type, including its share of nulls."""
    series = GENERATORS[column.generator.kind](block, table, column)
    if not _brings_typed_values(block, table, column):
        series = block.typed(series, column.type)
    if column.usually is not None and not isinstance(column.generator, Reference):  # a reference does it itself
        series = as_usual(block, table, column, column.usually, series)
    if column.null_share > 0:
        missing = block.random(table, column.name, "null").random(block.rows[table]) < column.null_share
        series = with_nulls(series, ~missing)
    return series.rename(column.name)


def _brings_typed_values(block: Block, table: str, column: Column) -> bool:
    """Whether the column is a look-up of a column with the same type, whose amounts are already rounded."""
    if not isinstance(column.generator, Lookup):
        return False
    source = column.generator.history or block.lineage.pointed_to(table, column.generator.through)
    return block.lineage.columns[source, column.generator.column].type == column.type


# --- keys and structure --------------------------------------------------------------------------------------------


def _sequence(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, KeySequence)
    places = np.arange(block.rows[table]) + first_key(block.lineage, table, block.number)
    keys = key_of(generator, pl.Series(places))
    return keys.cast(WORKING_TYPES[column.type]) if generator.prefix is None else keys


def _record(block: Block, table: str, column: Column) -> pl.Series:
    rows = population_as(block.lineage.tables[table], Records).rows[
        block.first_row : block.first_row + block.rows[table]
    ]
    values = [row.get(column.name) for row in rows]
    if column.type in ("DATE", "DATETIME", "STRING"):
        return pl.Series([None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(values, dtype=WORKING_TYPES[column.type], strict=True)


def _parent_key(block: Block, table: str, column: Column) -> pl.Series:
    parent = block.lineage.parent_of(table)
    block.pointers[table, column.name] = block.parents[table]
    key = block.columns[parent][block.lineage.key_column(parent)]
    return at_rows(key, block.parents[table])


def _position(block: Block, table: str, column: Column) -> pl.Series:
    return pl.Series(column.name, block.positions[table])


def _period_start(block: Block, table: str, column: Column) -> pl.Series:
    return series_of(block.periods[table], as_date=column.type == "DATE")


# --- histories -----------------------------------------------------------------------------------------------------


def _state(block: Block, table: str, column: Column) -> pl.Series:
    history = block.lineage.history_of(table)
    names = pl.Series(column.name, [] if history is None else state_names(history), dtype=pl.String)
    return at_rows(names, block.passed[table].states)


def _entered_at(block: Block, table: str, column: Column) -> pl.Series:
    return series_of(block.passed[table].entered, as_date=column.type == "DATE")


def _left_at(block: Block, table: str, column: Column) -> pl.Series:
    found = block.passed[table]
    left = left_at(found.parents, found.entered)
    return series_of(np.where(left == NEVER, 0, left), as_date=column.type == "DATE", valid=left != NEVER)


def _as_it_was(block: Block, table: str, generator: Lookup, history: str) -> pl.Series:
    """The value in the version that was valid at each row's moment."""
    parents = pointers_of(block, table, generator.through, block.lineage.parent_of(history))
    at = seconds_of(block.columns[table][generator.at or ""], missing=BEFORE_ALL)
    rows = versions_of(block, history).valid_at(parents, at)
    return at_pointers(rows_so_far(block, history)[generator.column], rows)


# --- references and look-ups ---------------------------------------------------------------------------------------


def _reference(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Reference)
    other = block.exported(generator.table)
    own = block.frame(table)
    rows = block.rows[table]
    at = None if generator.at is None else seconds_of(own[generator.at], missing=-(1 << 38))
    match = (
        own.select(pl.col(mine).alias(theirs) for mine, theirs in generator.match.items()) if generator.match else None
    )
    if generator.during:
        spells = _spells(block, table, column.name, generator, other)
        candidates = spells.candidates
        low, high = spells.stretches(np.zeros(rows, dtype=np.int64) if at is None else at, match)
    else:
        candidates = _candidates(block, table, column.name, generator, other)
        low, high = candidates.stretches(at if generator.since is not None else None, match, rows)
    effects = planted(block, table, column)
    codes = variants(effects, rows)
    if generator.by is not None:
        codes |= case_numbers(own[generator.by], list(generator.weight_by)) << len(effects)
    usually = column.usually
    choice = Choice(
        candidates=candidates,
        low=low,
        high=high,
        variants=codes,
        weights_of=with_effects(
            candidates.weights,
            [partial(_weight_factor, effect, other, candidates) for effect, _ in effects],
            partial(_weights_of_case, block, generator, other, candidates) if generator.by is not None else None,
        ),
        at=at,
        parents=block.parents[table] if generator.distinct_in_parent else None,
        near=None if generator.near is None else _nearness(own, other, candidates, generator.near),
        usual=None if usually is None else usual_rows(block, table, column, usually, generator, at),
    )
    chosen = choice.draw(block.random(table, column.name, "reference"))
    block.pointers[table, column.name] = chosen
    found = chosen >= 0
    if not generator.optional and not found.all():
        raise ProvisioningError(
            f"For {int((~found).sum())} rows of {table}, {column.name} has no row of {generator.table} to refer to: "
            "at that time none exists yet, none is in the required state, none matches, or other rows of the same parent "
            "already refer to all of them.",
            f"Give {generator.table} more rows or its arrival a share before_history, make match or during less strict, drop "
            f"distinct_in_parent, or make {table}.{column.name} optional.",
        )
    return at_pointers(other[block.lineage.key_column(generator.table)], chosen)


def _nearness(own: pl.DataFrame, other: pl.DataFrame, candidates: Candidates, near: NearRows) -> Nearness:
    mine = directions(degrees(own[near.latitude]), degrees(own[near.longitude]))
    theirs = directions(degrees(other[near.their_latitude]), degrees(other[near.their_longitude]))
    return Nearness(mine, theirs[:, candidates.rows], near.within_km)


def _weight_factor(effect: Effect, other: pl.DataFrame, candidates: Candidates) -> Floats:
    """The factor by which an effect multiplies the weight of each candidate."""
    concerned: Mask = np.ones(other.height, dtype=np.bool_)
    if effect.value_column is not None:
        concerned &= (other[effect.value_column] == effect.value).fill_null(False).to_numpy()
    if effect.referenced is not None:
        concerned &= holds(effect.referenced, other).to_numpy()
    return np.where(concerned[candidates.rows], effect.factor, 1.0)


def _candidates(block: Block, table: str, column: str, generator: Reference, other: pl.DataFrame) -> Candidates:
    if (table, column) not in block.kept.candidates:
        block.kept.candidates[table, column] = Candidates.ordered(
            _weights(block, generator, other, generator.weight),
            since=None if generator.since is None else seconds_of(other[generator.since], missing=NEVER),
            until=None if generator.until is None else seconds_of(other[generator.until], missing=NEVER),
            match=other.select(generator.match.values()) if generator.match else None,
        )
    return block.kept.candidates[table, column]


def _weights(block: Block, generator: Reference, other: pl.DataFrame, column: str | None) -> Floats:
    """Weight of each row that can be referenced, before any effect; ``column`` multiplies it."""
    weights = popularity(block.seed, generator.table, other.height, generator.skew)
    if column is not None:
        further = other[column].cast(pl.Float64).fill_null(0.0).to_numpy()
        weights = weights * np.maximum(further, 0.0)
    return weights


def _weights_of_case(
    block: Block, generator: Reference, other: pl.DataFrame, candidates: Candidates, case: int
) -> Floats:
    """Weight of each candidate before any effect, for the rows of one case of ``weight_by``, or of no case."""
    columns = list(generator.weight_by.values())
    if case >= len(columns):
        return candidates.weights
    return _weights(block, generator, other, columns[case])[candidates.rows]


def _spells(block: Block, table: str, column: str, generator: Reference, other: pl.DataFrame) -> Spells:
    """The times in which rows can be referenced, if they must be in a certain state."""
    if (table, column) not in block.kept.spells:
        since = None if generator.since is None else seconds_of(other[generator.since], missing=NEVER)
        until = None if generator.until is None else seconds_of(other[generator.until], missing=NEVER)
        times = always(other.height, since, until)
        for history, states in generator.during.items():
            times = both(times, versions_of(block, history).times(chosen_versions(block, history, states)))
        match = other.select(generator.match.values()) if generator.match else None
        block.kept.spells[table, column] = Spells.of(times, _weights(block, generator, other, generator.weight), match)
    return block.kept.spells[table, column]


def _lookup(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Lookup)
    if generator.history is not None:
        return _as_it_was(block, table, generator, generator.history)
    other = block.lineage.pointed_to(table, generator.through)
    source = (
        block.columns[other][generator.column] if other in block.columns else block.exported(other)[generator.column]
    )
    return at_pointers(source, pointers_of(block, table, generator.through, other))


def _rollup(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, RollUp)
    parents = block.parents[generator.table]
    chosen: Mask = np.ones(len(parents), dtype=np.bool_)
    frame = block.frame(generator.table)
    if generator.where is not None:
        chosen &= holds(generator.where, frame).to_numpy()
    rows = block.rows[table]
    if generator.column is None:
        return pl.Series(np.bincount(parents[chosen], minlength=rows).astype(np.int64))
    child = frame[generator.column]
    if generator.function in ("first", "last"):
        numbers = np.flatnonzero(chosen)
        ends = np.full(rows, -1, dtype=np.int64)
        ends[parents[numbers][::-1]] = numbers[::-1]  # for equal indices the last assignment remains: the first child
        if generator.function == "last":
            ends[parents[numbers]] = numbers
        return at_pointers(child, ends)
    chosen &= child.is_not_null().to_numpy()
    parents = parents[chosen]
    counts = np.bincount(parents, minlength=rows)
    if generator.function == "count":
        return pl.Series(counts.astype(np.int64))
    values = (
        child.filter(pl.Series(chosen))
        .to_physical()
        .cast(pl.Float64 if child.dtype.is_float() else pl.Int64)
        .to_numpy()
    )
    if generator.function in ("min", "max"):
        return _extremes(generator.function, values, counts, child.dtype)
    is_money = block.lineage.columns[generator.table, generator.column].type == "NUMERIC"
    weights = cents(values).astype(np.float64) if is_money else values.astype(np.float64)
    sums = np.bincount(parents, weights=weights, minlength=rows) / (100.0 if is_money else 1.0)
    if generator.function == "sum":
        return pl.Series(sums)
    return with_nulls(pl.Series(sums / np.maximum(counts, 1)), counts > 0)


def _extremes(function: str, values: np.ndarray, counts: Integers, kind: pl.DataType) -> pl.Series:
    """Minimum or maximum of each parent's values; children are in the order of their parents."""
    full = counts > 0
    result = np.zeros(len(counts), dtype=values.dtype)
    if len(values):
        starts = np.concatenate([[0], np.cumsum(counts[full])[:-1]])
        result[full] = (np.minimum if function == "min" else np.maximum).reduceat(values, starts)
    series = pl.Series(result)
    if kind.is_temporal():
        series = series.cast(pl.Int32).cast(pl.Date) if kind == pl.Date else series.cast(pl.Datetime("us"))
    return with_nulls(series, full)


# --- drawn values --------------------------------------------------------------------------------------------------


def _category(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Category)
    uniforms = block.random(table, column.name).random(block.rows[table])
    effects = planted(block, table, column)
    if not effects and (generator.by is None or not generator.weights_by):
        chosen = choose(np.cumsum(generator.weights, dtype=np.float64), uniforms)
    else:
        chosen = _chosen_by_case(block, table, generator, effects, uniforms)
    kind = pl.String if column.type == "STRING" else WORKING_TYPES[column.type]
    values = [str(value) for value in generator.values] if column.type == "STRING" else generator.values
    return at_rows(pl.Series(values, dtype=kind), chosen)


def _chosen_by_case(
    block: Block, table: str, generator: Category, effects: list[tuple[Effect, Mask]], uniforms: Floats
) -> Integers:
    """Index of each row's value, if the weights depend on another column's value or on planted effects."""
    codes = variants(effects, block.rows[table])
    names = list(generator.weights_by) if generator.by is not None else []
    groups = np.full(block.rows[table], len(names), dtype=np.int64)
    if generator.by is not None and names:
        groups = case_numbers(block.columns[table][generator.by], names)
    all_weights = np.array([*(generator.weights_by[name] for name in names), generator.weights], dtype=np.float64)
    chosen = np.zeros(len(uniforms), dtype=np.int64)
    combined = (codes * (len(names) + 1) + groups).astype(np.int64)
    combinations = distinct(combined)
    for combination in combinations:
        code, group = divmod(int(combination), len(names) + 1)
        weights = all_weights[group].copy()
        for bit, (effect, _) in enumerate(effects):
            if code >> bit & 1:
                weights[[_same(value, effect.value) for value in generator.values]] *= effect.factor
        mine = slice(None) if len(combinations) == 1 else np.flatnonzero(combined == combination)
        chosen[mine] = choose(np.cumsum(weights), uniforms[mine])
    return chosen


def _same(one: Any, other: Any) -> bool:
    return one == other or str(one) == str(other)


def _flag(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Flag)
    rates = scaled(
        by_case(block, table, generator.by, generator.rate_by, generator.rate), planted(block, table, column)
    )
    return pl.Series(block.random(table, column.name).random(block.rows[table]) < rates)


def _number(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Number)
    rows = block.rows[table]
    factors = scaled(np.ones(rows), planted(block, table, column))
    if generator.times is not None:
        times = evaluate(generator.times, block.frame(table)).cast(pl.Float64)
        known = times.is_not_null().to_numpy()
        factors = factors * times.fill_null(1.0).to_numpy()
    else:
        known = np.ones(rows, dtype=np.bool_)
    location = generator.a
    if generator.by is not None and generator.a_by:
        location = by_case(block, table, generator.by, generator.a_by, generator.a)
    values = _drawn(block, table, column, generator, location, factors)
    if generator.minimum is not None or generator.maximum is not None:
        values = np.clip(values, *bounds(block.columns[table], generator.minimum, generator.maximum))
    decimals = _decimals(block, column, generator.decimals)
    return with_nulls(pl.Series(round_half_away(values, decimals)), known)


def _decimals(block: Block, column: Column, given: int | None) -> int:
    return given if given is not None else {"NUMERIC": block.money_digits(), "INT64": 0}.get(column.type, 2)


def _drawn(
    block: Block, table: str, column: Column, generator: Number, location: Floats | float, factors: Floats
) -> Floats:
    """Draws from the distribution with ``location`` as its parameter ``a``; location or mean is multiplied by ``factors``."""
    rows, random, b = len(factors), block.random(table, column.name), number(block.columns[table], generator.b)
    match generator.distribution:
        case "lognormal":
            return np.exp(np.log(location) + b * _normal_scores(block, table, column)) * factors
        case "normal":
            return (location + b * _normal_scores(block, table, column)) * factors
        case "uniform":
            return (location + (b - location) * random.random(rows)) * factors
        case "poisson":
            return random.poisson(np.maximum(location * factors, 0.0)).astype(np.float64)
        case "gamma":
            return random.standard_gamma(b, rows) / b * location * factors


def _normal_scores(block: Block, table: str, column: Column) -> Floats:
    """The standard normal draw behind each number of a column; with a correlation, it includes the other column's draw.

    The other column's draw is repeated from its key, so neither its value nor the effects on it are needed.
    """
    own = block.random(table, column.name).standard_normal(block.rows[table])
    correlation = generator_as(column, Number).correlation
    if correlation is None:
        return own
    others = _normal_scores(block, table, block.lineage.columns[table, correlation.column])
    return correlation.rho * others + np.sqrt(1.0 - correlation.rho**2) * own


def _walk(block: Block, table: str, column: Column) -> pl.Series:
    """Values that start at the row with ``base`` and continue from neighbour to neighbour, for all parents at once."""
    generator = generator_as(column, Walk)
    decimals = _decimals(block, column, generator.decimals)
    base = block.columns[table][generator.base].cast(pl.Float64)
    known, began = base.is_not_null().to_numpy(), base.fill_null(0.0).to_numpy()
    values = _remembered(block, table, column, began) if generator.has_memory else _stepped(block, table, column, began)
    effects = planted(block, table, column)
    if effects:
        values = scaled(values, effects)
    return with_nulls(pl.Series(round_half_away(values, decimals)), known)


def _stepped(block: Block, table: str, column: Column, base: Floats) -> Floats:
    """A walk in which two successive rows always differ."""
    generator = generator_as(column, Walk)
    decimals = _decimals(block, column, generator.decimals)
    values = round_half_away(base, decimals)
    normals = block.normals(table, column.name, "change")
    growth, sigma = (number(block.columns[table], given) for given in (generator.growth, generator.sigma))
    changes = (1.0 + growth) * np.exp(sigma * normals)
    smallest, back = 10.0**-decimals, generator.anchor == "last"
    for mine in _steps_from_anchor(block, table, back=back)[1:]:
        neighbours = values[mine + 1] if back else values[mine - 1]
        moved = neighbours / changes[mine + 1] if back else neighbours * changes[mine]
        moved = round_half_away(moved, decimals)
        values[mine] = np.where(moved == neighbours, neighbours + smallest, moved)
    return values


def _remembered(block: Block, table: str, column: Column, base: Floats) -> Floats:
    """A walk with a memory: a level that returns to its path (an autoregression of its logarithm), and values around it."""
    generator = generator_as(column, Walk)
    columns, rows, back = block.columns[table], block.rows[table], generator.anchor == "last"
    growth, sigma, pull, noise = (
        np.broadcast_to(number(columns, given), rows)
        for given in (generator.growth, generator.sigma, generator.pull, generator.noise)
    )
    shocks = sigma * block.normals(table, column.name, "change")
    departed, steps = np.zeros(rows), np.zeros(rows)
    for step, mine in enumerate(_steps_from_anchor(block, table, back=back)):
        steps[mine] = -step if back else step
        if step > 0:
            departed[mine] = (1.0 - pull[mine]) * departed[mine + 1 if back else mine - 1] + shocks[mine]
    values = base * (1.0 + growth) ** steps * np.exp(departed + noise * block.normals(table, column.name, "noise"))
    if generator.months is not None:
        factors = np.asarray(generator.months) / np.mean(generator.months)
        at = seconds_of(columns[generator.at or ""], missing=BEFORE_ALL)
        known = at != BEFORE_ALL
        values *= np.where(known, factors[months_of(np.where(known, at, 0)) % 12], 1.0)
    return values


def _steps_from_anchor(block: Block, table: str, *, back: bool) -> list[Integers]:
    """The rows that are 0, 1, 2 ... steps away from the first row of their parent; with ``back``, from the last one."""
    places = block.positions[table] - 1
    if back:
        places = np.bincount(block.parents[table], minlength=1)[block.parents[table]] - places - 1
    order = np.argsort(places, kind="stable")
    return np.split(order, np.cumsum(np.bincount(places))[:-1]) if len(places) else [order]


def _price(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Price)
    medians = scaled(
        by_case(block, table, generator.by, generator.median_by, generator.median), planted(block, table, column)
    )
    sigma = number(block.columns[table], generator.sigma)
    drawn = np.exp(np.log(medians) + sigma * block.normals(table, column.name, "price"))
    drawn = np.clip(drawn, generator.minimum, generator.maximum)
    # Weights by rank: the first ending is the most common (1, 1/2, 1/3 ...).
    weights = np.cumsum(1.0 / np.arange(1, len(generator.endings) + 1))
    endings = np.asarray(generator.endings)[choose(weights, block.uniforms(table, column.name, "ending"))]
    step = price_step(generator.median, block.money_digits())
    priced = round_half_away((np.floor(drawn / step) + endings) * step, block.money_digits())
    priced = np.where(priced > generator.maximum, priced - step, priced)
    priced = np.where(priced < generator.minimum, priced + step, priced)
    return pl.Series(np.where(priced > generator.maximum, drawn, priced))


# --- the rest ------------------------------------------------------------------------------------------------------


def _expression(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Expression)
    series = evaluate(generator.sql, block.frame(table))
    if generator.decimals is None or (column.type == "NUMERIC" and generator.decimals >= block.money_digits()):
        return series  # amounts are rounded anyway
    return rounded(series, generator.decimals)


def _text(block: Block, table: str, column: Column) -> pl.Series:
    generator = generator_as(column, Text)
    columns = block.columns[table]
    rows = np.arange(block.rows[table])
    cases = [Case("", generator.templates, rows)]
    if generator.by is not None and generator.templates_by:
        names = list(generator.templates_by)
        keys = columns[generator.by].cast(pl.String)
        case = keys.replace_strict(names, list(range(len(names))), default=-1, return_dtype=pl.Int64).to_numpy()
        cases = [
            Case(str(number), templates, np.flatnonzero(case == number))
            for number, templates in [(-1, generator.templates), *enumerate(generator.templates_by.values())]
        ]
    return block.kept.grammars.setdefault((table, column.name), Grammar(generator.parts)).written(
        cases,
        columns,
        rows + block.first_row_of(table),
        lambda purpose, count: block.random(table, column.name, purpose).random(count),
        lambda purpose: block.common_draw(table, column.name, purpose),
    )


def _person(block: Block, table: str, column: Column) -> pl.Series:
    return identities.person(block, table, generator_as(column, Person))


def _company(block: Block, table: str, column: Column) -> pl.Series:
    return company_names.company(block, table, column.name, trade=generator_as(column, Company).trade)


def _address(block: Block, table: str, column: Column) -> pl.Series:
    return identities.address(block, table, generator_as(column, Address))


GENERATORS: dict[str, Values] = {
    "sequence": _sequence,
    "record": _record,
    "parent_key": _parent_key,
    "position": _position,
    "period_start": _period_start,
    "state": _state,
    "entered_at": _entered_at,
    "left_at": _left_at,
    "reference": _reference,
    "lookup": _lookup,
    "category": _category,
    "flag": _flag,
    "number": _number,
    "walk": _walk,
    "price": _price,
    "person": _person,
    "company": _company,
    "address": _address,
    "text": _text,
    "arrival": time_values.arrival,
    "after": time_values.after,
    "before": time_values.before,
    "moment": time_values.moment,
    "first_of": time_values.first_of,
    "renewal": renewals.renewal,
    "expression": _expression,
    "rollup": _rollup,
}
"""Kind of generator -> the function that executes it."""
