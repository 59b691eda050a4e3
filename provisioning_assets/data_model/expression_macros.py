"""Functions that the author of a blueprint defines: each is a name for an expression that is needed in several places.

Example: ``seats_after(days): greatest(1, round(initial_seats * power(1.1, days)))``. A call is replaced by the function's
expression, with the arguments in place of the parameters. Any other name in that expression is a column of the row for which the
call is computed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from provisioning_assets.data_model.expression_functions import AGGREGATES, FUNCTIONS, check_call
from provisioning_assets.data_model.expression_parser import DEEPEST, TOO_DEEP, parsed_with_any_function
from provisioning_assets.data_model.expression_tree import (
    LANGUAGE_WORDS,
    PLAIN_NAME,
    Call,
    Column,
    ExpressionError,
    Node,
    changed,
    depth,
    walk,
)
from provisioning_assets.data_model.problems import suggestion

SIGNATURE = re.compile(r"\s*(?P<name>[^\s()]+)\s*\(\s*(?P<parameters>[^()]*)\)\s*")

MOST_CALLS = 20
"""Largest depth of functions that call each other. Expanding one takes a dozen of the 1,000 nested calls that Python allows."""

MOST_VALUES = 5_000
"""Largest number of nodes of one expanded expression. Functions that call each other twice grow as powers of two."""


@dataclass(frozen=True)
class Function:
    """A function of an author: the names of its parameters, and the expression that uses them."""

    parameters: tuple[str, ...]
    body: str


def parsed_signature(text: str) -> tuple[str, tuple[str, ...]]:
    """Split a signature such as ``seats_after(start, days)`` into the name and the parameters.

    Raises:
        ExpressionError: the text is not a signature, a name is reserved by the language, or a parameter occurs twice.
    """
    match = SIGNATURE.fullmatch(text)
    if match is None:
        raise ExpressionError(
            f"`{text}` is not the signature of a function; write its name and parameters: seats_after(days)"
        )
    name = match["name"]
    _refuse_name(name, "a function")
    written = match["parameters"].strip()
    parameters = tuple(part.strip() for part in written.split(",")) if written else ()
    for parameter in parameters:
        _refuse_name(parameter, "a parameter")
        if parameters.count(parameter) > 1:
            raise ExpressionError(f"`{text}` has two parameters '{parameter}'; rename one")
    return name, parameters


def check_functions(functions: Mapping[str, Function]) -> None:
    """Check that calls of these functions can be expanded.

    Raises:
        ExpressionError: a name is reserved by the language, a body is not a row expression, or a function calls itself, directly
            or through others.
    """
    for name, function in functions.items():
        _refuse_name(name, "a function")
        for parameter in function.parameters:
            _refuse_name(parameter, "a parameter")
        _expanded(_body(name, function), functions, (name,))


def expand_functions(sql: str, functions: Mapping[str, Function]) -> str:
    """Return the expression as canonical text, with every call of an author's function replaced by the function's expression.

    Raises:
        ExpressionError: the text is not a row expression, a function is unknown, the number of arguments is wrong, or a function
            calls itself, directly or through others.
    """
    for name in functions:
        _refuse_name(name, "a function")
    return _expanded(parsed_with_any_function(sql), functions, ()).text


def _refuse_name(name: str, what: str) -> None:
    if name.lower() in FUNCTIONS or name.lower() in AGGREGATES:
        raise ExpressionError(f"'{name}' cannot be the name of {what}: it is a function of SQL; choose another name")
    if name.lower() in LANGUAGE_WORDS:
        raise ExpressionError(f"'{name}' cannot be the name of {what}: it is a reserved word; choose another name")
    if not PLAIN_NAME.fullmatch(name):
        raise ExpressionError(
            f"'{name}' cannot be the name of {what}; use lower-case letters, digits and _, with a letter first"
        )


def _body(name: str, function: Function) -> Node:
    try:
        return parsed_with_any_function(function.body)
    except ExpressionError as error:
        raise ExpressionError(f"in the function {name}: {error}") from error


def _expanded(tree: Node, functions: Mapping[str, Function], within: tuple[str, ...]) -> Node:
    """Return the tree without calls of the author's functions; ``within`` lists the functions being expanded, outermost first."""

    def replaced(node: Node) -> Node:
        if not isinstance(node, Call):
            return node
        if node.name in functions:
            return _called(node, functions, within)
        if node.name not in FUNCTIONS and node.name not in AGGREGATES and functions:
            known = [*functions, *FUNCTIONS]
            raise ExpressionError(f"'{node.name}' is not a function. {suggestion(node.name, known)}")
        check_call(node)
        return node

    result = changed(tree, replaced)
    if depth(result) > DEEPEST or sum(1 for _ in walk(result)) > MOST_VALUES:
        raise ExpressionError(TOO_DEEP)
    return result


def _called(call: Call, functions: Mapping[str, Function], within: tuple[str, ...]) -> Node:
    """Return the expansion of one call of an author's function; the arguments are already expanded."""
    function = functions[call.name]
    if call.name in within:
        circle = " calls ".join([*within[within.index(call.name) :], call.name])
        raise ExpressionError(f"the function {circle}: a function cannot call itself; remove one of these calls")
    if len(within) >= MOST_CALLS:
        raise ExpressionError(
            f"{within[0]} calls {call.name} through {MOST_CALLS} functions, and no more are accepted; replace some calls by the "
            "called expressions"
        )
    if len(call.arguments) != len(function.parameters):
        head = f"{call.name}({', '.join(function.parameters)})"
        raise ExpressionError(
            f"`{call.text}` has {len(call.arguments)} arguments, but {head} takes {len(function.parameters)}"
        )
    body = _expanded(_body(call.name, function), functions, (*within, call.name))
    arguments = dict(zip(function.parameters, call.arguments, strict=True))

    def filled(node: Node) -> Node:
        if not isinstance(node, Column) or node.path[0] not in arguments:
            return node
        given = arguments[node.path[0]]
        if len(node.path) == 1:
            return given
        if isinstance(given, Column):
            return Column((*given.path, *node.path[1:]))
        raise ExpressionError(
            f"`{call.text}`: the function reads `{node.text}`, so the argument `{given.text}` must be a foreign key"
        )

    result = changed(body, filled)
    if depth(result) > DEEPEST or sum(1 for _ in walk(result)) > MOST_VALUES:
        raise ExpressionError(TOO_DEEP)
    return result
