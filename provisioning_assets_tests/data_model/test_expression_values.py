"""polars, while rows are generated, and DuckDB, when stored tables are checked, compute the same values of row expressions."""

import math
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning_assets.data_model.expression_functions import DATE_FIELDS, FUNCTIONS
from provisioning_assets.data_model.expression_types import type_of
from provisioning_assets.data_model.expressions import duckdb_sql, evaluate, holds
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets_tests.data_model.row_expressions import (
    COLUMNS,
    WORKED_WITH,
    StoredRows,
    expressions,
    random_rows,
)

ONE_OF_EACH = {
    "round": ["round(ratio)", "round(ratio, 2)", "round(price)", "round(price, 1)", "round(count)", "round(ratio, 0)"],
    "floor": ["floor(ratio)", "floor(price)", "floor(count)"],
    "ceil": ["ceil(ratio)", "ceil(price)"],
    "abs": ["abs(ratio)", "abs(count)", "abs(price)"],
    "sign": ["sign(ratio)", "sign(count)", "sign(price)"],
    "mod": ["mod(count, n)", "count % n", "ratio % 7", "mod(price, ratio)", "-7 % 3", "count % 0"],
    "power": ["power(ratio, 2)", "power(1.1, n)", "power(ratio, 0.5)", "power(count, -1)"],
    "sqrt": ["sqrt(ratio)", "sqrt(count)"],
    "ln": ["ln(ratio)", "ln(count)"],
    "exp": ["exp(n)", "exp(n / 100)"],
    "distance_km": ["distance_km(ratio, count, n, 7)", "distance_km(43.66, -70.26, ratio / 100, n)"],
    "coalesce": ["coalesce(count, n, 0)", "coalesce(begun, called)", "coalesce(name, kind)"],
    "nullif": ["nullif(count, 0)", "nullif(name, 'a')", "nullif(count, 0.5)"],
    "greatest": ["greatest(count, n, 0)", "greatest(price, ratio)", "greatest(begun, called)", "greatest(name, kind)"],
    "least": ["least(count, n)", "least(begun, ended, date '2024-01-31')"],
    "lower": ["lower(name)"],
    "upper": ["upper(name)"],
    "length": ["length(name)"],
    "substr": ["substr(name, 2)", "substr(name, 2, 3)", "substr(name, n, count)"],
    "left": ["left(name, 2)", "left(name, n)"],
    "right": ["right(name, 2)", "right(name, n)"],
    "replace": ["replace(name, 'a', 'bb')", "replace(name, '.', '$1')", "replace(name, '''', '')"],
    "concat": ["concat(name, '/', kind)", "concat(name)", "concat(null, name, count, paid, begun, called)"],
    "add_days": ["add_days(begun, n)", "add_days(begun, 3)", "add_days(called, n)", "begun + n", "begun - 1"],
    "add_months": ["add_months(begun, n)", "add_months(begun, 1)", "add_months(called, n)", "add_months(called, -1)"],
    "add_years": ["add_years(begun, n % 40)", "add_years(begun, 1)", "add_years(called, n % 40)"],
    "days_between": ["days_between(begun, ended)", "days_between(called, answered)", "ended - begun"],
    "months_between": ["months_between(begun, ended)", "months_between(called, answered)"],
    "years_between": ["years_between(begun, ended)"],
    "hours_between": ["hours_between(called, answered)"],
    "minutes_between": ["minutes_between(called, answered)"],
    **{
        f"{unit}_{end}": [f"{unit}_{end}(begun)", f"{unit}_{end}(called)"]
        for unit in ("month", "quarter", "year")
        for end in ("start", "end")
    },
    "next_workday": ["next_workday(begun)", "next_workday(called)"],
    "weekday": ["weekday(begun)", "weekday(called)"],
    "hour_of": ["hour_of(called)"],
    "date_of": ["date_of(called)", "date_of(begun)"],
    "earlier_of": ["earlier_of(begun, ended)", "earlier_of(begun, called)"],
    "later_of": ["later_of(begun, ended)", "later_of(called, answered)"],
}
"""Calls of every function."""

FORMS = [
    *(f"extract({field} from called)" for field in DATE_FIELDS),
    *(f"extract({field} from begun)" for field in DATE_FIELDS if field not in ("hour", "minute")),
    "cast(name as integer)",
    "cast(name as double precision)",
    "cast(name as date)",
    "cast(name as timestamp)",
    "cast(ratio as integer)",
    "cast(begun as integer)",
    "cast(paid as integer)",
    "cast(called as date)",
    "cast(begun as timestamp)",
    "cast(count as text) || name",
    "cast(called as text)",
    "cast(price as text)",
    "price * 0.1 + 0.2",
    "price > 0.3",
    "2000000 * 3000000",
    "case when paid then 2000000 else 3000000 end * 2000000",
    "count / 0",
    "ratio / n",
    "1 / 3",
]


@pytest.fixture(scope="module")
def rows() -> StoredRows:
    return StoredRows(random_rows(2_000, seed=7))


@pytest.fixture(scope="module")
def few_rows() -> StoredRows:
    return StoredRows(random_rows(200, seed=8))


def differing(sql: str, rows: StoredRows, tolerance: float = 0.0) -> list[tuple[dict, object, object]]:
    """Rows for which polars and DuckDB give different values; floats may be apart by a part of their size."""

    def equal(one: object, other: object) -> bool:
        if isinstance(one, float) and isinstance(other, int | float):
            return one == other or math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
        return one == other

    ours, theirs = evaluate(sql, rows.frame).to_list(), rows.values(sql)
    names = [name for name in COLUMNS if name in sql]
    return [
        (rows.frame.select(names).row(row, named=True), one, other)
        for row, (one, other) in enumerate(zip(ours, theirs, strict=True))
        if not equal(one, other)
    ]


def test_every_function_is_tried() -> None:
    assert set(ONE_OF_EACH) == set(FUNCTIONS)


@pytest.mark.parametrize("sql", [sql for each in ONE_OF_EACH.values() for sql in each] + FORMS)
def test_polars_and_duckdb_agree_on(sql: str, rows: StoredRows) -> None:
    # libraries may differ in the last digit of what is not computed exactly
    tolerance = 1e-12 if sql.split("(")[0] in ("power", "exp", "ln", "distance_km") else 0.0
    assert differing(sql, rows, tolerance)[:3] == []


@pytest.mark.parametrize("kind", WORKED_WITH)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_polars_duckdb_and_the_type_agree_on_any_expression(
    kind: GoogleSqlType, few_rows: StoredRows, data: st.DataObject
) -> None:
    sql = data.draw(expressions(kind))
    assert type_of(sql, COLUMNS) == kind
    # a frame does not know which floats are money: rounded to a whole number it is one there
    known = [WORKED_WITH[kind], WORKED_WITH["INT64"]] if kind == "NUMERIC" else [WORKED_WITH[kind]]
    assert evaluate(sql, few_rows.frame).dtype in known
    assert differing(sql, few_rows)[:3] == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("add_months(date '2024-01-31', 1)", date(2024, 2, 29)),
        ("date '2024-01-31' + interval '1 month'", date(2024, 2, 29)),
        ("add_months(date '2024-01-31', -2)", date(2023, 11, 30)),
        ("add_years(date '2024-02-29', 1)", date(2025, 2, 28)),
        ("months_between(date '2024-01-31', date '2024-02-29')", 1),
        ("months_between(date '2024-01-31', date '2024-02-28')", 0),
        ("months_between(date '2024-02-28', date '2024-01-31')", 0),
        ("years_between(date '2020-02-29', date '2021-02-28')", 1),
        ("years_between(date '2020-03-01', date '2021-02-28')", 0),
        ("days_between(timestamp '2024-01-01 23:59:00', timestamp '2024-01-02 00:01:00')", 1),
        ("next_workday(date '2026-05-30')", date(2026, 6, 1)),
        ("weekday(date '2026-05-31')", 7),
        ("extract(dow from date '2026-05-31')", 0),
        ("quarter_end(date '2026-05-31')", date(2026, 6, 30)),
        ("round(2.5)", 2),
        ("round(-3.5)", -4),
        ("cast(2.7 as integer)", 3),
        ("-7 % 3", -1),
        ("7 / 2", 3.5),
        ("1 / 0", None),
        ("ln(0)", None),
        ("'a' || null", None),
        ("concat('a', null)", "a"),
        ("greatest(1, null, 3)", 3),
        ("later_of(date '2026-05-31', cast(null as date))", None),
        ("date '2026-05-31' + interval '1 day' * 1.9", date(2026, 6, 1)),
        ("date '2026-05-31' - interval '12 hours'", datetime(2026, 5, 30, 12)),
        ("'a' in ('b', null)", None),
        ("cast('twelve' as integer)", None),
        ("minutes_between(timestamp '2024-01-01 00:00:00', timestamp '2024-01-01 01:30:30')", 90.5),
    ],
)
def test_values_as_the_reference_states_them(sql: str, expected: object) -> None:
    frame = pl.DataFrame({"n": [1, 2]})
    assert evaluate(sql, frame).to_list() == [expected, expected]


def test_unknown_is_not_true() -> None:
    frame = pl.DataFrame({"n": [1, 5, None]})
    assert holds("n > 2", frame).to_list() == [False, True, False]
    assert holds("null", frame).to_list() == [False, False, False]
    assert evaluate("n > 2", frame.clear()).to_list() == []


def test_a_text_stays_a_text_in_duckdb() -> None:
    attack = "x' OR 1 = 1; DROP TABLE stored; --"
    sql = "name = '" + attack.replace("'", "''") + "'"
    assert duckdb_sql(sql, COLUMNS) == '("name" = \'' + attack.replace("'", "''") + "')"
    assert duckdb_sql('"a""; drop" > 1', {'a"; drop': "INT64"}) == '("a""; drop" > 1)'
    frame = random_rows(3, seed=1).with_columns(name=pl.Series(["a", attack, None]))
    assert StoredRows(frame).values(sql) == [False, True, None]
    assert evaluate(sql, frame).to_list() == [False, True, None]
