"""Checks that cases by another column name values that the column has; any other case would have no effect."""

from collections.abc import Iterator, Mapping

from provisioning_assets.data_model.case_numbers import numbers_by_case
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import (
    After,
    Before,
    Category,
    Flag,
    Number,
    Price,
    Reference,
    Renewal,
    Text,
)
from provisioning_assets.data_model.lineage import Lineage, Node
from provisioning_assets.data_model.populations import PerParent, StateSequence
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.row_counts import largest_number
from provisioning_assets.data_model.rules.checked_column import CheckedColumn, listed, table_place
from provisioning_assets.data_model.rules.renewals import earlier_parts
from provisioning_assets.data_model.tables import Table
from provisioning_assets.data_model.value_domains import text_of, values_of


def case_problems(sound: Lineage, checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a generator's cases.

    Args:
        sound: the sound part of the model, from which the values of columns are read.
        checked: the column; it may have other problems.
    """
    for deciding, by, field, cases in _cases(checked):
        if by is None and cases:
            yield Problem(
                checked.setting(deciding),
                f"There are cases for {listed(cases)}, but `{deciding}` does not say which column decides.",
                f"Name a column of {checked.table.name} in `{deciding}`.",
            )
        if by is not None:
            yield from _unknown_cases(sound, checked.setting(field), cases, checked.table.name, by)
    for field, number in numbers_by_case(checked.column.generator):
        yield from _unknown_cases(sound, checked.setting(field), number.cases, checked.table.name, number.by)
    usually = checked.column.usually
    for field, number in numbers_by_case(usually) if usually is not None else ():
        yield from _unknown_cases(sound, checked.place("usually", field), number.cases, checked.table.name, number.by)


def _cases(checked: CheckedColumn) -> Iterator[tuple[str, str | None, str, Mapping[str, object]]]:
    """Yield the field that names a deciding column, the column, the field with the cases, and the cases.

    The parts of a contract have the same cases: those of its first column are yielded.
    """
    match checked.column.generator:
        case Category(by=by, weights_by=cases):
            yield "by", by, "weights_by", cases
        case Flag(by=by, rate_by=cases):
            yield "by", by, "rate_by", cases
        case Reference(by=by, weight_by=cases):
            yield "by", by, "weight_by", cases
        case Number(by=by, a_by=cases):
            yield "by", by, "a_by", cases
        case Price(by=by, median_by=cases) | After(by=by, median_by=cases) | Before(by=by, median_by=cases):
            yield "by", by, "median_by", cases
        case Text(by=by, templates_by=cases):
            yield "by", by, "templates_by", cases
        case Renewal(by=by, every_months_by=terms, leave_case=leave_case, leave_by=leave, of=of) if not earlier_parts(
            checked.table, checked.column.name, of
        ):
            yield "by", by, "every_months_by", terms
            yield "leave_case", leave_case or by, "leave_by", leave
        case _:
            pass


def row_case_problems(sound: Lineage, table: Table) -> Iterator[Problem]:
    """Report problems of the cases of a table's rows and states, by a column of the parent; ``sound`` as for ``case_problems``."""
    population = table.population
    if not isinstance(population, PerParent):
        return
    for field, number in numbers_by_case(population):
        yield from _unknown_cases(
            sound, table_place(table.name, "rows", field), number.cases, population.parent, number.by
        )
    if population.by is not None:
        place = table_place(table.name, "rows", "count")
        yield from _unknown_cases(sound, place, population.count_by, population.parent, population.by)
    if population.count_of is not None and population.most is None:
        yield from _largest_problems(sound, table, (population.parent, population.count_of))
    if not isinstance(population.history, StateSequence):
        return
    by = population.history.by
    for name, state in population.history.states.items():
        for field, cases in (("median_by", state.median_by), ("next_by", state.next_by)):
            place = table_place(table.name, "rows", "states", name, field)
            if by is not None:
                yield from _unknown_cases(sound, place, cases, population.parent, by)


def _largest_problems(sound: Lineage, table: Table, node: Node) -> Iterator[Problem]:
    """Report a column with the number of children whose largest value is not known, so that keys cannot be planned."""
    column = sound.columns.get(node)
    if column is not None and column.generator.kind != "left_out" and largest_number(sound, *node) is None:
        yield Problem(
            table_place(table.name, "rows", "count"),
            f"How large {node[0]}.{node[1]} gets is not known, so the keys of {table.name} cannot be planned.",
            f"Give {node[1]} a `maximum`, or say with `most` how many rows one row of {node[0]} has at most.",
        )


def effect_value_problems(sound: Lineage, place: Place, effect: Effect) -> Iterator[Problem]:
    """Report an effect on referenced rows that do not exist; ``sound`` as for ``case_problems``."""
    column = sound.columns.get((effect.table, effect.column))
    if column is None or not isinstance(column.generator, Reference) or effect.value is None:
        return
    node = (column.generator.table, effect.value_column or "")
    values = values_of(sound, *node) if node in sound.columns else None
    if values is not None and text_of(effect.value) not in values:
        yield Problem(
            (*place, "value"),
            f"No row of {node[0]} has '{effect.value}' in {node[1]}.",
            suggestion(str(effect.value), sorted(values)),
        )


def _unknown_cases(sound: Lineage, place: Place, cases: Mapping[str, object], table: str, by: str) -> Iterator[Problem]:
    """Report cases that are never a value of ``by``. If ``by`` is not a column of ``table``, another rule reports that."""
    values = values_of(sound, table, by) if (table, by) in sound.columns else None
    for case in cases:
        if values is not None and case not in values:
            yield Problem(
                (*place, case), f"'{case}' is never a value of {table}.{by}.", suggestion(case, sorted(values))
            )
