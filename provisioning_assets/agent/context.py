"""Builds the data agent's context, the API's ``Context``, from plan, data model and golden queries.

Structured fields are preferred (descriptions, synonyms, roles as tags, verified queries, glossary, relationships); the
system instruction contains only persona, rules and default filters.

A golden query is included with its question and its other wordings, but for the last: the evaluation asks that one, and an
agent that has it in its context would only prove that it can look it up. A golden query is included only if it was executed
and returned rows, because "verified" must be true.

Sizes are the API's limits, see ``local_server.context_limits``.
"""

import hashlib
import re

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.local_server.context_limits import (
    INSTRUCTION_BYTES,
    QUESTION_BYTES,
    SQL_BYTES,
    TABLE_FQN,
    TERM_BYTES,
    TERM_DESCRIPTION_BYTES,
)
from provisioning_assets.agent.understanding.catalog import DEFAULT_FILTERS, answer_in, column_tags, table_tags
from provisioning_assets.data_model.generators import Expression, Person, RollUp, Walk
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import PerPeriod
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql import statements as googlesql
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.prices import MOST_BYTES_BILLED
from provisioning_assets.warehouse.models import DemoDataset

# "empty while it is open", "empty while the membership runs": what a row is while a time of it is empty
_EMPTY_WHILE = re.compile(
    r"empty (?:while|when) (?:it|he|she|they|the \w+) (?:is|are) (?P<state>(?!in\b|not\b)[a-z]+)\b|empty while (?P<word>[a-z]+)$",
    re.I,
)


def build_context(
    plan: DemoPlan,
    model: DataModel,
    golden: GoldenQueries,
    dataset: DemoDataset,
    project: str,
    most_billed_bytes: int = MOST_BYTES_BILLED,
) -> gda.Context:
    """Return the published context of a customer's agent.

    Args:
        plan: persona, rules, glossary, KPIs.
        model: schema, synonyms, roles, keys; internal columns are not stored, so they are left out.
        golden: executed queries; those that failed or returned no rows are left out.
        dataset: where the tables are.
        project: the project of the data set (``local`` for the local server).
        most_billed_bytes: of one query that the agent runs in BigQuery.
    """
    levels = _levels(model)
    return gda.Context(
        system_instruction=_cut(system_instruction(plan), INSTRUCTION_BYTES),
        datasource_references=gda.DatasourceReferences(
            bq=gda.BigQueryTableReferences(
                table_references=[
                    gda.BigQueryTableReference(
                        project_id=project,
                        dataset_id=dataset.dataset,
                        table_id=table.name,
                        schema=_schema(table, levels),
                    )
                    for table in model.tables
                ]
            )
        ),
        example_queries=[
            gda.ExampleQuery(
                natural_language_question=words, sql_query=googlesql.qualify(query.sql, project, dataset.dataset)
            )
            for query in golden.queries
            if is_verified(query)
            for words in (query.question, *query.known_wordings)
            if len(words.encode()) <= QUESTION_BYTES
        ],
        glossary_terms=_glossary(plan),
        schema_relationships=_relationships(model, project, dataset.dataset),
        options=gda.ConversationOptions(datasource=gda.DatasourceOptions(big_query_max_billed_bytes=most_billed_bytes)),
    )


def left_out(plan: DemoPlan, golden: GoldenQueries) -> list[str]:
    """Return what the API's limits keep out of the context, one line each; empty if everything fits.

    Args:
        plan: instructions, glossary and KPIs.
        golden: executed queries.
    """
    sizes = [
        ("the system instruction", system_instruction(plan), INSTRUCTION_BYTES),
        *((f"the glossary's term {term.term[:40]!r}", term.term, TERM_BYTES) for term in plan.glossary),
        *((f"the definition of {term.term[:40]!r}", term.definition, TERM_DESCRIPTION_BYTES) for term in plan.glossary),
        *((f"the name of the KPI {kpi.name[:40]!r}", kpi.name, TERM_BYTES) for kpi in plan.kpis),
        *((f"the definition of {kpi.name[:40]!r}", kpi.definition, TERM_DESCRIPTION_BYTES) for kpi in plan.kpis),
    ]
    cut = [
        f"{what} is cut: {len(text.encode()):,} of at most {most:,} bytes"
        for what, text, most in sizes
        if len(text.encode()) > most
    ]
    whole = [query for query in golden.queries if query.error is None and query.row_count > 0]
    queries = [
        f"the query {query.id} is left out: its question or its SQL is too long"
        for query in whole
        if not is_verified(query)
    ]
    wordings = [
        f"a wording of {query.id} is left out: {len(words.encode()):,} of at most {QUESTION_BYTES:,} bytes"
        for query in whole
        for words in query.known_wordings
        if len(words.encode()) > QUESTION_BYTES
    ]
    return [*cut, *queries, *wordings]


def is_verified(query: GoldenQuery) -> bool:
    """Return whether the agent may get a golden query: executed, not empty, and within the API's limits."""
    fits = len(query.question.encode()) <= QUESTION_BYTES and len(query.sql.encode()) <= SQL_BYTES // 2
    return query.error is None and query.row_count > 0 and fits


def context_digest(context: gda.Context) -> str:
    """Return the SHA-256 of a context. The same context has the same digest in every process."""
    return hashlib.sha256(gda.Context.pb(context).SerializeToString(deterministic=True)).hexdigest()


def system_instruction(plan: DemoPlan) -> str:
    """Return persona, language of the answers, rules and default filters as text."""
    parts = [plan.agent.persona]
    if plan.language != DEFAULT_LANGUAGE:
        parts.append(answer_in(plan.language))
    if plan.agent.rules:
        parts.append("Rules:\n" + "\n".join(f"- {rule}" for rule in plan.agent.rules))
    if plan.agent.default_filters:
        parts.append(DEFAULT_FILTERS + "\n" + "\n".join(f"- {text}" for text in plan.agent.default_filters))
    return "\n\n".join(parts)


def _schema(table: Table, levels: frozenset[tuple[str, str]]) -> gda.Schema:
    return gda.Schema(
        description=table.description,
        synonyms=table.synonyms,
        tags=table_tags(table.event_time, table.amount, table.entity),
        fields=[_field(table, column, levels) for column in table.columns if not column.internal],
    )


def _field(table: Table, column: Column, levels: frozenset[tuple[str, str]]) -> gda.Field:
    return gda.Field(
        name=column.name,
        type_=column.type,
        description=column.description,
        mode="NULLABLE",
        synonyms=column.synonyms,
        tags=column_tags(
            column.role,
            column.aggregation,
            column.unit,
            primary_key=column.name in table.primary_key,
            personal=isinstance(column.generator, Person),
            level=(table.name, column.name) in levels,
            state_today=_changes_later(column),
            empty_means=_empty_means(column.description) if column.role == "time" else None,
            known_at=_known_at(column, table),
        ),
    )


def _changes_later(column: Column) -> bool:
    """Return whether a dimension says how a row stands today: the last of a history, or what has happened so far."""
    if column.role != "dimension":
        return False
    made = column.generator
    is_last = isinstance(made, RollUp) and made.function == "last"
    return is_last or (isinstance(made, Expression) and bool(re.search(r"\bis (not )?null\b", made.sql)))


def _known_at(column: Column, table: Table) -> str | None:
    """Return the time from which a flag is known: the only time that it is computed from, other than the table's own clock."""
    if column.type != "BOOL" or not isinstance(column.generator, Expression):
        return None
    named = set(re.findall(r"\b\w+\b", column.generator.sql))
    times = [each.name for each in table.columns if each.role == "time" and each.name in named - {table.event_time}]
    return times[0] if times else None


def _levels(model: DataModel) -> frozenset[tuple[str, str]]:
    """Return the measures that are levels at a period's end, such as balances: their last value is rolled up somewhere, or
    they are computed from such a measure or from a random walk, or their name says of which period they are.
    """
    rolled_up = {
        (made.table, made.column)
        for table in model.tables
        for column in table.columns
        if isinstance(made := column.generator, RollUp) and made.function == "last" and made.column is not None
    }
    levels: set[tuple[str, str]] = set()
    for table in model.tables:
        if not isinstance(table.population, PerPeriod):
            continue
        walked = {column.name for column in table.columns if isinstance(column.generator, Walk)}
        for column in table.columns:
            made = column.generator
            named = re.findall(r"\b\w+\b", made.sql) if isinstance(made, Expression) else []
            first = re.findall(r"\b\w+\b", made.sql.split("*")[0]) if isinstance(made, Expression) else []
            derived = any((table.name, name) in rolled_up for name in first) or bool(
                walked & set(named) - {column.name}
            )
            periodic = column.name.split("_")[0] in ("daily", "weekly", "monthly")
            if column.role == "measure" and ((table.name, column.name) in rolled_up or derived or periodic):
                levels.add((table.name, column.name))
    return frozenset(levels)


def _empty_means(description: str) -> str | None:
    """Return the word for a row whose time is empty, from a description such as "When it was settled; empty while it is open"."""
    found = _EMPTY_WHILE.search(description)
    return (found["state"] or found["word"]).lower() if found and (found["state"] or found["word"]) else None


def _glossary(plan: DemoPlan) -> list[gda.GlossaryTerm]:
    """Return the terms of the glossary, and the KPIs that it does not define."""
    terms = {
        term.term.casefold(): gda.GlossaryTerm(
            display_name=_cut(term.term, TERM_BYTES),
            description=_cut(term.definition, TERM_DESCRIPTION_BYTES),
            labels=term.synonyms,
        )
        for term in plan.glossary
    }
    for kpi in plan.kpis:
        terms.setdefault(
            kpi.name.casefold(),
            gda.GlossaryTerm(
                display_name=_cut(kpi.name, TERM_BYTES), description=_cut(kpi.definition, TERM_DESCRIPTION_BYTES)
            ),
        )
    return list(terms.values())


def _relationships(model: DataModel, project: str, dataset: str) -> list[gda.Context.SchemaRelationship]:
    relationship = gda.Context.SchemaRelationship

    def paths(table: str, columns: list[str]) -> gda.Context.SchemaRelationship.SchemaPaths:
        return relationship.SchemaPaths(
            table_fqn=TABLE_FQN.format(project=project, dataset=dataset, table=table), paths=columns
        )

    return [
        relationship(
            left_schema_paths=paths(table.name, key.columns),
            right_schema_paths=paths(key.references_table, key.references_columns),
            sources=[relationship.Source.BIGQUERY_TABLE_CONSTRAINTS],
            confidence_score=1.0,
        )
        for table in model.tables
        for key in table.foreign_keys
    ]


def _cut(text: str, most_bytes: int) -> str:
    """Return the text, cut to ``most_bytes`` bytes of UTF-8 if it is longer."""
    return text.encode()[:most_bytes].decode(errors="ignore")
