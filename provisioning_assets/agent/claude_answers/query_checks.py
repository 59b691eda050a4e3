"""What a query that Claude wrote must keep to before it is run, and its rows before they are shown.

The first protection is the same check that verified queries pass (``read_only_sql``). Functions are held against the list of those
that BigQuery and DuckDB compute alike, so that no function is run that the list does not have. The second protection is the engine,
which reads one file and has limits of memory and time.
"""

import re
from collections.abc import Iterator

from rapidfuzz import process
from sqlglot import exp

from provisioning_assets.agent.understanding.answering import Data, QueryFailedError
from provisioning_assets.agent.understanding.catalog import Catalog
from provisioning_assets.agent.understanding.meaning import Names
from provisioning_assets.agent.understanding.read_only_sql import RejectedSqlError, checked_select
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.googlesql.portability import function_findings, lint, unknown_names
from provisioning_assets.googlesql.results import QueryResult

MOST_RESULT_BYTES = 1_000_000
"""Of the rows that are sent: a thousand rows of ten columns have about a tenth of it."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
"""A result column's name, as BigQuery accepts it everywhere."""
_MOST_FAULTS = 10
_MOST_VALUES_SHOWN = 20
_MOST_VALUES_LOOKED_UP = 20


def checked_query(sql: str, catalog: Catalog, *, strictly: bool) -> str:
    """Return the query with bare table names.

    Args:
        sql: what Claude wrote.
        catalog: the context's.
        strictly: also refuse what may run but could fail on other data or give another result in BigQuery, such as a division.

    Raises:
        RejectedSqlError: it may not be run; the message has every fault that was found.
    """
    first = next(iter(catalog.tables.values()))
    bare = checked_select(sql, project=first.project, dataset=first.dataset, tables=frozenset(catalog.tables))
    schema = {table.name: {c.name: c.type for c in table.columns} for table in catalog.tables.values()}
    found = [*_shape_faults(googlesql.parse(bare)), *function_findings(bare)]
    found += lint(bare, schema) if strictly else unknown_names(bare, schema, {})
    faults = list(dict.fromkeys(found))
    if faults:
        raise RejectedSqlError("\n".join(faults[:_MOST_FAULTS]))
    return bare


def _shape_faults(query: exp.Query) -> Iterator[str]:
    if any(clause.recursive for clause in query.find_all(exp.With)):
        yield "WITH RECURSIVE is not allowed."
    named = [item for item in query.selects if isinstance(item, exp.Alias | exp.Column)]
    names = [item.alias_or_name.lower() for item in named]
    if len(named) < len(query.selects) or any(not _NAME.fullmatch(name) for name in names):
        yield "Each column of the result needs a name of its own: letters, digits and underscores; not a star."
    if len(set(names)) < len(names):
        yield "Two columns of the result have the same name."
    defined = {cte.alias for cte in query.find_all(exp.CTE)}  # often a total or a list of months, of few rows
    for select in query.find_all(exp.Select):
        joins = select.args.get("joins") or []
        start = select.args.get("from_")
        sources = [join.this for join in joins] + ([start.this] if start is not None else [])
        stored = [each for each in sources if isinstance(each, exp.Table) and each.name not in defined]
        for join in joins:
            if join.this in stored and len(stored) > 1 and not (join.args.get("on") or join.args.get("using")):
                yield f"The join with {join.this.name} has no ON: it would pair every row with every row."


def missing_values(bare: str, catalog: Catalog, names: Names, data: Data) -> list[str]:
    """Return for each text that a query compares a column with and that the column does not have, what it has instead.

    Args:
        bare: the checked query.
        catalog: the context's.
        names: have the values of dimensions.
        data: where the values are looked up.
    """
    query = googlesql.parse(bare)
    faults = []
    compared = dict.fromkeys(_compared_texts(query, catalog))
    for table, column, text in list(compared)[:_MOST_VALUES_LOOKED_UP]:
        where = exp.EQ(this=exp.column(exp.to_identifier(column)), expression=exp.Literal.string(text))
        lookup = exp.select("1").from_(exp.Table(this=exp.to_identifier(table))).where(where).limit(1)
        try:
            found = data.run(lookup.sql("bigquery"), 1).rows
        except QueryFailedError:
            continue
        if not found:
            shown = ", ".join(map(repr, _nearest(text, table, column, names)))
            faults.append(f"No row of {table} has {text!r} as {column}." + (f" It has: {shown}." if shown else ""))
    return faults


def _nearest(text: str, table: str, column: str, names: Names) -> list[str]:
    """Return the values of a column that are most like a text. Names of people are not told."""
    meanings = (m for found in names.values.values() for m in found if m.table == table and m.of.name == column)
    values = [m.value for m in meanings if m.value is not None and not m.of.personal]
    return [value for value, *_ in process.extract(text, values, limit=_MOST_VALUES_SHOWN)]


def _compared_texts(query: exp.Query, catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and text of each ``column = 'text'`` and ``column IN ('text', ...)`` whose column is of one table."""
    tables = {table.alias_or_name: table.name for table in query.find_all(exp.Table)}
    for node in query.find_all(exp.EQ, exp.In):
        texts = node.expressions if isinstance(node, exp.In) else [node.expression]
        column = node.this
        if not isinstance(column, exp.Column):
            continue
        owners = [tables.get(column.table, "")] if column.table else sorted(set(tables.values()))
        known = [
            name
            for name in owners
            if name in catalog.tables
            and any(c.name == column.name and c.type == "STRING" for c in catalog.tables[name].columns)
        ]
        if len(known) == 1:
            yield from ((known[0], column.name, text.name) for text in texts if text.is_string)


def result_fault(result: QueryResult) -> str | None:
    """Return why a result may not be shown, or None if it may."""
    size = sum(len(str(cell)) for row in result.rows for cell in row)
    if size > MOST_RESULT_BYTES:
        return f"The rows have {size:,} bytes; at most {MOST_RESULT_BYTES:,} are shown."
    if any(not _NAME.fullmatch(column.name) for column in result.columns):
        return "A column of the result has a name that is not made of letters, digits and underscores."
    return None
