"""The published context of an agent as text for Claude: what the API holds of it, and nothing else.

Everything in it is fenced: names, descriptions and terms can come from the customer's website.
"""

from collections.abc import Iterable

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, CatalogTable
from provisioning_assets.claude.prompts import fenced
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql import statements as googlesql


def context_texts(context: gda.Context, catalog: Catalog) -> tuple[str, ...]:
    """Return instructions, schema, glossary and verified queries, each as a fenced text.

    Args:
        context: the published context.
        catalog: read from the same context.
    """
    glossary = "\n".join(f"- {term.name}{_also(term.labels)}: {term.description}" for term in catalog.terms)
    return (
        fenced("instructions", context.system_instruction),
        fenced("schema", "\n\n".join([*map(_table_text, catalog.tables.values()), *_joins_text(catalog)])),
        fenced("glossary", glossary),
        fenced("verified_queries", "\n\n".join(_verified_texts(catalog))),
    )


def _table_text(table: CatalogTable) -> str:
    declared = (
        ("one row for each", ", ".join(table.primary_key)),
        ("happens at", table.event_time),
        ("amount of money", table.amount),
        ("who acts", table.entity),
    )
    facts = "; ".join(f"{what}: {name}" for what, name in declared if name)
    head = f"table {table.name}{_also(table.synonyms)}: {table.description}"
    return "\n".join([head, *([f"  ({facts})"] if facts else []), *map(_column_text, table.columns)])


def _column_text(column: CatalogColumn) -> str:
    facts = [
        column.role,
        f"usual aggregate {column.aggregation}" if column.role == "measure" else "",
        f"unit {column.unit}" if column.unit else "",
        "a level: do not add it up over time" if column.level else "",
        "as it stands today" if column.state_today else "",
        f"empty while {column.empty_means}" if column.empty_means else "",
        f"known from {column.known_at} on" if column.known_at else "",
        "name of a person" if column.personal else "",
    ]
    said = "; ".join(filter(None, facts))
    return f"- {column.name} {column.type} ({said}){_also(column.synonyms)}: {column.description}"


def _joins_text(catalog: Catalog) -> Iterable[str]:
    lines = [
        f"- {one.table}({', '.join(one.columns)}) = {one.references}({', '.join(one.references_columns)})"
        for one in catalog.relationships
    ]
    if lines:
        yield "\n".join(["joins, each from many rows to one:", *lines])


def _verified_texts(catalog: Catalog) -> Iterable[str]:
    """Yield each verified query with all its wordings. A text that is not a SELECT is left out: it cannot be replayed either."""
    wordings: dict[str, list[str]] = {}
    for example in catalog.examples:
        wordings.setdefault(example.sql, []).append(example.question)
    first = next(iter(catalog.tables.values()))
    for sql, questions in wordings.items():
        try:
            bare = googlesql.unqualify(sql, first.project, first.dataset)
        except ProvisioningError:
            continue
        yield "\n".join([*(f"question: {question}" for question in questions), bare])


def _also(names: Iterable[str]) -> str:
    also = ", ".join(names)
    return f" [also: {also}]" if also else ""
