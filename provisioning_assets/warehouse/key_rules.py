"""Do the keys of a data set hold? Asked of the warehouse itself, in GoogleSQL, whether it enforces them or not."""

from collections.abc import Callable

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.data_model import DataModel, ForeignKey, Table
from provisioning_assets.warehouse.models import QueryResult


def broken_keys(model: DataModel, run: Callable[[str], QueryResult]) -> list[str]:
    """Keys that do not hold, each named with the number of rows that break it; empty when all hold.

    A data set that cannot be asked, for want of a table or a column, is a problem too and is told as one.

    Args:
        model: the keys.
        run: executes one GoogleSQL query on the data set.
    """
    questions = [question for table in model.tables for question in _questions(table)]
    try:
        result = run("\nUNION ALL\n".join(questions))
    except ProvisioningError as error:
        return [error.problem]
    return [f"{rule}: {count:,} rows" for rule, count in result.rows if isinstance(count, int) and count]


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
