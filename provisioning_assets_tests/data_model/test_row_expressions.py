"""The language of row expressions: what is read, how it is written again, and its messages to authors."""

import subprocess
import sys

import pytest
import sqlglot
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import CAST_NAMES, LANGUAGE_WORDS, ExpressionError
from provisioning_assets.data_model.expressions import check_scalar, columns_of
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets_tests.data_model.row_expressions import WORKED_WITH, expressions


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("A   + 1 -- a remark", '"A" + 1'),
        ("a/* one */+1", "a + 1"),
        ("(a + b) * c", "(a + b) * c"),
        ("a + (b * c)", "a + b * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a != 1 AND NOT b", "a <> 1 and not b"),
        ("not (a and b)", "not (a and b)"),
        ("(not a) and b", "not a and b"),
        ("a and (b or c)", "a and (b or c)"),
        ("- - a", "-(-a)"),
        ("a - -5", "a - -5"),
        ("-(-5)", "5"),
        ("-a * b", "-a * b"),
        ("-(a * b)", "-(a * b)"),
        ("x::text || y", "cast(x as text) || y"),
        ("(a + b)::double precision", "cast(a + b as double precision)"),
        ("a || b + 1", "a || b + 1"),
        ("(a || b) = 'x'", "a || b = 'x'"),
        ("(a = b) is null", "a = b is null"),
        ("a is not null = b", "(a is not null) = b"),
        ("(a is null) = b", "(a is null) = b"),
        ("a between 1 and 2 and c", "a between 1 and 2 and c"),
        ("a not in ((1), 2)", "a not in (1, 2)"),
        ("a not like 'x%'", "a not like 'x%'"),
        ("case a when 1 then 'x' end", "case a when 1 then 'x' end"),
        ("CASE WHEN a THEN b ELSE c END", "case when a then b else c end"),
        ("'it''s'", "'it''s'"),
        ("interval '1  Month' * n + d", "interval '1 month' * n + d"),
        ("extract(MONTH from d)", "extract(month from d)"),
        ("extract('month' from d)", "extract(month from d)"),
        ("date '2026-05-31'", "date '2026-05-31'"),
        ("timestamp '2026-05-31 14:30:00'", "timestamp '2026-05-31 14:30:00'"),
        ("date", "date"),
        ("date - timestamp", "date - timestamp"),
        ('"end" + "select"', '"end" + "select"'),
        ("order_id.end.date", "order_id.end.date"),
        ("1e3 + .5", "1000.0 + 0.5"),
        ("ROUND(a)", "round(a)"),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    assert parsed(written).text == canonical
    assert parsed(canonical) == parsed(written)


def _as_postgres_reads_it(sql: str) -> exp.Expr:
    """By another parser, without what does not change the meaning."""

    whole = exp.Tuple(expressions=[sqlglot.parse_one(sql, read="postgres")])
    for node in reversed([*whole.walk()]):
        if isinstance(node, exp.Paren):
            node.replace(node.this)
        elif isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
            node.replace(exp.Literal(this=repr(0.0 - float(node.this.this)), is_string=False))
        elif isinstance(node, exp.Literal) and not node.is_string:
            node.replace(exp.Literal(this=repr(float(node.this)), is_string=False))
    return whole


@pytest.mark.parametrize("kind", WORKED_WITH)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_canonical_text_means_the_same_to_another_parser(kind: GoogleSqlType, data: st.DataObject) -> None:
    sql = data.draw(expressions(kind))
    assume("interval" not in sql)  # sqlglot takes `+ 0` after an interval for another interval
    canonical = parsed(sql).text
    assert parsed(canonical).text == canonical
    assert _as_postgres_reads_it(canonical) == _as_postgres_reads_it(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("a +", "the expression ends where a value is expected"),
        ("a * * b", "`*` stands at character 5 where a value is expected"),
        ("end", 'write it in double quotes: "end"'),
        ("a b", "`b` stands at character 3 where an operator or the end of the expression is expected"),
        ("(a", "where `)` is expected"),
        ("a = b = c", "`and` or `or` between two comparisons"),
        ("'a", "has no closing quote"),
        ("a; drop table b", "an expression is one value; remove it"),
        ("a $ b", "`$` at character 3"),
        ("sum(a)", "a column with `rollup`"),
        ("min(a, b)", "least(a, b)"),
        ("count(*)", "more than one row"),
        ("count(distinct a)", "more than one row"),
        ("row_number() over (order by a)", "more than one row"),
        ("a + lag(b)", "more than one row"),
        ("(select 1)", "a query reads more than one row"),
        ("exists (select 1)", "a query reads more than one row"),
        ("frob(a)", "'frob' is not a function"),
        ("flor(a)", "Did you mean 'floor'?"),
        ("substring(a, 1)", "write substr(s, start, n)"),
        ("date_trunc('month', d)", "write month_start(d), quarter_start(d) or year_start(d)"),
        ("datediff(a, b)", "days_between(a, b)"),
        ("round(a, 1, 2)", "write round(x[, digits])"),
        ("greatest(a)", "write greatest(a, b, ...)"),
        ("cast(a as int)", "Did you mean 'integer'?"),
        ("a::varchar", "Did you mean 'text'?"),
        ("cast(a as numeric(10, 2))", "write round(x, 2)"),
        ("cast(a as money_bag)", "Accepted: text, integer"),
        ("interval 3 days", "interval '3 days'"),
        ("d + interval '3 fortnights'", "write whole numbers and units"),
        ("d + interval ''", "interval '' is empty"),
        ("d + interval '1.5 days'", "interval '1 day' * column"),
        ("extract(dayz from d)", "Did you mean 'day'?"),
        ("date '2026-02-30'", "is not a valid date"),
        ("a is true", "to test a truth value"),
        ("a is distinct from b", "`null`"),
        ("a ilike 'b'", "lower(...) like"),
        ("a like b", "a pattern in quotes"),
        ("a like 'x!%' escape '!'", "% and _ are always wildcards"),
        ("a.b(c)", "names of functions have no dot"),
        ("a.", "a column's name after the dot"),
        ("case when a then b", "`end` of the case"),
        ("case else 1 end", "where a value is expected"),
        ("99999999999999999999", "too large"),
        ("1e999", "too large"),
        ("", "the expression ends where a value is expected"),
        ("(" * 5_000, "nested too deeply"),
        ("- " * 5_000 + "a", "nested too deeply"),
        ("not " * 5_000 + "a", "nested too deeply"),
        ("+".join(["a"] * 5_000), "nested too deeply"),
    ],
)
def test_what_is_not_a_row_expression_is_refused(sql: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        check_scalar(sql)
    assert message in str(refusal.value)
    for engine in ("polars", "duckdb", "sqlglot", "postgres"):
        assert engine not in str(refusal.value).lower()


def test_columns_are_found_in_order() -> None:
    assert columns_of("b + a * length(c) + a.b.c - b") == ("b", "a", "c", "a.b.c")
    assert columns_of("'a' || 1") == ()


@pytest.mark.parametrize("word", sorted(LANGUAGE_WORDS))
def test_every_word_can_be_a_column_in_quotes_or_after_a_dot(word: str) -> None:
    assert columns_of(f'"{word}" = a.{word}') == (word, f"a.{word}")
    assert columns_of(parsed(f'"{word}" = a.{word}').text) == (word, f"a.{word}")


@pytest.mark.parametrize("kind", CAST_NAMES)
def test_every_type_can_be_cast_to(kind: GoogleSqlType) -> None:
    assert parsed(f"x::{CAST_NAMES[kind]}") == parsed(f"CAST(x AS {CAST_NAMES[kind].upper()})")


def test_reading_and_typing_load_no_engine() -> None:
    modules = ["expression_types", "expression_paths", "expression_macros", "expression_duckdb"]
    imports = "; ".join(f"import provisioning_assets.data_model.{name}" for name in modules)
    check = f"import sys; {imports}; print([m for m in ('polars', 'duckdb', 'sqlglot') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
