"""Types of row expressions, and the messages to authors when types do not fit."""

import polars as pl
import pytest

from provisioning_assets.data_model.expression_functions import FUNCTIONS
from provisioning_assets.data_model.expression_tree import ExpressionError
from provisioning_assets.data_model.expression_types import type_of
from provisioning_assets.data_model.expressions import duckdb_sql, evaluate, holds
from provisioning_assets.data_model.generators import Expression
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.planning.blueprint_files import blueprint_ids, load_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets_tests.data_model.row_expressions import COLUMNS, random_rows


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("price + fee", "NUMERIC"),
        ("price + 1", "NUMERIC"),
        ("price * count", "NUMERIC"),
        ("0.5 * price", "NUMERIC"),
        ("price / 2", "NUMERIC"),
        ("price * (100 - ratio) / 100", "NUMERIC"),
        ("-price", "NUMERIC"),
        ("round(price)", "NUMERIC"),
        ("abs(price)", "NUMERIC"),
        ("price % 10", "NUMERIC"),
        ("coalesce(price, 0)", "NUMERIC"),
        ("nullif(price, 0)", "NUMERIC"),
        ("greatest(price, 0.1)", "NUMERIC"),
        ("case when paid then price else 0 end", "NUMERIC"),
        ("case when paid then null else price end", "NUMERIC"),
        ("price / fee", "FLOAT64"),
        ("price * fee", "FLOAT64"),
        ("100 / price", "FLOAT64"),
        ("sqrt(price)", "FLOAT64"),
        ("sign(price)", "INT64"),
        ("count / 2", "FLOAT64"),
        ("count * 2 + n", "INT64"),
        ("count + 0.5", "FLOAT64"),
        ("power(count, 2)", "FLOAT64"),
        ("round(ratio)", "INT64"),
        ("round(ratio, 0)", "INT64"),
        ("round(ratio, 2)", "FLOAT64"),
        ("floor(count / 2)", "INT64"),
        ("length(name)", "INT64"),
        ("count > 2", "BOOL"),
        ("name like 'A%' or paid", "BOOL"),
        ("begun is null", "BOOL"),
        ("begun + interval '1 day'", "DATE"),
        ("begun + interval '1 month' * count", "DATE"),
        ("begun - interval '2 weeks' * ratio", "DATE"),
        ("begun + 30", "DATE"),
        ("begun + interval '6 hours'", "DATETIME"),
        ("called + interval '1 month'", "DATETIME"),
        ("called - 2 * interval '1 hour'", "DATETIME"),
        ("ended - begun", "INT64"),
        ("greatest(begun, called)", "DATETIME"),
        ("add_months(begun, 3)", "DATE"),
        ("add_months(called, 3)", "DATETIME"),
        ("month_start(called)", "DATE"),
        ("hours_between(called, answered)", "FLOAT64"),
        ("extract(epoch from called)", "FLOAT64"),
        ("extract(month from begun)", "INT64"),
        ("case when begun > '2024-01-01' then 'new' end", "STRING"),
        ("name || count", "STRING"),
        ("cast(null as date)", "DATE"),
        ("cast(count as numeric)", "NUMERIC"),
    ],
)
def test_type_of(sql: str, kind: GoogleSqlType) -> None:
    assert type_of(sql, COLUMNS) == kind


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("counts + 1", "'counts' is not a column. Did you mean 'count'?"),
        ("a.b + 1", "'a.b' is not a column"),
        ("name + 1", "`name` is STRING"),
        ("name + kind", "To join texts, write ||"),
        ("paid + 1", "`paid` is BOOL"),
        ("begun + ended", "a DATE and whole days"),
        ("begun + 0.5", "interval '1 day' * x"),
        ("called + 1", "called_at + interval '2 hours'"),
        ("called - answered", "hours_between(a, b)"),
        ("begun * 2", "`*` takes numbers, but `begun` is DATE"),
        ("interval '1 day'", "an interval can only be added to a date"),
        ("interval '1 day' + interval '1 day'", "an interval can only be added to a date"),
        ("interval '1 day' - begun", "an interval can only be added to a date"),
        ("coalesce(interval '1 day', begun)", "an interval can only be added to a date"),
        ("name || interval '1 day'", "an interval can only be added to a date"),
        ("begun = interval '1 day'", "an interval can only be added to a date"),
        ("cast(interval '1 day' as text)", "an interval can only be added to a date"),
        ("interval '1 day' is null", "an interval can only be added to a date"),
        ("begun + interval '1 day' * name", "an interval is multiplied by a number"),
        ("begun + interval '1 month' * ratio", "write round(ratio)"),
        ("count = name", "`count` is INT64, `name` is STRING"),
        ("begun > 'tomorrow'", "write it like '2026-05-31'"),
        ("begun > name", "`begun` is DATE, `name` is STRING"),
        ("count in (1, 'a')", "`count` is INT64, `'a'` is STRING"),
        ("count between 1 and begun", "`begun` is DATE"),
        ("case when count then 1 end", "a condition must be true or false, like x > 0, but `count` is INT64"),
        ("case when paid then 1 else 'none' end", "`1` is INT64, `'none'` is STRING"),
        ("paid and count", "`count` is INT64"),
        ("not name", "`name` is STRING"),
        ("count like '1%'", "`like` takes a text"),
        ("cast(name as boolean)", "a cast to boolean accepts BOOL, INT64"),
        ("cast(called as integer)", "a cast to integer accepts"),
        ("cast(count as date)", "a cast to date accepts"),
        ("extract(hour from begun)", "hour needs a DATETIME, but `begun` is DATE"),
        ("extract(year from count)", "year needs a DATE or a DATETIME, but `count` is INT64"),
        ("hour_of(begun)", "without a time of day"),
        ("hours_between(begun, ended)", "without a time of day"),
        ("add_days(begun, ratio)", "write round(ratio)"),
        ("add_days(count, 1)", "add_days(d, n): `d` must be a date, but `count` is INT64"),
        ("lower(count)", "write cast(x as text)"),
        ("round(name)", "round(x[, digits]): `x` must be a number"),
        ("round(ratio, count)", "from 0 to 15"),
        ("round(ratio, 16)", "from 0 to 15"),
        ("replace(name, kind, '')", "a text in quotes, not a column"),
        ("replace(name, '', 'x')", "must not be empty"),
        ("greatest(paid, open)", "write `a or b`"),
        ("null", "is always null"),
        ("case when paid then null end", "is always null"),
    ],
)
def test_types_that_do_not_fit_are_refused(sql: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        type_of(sql, COLUMNS)
    assert message in str(refusal.value)
    for engine in ("polars", "duckdb", "dtype", "Utf8", "Float64", "VARCHAR"):
        assert engine not in str(refusal.value)


@pytest.mark.parametrize("sql", ["interval '1 day'", "name + 1", "nothing > 1", "sum(count)"])
def test_what_does_not_fit_is_never_computed(sql: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(sql, random_rows(3, seed=1))
    with pytest.raises(ExpressionError):
        duckdb_sql(sql, COLUMNS)


def test_a_number_is_refused_as_a_condition() -> None:
    with pytest.raises(ExpressionError, match="`count` is INT64, where a condition is needed"):
        holds("count", random_rows(3, seed=1))


def test_every_function_takes_null_for_its_arguments() -> None:
    written = ("digits", "written text")
    for function in FUNCTIONS.values():
        arguments = ["'a'" if p.kind == "written text" else "null" for p in function.parameters if p.kind != "digits"]
        sql = f"{function.name}({', '.join(arguments)})"
        if not all(parameter.kind in written for parameter in function.parameters):
            found = evaluate(f"coalesce(cast({sql} as text), 'null')", pl.DataFrame({"a": [1]})).to_list()
            assert found == ["" if function.name == "concat" else "null"], sql


WIDER: dict[str, set[str]] = {"INT64": {"FLOAT64", "NUMERIC"}, "FLOAT64": {"NUMERIC"}}
"""Type of an expression -> types that its author may declare instead: only the author knows that a number is money."""


@pytest.mark.parametrize("blueprint", blueprint_ids())
def test_the_types_that_blueprints_declare_are_those_of_their_expressions(blueprint: str) -> None:
    lineage = Lineage(sample_demo(load_blueprint(blueprint), "DE", size="small", seed="1", as_of="2026-05-04")[1])
    found = {
        (table, name): (inferred, column.type)
        for (table, name), column in lineage.columns.items()
        if isinstance(column.generator, Expression)
        and (inferred := type_of(column.generator.sql, lineage.types_of(table))) != column.type
    }
    assert [place for place, (inferred, declared) in found.items() if declared not in WIDER.get(inferred, ())] == []
