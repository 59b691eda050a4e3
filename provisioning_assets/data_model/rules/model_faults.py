"""Every rule about a data model, by subject."""

from collections.abc import Iterator

import polars as pl

from provisioning_assets.data_model.expressions import ExpressionError, evaluate
from provisioning_assets.data_model.generators import (
    Expression,
    Lookup,
    Number,
    RollUp,
)
from provisioning_assets.data_model.lineage import CycleError, Lineage, circle_text, generator_as, population_as
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.populations import (
    PerParent,
    PerPeriod,
    Records,
    Scaled,
)
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.candidate_faults import candidate_faults
from provisioning_assets.data_model.rules.case_faults import case_faults, state_case_faults
from provisioning_assets.data_model.rules.column_faults import column_faults
from provisioning_assets.data_model.rules.construct_problems import construct_problems
from provisioning_assets.data_model.rules.effect_faults import effect_faults, effect_value_faults
from provisioning_assets.data_model.rules.faults import (
    NUMBERS,
    TIMES,
    ModelFault,
    expression_faults,
    listed,
    weights_fit,
)
from provisioning_assets.data_model.rules.history_faults import history_faults
from provisioning_assets.data_model.rules.source_problems import source_problems
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.data_model.working_types import WORKING_TYPES, empty_frame

BANNED_PREFIXES = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_")
"""Column names BigQuery refuses, in any case. Source: BigQuery, "Specifying a schema", column names."""


def model_faults(model: DataModel) -> list[ModelFault]:
    """Every fault of a model; empty when it can be generated."""
    faults = [*_name_faults(model)]
    unfit = [_fault(problem) for problem in source_problems(model)]
    if unfit:
        return faults + unfit
    model = by_source(model)
    lineage = Lineage(model)
    for table in model.tables:
        faults += _table_faults(lineage, table)
    if faults:
        return faults
    for table in model.tables:
        for column in table.columns:
            faults += column_faults(lineage, table, column)
    for effect in model.effects:
        faults += effect_faults(lineage, effect)
    faults += [_fault(problem) for problem in construct_problems(lineage)]
    if not faults:
        faults += _cycle_faults(lineage)
    if not faults:
        for table in model.tables:
            faults += state_case_faults(lineage, table)
            for column in table.columns:
                faults += case_faults(lineage, table, column)
                faults += candidate_faults(lineage, table, column)
        for effect in model.effects:
            faults += effect_value_faults(lineage, effect)
    if not faults:
        faults += _type_faults(lineage)
    return faults


def _fault(problem: Problem) -> ModelFault:
    """A problem of a table or of a column, as a fault; what lies deeper in its place goes into the words."""
    _, table, *rest = (str(part) for part in problem.place)
    column = rest[1] if len(rest) > 1 else None
    field = ".".join(rest[2:])
    return ModelFault(table, column, f"{field}: {problem.message}" if field else problem.message, problem.remedy)


def _name_faults(model: DataModel) -> Iterator[ModelFault]:
    seen: set[str] = set()
    for table in model.tables:
        if table.name.lower() in seen:
            yield ModelFault(table.name, None, "there are two tables of this name.", "Rename one.")
        seen.add(table.name.lower())
        columns: set[str] = set()
        for column in table.columns:
            if column.name.lower() in columns:
                yield ModelFault(
                    table.name,
                    column.name,
                    "the table has two columns of this name (case does not count).",
                    "Rename one.",
                )
            columns.add(column.name.lower())
            if column.name.lower().startswith(BANNED_PREFIXES):
                yield ModelFault(table.name, column.name, "BigQuery refuses this prefix.", "Rename the column.")


def _table_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    names = {column.name for column in table.columns}
    population = table.population
    for name in table.primary_key:
        if name not in names:
            yield ModelFault(table.name, name, "the primary key is no column.", f"Name one of: {listed(names)}.")
        elif lineage.columns[table.name, name].null_share or lineage.columns[table.name, name].internal:
            yield ModelFault(
                table.name, name, "a primary key is stored and never null.", "Drop null_share and internal."
            )
    if all(column.internal for column in table.columns):
        yield ModelFault(table.name, None, "no column is stored.", "Drop `internal` from at least one.")
    for label, name in (("event_time", table.event_time), ("amount", table.amount), ("entity", table.entity)):
        if name is not None and name not in names:
            yield ModelFault(table.name, name, f"its {label} is no column.", f"Name one of: {listed(names)}.")
    if isinstance(population, Records) and not population.rows:
        yield ModelFault(table.name, None, "its records have no rows.", "Write at least one row.")
    if isinstance(population, Records):
        for name in sorted({name for row in population.rows for name in row} - names):
            yield ModelFault(
                table.name,
                name,
                "its records have a value for it, and it is no column.",
                f"Name one of: {listed(names)}.",
            )
    if isinstance(population, Scaled) and population.maximum is not None and population.maximum < population.minimum:
        yield ModelFault(
            table.name,
            None,
            f"its rows are at least {population.minimum} and at most {population.maximum}.",
            "Exchange them.",
        )
    if isinstance(population, PerParent | PerPeriod):
        if population.parent not in lineage.tables:
            yield ModelFault(
                table.name,
                None,
                f"its parent '{population.parent}' is no table.",
                f"Name one of: {listed(lineage.tables)}.",
            )
            return
        try:
            lineage.ancestors(table.name)
        except CycleError as circle:
            yield ModelFault(table.name, None, f"it descends from itself ({circle}).", "Make one of them a root table.")
            return
        yield from _parent_faults(lineage, table)
    for key in table.foreign_keys:
        target = lineage.tables.get(key.references_table)
        if target is None:
            yield ModelFault(
                table.name,
                key.columns[0] if key.columns else None,
                f"it references '{key.references_table}', which is no table.",
                f"Name one of: {listed(lineage.tables)}.",
            )
            continue
        theirs = {column.name for column in target.columns}
        if not key.columns or len(key.columns) != len(key.references_columns):
            yield ModelFault(
                table.name,
                None,
                f"its foreign key to {target.name} has {len(key.columns)} columns for {len(key.references_columns)}.",
                "Give one for each.",
            )
        for own, their in zip(key.columns, key.references_columns, strict=False):
            if own not in names or their not in theirs:
                yield ModelFault(
                    table.name,
                    own,
                    f"its foreign key to {target.name}.{their} names a column that is not there.",
                    "Mend the name.",
                )
            elif lineage.columns[table.name, own].internal or lineage.columns[target.name, their].internal:
                yield ModelFault(
                    table.name,
                    own,
                    f"its foreign key to {target.name}.{their} is internal, and what is not stored refers to nothing.",
                    "Store it, or look the values up one after the other: first in the table between, then from there.",
                )


def _parent_faults(lineage: Lineage, table: Table) -> Iterator[ModelFault]:
    population = table.population
    parent = lineage.tables[lineage.parent_of(table.name)]
    theirs = {column.name: column for column in parent.columns}
    if isinstance(population, PerPeriod):
        for name in (population.start, population.end):
            if name is not None and (name not in theirs or theirs[name].type not in TIMES):
                yield ModelFault(
                    table.name,
                    None,
                    f"'{name}' is no DATE or DATETIME column of {parent.name}.",
                    f"Name one of: {listed(theirs)}.",
                )
        return
    population = population_as(table, PerParent)
    yield from history_faults(lineage, table)
    weights = population.count.weights
    if not weights_fit(weights):
        yield ModelFault(
            table.name, None, "its child counts have no usable weights.", "Give weights of which one is above 0."
        )
    if population.count.first + len(weights) - 1 < 1:
        yield ModelFault(
            table.name, None, "no parent could have a child.", "Let the counts begin at 1 or go on above 0."
        )
    if population.where is not None:
        yield from expression_faults(table.name, None, "where", population.where, parent)


def _cycle_faults(lineage: Lineage) -> Iterator[ModelFault]:
    try:
        order = lineage.family_order
    except CycleError as circle:
        yield ModelFault(
            circle.path[0], None, f"tables refer to each other: {circle_text(circle.path)}.", "Drop one reference."
        )
        return
    for root in order:
        try:
            lineage.column_order(root)
        except CycleError as circle:
            table, _, column = circle.path[0].partition(".")
            yield ModelFault(
                table,
                column,
                f"columns wait for each other: {circle_text(circle.path)}.",
                "Let one of them not depend on the next.",
            )


def _type_faults(lineage: Lineage) -> Iterator[ModelFault]:
    """Evaluate every expression on a table without rows: polars knows the types."""
    for table in lineage.model.tables:
        for column in table.columns:
            generator = column.generator
            if isinstance(generator, Expression):
                yield from _result_faults(lineage, table.name, column.name, generator.sql, table.name, column.type)
            where = getattr(generator, "where", None)
            if where is not None:
                over = generator.table if isinstance(generator, RollUp) else table.name
                yield from _result_faults(lineage, table.name, column.name, where, over, "BOOL")
            if isinstance(generator, Number) and generator.times is not None:
                yield from _result_faults(lineage, table.name, column.name, generator.times, table.name, "FLOAT64")
            if isinstance(generator, Lookup):
                yield from _looked_up_faults(lineage, table, column)
        if isinstance(table.population, PerParent) and table.population.where is not None:
            yield from _result_faults(
                lineage, table.name, None, table.population.where, table.population.parent, "BOOL"
            )
    for effect in lineage.model.effects:
        if effect.where is not None:
            over = lineage.condition_table(effect)
            yield from _result_faults(lineage, effect.table, effect.column, effect.where, over, "BOOL")


def _result_faults(
    lineage: Lineage, table: str, column: str | None, sql: str, over: str, kind: GoogleSqlType
) -> Iterator[ModelFault]:
    try:
        result = evaluate(sql, empty_frame(lineage, over)).dtype
    except ExpressionError as error:
        yield ModelFault(table, column, f"`{sql}` cannot be evaluated: {error}.", "Mend its types; cast where needed.")
        return
    wanted = WORKING_TYPES[kind]
    fits = (
        result == wanted
        or result == pl.Null
        or (result.is_numeric() and wanted.is_numeric())
        or (result.is_temporal() and wanted.is_temporal())
        or (wanted == pl.String and result.is_integer())
    )
    if not fits:
        yield ModelFault(
            table, column, f"`{sql}` gives {result}, where {kind} is needed.", "Change the expression or the type."
        )


def _looked_up_faults(lineage: Lineage, table: Table, column: Column) -> Iterator[ModelFault]:
    generator = generator_as(column, Lookup)
    other = generator.history or lineage.pointed_to(table.name, generator.through)
    source = lineage.columns[other, generator.column]
    numbers = source.type in NUMBERS and column.type in NUMBERS
    times = source.type in TIMES and column.type in TIMES
    if source.type != column.type and not numbers and not times:
        yield ModelFault(
            table.name,
            column.name,
            f"it is {column.type}, but {other}.{source.name} is {source.type}.",
            "Make both types the same.",
        )
