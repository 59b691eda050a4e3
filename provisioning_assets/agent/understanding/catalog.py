"""The content of an agent's context: tables, columns with their roles in analysis, and joins between tables.

It is built only from the API's ``Context`` message, so that the agent uses exactly what was published. The role of a
column is encoded in its tags, because the API has no field for it: ``role:measure``, ``aggregation:sum``, ``unit:EUR``,
``primary_key``; ``personal`` for names of people, ``level`` for a measure that must not be added over time, ``state_today``
for a dimension that says how a row stands now, ``empty_means:open`` for a time that is empty while the row is open, and
``known_at:delivered_at`` for what is known from a later time on, such as whether a delivery was on time. The
tags of a table's schema are ``event_time:ordered_at`` (its clock), ``amount:total_amount`` and ``entity:customer_id`` (who acts).
This module both writes and reads these tags.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.figure_text import is_currency
from provisioning_assets.googlesql.units import Units
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES

Role = Literal["key", "dimension", "measure", "time", "text"]
NUMERIC_TYPES = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "INTEGER", "FLOAT"})
TIME_TYPES = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
# Endings of columns that name a row, best first. This column represents the row in a result.
_LABEL_ENDINGS = ("full_name", "name", "title", "label")


@dataclass(frozen=True)
class CatalogColumn:
    """One column of the context's schema."""

    table: str
    name: str
    type: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    role: Role = "dimension"
    aggregation: Literal["sum", "avg", "none"] = "none"
    unit: str | None = None
    primary_key: bool = False
    personal: bool = False
    level: bool = False
    state_today: bool = False
    empty_means: str | None = None
    known_at: str | None = None

    @property
    def key(self) -> str:
        """``table.column``."""
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class CatalogTable:
    """One table of the context."""

    name: str
    project: str
    dataset: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    columns: tuple[CatalogColumn, ...] = ()
    event_time: str | None = None
    amount: str | None = None
    entity: str | None = None

    def column(self, name: str) -> CatalogColumn:
        """Return the column of that name. Raises KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Return the names of the key columns."""
        return tuple(column.name for column in self.columns if column.primary_key)

    @property
    def label(self) -> CatalogColumn | None:
        """Return the column with a readable name of a row, or None."""
        texts = [c for c in self.columns if c.type == "STRING" and c.role in ("dimension", "text")]
        for ending in _LABEL_ENDINGS:
            for column in texts:
                stem = column.name.removesuffix(f"_{ending}")
                of_key = (f"{stem}_id",) == self.primary_key  # area_id and area_name of service_areas
                named = stem != column.name and (of_key or _names_table(column.name, self.name))
                if column.name == ending or named:
                    return column
        return None

    @property
    def main_amount(self) -> CatalogColumn | None:
        """Return the amount of money of a row: the declared one, else the only one that adds up; None if there are several."""
        if self.amount is not None:
            return self.column(self.amount)
        amounts = [
            c for c in self.columns if c.role == "measure" and c.aggregation == "sum" and is_currency(c.unit or "")
        ]
        return amounts[0] if len(amounts) == 1 else None

    @property
    def time(self) -> CatalogColumn | None:
        """Return the column with the time of a row: the declared event time, else the only or first time column."""
        times = [c for c in self.columns if c.type in TIME_TYPES]
        for column in times:
            if column.name == self.event_time:
                return column
        return times[0] if times else None


@dataclass(frozen=True)
class Relationship:
    """A many-to-one reference from ``table`` to ``references``. Columns are paired by position."""

    table: str
    columns: tuple[str, ...]
    references: str
    references_columns: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A verified query of the context."""

    question: str
    sql: str


@dataclass(frozen=True)
class Term:
    """A glossary term. Its labels are other names for it."""

    name: str
    description: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandingFilter:
    """A default filter from the instructions: excludes rows, or keeps only these, unless a question says otherwise."""

    table: str
    column: str
    kept: bool


@dataclass(frozen=True)
class Catalog:
    """Everything in a context that is needed for answering."""

    tables: dict[str, CatalogTable]
    standing_filters: tuple[StandingFilter, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    examples: tuple[Example, ...] = ()
    terms: tuple[Term, ...] = ()
    language: str = DEFAULT_LANGUAGE
    _paths: dict[tuple[str, str], tuple[tuple[Relationship, ...], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def dataset(self) -> str:
        """Return the data set of the tables; all tables are in the same one."""
        return next(iter(self.tables.values())).dataset

    @property
    def units(self) -> Units:
        """Return for each table the units of its columns that have one."""
        return {
            table.name: {column.name: column.unit for column in table.columns if column.unit}
            for table in self.tables.values()
        }

    def column(self, key: str) -> CatalogColumn:
        """Return the column for a key ``table.column``."""
        table, name = key.split(".", 1)
        return self.tables[table].column(name)

    def columns(self) -> list[CatalogColumn]:
        """Return all columns, in the order of the context."""
        return [column for table in self.tables.values() for column in table.columns]

    def paths(self, start: str, end: str) -> tuple[tuple[Relationship, ...], ...]:
        """Return the shortest chains of many-to-one joins between two tables; none if every join would multiply rows."""
        if (start, end) not in self._paths:
            self._paths[start, end] = self._search(start, end)
        return self._paths[start, end]

    def reaches(self, start: str, end: str) -> bool:
        """Return whether each row of ``start`` belongs to at most one row of ``end``."""
        return bool(self.paths(start, end))

    def _search(self, start: str, end: str) -> tuple[tuple[Relationship, ...], ...]:
        level: list[tuple[str, tuple[Relationship, ...]]] = [(start, ())]
        seen: set[str] = set()
        while level:
            found = tuple(chain for table, chain in level if table == end)
            if found:
                return found
            seen |= {table for table, _ in level}
            level = [
                (relationship.references, (*chain, relationship))
                for table, chain in level
                for relationship in self.relationships
                if relationship.table == table and relationship.references not in seen
            ]
        return ()

    @property
    def actors(self) -> frozenset[str]:
        """Return the tables whose rows act (customers, members): the entities of events, and what these belong to."""
        entities = {
            relationship.references
            for relationship in self.relationships
            if relationship.columns == (self.tables[relationship.table].entity,)
        }
        above = {
            relationship.references
            for relationship in self.relationships
            if self.tables[relationship.references].time is not None
            and relationship.table in entities
            and self.tables[relationship.references].event_time is None
        }
        return frozenset(entities | above)


# --- the tags ----------------------------------------------------------------------------------------------------


def column_tags(
    role: Role,
    aggregation: str,
    unit: str | None,
    *,
    primary_key: bool,
    personal: bool = False,
    level: bool = False,
    state_today: bool = False,
    empty_means: str | None = None,
    known_at: str | None = None,
) -> list[str]:
    """Return what the agent must know of a column as tags (see the module's text)."""
    tags = [f"role:{role}"]
    if role == "measure":
        tags.append(f"aggregation:{aggregation}")
    if unit:
        tags.append(f"unit:{unit}")
    declared = (("empty_means", empty_means), ("known_at", known_at))
    tags += [f"{name}:{value}" for name, value in declared if value]
    flags = {"primary_key": primary_key, "personal": personal, "level": level, "state_today": state_today}
    return [*tags, *(name for name, is_set in flags.items() if is_set)]


def table_tags(event_time: str | None, amount: str | None, entity: str | None = None) -> list[str]:
    """Return the names of a table's clock, amount and entity columns as tags."""
    declared = (("event_time", event_time), ("amount", amount), ("entity", entity))
    return [f"{name}:{value}" for name, value in declared if value]


def _tag(tags: list[str], name: str) -> str | None:
    return next((tag.split(":", 1)[1] for tag in tags if tag.startswith(f"{name}:")), None)


# --- the instructions --------------------------------------------------------------------------------------------

_ANSWER_IN = "Answer in the language of the demo, {name} ({code})."
_ANSWERS_IN = re.compile(r"^Answer in the language of the demo, \w+ \((?P<code>[a-z]{2})\)\.$", re.MULTILINE)


def answer_in(language: str) -> str:
    """Return the instruction to answer in a language (ISO 639-1)."""
    return _ANSWER_IN.format(name=LANGUAGES[language], code=language)


def _language(instruction: str) -> str:
    """Return the language in which the instructions want the answers."""
    found = _ANSWERS_IN.search(instruction)
    return found["code"] if found and found["code"] in LANGUAGES else DEFAULT_LANGUAGE


#: The text before the default filters in a system instruction; ``agent.context`` writes it.
DEFAULT_FILTERS = "Unless the question says otherwise:"
# "Leave out cancelled orders (orders.is_cancelled) ...": the flag is in parentheses after the instruction
_STANDING = re.compile(
    r"^- (?P<verb>leave out|exclude|omit|ignore|only|keep only|count only)\b[^()]*\((?P<table>\w+)\.(?P<column>\w+)\)",
    re.I,
)


def _standing_filters(instruction: str, tables: dict[str, CatalogTable]) -> tuple[StandingFilter, ...]:
    """Return the default filters that name a flag of the schema. Only a language model can follow the others."""
    lines = instruction.partition(DEFAULT_FILTERS)[2].splitlines()
    found = []
    for match in filter(None, map(_STANDING.match, lines)):
        table = tables.get(match["table"])
        if table and any(c.name == match["column"] and c.type == "BOOL" for c in table.columns):
            found.append(StandingFilter(table.name, match["column"], "only" in match["verb"].lower()))
    return tuple(found)


# --- reading a context -------------------------------------------------------------------------------------------


def read_catalog(context: gda.Context) -> Catalog:
    """Read a context's BigQuery tables, relationships, verified queries and glossary.

    In a schema without tags, roles follow from types: numbers that are not keys are measures, dates are times.
    """
    tables = [_table(reference) for reference in context.datasource_references.bq.table_references]
    by_name = {table.name: table for table in tables}
    return Catalog(
        tables=by_name,
        standing_filters=_standing_filters(context.system_instruction, by_name),
        relationships=tuple(_relationship(relationship) for relationship in context.schema_relationships),
        examples=tuple(
            Example(e.natural_language_question, e.sql_query) for e in context.example_queries if e.sql_query
        ),
        language=_language(context.system_instruction),
        terms=tuple(Term(t.display_name, t.description, tuple(t.labels)) for t in context.glossary_terms),
    )


def _table(reference: gda.BigQueryTableReference) -> CatalogTable:
    tags = list(reference.schema.tags)
    return CatalogTable(
        name=reference.table_id,
        project=reference.project_id,
        dataset=reference.dataset_id,
        description=reference.schema.description,
        synonyms=tuple(reference.schema.synonyms),
        columns=tuple(_column(reference.table_id, field) for field in reference.schema.fields),
        event_time=_tag(tags, "event_time"),
        amount=_tag(tags, "amount"),
        entity=_tag(tags, "entity"),
    )


def _column(table: str, declared: gda.Field) -> CatalogColumn:
    tags = list(declared.tags)
    role = _tag(tags, "role") or _role_by_type(declared)
    aggregation = _tag(tags, "aggregation") or ("sum" if role == "measure" else "none")
    return CatalogColumn(
        table=table,
        name=declared.name,
        type=declared.type_.upper(),
        description=declared.description,
        synonyms=tuple(declared.synonyms),
        role=role,  # pyright: ignore[reportArgumentType]  # an unknown role matches none of the five and is ignored
        aggregation=aggregation,  # pyright: ignore[reportArgumentType]
        unit=_tag(tags, "unit"),
        primary_key="primary_key" in tags,
        personal="personal" in tags,
        level="level" in tags,
        state_today="state_today" in tags,
        empty_means=_tag(tags, "empty_means"),
        known_at=_tag(tags, "known_at"),
    )


def _role_by_type(declared: gda.Field) -> Role:
    kind = declared.type_.upper()
    if declared.name == "id" or declared.name.endswith("_id"):
        return "key"
    if kind in TIME_TYPES:
        return "time"
    return "measure" if kind in NUMERIC_TYPES else "dimension"


def _relationship(declared: gda.Context.SchemaRelationship) -> Relationship:
    left, right = declared.left_schema_paths, declared.right_schema_paths
    return Relationship(
        table=left.table_fqn.rsplit("/", 1)[-1],
        columns=tuple(left.paths),
        references=right.table_fqn.rsplit("/", 1)[-1],
        references_columns=tuple(right.paths),
    )


def _names_table(column: str, table: str) -> bool:
    """Return whether ``product_name`` names a row of ``products``: the first word equals the table, except for a plural."""
    owner = column.rsplit("_", 1)[0].removesuffix("_full")
    return table.rstrip("s").startswith(owner.rstrip("s")[: max(3, len(owner) - 2)]) or table.endswith(owner)
