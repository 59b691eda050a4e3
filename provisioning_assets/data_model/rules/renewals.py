"""Rules about renewals: contracts can be renewed as written, and the columns of one contract have the same settings."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.generators import Renewal
from provisioning_assets.data_model.lineage import Lineage, generator_as
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.rules.checked_column import TIMES, CheckedColumn, column_problems
from provisioning_assets.data_model.tables import Table

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "ended": "the day on which a contract ended",
        "due": "the day of the latest renewal",
        "next": "the day of the next renewal",
        "count": "the number of renewals",
    }
)
"""Part of a contract -> description of the values in a column that holds this part."""


def renewal_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of one part of a contract. Problems of the common settings are reported for the first part only."""
    generator, column = generator_as(checked.column, Renewal), checked.column
    accepted = "INT64" if generator.part == "count" else "DATE"
    if column.type != accepted:
        yield Problem(
            checked.place("type"),
            f"A column with {PARTS[generator.part]} cannot be {column.type}.",
            f"Make it {accepted}.",
        )
    if generator.part == "ended" and column.null_share > 0:
        yield Problem(
            checked.place("null_share"),
            "Other columns of the contract follow from the day on which it ended, so none of these days can be missing.",
            "Drop null_share.",
        )
    earlier = earlier_parts(checked.table, column.name, generator.of)
    if not earlier:
        yield from _term_problems(checked, generator)
    for name, other in earlier:
        if other.part == generator.part == "ended":
            yield Problem(
                checked.setting("part"),
                f"{name} already says when the contract ended.",
                "Give one of them another `of`.",
            )
    if earlier and earlier[0][1].model_copy(update={"part": generator.part}) != generator:
        yield Problem(
            checked.setting("of"),
            f"It belongs to the same contract as {earlier[0][0]}, but its other settings differ.",
            "Write the same settings for both, or give one of them another `of`.",
        )


def earlier_parts(table: Table, column: str, of: str) -> list[tuple[str, Renewal]]:
    """Return the columns of the contract ``of`` that are before ``column`` in the table, with their generators."""
    before = takewhile(lambda other: other.name != column, table.columns)
    return [
        (other.name, other.generator)
        for other in before
        if isinstance(other.generator, Renewal) and other.generator.of == of
    ]


def _term_problems(checked: CheckedColumn, generator: Renewal) -> Iterator[Problem]:
    """Report problems of the terms of a contract and of the probability of leaving."""
    yield from column_problems(checked.setting("start"), generator.start, checked.others, checked.whose, TIMES)
    yield from column_problems(checked.setting("by"), generator.by, checked.others, checked.whose)
    yield from column_problems(checked.setting("leave_case"), generator.leave_case, checked.others, checked.whose)
    if generator.every_months is None and not any(generator.every_months_by.values()):
        yield Problem(
            checked.setting("every_months"),
            "No contract is ever renewed, because no term has a length.",
            "Give the months of a term.",
        )
    for case, leave in generator.leave_by.items():
        if not 0 <= leave <= 1:
            yield Problem(
                checked.setting("leave_by", case),
                f"The probability {leave} is not from 0 to 1.",
                "Give a number from 0 to 1.",
            )
    may_end = generator.leave > 0 or any(leave > 0 for leave in generator.leave_by.values())
    if may_end and checked.lineage.renewal_end(checked.table.name, generator.of) is None:
        yield Problem(
            checked.setting(),
            "The contract may end, but no column has the day on which it ended.",
            "Add a column with that day (the part `ended`); it need not be stored.",
        )


def renewal_effect_problems(lineage: Lineage, place: Place, effect: Effect, generator: Renewal) -> Iterator[Problem]:
    """Report problems of the effect at ``place`` on a contract, which changes the probability of leaving."""
    if generator.part != "ended":
        yield Problem(
            (*place, "column"),
            f"{effect.column} has {PARTS[generator.part]}, which follows from other columns of the contract.",
            f"Change {lineage.renewal_end(effect.table, generator.of) or 'a column with the day on which it ended'} instead.",
        )
        return
    if effect.time is not None:
        yield Problem(
            (*place, "time"),
            f"The window of a renewal is measured on the day of each renewal, not on {effect.time}.",
            "Drop `time`.",
        )
    leave = [rate for rate in (generator.leave, *generator.leave_by.values()) if rate > 0]
    # a condition may exclude the rows with the higher probabilities
    highest = max(leave, default=0.0) if effect.where is None else min(leave, default=0.0)
    if highest * effect.factor > 1:
        yield Problem(
            (*place, "factor"),
            f"{effect.factor} times the probability {highest} of leaving is above 1.",
            f"Give a factor up to {1 / highest:.2f}.",
        )
