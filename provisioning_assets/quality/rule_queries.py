"""A rule as a query that counts its violations, and how such queries reach columns over stored keys."""

# ruff: noqa: S608  (names match the data model's Name pattern)

from dataclasses import dataclass, field

from sqlglot import exp

from provisioning_assets.data_model.generators import EnteredAt, Lookup, ParentKey, Position
from provisioning_assets.data_model.generators import Sequence as KeySequence
from provisioning_assets.data_model.lineage import Lineage


@dataclass(frozen=True)
class Rule:
    """One query that counts violations."""

    kind: str
    table: str
    column: str
    words: str
    sql: str


@dataclass
class Joined:
    """A FROM clause that reaches columns of referenced rows; aliases count up."""

    table: str
    joins: list[str] = field(default_factory=list)

    def source(self) -> str:
        return f'"{self.table}" AS t0 {" ".join(self.joins)}'


def all_stored(lineage: Lineage, table: str, *columns: str) -> bool:
    """Whether a reader of the tables sees these columns."""
    return all(not lineage.columns[table, column].internal for column in columns)


def parent_link(lineage: Lineage, table: str) -> tuple[str, str, str] | None:
    """(child's column, parent, parent's key) of a table whose rows have a parent; None when the link is not stored."""
    parent = lineage.parent(table)
    if parent is None:
        return None
    key = lineage.key_column(parent)
    for column in lineage.tables[table].columns:
        if isinstance(column.generator, ParentKey) and not column.internal:
            return column.name, parent, key
    return None


def reach(lineage: Lineage, joined: Joined, alias: str, table: str, column: str) -> str | None:
    """SQL of a column, through stored foreign keys where it is an internal look-up; None where nothing stored leads there."""
    if all_stored(lineage, table, column):
        return f'{alias}."{column}"'
    found = lineage.columns[table, column]
    generator = found.generator
    if not isinstance(generator, Lookup) or generator.history is not None or found.null_share > 0:
        return None
    through = reach(lineage, joined, alias, table, generator.through)
    other = lineage.target(table, generator.through)
    if through is None or other is None or not all_stored(lineage, other, lineage.key_column(other)):
        return None
    next_alias = f"t{len(joined.joins) + 1}"
    joined.joins.append(f'JOIN "{other}" AS {next_alias} ON {next_alias}."{lineage.key_column(other)}" = {through}')
    return reach(lineage, joined, next_alias, other, generator.column)


def history_order(lineage: Lineage, table: str) -> str | None:
    """SQL that orders the rows of one parent as they were passed; None if no stored column gives the order."""
    names = [
        column.name
        for kind in (Position, EnteredAt, KeySequence)
        for column in lineage.tables[table].columns
        if isinstance(column.generator, kind) and not column.internal and (table, column.name) not in lineage.copies
    ]
    return ", ".join(f'"{name}"' for name in names) or None


def last_versions(lineage: Lineage, history: str) -> str:
    """SQL of a history's rows, of those that began at the same moment the last one."""
    whose, since = lineage.history_columns(history)
    return (
        f'SELECT * FROM "{history}" QUALIFY row_number() OVER '
        f'(PARTITION BY "{whose}", "{since}" ORDER BY ({history_order(lineage, history)}) DESC) = 1'
    )


def literal(value: str | None) -> str:
    """A text of the model as an SQL literal."""
    return "CAST(NULL AS VARCHAR)" if value is None else exp.Literal.string(value).sql(dialect="duckdb")
