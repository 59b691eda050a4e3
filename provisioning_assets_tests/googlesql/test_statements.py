# ruff: noqa: E501 - the cases are a table that reads across
"""Each function and construct of GoogleSQL that queries may use, executed on DuckDB, against what BigQuery gives."""

import contextlib
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.googlesql.portability import PORTABLE_FUNCTIONS, lint, schema_of
from provisioning_assets.googlesql.statements import pretty, qualify, tables_in, to_duckdb, unqualify
from provisioning_assets.warehouse.duckdb_dataset import build_dataset
from provisioning_assets_tests.property_tests import examples
from provisioning_assets_tests.warehouse.retail_dataset import AS_OF, retail_frames, retail_model, write_tables

SCHEMA = schema_of(retail_model().tables)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("googlesql")
    build_dataset(retail_model(), write_tables(retail_frames(), folder), folder=folder)
    return folder / "dataset.duckdb"


def rows(dataset: Path, sql: str) -> list[list[object]]:
    return [list(row) for row in run_query(dataset, sql, as_of=AS_OF).rows]


# One row each: the SELECT list, and the values GoogleSQL's reference gives for it.
VALUES: list[tuple[str, list[object]]] = [
    # the demo's today is Monday, 30 June 2025
    ("CURRENT_DATE(), CURRENT_DATE, CURRENT_DATE('Europe/Berlin')", ["2025-06-30"] * 3),
    ("DATE_SUB(CURRENT_DATETIME(), INTERVAL 1 DAY), DATETIME(CURRENT_DATE())", ["2025-06-29T23:59:59", "2025-06-30T00:00:00"]),
    ("CURRENT_DATETIME(), CURRENT_TIMESTAMP()", ["2025-06-30T23:59:59"] * 2),
    ("DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY), DATE_ADD(CURRENT_DATE(), INTERVAL 1 MONTH)", ["2025-06-23", "2025-07-30"]),
    ("DATE_SUB(DATE '2025-03-31', INTERVAL 1 MONTH), DATE_SUB(DATE '2025-03-31', INTERVAL 1 QUARTER)", ["2025-02-28", "2024-12-31"]),
    ("DATE_ADD(DATE '2025-01-01', INTERVAL 2 WEEK), DATE_ADD(DATE '2024-02-29', INTERVAL 1 YEAR)", ["2025-01-15", "2025-02-28"]),
    ("DATETIME_SUB(DATETIME '2025-01-01 00:00:00', INTERVAL 90 MINUTE)", ["2024-12-31T22:30:00"]),
    ("DATETIME_ADD(DATETIME '2025-01-31 10:00:00', INTERVAL 1 MONTH)", ["2025-02-28T10:00:00"]),
    ("DATE_TRUNC(DATE '2025-06-29', MONTH), DATE_TRUNC(DATE '2025-06-29', QUARTER)", ["2025-06-01", "2025-04-01"]),
    # 29 June 2025 is a Sunday: GoogleSQL's week begins on it, ISO's six days earlier
    ("DATE_TRUNC(DATE '2025-06-29', WEEK), DATE_TRUNC(DATE '2025-06-29', WEEK(MONDAY))", ["2025-06-29", "2025-06-23"]),
    ("DATE_TRUNC(DATE '2025-06-29', ISOWEEK), DATE_TRUNC(DATE '2025-06-29', YEAR)", ["2025-06-23", "2025-01-01"]),
    ("DATETIME_TRUNC(DATETIME '2025-06-29 13:45:10', HOUR), DATETIME_TRUNC(DATETIME '2025-06-29 13:45:10', MONTH)",
     ["2025-06-29T13:00:00", "2025-06-01T00:00:00"]),
    ("EXTRACT(DAYOFWEEK FROM DATE '2025-06-29'), EXTRACT(DAYOFWEEK FROM DATE '2025-06-28')", [1, 7]),
    ("EXTRACT(WEEK FROM DATE '2025-01-04'), EXTRACT(WEEK FROM DATE '2025-01-05'), EXTRACT(WEEK FROM DATE '2025-06-29')", [0, 1, 26]),
    ("EXTRACT(ISOWEEK FROM DATE '2025-12-29'), EXTRACT(ISOYEAR FROM DATE '2025-12-29')", [1, 2026]),
    ("EXTRACT(WEEK(MONDAY) FROM DATE '2025-01-05'), EXTRACT(WEEK(MONDAY) FROM DATE '2025-01-06')", [0, 1]),
    ("EXTRACT(DATE FROM DATETIME '2025-06-29 13:45:10'), EXTRACT(HOUR FROM DATETIME '2025-06-29 13:45:10')", ["2025-06-29", 13]),
    ("EXTRACT(YEAR FROM DATE '2025-06-29'), EXTRACT(QUARTER FROM DATE '2025-06-29'), EXTRACT(DAYOFYEAR FROM DATE '2025-02-01')", [2025, 2, 32]),
    ("DATE_DIFF(DATE '2025-03-01', DATE '2025-02-28', DAY), DATE_DIFF(DATE '2025-03-01', DATE '2025-02-28', MONTH)", [1, 1]),
    ("DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', WEEK), DATE_DIFF(DATE '2017-12-31', DATE '2014-12-31', YEAR)", [1, 3]),
    ("DATE_DIFF(DATE '2017-10-16', DATE '2017-10-15', ISOWEEK), DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', ISOWEEK)", [1, 0]),
    # boundaries, not whole intervals
    ("DATETIME_DIFF(DATETIME '2025-01-01 11:01:00', DATETIME '2025-01-01 10:59:00', HOUR)", [1]),
    ("DATE_ADD(DATETIME '2025-01-01 10:00:00', INTERVAL 1 DAY)", ["2025-01-02T10:00:00"]),
    ("DATE(2025, 6, 30), DATE(DATETIME '2025-06-29 13:45:10'), DATETIME(DATE '2025-06-29')", ["2025-06-30", "2025-06-29", "2025-06-29T00:00:00"]),
    ("LAST_DAY(DATE '2024-02-03'), LAST_DAY(DATE '2025-05-03', QUARTER), LAST_DAY(DATE '2025-06-29', WEEK)", ["2024-02-29", "2025-06-30", "2025-07-05"]),
    ("FORMAT_DATE('%Y-%m', DATE '2025-06-05'), FORMAT_DATE('%b %Y', DATE '2025-06-05'), FORMAT_DATE('%A', DATE '2025-06-05')", ["2025-06", "Jun 2025", "Thursday"]),
    ("FORMAT_DATE('%Y-Q%Q', DATE '2025-06-05'), FORMAT_DATE('%Q', DATE '2025-12-05'), FORMAT_DATE('%%Q %y', DATE '2025-06-05')", ["2025-Q2", "4", "%Q 25"]),
    ("FORMAT_DATE('%F', DATE '2025-06-05'), FORMAT_DATE('%G-W%V', DATE '2025-12-29'), FORMAT_DATETIME('%H:%M', DATETIME '2025-06-29 13:45:10')", ["2025-06-05", "2026-W01", "13:45"]),
    ("FORMAT_DATE('%D', DATE '2025-06-05'), FORMAT_DATE('%a %d %B', DATE '2025-06-05'), FORMAT_DATETIME('%Q %T', DATETIME '2025-06-05 13:45:10')",
     ["06/05/25", "Thu 05 June", "2 13:45:10"]),
    ("PARSE_DATE('%Y%m%d', '20250605'), PARSE_DATE('%Y-%m', '2025-06')", ["2025-06-05", "2025-06-01"]),
    # numbers
    ("SAFE_DIVIDE(1, 0), SAFE_DIVIDE(1, 4), SAFE_DIVIDE(NULL, 4)", [None, 0.25, None]),
    ("1 / 2, 7 / NULLIF(0, 0), DIV(-7, 2), MOD(-7, 3)", [0.5, None, -3, -1]),
    ("DIV(25 - 1, 12), DIV(25, 13 - 1), 2 * DIV(7, 3), 7 - DIV(7, 2) * 2, -DIV(-7, 2)", [2, 2, 4, 1, 3]),
    ("ROUND(2.5), ROUND(-2.5), ROUND(2.674, 2), TRUNC(2.79, 1), CEIL(1.2), CEILING(1.2), FLOOR(-1.2)", [3.0, -3.0, 2.67, 2.7, 2.0, 2.0, -2.0]),
    ("ABS(-2), SIGN(-2), SQRT(9), POW(2, 3), POWER(2, 3), EXP(0), LN(1), LOG10(1000), LOG(8, 2), LOG(1)", [2, -1, 3.0, 8.0, 8.0, 1.0, 0.0, 3.0, 3.0, 0.0]),
    ("GREATEST(1, 3, 2), LEAST(1, 3, 2), GREATEST(1, NULL), LEAST(NULL, 1)", [3, 1, None, None]),
    ("CAST(1.239999999 AS NUMERIC), CAST('12' AS INT64), CAST(12 AS STRING), CAST(DATE '2025-06-05' AS STRING), CAST(true AS STRING)",
     [1.239999999, 12, "12", "2025-06-05", "true"]),
    ("SAFE_CAST('x' AS INT64), SAFE_CAST('2025-02-30' AS DATE), CAST('2025-06-05' AS DATE)", [None, None, "2025-06-05"]),
    ("IF(1 > 2, 'a', 'b'), IFNULL(NULL, 1), COALESCE(NULL, NULL, 2), NULLIF(3, 3)", ["b", 1, 2, None]),
    # text
    ("CONCAT('a', 'b'), CONCAT('a', NULL), UPPER('ö'), LOWER('Ä'), LENGTH('äö'), CHAR_LENGTH('äö')", ["ab", None, "Ö", "ä", 2, 2]),
    ("SUBSTR('abcdef', 2, 3), SUBSTRING('abcdef', -2), LEFT('abc', 2), RIGHT('abc', 2), STRPOS('abc', 'c')", ["bcd", "ef", "ab", "bc", 3]),
    ("TRIM('  a '), LTRIM(' a '), RTRIM(' a '), LPAD('7', 3, '0'), RPAD('7', 3, '0'), REPLACE('aXa', 'X', '-')", ["a", "a ", " a", "007", "700", "a-a"]),
    ("STARTS_WITH('abc', 'ab'), ENDS_WITH('abc', 'bc'), CONTAINS_SUBSTR('Blue Shirt', 'shirt'), 'abc' LIKE 'A%'", [True, True, True, False]),
    ("REGEXP_CONTAINS('ab12', r'\\d+'), REGEXP_EXTRACT('ab12', r'[a-z]+(\\d)'), REGEXP_EXTRACT('ab', r'\\d'), REGEXP_REPLACE('a1b2', r'\\d', '')",
     [True, "1", None, "ab"]),
    ("SPLIT('a,b', ',')[OFFSET(1)], SPLIT('a,b', ',')[SAFE_OFFSET(5)], ARRAY_LENGTH(SPLIT('a,b', ','))", ["b", None, 2]),
    ("FORMAT('%d of %s', 3, 'x'), FORMAT(\"%'d\", 1234567), FORMAT('%.1f%%', 12.345), FORMAT('%05d{}', 42)", ["3 of x", "1,234,567", "12.3%", "00042{}"]),
    ("'it\\'s', \"double\", r'\\d'", ["it's", "double", "\\d"]),
]  # fmt: skip

# Whole queries over the retail data set.
QUERIES: list[tuple[str, list[list[object]]]] = [
    ("SELECT COUNTIF(status = 'open') FROM orders WHERE order_id < 0", [[0]]),
    ("SELECT COUNTIF(missing > 1), COUNTIF(missing IS NULL) FROM (SELECT CAST(NULL AS INT64) AS missing)", [[0, 1]]),
    ("SELECT DISTINCT COUNTIF(order_id < 0) OVER (PARTITION BY status) FROM orders", [[0]]),
    ("SELECT COUNT(*), COUNT(weight), COUNT(DISTINCT customer_id), COUNTIF(status = 'open') FROM orders", [[100, 90, 10, 25]]),
    ("SELECT SUM(total), MIN(total), MAX(total), AVG(order_id) FROM orders", [[3475.0, 10.0, 59.5, 50.5]]),
    ("SELECT order_date FROM orders WHERE order_date = DATE_SUB(CURRENT_DATE(), INTERVAL 1 DAY) GROUP BY order_date", [["2025-06-29"]]),
    ("SELECT COUNT(*) FROM orders WHERE ordered_at > DATETIME_SUB(CURRENT_DATETIME(), INTERVAL 7 DAY)", [[27]]),
    ("SELECT COUNT(*) FROM orders WHERE ordered_at > CURRENT_DATETIME()", [[0]]),
    # GROUP BY an alias that is a column's name too: the alias is meant
    ("SELECT DATE_TRUNC(order_date, MONTH) AS order_date, COUNT(*) AS n FROM orders GROUP BY order_date ORDER BY order_date",
     [["2025-06-01", 100 ]]),
    ("SELECT status, COUNT(*) AS n FROM orders GROUP BY status HAVING n > 30 ORDER BY n DESC", [["shipped", 50]]),
    ("SELECT weight FROM orders WHERE order_id IN (1, 2) ORDER BY weight", [[None], [0.25]]),
    ("SELECT weight FROM orders WHERE order_id IN (1, 2) ORDER BY weight DESC", [[0.25], [None]]),
    ("SELECT customer_id, total FROM orders WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY status ORDER BY total DESC) = 1 ORDER BY 1",
     [[7, 58.0], [9, 59.0], [10, 59.5]]),
    ("SELECT * EXCEPT (is_member) FROM customers WHERE customer_id = 1", [[1, "Ann O'Brien"]]),
    ("SELECT RANK() OVER w, DENSE_RANK() OVER w, PERCENT_RANK() OVER w, CUME_DIST() OVER w, NTILE(2) OVER w FROM orders "
     "WHERE order_id <= 2 WINDOW w AS (ORDER BY order_id) ORDER BY 1", [[1, 1, 0.0, 0.5, 1], [2, 2, 1.0, 1.0, 2]]),
    ("SELECT LAG(order_id) OVER w, LEAD(order_id) OVER w, FIRST_VALUE(order_id) OVER w, NTH_VALUE(order_id, 1) OVER w, "
     "LAST_VALUE(order_id) OVER (ORDER BY order_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) "
     "FROM orders WHERE order_id <= 2 WINDOW w AS (ORDER BY order_id) ORDER BY order_id",
     [[None, 2, 1, 1, 2], [1, None, 1, 1, 2]]),
    ("SELECT DISTINCT PERCENTILE_CONT(order_id, 0.5) OVER (), PERCENTILE_DISC(order_id, 0.5) OVER () FROM orders WHERE order_id <= 4",
     [[2.5, 2]]),
    ("SELECT APPROX_QUANTILES(order_id, 4)[OFFSET(0)], APPROX_QUANTILES(order_id, 4)[OFFSET(4)], APPROX_COUNT_DISTINCT(status) FROM orders",
     [[1, 100, 3]]),
    ("SELECT STRING_AGG(DISTINCT status, '|' ORDER BY status), LOGICAL_OR(order_id > 99), LOGICAL_AND(order_id > 99) FROM orders",
     [["open|returned|shipped", True, False]]),
    ("SELECT ANY_VALUE(status), MAX_BY(status, order_id), MIN_BY(status, order_id) FROM orders WHERE order_id IN (1)", [["open"] * 3]),
    ("SELECT ARRAY_LENGTH(ARRAY_AGG(status)) FROM orders", [[100]]),
    ("SELECT ROUND(STDDEV(x), 4), ROUND(STDDEV_SAMP(x), 4), STDDEV_POP(x), VARIANCE(x), VAR_SAMP(x), VAR_POP(x), CORR(x, -x), "
     "COVAR_POP(x, x), COVAR_SAMP(x, x) FROM UNNEST([1, 2, 3, 4, 5]) AS x",
     [[1.5811, 1.5811, 2.0 ** 0.5, 2.5, 2.5, 2.0, -1.0, 2.0, 2.5]]),
    ("SELECT d FROM UNNEST(GENERATE_DATE_ARRAY(DATE '2025-01-01', DATE '2025-03-31', INTERVAL 1 MONTH)) AS d ORDER BY d",
     [["2025-01-01"], ["2025-02-01"], ["2025-03-01"]]),
    ("SELECT x FROM UNNEST(GENERATE_ARRAY(10, 12)) AS x ORDER BY x", [[10], [11], [12]]),
    ("WITH orders AS (SELECT * FROM orders WHERE order_id < 4) SELECT COUNT(*) FROM orders", [[3]]),
    ("SELECT c.name, SUM(l.amount) AS s FROM customers AS c JOIN orders USING (customer_id) JOIN order_lines AS l USING (order_id) "
     "GROUP BY c.name ORDER BY s DESC LIMIT 1", [["Ann O'Brien", 1390.0]]),
    ("SELECT 'a' AS k UNION ALL SELECT 'b' ORDER BY k DESC", [["b"], ["a"]]),
    ("SELECT status, CASE WHEN status IN UNNEST(['open', 'shipped']) THEN 1 ELSE 0 END AS x FROM orders GROUP BY 1, 2 ORDER BY 1",
     [["open", 1], ["returned", 0], ["shipped", 1]]),
    ("SELECT SUM(total) OVER (ORDER BY order_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM orders ORDER BY order_id LIMIT 2",
     [[10.0], [20.5]]),
]  # fmt: skip


@pytest.mark.parametrize(("expressions", "expected"), VALUES)
def test_an_expression_has_the_value_bigquery_gives(dataset: Path, expressions: str, expected: list[object]) -> None:
    assert lint(f"SELECT {expressions}", SCHEMA) == []
    assert rows(dataset, f"SELECT {expressions}") == [pytest.approx(expected)]


@pytest.mark.parametrize(("sql", "expected"), QUERIES)
def test_a_query_has_the_result_bigquery_gives(dataset: Path, sql: str, expected: list[list[object]]) -> None:
    assert lint(sql, SCHEMA) == []
    assert [pytest.approx(row) for row in expected] == rows(dataset, sql)


def test_every_function_called_portable_has_a_case() -> None:
    everything = " ".join([sql for sql, _ in VALUES] + [sql for sql, _ in QUERIES]).upper()
    called = set(re.findall(r"([A-Z_0-9]+)\(", everything))
    assert sorted(PORTABLE_FUNCTIONS - called) == []


REFUSED = [
    "SELECT status FROM orders FOR UPDATE",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM `/etc/passwd.csv`.x",
    "SELECT * FROM other_dataset.orders",
    "SELECT * FROM `project.other.orders`",
    "SELECT * FROM range(10)",
    "COPY orders TO '/tmp/out.csv'",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
    "PRAGMA database_list",
    "SET threads = 1",
    "DELETE FROM orders WHERE TRUE",
    "CREATE TABLE x AS SELECT 1",
    "SELECT 1; DROP TABLE orders",
    "DECLARE x INT64; SELECT x",
    "EXPLAIN SELECT 1",
    "SELECT @parameter",
    "SELECT '",
    "",
    "   -- nothing",
    "(" * 5000,
    "SELECT '" + "x" * 60_000 + "'",
]


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql[:30])
def test_what_is_not_one_select_over_bare_tables_is_refused(sql: str) -> None:
    with pytest.raises(ProvisioningError) as raised:
        to_duckdb(sql, as_of=AS_OF)
    assert raised.value.remedy
    assert len(lint(sql)) == 1


def test_tables_are_those_stored_not_those_that_with_defines() -> None:
    sql = "WITH orders AS (SELECT * FROM orders), x AS (SELECT * FROM orders JOIN customers USING (customer_id)) SELECT * FROM x"
    assert tables_in(sql) == ["customers", "orders"]
    assert tables_in("WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT n FROM b JOIN A USING (n)") == []
    assert tables_in("SELECT (SELECT COUNT(*) FROM orders) FROM UNNEST([1]) AS x") == ["orders"]
    # a name is WITH's own only after it was defined
    assert tables_in("WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS n) SELECT * FROM a CROSS JOIN b") == ["b"]
    assert (
        tables_in("WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT * FROM a") == []
    )


def test_qualified_names_are_bigquerys_and_go_back() -> None:
    sql = "SELECT o.total, customers.name FROM orders AS o JOIN customers ON o.customer_id = customers.customer_id"
    full = qualify(sql, "my-project", "demo_acme_com")
    assert "`my-project`.`demo_acme_com`.orders AS o" in full
    assert "`my-project`.`demo_acme_com`.customers AS customers" in full
    assert pretty(unqualify(full, "my-project", "demo_acme_com")) == pretty(sql)
    with pytest.raises(ProvisioningError):
        googlesql.parse(unqualify(full, "my-project", "demo_other_com"))


def test_shown_as_an_analyst_writes_it() -> None:
    shown = pretty(
        "select sum(total) from orders where order_date >= date_sub(current_date(), interval 3 month) -- recent"
    )
    assert "CURRENT_DATE()" in shown
    assert "INTERVAL 3 MONTH" in shown
    assert "recent" in shown
    assert shown.count("\n") >= 4


def test_another_today_takes_the_place_of_current_date_in_googlesql() -> None:
    pinned = googlesql.pin_today("SELECT CURRENT_DATE(), DATE_SUB(CURRENT_DATE(), INTERVAL 1 DAY)", date(2024, 2, 29))
    assert "CURRENT_DATE" not in pinned
    assert pinned.count("2024-02-29") == 2
    assert "CURRENT" not in googlesql.pin_today("SELECT CURRENT_TIMESTAMP(), CURRENT_DATETIME()", date(2024, 2, 29))


@settings(max_examples=examples(40))
@given(text=st.text(max_size=30))
def test_any_text_survives_as_a_literal(dataset: Path, text: str) -> None:
    written = "'" + re.sub(r"[^A-Za-z0-9 ]", lambda match: f"\\U{ord(match[0]):08x}", text) + "'"
    if any(0xD800 <= ord(character) <= 0xDFFF or character == "\0" for character in text):
        return
    assert rows(dataset, f"SELECT {written}") == [[text]]


@settings(max_examples=examples(40))
@given(
    name=st.text(alphabet=st.characters(exclude_characters="`\\.", exclude_categories=["C"]), min_size=1, max_size=20)
)
def test_any_name_survives_as_an_alias(dataset: Path, name: str) -> None:
    result = run_query(dataset, f"SELECT 1 AS `{name}`, x.`{name}` AS y FROM (SELECT 2 AS `{name}`) AS x", as_of=AS_OF)
    assert [column.name for column in result.columns] == [name, "y"]
    assert result.rows == [[1, 2]]


@settings(max_examples=examples(40))
@given(sql=st.text(max_size=60))
def test_any_text_is_accepted_or_refused_without_another_error(sql: str) -> None:
    with contextlib.suppress(ProvisioningError):
        assert to_duckdb(sql, as_of=AS_OF)


WORDS = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "BY",
        "HAVING",
        "QUALIFY",
        "ORDER",
        "LIMIT",
        "WITH",
        "AS",
        "UNION",
        "ALL",
        "JOIN",
        "USING",
        "ON",
        "orders",
        "customers",
        "total",
        "status",
        "order_date",
        "ordered_at",
        "order_id",
        "(",
        ")",
        ",",
        ".",
        "*",
        "+",
        "-",
        "/",
        "=",
        "<",
        "0",
        "1",
        "'a'",
        "'%Q%'",
        '"x"',
        "`y`",
        "NULL",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "DATE",
        "INTERVAL",
        "DAY",
        "MONTH",
        "WEEK(MONDAY)",
        "COUNT(",
        "SUM(",
        "FORMAT(",
        "FORMAT_DATE(",
        "APPROX_QUANTILES(",
        "EXTRACT(",
        "DATE_SUB(",
        "DATE_TRUNC(",
        "CAST(",
        "OVER(",
        "UNNEST(",
        "[",
        "]",
        "CURRENT_DATE()",
        "CURRENT_DATETIME()",
        "STRUCT(",
        "ARRAY_AGG(",
        "DISTINCT",
        "@p",
        ";",
        "--",
        "/*",
        "|>",
        "PIVOT(",
        "TABLESAMPLE",
        "INTO",
    ]
)


@settings(max_examples=examples(150))
@given(words=st.lists(WORDS, max_size=14), closed=st.booleans())
def test_any_words_of_the_language_are_accepted_or_refused_without_another_error(
    words: list[str], closed: bool
) -> None:
    sql = "SELECT " + " ".join(words) + (")" * sum(word.endswith("(") for word in words) if closed else "")
    lint(sql, SCHEMA)
    for use in (lambda: to_duckdb(sql, as_of=AS_OF), lambda: tables_in(sql), lambda: pretty(qualify(sql, "p", "d"))):
        with contextlib.suppress(ProvisioningError):
            use()


def test_rows_that_the_order_leaves_equal_come_in_one_order() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT (i * 7919) % 100003 AS a, 1 AS b FROM range(100000) AS r(i)")
    ranked = "WITH first AS (SELECT b, a FROM t ORDER BY b LIMIT 3) SELECT a FROM first ORDER BY b"
    for sql in (ranked, "SELECT a, SUM(b) AS total FROM t GROUP BY a ORDER BY total DESC LIMIT 3"):
        rows = connection.execute(to_duckdb(sql, as_of=date(2026, 1, 1))).fetchall()
        assert [row[0] for row in rows] == [0, 1, 2]
    assert "1, 2" not in to_duckdb("SELECT * FROM t ORDER BY a", as_of=date(2026, 1, 1))
