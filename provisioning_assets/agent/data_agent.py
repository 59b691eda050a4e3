"""Creates, updates, checks and deletes the customer's data agent, and computes its id."""

import hashlib
from datetime import datetime
from typing import Any

from google.api_core.exceptions import Conflict, NotFound
from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import field_mask_pb2

from provisioning_assets.agent.clients import CALL_SECONDS, patiently
from provisioning_assets.agent.context import context_digest
from provisioning_assets.agent.models import DataAgent
from provisioning_assets.errors import ProvisioningError

LONGEST_ID = 63
_HASH_CHARACTERS = 8
_MASK = [
    "display_name",
    "description",
    "labels",
    "data_analytics_agent.staging_context",
    "data_analytics_agent.published_context",
]


def agent_id_for(key: str) -> str:
    """Return the agent's id for a customer key: ``demo-`` and the key with ``-`` for ``_``.

    An id above 63 characters is cut and ends in eight digits of the key's SHA-256, so that long keys get different ids.
    """
    identifier = f"demo-{key.replace('_', '-')}"
    if len(identifier) <= LONGEST_ID and not identifier.endswith("-"):
        return identifier
    digest = hashlib.sha256(key.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{identifier[: LONGEST_ID - _HASH_CHARACTERS - 1].rstrip('-')}-{digest}"


def provision_agent(
    client: gda.DataAgentServiceClient,
    parent: str,
    agent_id: str,
    *,
    display_name: str,
    description: str,
    context: gda.Context,
    labels: dict[str, str] | None = None,
) -> DataAgent:
    """Create the agent, or update an existing one. Repeating the call changes nothing.

    The context is part of the creation request, so the agent never exists without its instructions.

    Args:
        client: the real client.
        parent: ``projects/P/locations/L``.
        agent_id: see ``agent_id_for``.
        display_name: at most 256 characters are used.
        description: at most 1024 characters are used.
        context: used as the published and as the staged context.
        labels: for filtering in the console.

    Returns:
        the agent as stored by the service at the end of the operation.

    Raises:
        ProvisioningError: the service still reserves the id for a deleted agent, or did not store what was sent.
    """
    name = f"{parent}/dataAgents/{agent_id}"
    wanted = gda.DataAgent(
        name=name,
        display_name=display_name[:256],
        description=description[:1024],
        labels=labels or {},
        data_analytics_agent=gda.DataAnalyticsAgent(staging_context=context, published_context=context),
    )
    existing = _find(client, name)
    if existing is None:
        _create(client, parent, agent_id, wanted)
    elif not _holds(existing, wanted):
        _update(client, wanted)
    stored = _find(client, name)
    if stored is None or not _holds(stored, wanted):
        raise ProvisioningError(
            f"The service did not store the whole context of the agent {name}.",
            "Materialize data_agent again. If it fails again, delete the agent first.",
        )
    published = stored.data_analytics_agent.published_context
    return DataAgent(
        name=name,
        agent_id=agent_id,
        display_name=stored.display_name,
        parent=parent,
        create_time=_moment(stored.create_time),
        update_time=_moment(stored.update_time),
        verified_queries=len({example.sql_query for example in published.example_queries}),
        tables=[table.table_id for table in published.datasource_references.bq.table_references],
        context_digest=context_digest(context),
    )


def delete_agent(client: gda.DataAgentServiceClient, name: str) -> bool:
    """Delete the agent. Return False if it did not exist."""
    for attempt in patiently():
        with attempt:
            try:
                client.delete_data_agent(name=name, timeout=CALL_SECONDS).result(timeout=CALL_SECONDS)
            except NotFound:
                return False
    return True


def _find(client: gda.DataAgentServiceClient, name: str) -> gda.DataAgent | None:
    for attempt in patiently():
        with attempt:
            try:
                return client.get_data_agent(name=name, timeout=CALL_SECONDS)
            except NotFound:
                return None
    return None


def _create(client: gda.DataAgentServiceClient, parent: str, agent_id: str, wanted: gda.DataAgent) -> None:
    for attempt in patiently():
        with attempt:
            try:
                operation = client.create_data_agent(
                    parent=parent, data_agent_id=agent_id, data_agent=wanted, timeout=CALL_SECONDS
                )
                operation.result(timeout=CALL_SECONDS)
            except Conflict as error:
                # another run was faster, or an earlier attempt succeeded although its response was lost
                if _find(client, wanted.name) is None:
                    raise ProvisioningError(
                        f"The service still reserves the id {agent_id} for a deleted agent.",
                        "Wait until the agent is purged, or use another key: provision run URL --key KEY___again",
                    ) from error
                _update(client, wanted)


def _update(client: gda.DataAgentServiceClient, wanted: gda.DataAgent) -> None:
    for attempt in patiently():
        with attempt:
            mask = field_mask_pb2.FieldMask(paths=_MASK)
            client.update_data_agent(data_agent=wanted, update_mask=mask, timeout=CALL_SECONDS).result(
                timeout=CALL_SECONDS
            )


def _holds(stored: gda.DataAgent, wanted: gda.DataAgent) -> bool:
    """Return whether the stored agent contains all of the wanted one. The service may add to it."""
    same = (stored.display_name, stored.description, dict(stored.labels)) == (
        wanted.display_name,
        wanted.description,
        dict(wanted.labels),
    )
    ours, theirs = wanted.data_analytics_agent, stored.data_analytics_agent
    return same and all(
        _context_parts(getattr(ours, name)) == _context_parts(getattr(theirs, name))
        for name in ("staging_context", "published_context")
    )


def _context_parts(context: gda.Context) -> tuple[object, ...]:
    tables = context.datasource_references.bq.table_references
    return (
        context.system_instruction,
        [(t.project_id, t.dataset_id, t.table_id, gda.Schema.to_dict(t.schema)) for t in tables],
        [(e.natural_language_question, e.sql_query) for e in context.example_queries],
        [(t.display_name, t.description, list(t.labels)) for t in context.glossary_terms],
        [
            (r.left_schema_paths.table_fqn, list(r.left_schema_paths.paths), r.right_schema_paths.table_fqn)
            for r in context.schema_relationships
        ],
    )


def _moment(timestamp: Any) -> datetime:
    return datetime.fromisoformat(timestamp.rfc3339().replace("Z", "+00:00"))


def missing_context(client: gda.DataAgentServiceClient, name: str) -> list[str]:
    """Return what is missing on the service: the agent, instructions, tables with descriptions, verified queries."""
    agent = _find(client, name)
    if agent is None:
        return [f"the agent {name} does not exist"]
    context = agent.data_analytics_agent.published_context
    tables = context.datasource_references.bq.table_references
    missing = {
        "the published context has no system instruction": not context.system_instruction.strip(),
        "the published context has no tables": not tables,
        "the published context has no verified queries": not context.example_queries,
        "the published context has no relationships": len(tables) > 1 and not context.schema_relationships,
    }
    undescribed = [t.table_id for t in tables if not all(field.description for field in t.schema.fields)]
    return [problem for problem, found in missing.items() if found] + [
        f"the table {table} has columns without a description" for table in undescribed
    ]
