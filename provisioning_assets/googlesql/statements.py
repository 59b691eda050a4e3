"""Parses and formats GoogleSQL, and translates it to DuckDB. All queries are written and stored in GoogleSQL.

This module holds everything that can be derived from a query's text alone; ``duckdb_queries`` runs queries.

**The demo's today.** ``CURRENT_DATE()`` is the as-of date. ``CURRENT_DATETIME()`` and ``CURRENT_TIMESTAMP()`` are the
last second of that day. The data contain the whole as-of day and nothing later, so the last second is the only moment
at which no row is in the future and "the last 7 days" are seven whole days, not eight.

**What the translation to DuckDB corrects** (measured on DuckDB 2.0 with sqlglot 30.30): ``EXTRACT`` of DAYOFWEEK
(DuckDB counts from 0), WEEK (DuckDB's is ISO's), ISOWEEK and DATE; ``DATE_ADD``, ``DATE_SUB``, ``DATE_TRUNC`` (DuckDB
turns a date into a timestamp); ``FORMAT_DATE`` with ``%Q``;
``FORMAT``; ``GROUP BY`` of an alias; NUMERIC's nine decimals; TIMESTAMP as UTC without a zone; ``APPROX_QUANTILES`` and
``APPROX_COUNT_DISTINCT`` (exact, so that a result repeats). ``portability.lint`` reports what cannot be translated exactly.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.generators.bigquery import BigQueryGenerator

from provisioning_assets.errors import ProvisioningError

MAXIMUM_BYTES = 50_000
"""Largest size of a verified query's SQL in the Conversational Analytics API, in bytes."""

STUMBLES = (SqlglotError, RecursionError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""Exceptions that sqlglot raises for text that is not SQL: its own errors, and Python's errors in its code."""

MOST_QUANTILES = 1000

MOMENT_TYPES = frozenset({exp.DataType.Type.DATETIME, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ})

_MOMENTS = (
    exp.CurrentDatetime,
    exp.CurrentTimestamp,
    exp.DatetimeAdd,
    exp.DatetimeSub,
    exp.DatetimeTrunc,
    exp.TsOrDsToDatetime,
)

_DATE_UNITS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "ISOWEEK", "ISOYEAR"})

_FORMAT_SPECIFIER = re.compile(
    r"%(?:%|(?P<comma>')?(?P<width>0?\d*)(?P<decimals>\.\d+)?(?P<kind>[dsf])|(?P<unknown>.?))"
)


def parse(sql: str) -> exp.Query:
    """The syntax tree of one GoogleSQL query.

    Raises:
        ProvisioningError: the text is too long or not GoogleSQL, is not one SELECT, or does not name a table by its
            bare name.
    """
    if len(sql.encode()) > MAXIMUM_BYTES:
        raise ProvisioningError(
            f"The query is {len(sql.encode()):,} bytes long.",
            f"A query holds at most {MAXIMUM_BYTES:,} bytes: shorten it.",
        )
    query = _one_query(sql)
    for table in query.find_all(exp.Table):
        if table.args.get("db") or not isinstance(table.this, exp.Identifier):
            raise ProvisioningError(
                f"The query reads from {table.sql('bigquery')!r}.",
                "Read from the data set's own tables, by their bare names; the data set is implied.",
            )
    return query


def _one_query(sql: str) -> exp.Query:
    """The syntax tree of a text that is one SELECT; the caller may change it."""
    return _parsed(sql).copy()


# A demo's queries are parsed again and again, and copying a tree takes an eighth of the time (docs/performance.md).
@lru_cache(maxsize=64)
def _parsed(sql: str) -> exp.Query:
    try:
        statements = [statement for statement in sqlglot.parse(sql, read="bigquery") if statement is not None]
    except STUMBLES as error:
        raise ProvisioningError(f"The query is not GoogleSQL: {first_line(error)}.", "Fix its syntax.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ProvisioningError(
            "The query is not one single SELECT.", "Give one SELECT statement; WITH may precede it."
        )
    query = statements[0]
    forbidden = query.find(exp.Into, exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Command, exp.Lock)
    if forbidden is not None:
        raise ProvisioningError(
            f"The query holds {forbidden.key.upper()}, which changes data.",
            "Queries only read: give a SELECT.",
        )
    parameter = query.find(exp.Parameter, exp.SessionParameter, exp.Placeholder)
    if parameter is not None:
        raise ProvisioningError(
            f"The query has the parameter {parameter.sql('bigquery')!r}.", "Write its value into the query."
        )
    return query


def first_line(error: BaseException) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return (text.splitlines() or [type(error).__name__])[0].rstrip(".")


# --- the demo's today --------------------------------------------------------------------------------------------


def pin_today(sql: str, as_of: date) -> str:
    """The same GoogleSQL with the demo's today in place of CURRENT_DATE() and similar functions.

    Raises:
        ProvisioningError: as for ``parse``.
    """
    return _written(_pinned(parse(sql), as_of))


def _pinned(query: exp.Query, as_of: date) -> exp.Query:
    day, moment = as_of.isoformat(), f"{as_of.isoformat()} 23:59:59"

    moments: dict[type[exp.Expr], exp.Expr] = {
        exp.CurrentDate: exp.cast(exp.Literal.string(day), exp.DataType.Type.DATE),
        exp.CurrentDatetime: exp.cast(exp.Literal.string(moment), exp.DataType.Type.DATETIME),
        exp.CurrentTimestamp: exp.cast(exp.Literal.string(f"{moment}+00:00"), exp.DataType.Type.TIMESTAMPTZ),
    }
    for node in list(query.find_all(exp.CurrentDate, exp.CurrentDatetime, exp.CurrentTimestamp)):
        node.replace(moments[type(node)].copy())
    return query


# --- to DuckDB ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def to_duckdb(sql: str, *, as_of: date) -> str:
    """The query in DuckDB's dialect, with ``as_of`` as today (see the module's docstring).

    Raises:
        ProvisioningError: as for ``parse``; also if DuckDB has no equivalent (``ARRAY_AGG(... LIMIT n)``).
    """
    query = _pinned(parse(sql), as_of)
    try:
        # deepest first, so that a node's children are rewritten before the node itself
        for node in sorted(query.walk(), key=lambda node: -node.depth):
            rewrite = _REWRITES.get(type(node))
            replacement = rewrite(node) if rewrite else node
            if replacement is not node:
                node.replace(replacement)
        _settle_ties(query)
        # quoted, because a column's name may be a word that only DuckDB reserves ("at")
        return query.sql("duckdb", identify=True, unsupported_level=ErrorLevel.RAISE, comments=False)
    except STUMBLES as error:
        raise ProvisioningError(
            f"The query cannot be run on DuckDB: {first_line(error)}.", "Write that part with another function."
        ) from error


def _settle_ties(query: exp.Query) -> None:
    """Sort rows that are equal in the query's ORDER BY by their columns.

    GoogleSQL allows such rows in any order, and in DuckDB the order depends on its threads. Without this, two runs of
    the same query could show different rows first, and keep different rows within a LIMIT.
    """
    for select in query.find_all(exp.Select):
        if select.args.get("order") and not select.is_star:
            ordinals = [exp.Ordered(this=exp.Literal.number(at + 1)) for at in range(len(select.expressions))]
            select.order_by(*ordinals, copy=False)


def _as_date(node: exp.Expr) -> exp.Expr:
    return exp.Cast(this=node.copy(), to=exp.DataType.build("DATE"))


def _date_arithmetic(node: exp.Expr) -> exp.Expr:
    """Keep a date a date; what is clearly a DATETIME (``DATE_SUB(CURRENT_DATETIME(), ...)``) stays a DATETIME."""
    unit = node.args.get("unit")
    name = "WEEK" if isinstance(unit, exp.WeekStart) else (unit.name.upper() if unit is not None else "DAY")
    return _as_date(node) if name in _DATE_UNITS and not is_moment(node.this) else node


def is_moment(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this in MOMENT_TYPES
    return isinstance(node, _MOMENTS)


def _extract(node: exp.Expr) -> exp.Expr:
    part, value = node.this, node.expression
    name = f"WEEK({part.name.upper()})" if isinstance(part, exp.WeekStart) else part.name.upper()
    if name == "DAYOFWEEK":
        return exp.paren(exp.Add(this=node.copy(), expression=exp.Literal.number(1)))
    if name == "DATE":
        return exp.Cast(this=value.copy(), to=exp.DataType.build("DATE"))
    if name == "ISOWEEK":
        return exp.Extract(this=exp.var("WEEK"), expression=value.copy())
    if name in ("WEEK", "WEEK(SUNDAY)", "WEEK(MONDAY)"):
        week = "%W" if name == "WEEK(MONDAY)" else "%U"
        text = exp.Anonymous(this="STRFTIME", expressions=[value.copy(), exp.Literal.string(week)])
        return exp.Cast(this=text, to=exp.DataType.build("BIGINT"))
    return node


def _quarter_format(node: exp.Expr) -> exp.Expr:
    pattern = node.args.get("format")
    if not isinstance(pattern, exp.Literal) or "%Q" not in re.sub("%%", "", pattern.name):
        return node
    pieces: list[exp.Expr] = []
    for piece in re.split(r"((?:%%)|%Q)", pattern.name):
        if piece == "%Q":
            quarter = exp.Extract(this=exp.var("QUARTER"), expression=node.this.copy())
            pieces.append(exp.Cast(this=quarter, to=exp.DataType.build("TEXT")))
        elif piece:
            pieces.append(exp.TimeToStr(this=node.this.copy(), format=exp.Literal.string(piece)))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = exp.DPipe(this=whole, expression=piece)
    return exp.paren(whole)


def portable_format(node: exp.Expr) -> exp.Expr:
    """Translate FORMAT with a literal pattern of %d, %s, %f (width, zeros, decimals, thousands) to DuckDB's ``{}``."""
    if not isinstance(node.this, exp.Literal):
        return node
    values = list(node.expressions)
    arguments: list[exp.Expr] = []
    casts = {"d": "BIGINT", "f": "DOUBLE", "s": "TEXT"}
    pattern, end = "", 0
    for match in _FORMAT_SPECIFIER.finditer(node.this.name):
        pattern += node.this.name[end : match.start()].replace("{", "{{").replace("}", "}}")
        end = match.end()
        kind = match["kind"]
        if match[0] == "%%":
            pattern += "%"
        elif kind is None or len(arguments) == len(values):
            return node
        else:
            arguments.append(exp.Cast(this=values[len(arguments)].copy(), to=exp.DataType.build(casts[kind])))
            decimals = match["decimals"] or (".6" if kind == "f" else "")
            pattern += f"{{:{match['width']}{',' if match['comma'] else ''}{decimals}{kind}}}"
    pattern += node.this.name[end:].replace("{", "{{").replace("}", "}}")
    if len(arguments) != len(values):
        return node
    return exp.Anonymous(this="FORMAT", expressions=[exp.Literal.string(pattern), *arguments])


def _portable_type(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.DataType):
        return node
    if node.this == exp.DataType.Type.DECIMAL and not node.expressions:
        return exp.DataType.build("DECIMAL(38, 9)")  # GoogleSQL's NUMERIC; DuckDB's default has three decimals
    if node.this == exp.DataType.Type.TIMESTAMPTZ:
        return exp.DataType.build("TIMESTAMP", dialect="duckdb")
    return node


def _exact_quantiles(node: exp.Expr) -> exp.Expr:
    buckets = node.args.get("expression")
    if buckets is None or not buckets.is_int or isinstance(node.this, exp.Distinct):
        return node
    number = int(buckets.name)
    if not 1 <= number <= MOST_QUANTILES:
        return node
    shares = exp.Array(expressions=[exp.Literal.number(index / number) for index in range(number + 1)])
    return exp.Anonymous(this="QUANTILE_DISC", expressions=[node.this.copy(), shares])


def _exact_distinct(node: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def _counted_if(node: exp.Expr) -> exp.Expr:
    """COUNTIF of no rows, or of NULLs alone, is 0; DuckDB's COUNT_IF gives NULL."""
    return exp.Count(this=exp.Case().when(node.this.copy(), exp.Literal.number(1)))


def _whole_division(node: exp.Expr) -> exp.Expr:
    """DIV becomes an operator, which needs its brackets: ``DIV(a - 1, 12)`` would be read as ``a - (1 // 12)``."""
    return exp.paren(exp.IntDiv(this=exp.paren(node.this), expression=exp.paren(node.expression)))


def _group_by_alias(node: exp.Expr) -> exp.Expr:
    """GROUP BY position: if an alias and a column have the same name, GoogleSQL takes the alias, DuckDB the column."""
    select = node.parent
    if not isinstance(select, exp.Select) or any(projection.is_star for projection in select.expressions):
        return node
    positions = {
        projection.alias.lower(): position
        for position, projection in enumerate(select.expressions, start=1)
        if isinstance(projection, exp.Alias)
    }
    for name in list(node.expressions):
        position = positions.get(name.name.lower()) if isinstance(name, exp.Column) and not name.table else None
        if position is not None:
            name.replace(exp.Literal.number(position))
    return node


_REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.ApproxDistinct: _exact_distinct,
    exp.ApproxQuantiles: _exact_quantiles,
    exp.CountIf: _counted_if,
    exp.DataType: _portable_type,
    exp.DateAdd: _date_arithmetic,
    exp.DateSub: _date_arithmetic,
    exp.DateTrunc: _date_arithmetic,
    exp.Extract: _extract,
    exp.Format: portable_format,
    exp.Group: _group_by_alias,
    exp.IntDiv: _whole_division,
    exp.TimeToStr: _quarter_format,
}


# --- what a query reads, and how it is shown ---------------------------------------------------------------------


def tables_in(sql: str) -> list[str]:
    """Names of the data set's tables that the query reads, in alphabetical order, without those that WITH defines.

    Raises:
        ProvisioningError: as for ``parse``.
    """
    return sorted({table.name for table in stored_tables(parse(sql))})


def qualify(sql: str, project: str, dataset: str) -> str:
    """The query with every table's full name, which BigQuery needs if there is no default data set.

    Raises:
        ProvisioningError: as for ``parse``.
    """
    query = parse(sql)
    for table in list(stored_tables(query)):
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("db", exp.to_identifier(dataset, quoted=True))
        table.set("catalog", exp.to_identifier(project, quoted=True))
    return _written(query)


def unqualify(sql: str, project: str, dataset: str) -> str:
    """The opposite of ``qualify``: names of this project and data set become bare. Others stay; ``parse`` refuses them.

    Raises:
        ProvisioningError: the text is not GoogleSQL, or not one SELECT.
    """
    query = _one_query(sql)
    for table in query.find_all(exp.Table):
        if table.db == dataset and table.catalog in ("", project):
            if table.alias == table.name:
                table.set("alias", None)
            table.set("db", None)
            table.set("catalog", None)
    return _written(query)


def pretty(sql: str) -> str:
    """The query formatted for reading, with its comments.

    Raises:
        ProvisioningError: the text is not GoogleSQL, or not one SELECT.
    """
    return _written(_one_query(sql))


class _AnalystGenerator(BigQueryGenerator):
    """GoogleSQL as an analyst writes it: ``CURRENT_DATE()`` and ``INTERVAL 3 MONTH``.

    Without this, sqlglot drops the parentheses and quotes the number.
    """

    def currentdate_sql(self, expression: exp.CurrentDate) -> str:
        return f"CURRENT_DATE({self.sql(expression, 'this')})"

    def interval_sql(self, expression: exp.Interval) -> str:
        value = expression.this
        if isinstance(value, exp.Literal) and value.is_string and re.fullmatch(r"-?\d+", value.name):
            expression = expression.copy()
            expression.set("this", exp.Literal.number(value.name))
        return super().interval_sql(expression)


def _written(query: exp.Query) -> str:
    return _AnalystGenerator(dialect="bigquery", pretty=True).generate(query)


def stored_tables(query: exp.Query) -> Iterator[exp.Table]:
    return (table for table in query.find_all(exp.Table) if not _named_by_with(table))


def _named_by_with(table: exp.Table) -> bool:
    """Whether the name is defined by the WITH of an enclosing query, before the place where it is used."""
    name = table.name.lower()
    node: exp.Expr = table
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.With):
            earlier = parent.expressions if parent.recursive else parent.expressions[: parent.expressions.index(node)]
            if any(cte.alias.lower() == name for cte in earlier):
                return True
        elif (
            isinstance(parent, exp.Query)
            and not isinstance(node, exp.With)
            and any(cte.alias.lower() == name for cte in parent.ctes)
        ):
            return True
        node = parent
    return False
