"""What a fault of a data model is, and the checks that several kinds of rules share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from provisioning_assets.data_model.expressions import ExpressionError, check_scalar, columns_of
from provisioning_assets.data_model.tables import Table

TIMES = ("DATE", "DATETIME")
NUMBERS = ("INT64", "FLOAT64", "NUMERIC")


@dataclass(frozen=True)
class ModelFault:
    """One thing that is wrong, where, and what to do."""

    table: str
    column: str | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = self.table if self.column is None else f"{self.table}.{self.column}"
        return f"{place}: {self.problem} {self.remedy}"


def expression_faults(table: str, column: str | None, field: str, sql: str, over: Table) -> Iterator[ModelFault]:
    """Faults of an expression that belongs to ``table.column`` and is evaluated over the rows of ``over``."""
    try:
        check_scalar(sql)
    except ExpressionError as error:
        yield ModelFault(
            table, column, f"its {field} `{sql}` cannot be evaluated: {error}.", "Write a scalar SQL expression."
        )
        return
    names = {other.name for other in over.columns if (over.name, other.name) != (table, column)}
    for name in columns_of(sql):
        if name not in names:
            yield ModelFault(
                table,
                column,
                f"its {field} reads '{name}', no column of {over.name}.",
                f"Name one of: {listed(names)}.",
            )


def weights_fit(weights: Sequence[float]) -> bool:
    """Whether something can be drawn by these weights."""
    return all(weight >= 0 for weight in weights) and 0 < sum(weights) < inf


def listed(names: Iterable[str]) -> str:
    """Names as a person reads them, sorted."""
    return ", ".join(sorted(names)) or "none"
