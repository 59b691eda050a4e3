"""Which SQL may be run for a question: one SELECT over the agent's own tables, and nothing else.

The engine is opened read-only without access to files as well; this check is the first of two walls, and the one that
gives a reason.
"""

import re
from functools import lru_cache

import sqlglot.expressions as exp

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql import statements as googlesql

# Functions of the engine underneath that reach beyond the tables; GoogleSQL has none of these names.
_FOREIGN = re.compile(
    r"(read_|sniff_|parquet_|duckdb_|pragma_|glob$|query$|query_table$|getenv$|getvariable$|current_setting$|set_config$"
    r"|nextval$|currval$|which_secret$|sql_auto_complete$|json_execute|from_substrait|iceberg_|sqlite_|postgres_|mysql_|load_)",
    re.IGNORECASE,
)


class RejectedSqlError(Exception):
    """The SQL is not one that may be run; the message says why."""


@lru_cache(maxsize=1_000)
def checked_select(sql: str, *, project: str, dataset: str, tables: frozenset[str]) -> str:
    """Checks a GoogleSQL query and returns it over bare table names.

    Args:
        sql: one GoogleSQL query; tables are bare or written ``project.dataset.table``.
        project: the project that qualified names must be of.
        dataset: the data set they must be of.
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
