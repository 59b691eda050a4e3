"""Enforces the public API's limits on agents and contexts, as the service does.

Sizes are bytes of UTF-8. Source: the field descriptions of google-cloud-geminidataanalytics 0.13.5
(``types/context.py``, ``types/data_agent.py``).
"""

from typing import cast

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.local_server.api_errors import invalid
from provisioning_assets.prices import LEAST_BYTES_BILLED

INSTRUCTION_BYTES = 250_000
QUESTION_BYTES = 2_000
SQL_BYTES = 50_000
TERM_BYTES = 256
TERM_DESCRIPTION_BYTES = 5_000
DISPLAY_NAME_CHARACTERS = 256
DESCRIPTION_CHARACTERS = 1_024
TABLE_FQN = "bigquery.googleapis.com/projects/{project}/datasets/{dataset}/tables/{table}"


def check_agent(agent: gda.DataAgent) -> None:
    """Check an agent sent by a client.

    Raises:
        ApiError: 400, with the field and the limit.
    """
    if len(agent.display_name) > DISPLAY_NAME_CHARACTERS:
        raise invalid(f"display_name has {len(agent.display_name)} characters; at most {DISPLAY_NAME_CHARACTERS}.")
    if len(agent.description) > DESCRIPTION_CHARACTERS:
        raise invalid(f"description has {len(agent.description)} characters; at most {DESCRIPTION_CHARACTERS}.")
    for name in ("staging_context", "published_context"):
        context = getattr(agent.data_analytics_agent, name)
        if context != gda.Context():
            check_context(context, f"data_analytics_agent.{name}")


def check_context(context: gda.Context, where: str) -> None:
    """Check a context: its limits, and that its relationships match its tables.

    Raises:
        ApiError: 400, with the field and the limit.
    """
    _at_most(context.system_instruction, INSTRUCTION_BYTES, f"{where}.system_instruction")
    tables = context.datasource_references.bq.table_references
    if not tables:
        raise invalid(
            f"{where}.datasource_references.bq.table_references is required: this server supports only tables."
        )
    for index, table in enumerate(tables):
        if not (table.project_id and table.dataset_id and table.table_id):
            raise invalid(
                f"{where}.datasource_references.bq.table_references[{index}] needs project_id, dataset_id and table_id."
            )
    if len({(table.project_id, table.dataset_id) for table in tables}) != 1:
        raise invalid(f"{where}: all tables must be of one data set.")
    for index, example in enumerate(context.example_queries):
        _at_most(
            example.natural_language_question,
            QUESTION_BYTES,
            f"{where}.example_queries[{index}].natural_language_question",
        )
        _at_most(example.sql_query, SQL_BYTES, f"{where}.example_queries[{index}].sql_query")
    for index, term in enumerate(context.glossary_terms):
        if not (term.display_name and term.description):
            raise invalid(f"{where}.glossary_terms[{index}] needs display_name and description.")
        _at_most(term.display_name, TERM_BYTES, f"{where}.glossary_terms[{index}].display_name")
        _at_most(term.description, TERM_DESCRIPTION_BYTES, f"{where}.glossary_terms[{index}].description")
    known = {TABLE_FQN.format(project=t.project_id, dataset=t.dataset_id, table=t.table_id) for t in tables}
    for index, relationship in enumerate(context.schema_relationships):
        left, right = relationship.left_schema_paths, relationship.right_schema_paths
        if not left.paths or len(left.paths) != len(right.paths):
            raise invalid(f"{where}.schema_relationships[{index}]: both sides need the same number of paths.")
        if left.table_fqn not in known or right.table_fqn not in known:
            raise invalid(
                f"{where}.schema_relationships[{index}] names a table that is not among the datasource references."
            )
    # proto-plus unwraps Int64Value to a plain int, or None when it is not set
    billed = cast("int | None", context.options.datasource.big_query_max_billed_bytes)
    if billed is not None and billed < LEAST_BYTES_BILLED:
        raise invalid(f"{where}.options.datasource.big_query_max_billed_bytes must be at least {LEAST_BYTES_BILLED}.")


def _at_most(text: str, most: int, where: str) -> None:
    size = len(text.encode())
    if size > most:
        raise invalid(f"{where} has {size} bytes; at most {most}.")
