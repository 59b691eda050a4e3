"""The parts of a renewed contract as DuckDB SQL: the engine's calendar arithmetic, written a second time.

DuckDB adds months as the engine does: to the same day of the month, or to the last day of a shorter one.
"""

from collections.abc import Callable

from provisioning_assets.data_model.generators import Renewal
from provisioning_assets.quality.rule_queries import literal


def every_months(generator: Renewal, column: Callable[[str], str]) -> str:
    """Months of a term, NULL where a contract is never renewed; ``column`` is the SQL of a column of the row."""
    otherwise = "NULL" if generator.every_months is None else str(generator.every_months)
    if generator.by is None or not generator.every_months_by:
        return f"CAST({otherwise} AS INTEGER)"
    cases = " ".join(
        f"WHEN {literal(case)} THEN {'NULL' if months is None else months}"
        for case, months in generator.every_months_by.items()
    )
    return f"CAST(CASE CAST({column(generator.by)} AS VARCHAR) {cases} ELSE {otherwise} END AS INTEGER)"


def months_later(start: str, months: str) -> str:
    """The day so many months after ``start``."""
    return f"CAST(CAST({start} AS DATE) + to_months(CAST({months} AS INTEGER)) AS DATE)"


def whole_months(start: str, day: str) -> str:
    """The most months after ``start`` that are not after ``day``."""
    crossed = f"date_diff('month', CAST({start} AS DATE), {day})"
    return f"({crossed} - CASE WHEN {months_later(start, crossed)} > {day} THEN 1 ELSE 0 END)"


def part(generator: Renewal, start: str, every: str, ended: str, day: str) -> str:
    """A part other than ``ended`` as it is on ``day``; ``ended`` is SQL of the day on which the contract ended, or NULL."""
    number = f"({whole_months(start, day)} // {every})"
    begun = f"CAST({start} AS DATE) <= {day}"
    match generator.part:
        case "due":
            return (
                f"CASE WHEN {ended} IS NOT NULL THEN {ended} WHEN {begun} AND {number} > 0 "
                f"THEN {months_later(start, f'{number} * {every}')} END"
            )
        case "next":
            return f"CASE WHEN {begun} AND {ended} IS NULL THEN {months_later(start, f'({number} + 1) * {every}')} END"
        case _:
            return (
                f"CASE WHEN {ended} IS NOT NULL THEN {whole_months(start, ended)} // {every} - 1 "
                f"WHEN {begun} THEN coalesce({number}, 0) END"
            )
