"""Rules about renewals: contracts can be renewed as written, and the columns of one contract have the same settings."""

from collections.abc import Iterator

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Renewal
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.column_names import (
    case_problems,
    column_place,
    own_column_problems,
    type_problems,
)
from provisioning_assets.data_model.tables import Column, Table


def renewal_problems(lineage: Lineage, table: Table, column: Column) -> Iterator[Problem]:
    """Report problems of one part of a contract. Problems of the common settings are reported for the first part only."""
    generator = column.generator
    if not isinstance(generator, Renewal):
        return
    place = column_place(table.name, column.name)
    yield from type_problems(table, column, ("INT64",) if generator.part == "count" else ("DATE",))
    if generator.part == "ended" and column.null_share > 0:
        yield Problem((*place, "null_share"), "The other parts follow from when it ended.", "Drop null_share.")
    parts = _parts(table, generator.of)
    earlier = parts[: [name for name, _ in parts].index(column.name)]
    if not earlier:
        yield from _term_problems(lineage, table, column, generator)
    for name, other in earlier:
        if other.part == generator.part == "ended":
            yield Problem(
                (*place, "part"), f"{name} already says when the contract ended.", "Give one of them another `of`."
            )
    if earlier and earlier[0][1].model_copy(update={"part": generator.part}) != generator:
        yield Problem(
            (*place, "of"),
            f"It is of the same contract as {earlier[0][0]}, but not renewed alike.",
            "Write the same settings for both, or give one of them another `of`.",
        )


def _parts(table: Table, of: str) -> list[tuple[str, Renewal]]:
    """Return the columns of one contract, in the order of the table."""
    return [
        (column.name, column.generator)
        for column in table.columns
        if isinstance(column.generator, Renewal) and column.generator.of == of
    ]


def _term_problems(lineage: Lineage, table: Table, column: Column, generator: Renewal) -> Iterator[Problem]:
    """Report problems of the terms of a contract and of the probability of leaving."""
    place = column_place(table.name, column.name)
    yield from own_column_problems(table, column, "start", generator.start, ("DATE", "DATETIME"))
    yield from own_column_problems(table, column, "by", generator.by)
    yield from own_column_problems(table, column, "leave_case", generator.leave_case)
    yield from case_problems(lineage, table, column, "every_months_by", generator.by, generator.every_months_by)
    yield from case_problems(
        lineage, table, column, "leave_by", generator.leave_case or generator.by, generator.leave_by, "leave_case"
    )
    if generator.every_months is None and not any(generator.every_months_by.values()):
        yield Problem((*place, "every_months"), "No contract is ever renewed.", "Say after how many months.")
    if not all(0 <= leave <= 1 for leave in generator.leave_by.values()):
        yield Problem((*place, "leave_by"), "A probability is not from 0 to 1.", "Give probabilities from 0 to 1.")
    may_end = generator.leave > 0 or any(leave > 0 for leave in generator.leave_by.values())
    if may_end and lineage.renewal_end(table.name, generator.of) is None:
        yield Problem(
            place,
            "The contract may end, and no column says when.",
            "Add a column with the part `ended`, internal if it need not be stored.",
        )


def renewal_effect_problems(lineage: Lineage, effect: Effect) -> Iterator[Problem]:
    """Report problems of an effect on a contract, which changes the probability of leaving."""
    column = lineage.columns.get((effect.table, effect.column))
    if column is None or not isinstance(column.generator, Renewal):
        return
    place, generator = column_place(effect.table, effect.column), column.generator
    if generator.part != "ended":
        yield Problem(
            place,
            f"The effect of '{effect.insight_id}' changes the part `{generator.part}`, which only follows from the others.",
            f"Change {lineage.renewal_end(effect.table, generator.of) or 'a column with the part `ended`'} instead.",
        )
        return
    if effect.time is not None:
        yield Problem(
            (*place, "time"),
            f"The window of '{effect.insight_id}' is measured on the day of each renewal, not on {effect.time}.",
            "Drop `time`.",
        )
    leave = [rate for rate in (generator.leave, *generator.leave_by.values()) if rate > 0]
    # a condition may exclude the rows with the higher probabilities
    highest = max(leave, default=0.0) if effect.where is None else min(leave, default=0.0)
    if highest * effect.factor > 1:
        yield Problem(
            place,
            f"{effect.factor} times the probability {highest} of leaving is above 1.",
            f"Give a factor up to {1 / highest:.2f}.",
        )
