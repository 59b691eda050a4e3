"""Finds what BigQuery refuses in a query, and what differs between BigQuery and DuckDB."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify as resolve_names
from sqlglot.schema import MappingSchema
from sqlglot.tokenizer_core import TokenType

from provisioning_assets.data_model.tables import Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.reserved_words import RESERVED_WORDS
from provisioning_assets.googlesql.statements import (
    MOMENT_TYPES,
    STUMBLES,
    first_line,
    is_moment,
    parse,
    portable_format,
    stored_tables,
    to_duckdb,
)
from provisioning_assets.googlesql.unresolved_columns import Helpers, unresolved_column

Schema = Mapping[str, Mapping[str, str]]
"""Table -> column -> GoogleSQL type."""

PORTABLE_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """
        ABS ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILES ARRAY_AGG ARRAY_LENGTH AVG CAST CEIL CEILING
        CHAR_LENGTH COALESCE CONCAT CONTAINS_SUBSTR CORR COUNT COUNTIF COVAR_POP COVAR_SAMP CUME_DIST CURRENT_DATE
        CURRENT_DATETIME CURRENT_TIMESTAMP DATE DATETIME DATETIME_ADD DATETIME_DIFF DATETIME_SUB DATETIME_TRUNC
        DATE_ADD DATE_DIFF DATE_SUB DATE_TRUNC DENSE_RANK DIV ENDS_WITH EXP EXTRACT FIRST_VALUE FLOOR FORMAT
        FORMAT_DATE FORMAT_DATETIME GENERATE_ARRAY GENERATE_DATE_ARRAY GREATEST IF IFNULL LAG LAST_DAY LAST_VALUE
        LEAD LEAST LEFT LENGTH LN LOG LOG10 LOGICAL_AND LOGICAL_OR LOWER LPAD LTRIM MAX MAX_BY MIN MIN_BY MOD
        NTH_VALUE NTILE NULLIF PARSE_DATE PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK POW POWER RANK
        REGEXP_CONTAINS REGEXP_EXTRACT REGEXP_REPLACE REPLACE RIGHT ROUND ROW_NUMBER RPAD RTRIM SAFE_CAST
        SAFE_DIVIDE SIGN SPLIT SQRT STARTS_WITH STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG STRPOS SUBSTR SUBSTRING SUM
        TRIM TRUNC UNNEST UPPER VARIANCE VAR_POP VAR_SAMP
        """,
    )
)
"""GoogleSQL functions that DuckDB computes with the same result; the tests have a case for each."""

_NOT_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """
        ALL AND ANY ARRAY AS BETWEEN BIGNUMERIC BY CASE CROSS CUBE DISTINCT ELSE EXCEPT EXISTS FILTER FROM FULL GROUPING
        HAVING IN INNER INTERSECT INTERVAL IS JOIN LEFT LIKE NOT NUMERIC OFFSET ON OR ORDINAL OUTER OVER PIVOT QUALIFY
        RIGHT ROLLUP SAFE_OFFSET SAFE_ORDINAL SELECT SETS SOME STRING STRUCT THEN UNION UNPIVOT USING VALUES WEEK WHEN
        WHERE WITHIN
        """,
    )
)
"""Words that can stand before a parenthesis without being function calls."""

_REFUSED_FUNCTIONS = {
    "RAND": "is different at every run",
    "GENERATE_UUID": "is different at every run",
    "SESSION_USER": "returns the user who runs the query",
    "CURRENT_TIME": "is not a moment of the demo's today: use CURRENT_DATETIME()",
}

_NO_ZONES = "TIMESTAMP and time zones differ between the two: the data set's moments are DATETIME, in local time."

_SAFE_FORMAT_ELEMENTS = frozenset("%aAbBdFGHIjmMpQSTuUVwWYy")
"""Format elements of FORMAT_DATE and FORMAT_DATETIME that give the same text in GoogleSQL and DuckDB."""

_FRACTION_TYPES = frozenset({exp.DataType.Type.DOUBLE, exp.DataType.Type.DECIMAL})

_WHOLE = (exp.Round, exp.Floor, exp.Ceil, exp.Trunc)


def schema_of(tables: Iterable[Table]) -> dict[str, dict[str, str]]:
    """Table -> column -> GoogleSQL type, for the columns that are stored (internal columns are not)."""
    return {
        table.name: {column.name: column.type for column in table.columns if not column.internal} for table in tables
    }


def lint(sql: str, schema: Schema | None = None, helpers: Helpers | None = None) -> list[str]:
    """What fails or silently differs between BigQuery and DuckDB, each with a fix; empty if the query is portable.

    Args:
        sql: one GoogleSQL query over bare table names.
        schema: the data set's tables and columns (``schema_of``). If given, names that BigQuery could not resolve are
            found too: unknown tables and columns, and an alias that is used in the SELECT that defines it.
        helpers: columns that are not stored (``helpers_of``), so that the finding on a query that reads one can say so.
    """
    try:
        query = parse(sql)
    except ProvisioningError as error:
        return [str(error)]
    findings = [*function_findings(sql), *_node_findings(query)]
    if schema is not None:
        findings += _wrong_names(query, sql, schema, helpers or {}) or _resolved(sql, _frozen(schema)).findings
    if not findings:
        try:
            to_duckdb(sql, as_of=date(2000, 1, 1))
        except ProvisioningError as error:
            findings.append(str(error))
    return list(dict.fromkeys(findings))


def result_columns(sql: str, schema: Schema) -> list[tuple[str | None, str | None]]:
    """Name and GoogleSQL type of each column of a query's result; None for a column without a name, and for a type not known.

    Args:
        sql: a GoogleSQL query without problems (``lint``).
        schema: the data set's tables and columns (``schema_of``).
    """
    return list(_resolved(sql, _frozen(schema)).columns)


def _name_of(column: exp.Expr) -> str | None:
    name = column.alias_or_name
    return None if not name or re.fullmatch(r"_col_\d+", name) else name


def _type_name(column: exp.Expr) -> str | None:
    if column.type is None or column.is_type(exp.DataType.Type.UNKNOWN):
        return None
    return column.type.sql("bigquery")


def unknown_names(sql: str, schema: Schema, helpers: Helpers) -> list[str]:
    """What is wrong with the names of tables and columns in a query; empty if all can be resolved.

    Args:
        sql: one GoogleSQL query over bare table names.
        schema, helpers: as for ``lint``.

    Raises:
        ProvisioningError: as for ``parse``.
    """
    return _wrong_names(parse(sql), sql, schema, helpers)


def function_findings(sql: str) -> Iterator[str]:
    """What is wrong with the functions that a query calls: all that are not among ``PORTABLE_FUNCTIONS``.

    Args:
        sql: one GoogleSQL query that ``parse`` accepts.
    """
    tokens = BigQuery().tokenize(sql)
    for before, token, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        name = token.text.upper()
        if after.token_type != TokenType.L_PAREN or not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
            continue
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING):
            continue
        if before is not None and before.token_type == TokenType.DOT:
            yield f"{name}() has a prefix, which DuckDB does not know: use SAFE_CAST or SAFE_DIVIDE."
        elif name in _REFUSED_FUNCTIONS:
            yield f"{name}() {_REFUSED_FUNCTIONS[name]}."
        elif name not in PORTABLE_FUNCTIONS and name not in _NOT_FUNCTIONS:
            yield f"{name}() is not among the functions that give the same result on BigQuery and DuckDB."


def _node_findings(query: exp.Query) -> Iterator[str]:
    for node in query.walk():
        if isinstance(node, exp.Div) and not _never_zero(node.expression):
            yield (f"'{node.sql('bigquery')}' fails when the divisor is 0: use SAFE_DIVIDE(a, b) or a / NULLIF(b, 0).")
        elif isinstance(node, exp.Extract):
            yield from _extract_findings(node)
        elif isinstance(node, exp.TimeToStr):
            yield from _format_findings(node)
        elif isinstance(node, exp.Format) and portable_format(node) is node:
            yield "FORMAT() is portable with a literal pattern of %d, %s and %f only."
        elif isinstance(node, exp.AggFunc | exp.Order) and node.parent and node.find(exp.Limit):
            if isinstance(node, exp.AggFunc) and not node.find(exp.Query):
                yield "LIMIT inside an aggregate has no equal on DuckDB: use MAX_BY, MIN_BY or ROW_NUMBER() = 1."
        elif isinstance(node, exp.AtTimeZone | exp.Timestamp):
            yield _NO_ZONES
        elif isinstance(node, exp.DataType) and node.this in (
            exp.DataType.Type.TIMESTAMPTZ,
            exp.DataType.Type.BIGDECIMAL,
        ):
            yield f"The type {node.sql('bigquery')} differs between the two: use DATETIME or NUMERIC."
        elif isinstance(node, exp.Cast) and node.args.get("format"):
            yield "CAST(... FORMAT ...) has no equal on DuckDB: use FORMAT_DATE or PARSE_DATE."
        elif isinstance(node, exp.Unnest) and node.args.get("offset"):
            yield "WITH OFFSET counts from 1 on DuckDB: number the rows with ROW_NUMBER()."
        elif isinstance(node, exp.Identifier) and not node.quoted and node.name.lower() in RESERVED_WORDS:
            yield f"'{node.name}' is a reserved word of GoogleSQL: choose another name."
        elif isinstance(node, exp.Select):
            yield from _nested_alias_findings(node)
            yield from _window_findings(node)
            if node.args.get("qualify") and not any(node.args.get(clause) for clause in ("where", "group", "having")):
                yield "QUALIFY needs a WHERE, GROUP BY or HAVING beside it in BigQuery: add WHERE TRUE."
        elif isinstance(node, exp.TableSample):
            yield "TABLESAMPLE gives another result at every run."


def _nested_alias_findings(query: exp.Select) -> Iterator[str]:
    """Aliases that hide a column in HAVING, QUALIFY or ORDER BY, where BigQuery takes a bare name for the SELECT's alias first."""
    calls = {item.alias.lower(): _outermost_call(item.this) for item in query.selects if isinstance(item, exp.Alias)}
    for clause in filter(None, map(query.args.get, ("having", "qualify", "order"))):
        for column in clause.find_all(exp.Column):
            call = calls.get(column.name.lower())
            around = column.find_ancestor(exp.Window if call is exp.Window else exp.AggFunc, exp.Query)
            if column.table or call is None or not isinstance(around, call):
                continue
            if call is exp.Window or not isinstance(around.parent, exp.Window):
                yield (
                    f"'{around.sql('bigquery')}' nests two calls in BigQuery, because the SELECT gives the name {column.name} to a "
                    "result of its own: choose another alias, or put the table's alias before the column."
                )


def _window_findings(query: exp.Select) -> Iterator[str]:
    """Windows over groups that are ordered or divided by a column that is in no group, even where the same calculation is."""
    group = query.args.get("group")
    if group is None or group.args.get("all") or group.find(exp.Rollup, exp.Cube, exp.GroupingSets):
        return  # sets of groups are left to BigQuery
    made = {item.alias.lower(): item.this for item in query.selects if isinstance(item, exp.Alias)}
    grouped: list[exp.Expr] = []
    for key in group.expressions:
        place = int(key.name) - 1 if key.is_int else -1
        grouped.append(query.selects[place] if 0 <= place < len(query.selects) else key)
    names = {made.get(key.name.lower(), key).name.lower() for key in (key.unalias() for key in grouped)}
    for window in query.find_all(exp.Window):
        if window.parent_select is not query:
            continue
        for part in filter(None, [*window.args.get("partition_by", []), window.args.get("order")]):
            for column in part.find_all(exp.Column):
                if column.name.lower() not in names and column.find_ancestor(exp.AggFunc, exp.Window) is window:
                    yield (
                        f"'{column.sql('bigquery')}' in OVER (...) is neither grouped nor aggregated, which BigQuery refuses even "
                        "if the same calculation is in GROUP BY: group in a WITH query first, and use the window over its result."
                    )


def _outermost_call(expression: exp.Expr) -> type[exp.AggFunc] | type[exp.Window] | None:
    """Whether a column of a SELECT is made by a window function or, without one, by an aggregate."""
    if expression.find(exp.Window):
        return exp.Window
    return exp.AggFunc if expression.find(exp.AggFunc) else None


def _extract_findings(node: exp.Extract) -> Iterator[str]:
    part = node.this
    if isinstance(part, exp.WeekStart) and part.name.upper() not in ("SUNDAY", "MONDAY"):
        yield f"EXTRACT(WEEK({part.name.upper()})) has no equal on DuckDB: use WEEK, WEEK(MONDAY) or ISOWEEK."
    if node.expression.find(exp.AtTimeZone):
        yield _NO_ZONES


def _format_findings(node: exp.TimeToStr) -> Iterator[str]:
    pattern = node.args.get("format")
    if not isinstance(pattern, exp.Literal):
        yield "FORMAT_DATE() needs its pattern written out."
        return
    for element in re.findall(r"%(-.|E.|O.|.|$)", pattern.name):
        if element not in _SAFE_FORMAT_ELEMENTS:
            name = "%e" if element == "-d" else f"%{element}"
            yield f"FORMAT_DATE() prints {name} differently on DuckDB: use EXTRACT or another element."


def _never_zero(divisor: exp.Expr) -> bool:
    divisor = divisor.unnest()
    if isinstance(divisor, exp.Neg | exp.Cast):
        return _never_zero(divisor.this)
    if isinstance(divisor, exp.Literal):
        return divisor.is_number and float(divisor.name) != 0
    if isinstance(divisor, exp.Mul):
        return _never_zero(divisor.this) and _never_zero(divisor.expression)
    if isinstance(divisor, exp.Nullif):
        return divisor.expression.is_number and float(divisor.expression.name) == 0
    if isinstance(divisor, exp.Greatest):
        parts = (divisor.this, *divisor.expressions)
        return any(isinstance(part, exp.Literal) and part.is_number and float(part.name) > 0 for part in parts)
    return isinstance(divisor, exp.Null)


_Columns = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _frozen(schema: Schema) -> _Columns:
    return tuple((table, tuple(columns.items())) for table, columns in schema.items())


@lru_cache(maxsize=8)
def _mapping_of(columns: _Columns) -> MappingSchema:
    return MappingSchema({table: dict(types) for table, types in columns}, dialect="bigquery")


@dataclass(frozen=True)
class _Resolved:
    """What the names and types of a query tell: why they cannot be resolved, what differs, and the result's columns."""

    complaint: str | None = None
    findings: tuple[str, ...] = ()
    columns: tuple[tuple[str | None, str | None], ...] = ()


@lru_cache(maxsize=1024)
def _resolved(sql: str, columns: _Columns) -> _Resolved:
    """Resolve a query against the tables. Kept, because every stage of a demo checks the same queries, and each takes 20 ms."""
    schema = _mapping_of(columns)
    try:
        query = resolve_names(
            _without_permitted_aliases(parse(sql)),
            schema=schema,
            dialect="bigquery",
            validate_qualify_columns=True,
            expand_alias_refs=False,
            quote_identifiers=False,
        )
    except STUMBLES as error:
        return _Resolved(complaint=first_line(error))
    typed = annotate_types(query, schema=schema, dialect="bigquery")
    return _Resolved(
        findings=tuple(_type_findings(typed)),
        columns=tuple((_name_of(column), _type_name(column)) for column in typed.selects),
    )


def _wrong_names(query: exp.Query, sql: str, schema: Schema, helpers: Helpers) -> list[str]:
    """Tables and columns of a query that do not exist, in words; empty if all can be resolved."""
    unknown = sorted({table.name for table in stored_tables(query)} - set(schema))
    if unknown:
        return [f"There is no table {name}; the data set has {', '.join(sorted(schema))}." for name in unknown]
    complaint = _resolved(sql, _frozen(schema)).complaint
    if complaint is None:
        return []
    return [
        unresolved_column(complaint, query, schema, helpers)
        or f"{complaint}: it is not a column of the tables read there "
        "(BigQuery does not see a SELECT's own alias beside its definition or in WHERE)."
    ]


def _type_findings(query: exp.Expr) -> Iterator[str]:
    for node in query.walk():
        of_moment = isinstance(node, exp.DateAdd | exp.DateSub) and node.this.is_type(*MOMENT_TYPES)
        if of_moment and not is_moment(node.this):
            yield "DATE_ADD and DATE_SUB of a DATETIME lose its time on DuckDB: use DATETIME_ADD and DATETIME_SUB."
        elif isinstance(node, exp.Cast) and node.this.is_type(*_FRACTION_TYPES):
            if node.to.this == exp.DataType.Type.TEXT:
                yield "CAST(... AS STRING) writes fractions differently on DuckDB: use FORMAT('%.2f', ...)."
            elif node.to.this == exp.DataType.Type.BIGINT and not isinstance(node.this, _WHOLE):
                yield "CAST(... AS INT64) rounds a half differently on DuckDB: CAST(ROUND(...) AS INT64)."


def _without_permitted_aliases(query: exp.Query) -> exp.Query:
    """A copy in which GROUP BY, HAVING, QUALIFY and ORDER BY do not use the aliases of their SELECT.

    GoogleSQL permits them there. All names that are left must resolve against the tables, as in the rest of a SELECT.
    """
    copy = query.copy()
    for select in copy.find_all(exp.Select):
        aliases = {projection.alias.lower() for projection in select.expressions if projection.alias}
        for clause in (select.args.get(name) for name in ("group", "having", "qualify", "order")):
            for column in list(clause.find_all(exp.Column)) if clause is not None else []:
                if not column.table and column.name.lower() in aliases and column.find_ancestor(exp.Select) is select:
                    column.replace(exp.null())
    return copy
