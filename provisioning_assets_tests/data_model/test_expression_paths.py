"""Dotted paths in row expressions, and functions of a blueprint's author."""

import pytest

from provisioning_assets.data_model.expression_macros import (
    Function,
    check_functions,
    expand_functions,
    parsed_signature,
)
from provisioning_assets.data_model.expression_paths import paths_of, with_columns
from provisioning_assets.data_model.expression_tree import ExpressionError


def test_paths_are_found_once_each_in_order() -> None:
    assert paths_of("seats * account_id.opportunity_id.seat_price - seats / a.b.c.d.e.f") == [
        ("seats",),
        ("account_id", "opportunity_id", "seat_price"),
        ("a", "b", "c", "d", "e", "f"),
    ]
    assert paths_of("case when x.y is null then date else plan.date end") == [("x", "y"), ("date",), ("plan", "date")]
    assert paths_of("1 + 2") == []


@pytest.mark.parametrize("word", ["date", "plan", "end", "case", "select", "order", "interval", "timestamp", "not"])
def test_any_word_can_be_a_part_of_a_path(word: str) -> None:
    assert paths_of(f"order_id.{word}.{word} > 1") == [("order_id", word, word)]
    assert paths_of(f'"{word}".x') == [(word, "x")]


def test_a_word_of_the_language_at_the_beginning_is_refused_with_what_to_write() -> None:
    with pytest.raises(ExpressionError, match='write it in double quotes: "end"'):
        paths_of("end.x + 1")


def test_each_path_becomes_a_column() -> None:
    sql = "a.b * (1 - c.d.e / 100) + seats"
    assert with_columns(sql, "__".join) == "a__b * (1 - c__d__e / 100) + seats"
    assert paths_of(with_columns(sql, lambda path: f"hidden {len(path)}")) == [
        ("hidden 2",),
        ("hidden 3",),
        ("hidden 1",),
    ]
    assert with_columns("a.b = 'a.b'", lambda _: 'x" or true; --') == '"x"" or true; --" = \'a.b\''


SEATS_AFTER = Function(("days",), "greatest(1, round(initial_seats * power(1.1, days)))")


def test_a_call_becomes_the_functions_expression() -> None:
    functions = {
        "seats_after": SEATS_AFTER,
        "net": Function(("price", "pct"), "price * (100 - pct) / 100"),
        "twice": Function(("x",), "net(x, 50) + net(x, 50)"),
        "currency": Function((), "'EUR'"),
    }
    assert expand_functions("seats_after(a + b)", functions) == (
        "greatest(1, round(initial_seats * power(1.1, a + b)))"
    )
    assert expand_functions("net(a + b, c - d) * 2", functions) == "(a + b) * (100 - (c - d)) / 100 * 2"
    assert expand_functions("2 / net(a, 10)", functions) == "2 / (a * (100 - 10) / 100)"
    assert expand_functions("twice(y)", functions) == "y * (100 - 50) / 100 + y * (100 - 50) / 100"
    assert expand_functions("net(net(a, 1), 2)", functions) == "a * (100 - 1) / 100 * (100 - 2) / 100"
    assert expand_functions("currency() || 'x'", functions) == "'EUR' || 'x'"
    assert expand_functions("A + b", {}) == '"A" + b'


def test_an_argument_is_not_taken_for_a_parameter_of_the_same_name() -> None:
    functions = {"swapped": Function(("a", "b"), "b - a")}
    assert expand_functions("swapped(b, a)", functions) == "a - b"
    assert expand_functions("swapped(swapped(b, a), 1)", functions) == "1 - (a - b)"


def test_a_parameter_may_be_a_foreign_key() -> None:
    functions = {"list_price": Function(("product",), "product.price * product.group_id.factor")}
    expanded = expand_functions("list_price(order_id.product_id)", functions)
    assert expanded == "order_id.product_id.price * order_id.product_id.group_id.factor"
    with pytest.raises(ExpressionError, match="`1` must be a foreign key"):
        expand_functions("list_price(1)", functions)


@pytest.mark.parametrize(
    ("sql", "functions", "message"),
    [
        ("f(1)", {"f": Function(("x",), "f(x)")}, "the function f calls f"),
        ("f(1)", {"f": Function(("x",), "g(x)"), "g": Function(("x",), "1 + f(x)")}, "f calls g calls f"),
        ("f(1, 2)", {"f": Function(("x",), "x")}, "has 2 arguments, but f(x) takes 1"),
        ("f()", {"f": Function(("x",), "x")}, "has 0 arguments, but f(x) takes 1"),
        ("f(1)", {"f": Function(("x",), "x +")}, "in the function f: the expression ends"),
        ("1", {"round": Function(("x",), "x")}, "'round' cannot be the name of a function: it is a function of SQL"),
        ("1", {"sum": Function(("x",), "x")}, "'sum' cannot be"),
        ("1", {"case": Function(("x",), "x")}, "it is a reserved word"),
        ("1", {"Net": Function(("x",), "x")}, "use lower-case letters"),
        ("nett(1)", {"net_of": Function(("x",), "x"), "net": Function(("x",), "x")}, "Did you mean 'net'?"),
        ("f(sum(a))", {"f": Function(("x",), "x")}, "more than one row"),
        ("f(round(1, 2, 3))", {"f": Function(("x",), "x")}, "write round"),
        ("frob(1)", {}, "'frob' is not a function"),
    ],
)
def test_what_cannot_be_expanded_is_refused(sql: str, functions: dict[str, Function], message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        expand_functions(sql, functions)
    assert message in str(refusal.value)


def test_functions_that_grow_without_bound_are_refused() -> None:
    functions = {f"f{n}": Function(("x",), f"f{n + 1}(x) + f{n + 1}(x)") for n in range(18)}
    functions["f18"] = Function(("x",), "x")
    with pytest.raises(ExpressionError, match="nested too deeply, or has too many"):
        expand_functions("f0(1)", functions)
    chain = {f"f{n}": Function(("x",), f"f{n + 1}(x)") for n in range(500)} | {"f500": Function(("x",), "x")}
    with pytest.raises(ExpressionError, match="f0 calls f20 through 20 functions"):
        expand_functions("f0(1)", chain)


def test_functions_are_checked_although_none_is_called() -> None:
    check_functions({"f": SEATS_AFTER, "g": Function(("days",), "f(days) + 1")})
    for functions in [
        {"f": Function(("x",), "g(x)"), "g": Function(("x",), "f(x)")},
        {"f": Function(("x",), "nothing(x)")},
        {"f": Function(("round",), "1")},
        {"f": Function(("x",), "x x")},
    ]:
        with pytest.raises(ExpressionError):
            check_functions(functions)


def test_the_signature_of_a_function_is_read() -> None:
    assert parsed_signature("seats_after(days)") == ("seats_after", ("days",))
    assert parsed_signature(" net ( price , pct ) ") == ("net", ("price", "pct"))
    assert parsed_signature("today()") == ("today", ())
    for text, message in [
        ("seats_after", "is not the signature of a function"),
        ("f(a", "is not the signature of a function"),
        ("f(a, a)", "two parameters 'a'"),
        ("f(a,)", "'' cannot be the name of a parameter"),
        ("f(case)", "a reserved word"),
        ("round(x)", "a function of SQL"),
        ("f(1x)", "use lower-case letters"),
    ]:
        with pytest.raises(ExpressionError) as refusal:
            parsed_signature(text)
        assert message in str(refusal.value)
