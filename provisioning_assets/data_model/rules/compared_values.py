"""Checks that expressions compare columns with values that they have; a misspelled value would only make a condition false."""

from collections.abc import Iterator

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import Binary, Column, In, Literal, Node, walk
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.value_domains import text_of, values_of

EQUALITIES = ("=", "<>", "!=")


def compared_value_problems(sound: Lineage, place: Place, sql: str, over: str) -> Iterator[Problem]:
    """Report texts that a column is compared with and never has.

    Args:
        sound: the sound part of the model, from which the values of columns are read.
        place: where the expression is written.
        sql: a row expression without other problems.
        over: the table whose columns it reads.
    """
    for name, text in dict.fromkeys(_comparisons(parsed(sql))):
        values = values_of(sound, over, name) if (over, name) in sound.columns else None
        if values is not None and text not in values:
            yield Problem(
                place, f"`{sql}`: '{text}' is never a value of {over}.{name}.", suggestion(text, sorted(values))
            )


def _comparisons(expression: Node) -> Iterator[tuple[str, str]]:
    """Yield the columns that an expression compares with texts, each with the text.

    ``case column when 'text'`` is left out: shared texts list the words of many industries there.
    """
    for node in walk(expression):
        match node:
            case Binary(operator=operator, left=left, right=right) if operator in EQUALITIES:
                yield from _texts(left, right)
                yield from _texts(right, left)
            case In(value=value, options=options):
                yield from _texts(value, *options)
            case _:
                pass


def _texts(column: Node, *compared: Node) -> Iterator[tuple[str, str]]:
    if isinstance(column, Column) and len(column.path) == 1:
        for node in compared:
            if isinstance(node, Literal) and isinstance(node.value, str):
                yield column.path[0], text_of(node.value)
