"""Checks the SQL for a question: only one SELECT over the agent's own tables may be run.

This check is the first of two protections, and it gives the reason for a refusal. The second is the engine, which is
opened read-only and without access to files.
"""

import re
from functools import lru_cache

import sqlglot.expressions as exp

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql import statements as googlesql

# Functions of DuckDB that access more than the tables. GoogleSQL has no functions with these names.
_FOREIGN = re.compile(
    r"(read_|sniff_|parquet_|duckdb_|pragma_|glob$|query$|query_table$|getenv$|getvariable$|current_setting$|set_config$"
    r"|nextval$|currval$|which_secret$|sql_auto_complete$|json_execute|from_substrait|iceberg_|sqlite_|postgres_|mysql_|load_)",
    re.IGNORECASE,
)


class RejectedSqlError(Exception):
    """The SQL must not be run. The message says why."""


@lru_cache(maxsize=1_000)
def checked_select(sql: str, *, project: str, dataset: str, tables: frozenset[str]) -> str:
    """Check a GoogleSQL query and return it with bare table names.

    Args:
        sql: one GoogleSQL query; tables are bare or written ``project.dataset.table``.
        project: the project that qualified names must have.
        dataset: the data set that qualified names must have.
        tables: the tables the agent may read.

    Raises:
        RejectedSqlError: it is not a single SELECT over those tables.
    """
    try:
        bare = googlesql.unqualify(sql, project, dataset)
        query = googlesql.parse(bare)
        foreign_tables = sorted(set(googlesql.tables_in(bare)) - set(tables))
    except ProvisioningError as error:
        raise RejectedSqlError(error.problem.rstrip(".")) from error
    if foreign_tables:
        raise RejectedSqlError(f"{foreign_tables[0]!r} is not one of the agent's tables")
    for node in query.find_all(exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        if _FOREIGN.match(name):
            raise RejectedSqlError(f"the function {name} may not be used")
    return bare
