"""The possible values of columns whose values the model lists: categories, states, records, choices among texts, and look-ups."""

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_tree import Case, Column, Literal, Node
from provisioning_assets.data_model.generators import Category, Expression, FirstOf, Flag, FromRecord, Lookup, StateName
from provisioning_assets.data_model.histories import state_names
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.populations import Records


def values_of(lineage: Lineage, table: str, column: str) -> set[str] | None:
    """Return the possible values of a column as text, without those of weight 0; None if the model does not list them.

    The references and look-ups of the model must be valid.
    """
    usually = lineage.columns[table, column].usually
    found = _generated_values(lineage, table, column)
    if usually is None or found is None:
        return found
    usual = values_of(lineage, table, usually.column)
    return None if usual is None else found | usual


def _generated_values(lineage: Lineage, table: str, column: str) -> set[str] | None:
    """Return the values that a column's generator gives."""
    generator = lineage.columns[table, column].generator
    population = lineage.tables[table].population
    match generator:
        case Category():
            weights = [generator.weights, *generator.weights_by.values()]
            return {
                text_of(value)
                for place, value in enumerate(generator.values)
                if any(given[place] > 0 for given in weights if place < len(given))
            }
        case Flag():
            return {"true", "false"}
        case FirstOf(part="cause"):
            return set(generator.moments)
        case StateName():
            history = lineage.history_of(table)
            return None if history is None else set(state_names(history))
        case FromRecord() if isinstance(population, Records):
            return {text_of(row.get(column)) for row in population.rows if row.get(column) is not None}
        case Lookup():
            other = generator.history or lineage.pointed_to(table, generator.through)
            return values_of(lineage, other, generator.column)
        case Expression() if lineage.columns[table, column].type == "BOOL":
            return {"true", "false"}
        case Expression(sql=sql):
            return _results(parsed(sql), lineage, table)
        case _:
            return None


def _results(expression: Node, lineage: Lineage, table: str) -> set[str] | None:
    """Return the results of an expression that chooses among texts and columns with listed values; None for any other."""
    match expression:
        case Literal(value=str(text)):
            return {text}
        case Literal(value=None):
            return set()
        case Column(path=(name,)) if (table, name) in lineage.columns:
            return values_of(lineage, table, name)
        case Case():
            results = [result for _, result in expression.branches]
            found = [
                _results(result, lineage, table)
                for result in [*results, *([] if expression.otherwise is None else [expression.otherwise])]
            ]
            return None if None in found else {text for texts in found for text in texts or ()}
        case _:
            return None


def text_of(value: object) -> str:
    """Return a value as text in the way polars writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
