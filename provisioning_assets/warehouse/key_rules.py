"""Checks whether the keys of a data set hold, by GoogleSQL queries; works for warehouses that do not enforce keys."""

from collections.abc import Callable, Mapping

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import ForeignKey, Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult

ROWS_ASKED_TOGETHER = 5_000_000
"""Largest total number of rows of tables whose keys are checked in one query. For small tables, a separate query costs more
than its work. For large ones, the joins of a union run in parallel and need more memory than a query has (DuckDB, 1 GB: 92
million rows failed together and passed one table at a time)."""


def broken_keys(model: DataModel, rows: Mapping[str, int], run: Callable[[str], QueryResult]) -> list[str]:
    """Keys that do not hold, each named with the number of rows that break it; empty when all hold.

    If a query fails because a table or a column is missing, that is reported as a problem too.

    Args:
        model: the keys.
        rows: rows of each table.
        run: executes one GoogleSQL query on the data set.
    """
    problems: list[str] = []
    for questions in _asked_together(model, rows):
        try:
            result = run("\nUNION ALL\n".join(questions))
        except ProvisioningError as error:
            problems.append(error.problem)
            continue
        problems += [f"{rule}: {count:,} rows" for rule, count in result.rows if isinstance(count, int) and count]
    return problems


def _asked_together(model: DataModel, rows: Mapping[str, int]) -> list[list[str]]:
    """The queries that check all keys, in groups to run together: small tables share a group, a large one has its own."""
    small: list[str] = []
    alone: list[list[str]] = []
    together = 0
    for table in sorted(model.tables, key=lambda table: rows.get(table.name, 0)):
        together += rows.get(table.name, 0)
        if together <= ROWS_ASKED_TOGETHER:
            small += _questions(table)
        else:
            alone += [[question] for question in _questions(table)]
    return [small, *alone] if small else alone


def _questions(table: Table) -> list[str]:
    return [_repeated_or_missing(table), *(_unresolved(table, key) for key in table.foreign_keys)]


def _repeated_or_missing(table: Table) -> str:
    columns = ", ".join(f"`{name}`" for name in table.primary_key)
    missing = " OR ".join(f"`{name}` IS NULL" for name in table.primary_key)
    rule = f"{table.name}({', '.join(table.primary_key)}) is repeated or missing"
    return (
        f"SELECT '{rule}' AS rule, COALESCE(SUM(n), 0) AS n FROM (SELECT COUNT(*) AS n FROM `{table.name}` "  # noqa: S608
        f"GROUP BY {columns} HAVING COUNT(*) > 1 UNION ALL SELECT COUNT(*) AS n FROM `{table.name}` WHERE {missing})"
    )


def _unresolved(table: Table, key: ForeignKey) -> str:
    pairs = list(zip(key.columns, key.references_columns, strict=True))
    joined = " AND ".join(f"child.`{own}` = parent.`{theirs}`" for own, theirs in pairs)
    given = " AND ".join(f"child.`{own}` IS NOT NULL" for own, _ in pairs)
    rule = f"{table.name}({', '.join(key.columns)}) has no {key.references_table}"
    return (
        f"SELECT '{rule}' AS rule, COUNT(*) AS n FROM `{table.name}` AS child "  # noqa: S608
        f"LEFT JOIN `{key.references_table}` AS parent ON {joined} "
        f"WHERE {given} AND parent.`{key.references_columns[0]}` IS NULL"
    )
