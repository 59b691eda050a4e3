"""Makes questions of a data model that no one has written for the demo, each with the SQL whose rows are right.

The questions are sentences over the model's own names; the SQL is written from the model alone, without the code that reads
questions. The same model has the same questions. Rows that the agent's instructions leave out are left out.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provisioning_assets.data_model.generators import Category
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column, Table

#: About how many questions are asked: enough to tell 3% from 10%, few enough to be asked in seconds.
QUESTIONS = 40
_LEFT_OUT = re.compile(r"^leave out [^()]*\((?P<table>\w+)\.(?P<column>\w+)\)", re.IGNORECASE)
_LAST_MONTH = (
    "DATE({0}) >= DATE_SUB(DATE_TRUNC(CURRENT_DATE(), MONTH), INTERVAL 1 MONTH) "
    "AND DATE({0}) < DATE_TRUNC(CURRENT_DATE(), MONTH)"
)
_THIS_YEAR = "DATE({0}) >= DATE_TRUNC(CURRENT_DATE(), YEAR)"
_LAST_30_DAYS = "DATE({0}) >= DATE_SUB(CURRENT_DATE(), INTERVAL 29 DAY)"
_WINDOWS = (("last month", _LAST_MONTH), ("this year", _THIS_YEAR), ("in the last 30 days", _LAST_30_DAYS))


@dataclass(frozen=True)
class FreshQuestion:
    """A question and the GoogleSQL whose rows are right. ``form`` says what kind of question it is."""

    form: str
    question: str
    sql: str


@dataclass(frozen=True)
class _Model:
    """A model with the flags whose rows the agent leaves out, by table."""

    model: DataModel
    left_out: dict[str, str]

    def table(self, name: str) -> Table:
        return next(table for table in self.model.tables if table.name == name)

    def rows(self, table: Table) -> tuple[str, list[str]]:
        """Return FROM and conditions of a table's rows, without those that are left out; columns are to be written ``t.x``."""
        if table.name in self.left_out:
            return f"{table.name} AS t", [f"NOT t.{self.left_out[table.name]}"]
        if not _times(table):
            for key in table.foreign_keys:
                if key.references_table in self.left_out:
                    join = f"JOIN {key.references_table} AS o ON o.{key.references_columns[0]} = t.{key.columns[0]}"
                    return f"{table.name} AS t {join}", [f"NOT o.{self.left_out[key.references_table]}"]
        return f"{table.name} AS t", []


def fresh_questions(model: DataModel, default_filters: Sequence[str]) -> list[FreshQuestion]:
    """Return the questions of a model.

    Args:
        model: the tables, with the values that its categories draw from.
        default_filters: the agent's instructions on rows to leave out, as in the plan.
    """
    left_out = {m["table"]: m["column"] for m in map(_LEFT_OUT.match, default_filters) if m}
    described = _Model(model, left_out)
    draw = random.Random(f"fresh questions of {model.name} {model.seed}")  # noqa: S311
    by_form = [_shuffled(list(form(described)), draw) for form in _FORMS]
    questions: dict[str, FreshQuestion] = {}
    for place in range(max(map(len, by_form), default=0)):
        for form in by_form:
            if place < len(form) and len(questions) < QUESTIONS:
                questions.setdefault(form[place].question, form[place])
    return list(questions.values())


def _shuffled(questions: list[FreshQuestion], draw: random.Random) -> list[FreshQuestion]:
    draw.shuffle(questions)
    return questions


# --- the parts of the model --------------------------------------------------------------------------------------


def _stored(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.internal]


def _times(table: Table) -> list[Column]:
    return [column for column in _stored(table) if column.role == "time"]


def _events(described: _Model) -> list[tuple[Table, Column]]:
    """Return the tables that declare when their rows happen, with that column."""
    return [
        (table, column)
        for table in described.model.tables
        for column in _stored(table)
        if column.name == table.event_time
    ]


def _dimensions(table: Table) -> list[Column]:
    return [
        c for c in _stored(table) if c.role == "dimension" and c.type == "STRING" and isinstance(c.generator, Category)
    ]


def _measures(table: Table) -> list[Column]:
    return [c for c in _stored(table) if c.role == "measure" and c.aggregation in ("sum", "avg")]


def _values(column: Column) -> list[str]:
    made = column.generator
    return [value for value in made.values if isinstance(value, str)] if isinstance(made, Category) else []


def _readable(name: str) -> str:
    return name.replace("_", " ")


def _sql(figures: str, source: str, conditions: Sequence[str], rest: str = "") -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {figures} FROM {source}{where} {rest}".strip()  # noqa: S608


def _aggregated(column: Column) -> tuple[str, str]:
    """Return the word and the SQL of a measure's usual aggregate."""
    return ("total", f"SUM(t.{column.name})") if column.aggregation == "sum" else ("average", f"AVG(t.{column.name})")


# --- the forms of questions --------------------------------------------------------------------------------------


def _counts_by_dimension(described: _Model) -> Iterator[FreshQuestion]:
    for table, _ in _events(described):
        source, kept = described.rows(table)
        for column in _dimensions(table):
            question = f"How many {_readable(table.name)} are there by {_readable(column.name)}?"
            yield FreshQuestion("by", question, _sql(f"t.{column.name}, COUNT(*)", source, kept, "GROUP BY 1"))


def _counts_of_a_value(described: _Model) -> Iterator[FreshQuestion]:
    for table, _ in _events(described):
        source, kept = described.rows(table)
        for column in _dimensions(table):
            for value in _values(column)[:2]:
                question = f"How many {_readable(table.name)} have the {_readable(column.name)} {value}?"
                yield FreshQuestion("value", question, _sql("COUNT(*)", source, [*kept, _is(column, value)]))


def _counts_of_other_values(described: _Model) -> Iterator[FreshQuestion]:
    for table, _ in _events(described):
        source, kept = described.rows(table)
        for column in _dimensions(table):
            for value in _values(column)[:1]:
                question = f"How many {_readable(table.name)} do not have the {_readable(column.name)} {value}?"
                yield FreshQuestion("not", question, _sql("COUNT(*)", source, [*kept, f"NOT {_is(column, value)}"]))


def _is(column: Column, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"t.{column.name} = '{escaped}'"


def _figures_in_a_window(described: _Model) -> Iterator[FreshQuestion]:
    for table, clock in _events(described):
        source, kept = described.rows(table)
        for words, window in _WINDOWS:
            dated = [*kept, window.format(f"t.{clock.name}")]
            yield FreshQuestion("window", f"How many {_readable(table.name)} {words}?", _sql("COUNT(*)", source, dated))
            for column in _measures(table):
                word, figure = _aggregated(column)
                question = f"What was the {word} {_readable(column.name)} {words}?"
                yield FreshQuestion("measure", question, _sql(figure, source, dated))


def _figures_by_month(described: _Model) -> Iterator[FreshQuestion]:
    for table, clock in _events(described):
        source, kept = described.rows(table)
        dated = [*kept, _THIS_YEAR.format(f"t.{clock.name}")]
        for column in _measures(table):
            word, figure = _aggregated(column)
            month = f"DATE_TRUNC(DATE(t.{clock.name}), MONTH)"
            question = f"{word.title()} {_readable(column.name)} by month this year"
            yield FreshQuestion("month", question, _sql(f"{month} AS month, {figure}", source, dated, "GROUP BY month"))


def _counts_by_an_events_clock(described: _Model) -> Iterator[FreshQuestion]:
    """Yield "how many orders were shipped last month": dated by the event's own time."""
    for table, clock in _events(described):
        source, kept = described.rows(table)
        for column in _times(table):
            event = re.fullmatch(r"(\w+ed)_(?:at|on)", column.name)
            if event is not None and column != clock and event[1] not in described.left_out.get(table.name, ""):
                question = f"How many {_readable(table.name)} were {_readable(event[1])} last month?"
                dated = [*kept, _LAST_MONTH.format(f"t.{column.name}")]
                yield FreshQuestion("clock", question, _sql("COUNT(*)", source, dated))
                never = f"How many {_readable(table.name)} were never {_readable(event[1])}?"
                yield FreshQuestion("never", never, _sql("COUNT(*)", source, [*kept, f"t.{column.name} IS NULL"]))


def _flags(described: _Model) -> Iterator[FreshQuestion]:
    for table, _ in _events(described):
        source, kept = described.rows(table)
        for column in _stored(table):
            name = re.fullmatch(r"is_(\w+)", column.name)
            if column.type == "BOOL" and name is not None:
                asked = column.name == described.left_out.get(table.name)
                conditions = [] if asked else kept
                question = f"What share of {_readable(table.name)} is {_readable(name[1])}?"
                share = f"SAFE_DIVIDE(COUNTIF(t.{column.name}), COUNT(t.{column.name}))"
                yield FreshQuestion("share", question, _sql(share, source, conditions))


def _ranked(described: _Model) -> Iterator[FreshQuestion]:
    for table, _ in _events(described):
        source, kept = described.rows(table)
        for column in _dimensions(table):
            if len(_values(column)) < 4:
                continue
            for measure in _measures(table):
                if measure.aggregation == "sum":
                    question = f"Top 3 {_readable(column.name)} by {_readable(measure.name)}"
                    rest = "GROUP BY 1 ORDER BY 2 DESC LIMIT 3"
                    sql = _sql(f"t.{column.name}, SUM(t.{measure.name})", source, kept, rest)
                    yield FreshQuestion("top", question, sql)


def _acting(described: _Model) -> Iterator[tuple[Table, Table, str, str]]:
    """Yield the tables that act with their events: actor, event, the event's reference, the actor's key."""
    for table, _ in _events(described):
        for key in table.foreign_keys:
            if key.columns == [table.entity]:
                yield described.table(key.references_table), table, key.columns[0], key.references_columns[0]


def _counts_of_actors(described: _Model) -> Iterator[FreshQuestion]:
    """Yield "how many customers have more than 3 orders" and "how many customers have no orders"."""
    for actor, event, reference, key in _acting(described):
        source, kept = described.rows(event)
        others, own = described.rows(actor)
        for number in (2, 4):
            group = f"GROUP BY t.{reference} HAVING COUNT(*) > {number}"
            many = _sql(f"t.{reference}", source, [*kept, f"t.{reference} IS NOT NULL"], group)
            question = f"How many {_readable(actor.name)} have more than {number} {_readable(event.name)}?"
            yield FreshQuestion("having", question, _sql("COUNT(*)", others, [*own, f"t.{key} IN ({many})"]))
        some = _sql(f"t.{reference}", source, [*kept, f"t.{reference} IS NOT NULL"])
        question = f"How many {_readable(actor.name)} have no {_readable(event.name)}?"
        yield FreshQuestion("without", question, _sql("COUNT(*)", others, [*own, f"t.{key} NOT IN ({some})"]))


def _counts_by_a_referenced_dimension(described: _Model) -> Iterator[FreshQuestion]:
    for actor, event, reference, key in _acting(described):
        source, kept = described.rows(event)
        for column in _dimensions(actor):
            join = f"{source} JOIN {actor.name} AS a ON a.{key} = t.{reference}"
            singular = _readable(actor.name).removesuffix("s")
            question = f"How many {_readable(event.name)} are there by {singular} {_readable(column.name)}?"
            yield FreshQuestion("joined", question, _sql(f"a.{column.name}, COUNT(*)", join, kept, "GROUP BY 1"))


_FORMS: tuple[Callable[[_Model], Iterator[FreshQuestion]], ...] = (
    _counts_by_dimension,
    _counts_of_a_value,
    _counts_of_other_values,
    _figures_in_a_window,
    _figures_by_month,
    _counts_by_an_events_clock,
    _flags,
    _ranked,
    _counts_of_actors,
    _counts_by_a_referenced_dimension,
)
