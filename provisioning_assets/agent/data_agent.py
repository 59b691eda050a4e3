"""Creates, updates, checks and deletes the customer's data agent, and computes its id."""

import hashlib
from datetime import datetime
from typing import Any

from google.api_core.exceptions import Conflict, NotFound
from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf import field_mask_pb2

from provisioning_assets.agent.clients import CALL_SECONDS, patiently
from provisioning_assets.agent.context import context_digest
from provisioning_assets.agent.local_server.context_limits import DESCRIPTION_CHARACTERS, DISPLAY_NAME_CHARACTERS
from provisioning_assets.agent.models import DataAgent, StoredAgent
from provisioning_assets.agent.service_errors import explained
from provisioning_assets.cloud_labels import CUSTOMER, MANAGED_BY, STORE, is_managed, is_ours, labels_of
from provisioning_assets.errors import ProvisioningError

LONGEST_ID = 63
_HASH_CHARACTERS = 8
_MOST_IDS = 5
"""Ids that are tried for a customer. The service keeps the id of a deleted agent for 30 days."""
_MASK = [
    "display_name",
    "description",
    "labels",
    "data_analytics_agent.staging_context",
    "data_analytics_agent.published_context",
]


def agent_id_for(key: str, number: int = 1) -> str:
    """Return an agent's id for a customer key: ``demo-`` and the key with ``-`` for ``_``; from the second on with a number.

    An id above 63 characters is cut and ends in eight digits of the key's SHA-256, so that long keys get different ids.
    """
    identifier = f"demo-{key.replace('_', '-')}"
    suffix = "" if number == 1 else f"-{number}"
    if len(identifier) + len(suffix) <= LONGEST_ID and not identifier.endswith("-"):
        return identifier + suffix
    digest = f"{hashlib.sha256(key.encode()).hexdigest()[:_HASH_CHARACTERS]}{suffix}"
    return f"{identifier[: LONGEST_ID - len(digest) - 1].rstrip('-')}-{digest}"


def provision_agent(
    client: gda.DataAgentServiceClient,
    parent: str,
    key: str,
    *,
    display_name: str,
    description: str,
    context: gda.Context,
    store: str = "",
) -> DataAgent:
    """Create the customer's agent, or update the existing one. Repeating the call changes nothing.

    The context is part of the creation request, so the agent never exists without its instructions.

    Args:
        client: the real client.
        parent: ``projects/P/locations/L``.
        key: the customer's key; the agent carries it as a label.
        display_name: at most 256 characters are used.
        description: at most 1024 characters are used.
        context: used as the published and as the staged context.
        store: value of the label ``store``; empty: it gets none.

    Returns:
        the agent as stored by the service at the end of the operation.

    Raises:
        ProvisioningError: an agent of that id was not made here, the service still reserves every id for deleted agents, it
            did not store what was sent, or it refuses or fails the call.
    """
    wanted = gda.DataAgent(
        display_name=display_name[:DISPLAY_NAME_CHARACTERS],
        description=description[:DESCRIPTION_CHARACTERS],
        labels=labels_of(key) | ({STORE: store} if store else {}),
        data_analytics_agent=gda.DataAnalyticsAgent(staging_context=context, published_context=context),
    )
    for number in range(1, _MOST_IDS + 1):
        wanted.name = f"{parent}/dataAgents/{agent_id_for(key, number)}"
        with explained(wanted.name):
            if _is_stored(client, parent, key, wanted):
                break
    else:
        raise ProvisioningError(
            f"The service still reserves {_MOST_IDS} ids for deleted agents of {key}, the last one {wanted.name}.",
            "Wait until they are purged (30 days), or use another key: provision run URL --key KEY___again",
        )
    with explained(wanted.name):
        stored = _find(client, wanted.name)
    if stored is None or not _holds(stored, wanted):
        raise ProvisioningError(
            f"The service did not store the whole context of the agent {wanted.name}.",
            "Materialize data_agent again. If it fails again, delete the agent first.",
        )
    published = stored.data_analytics_agent.published_context
    return DataAgent(
        name=stored.name,
        agent_id=stored.name.rpartition("/")[2],
        display_name=stored.display_name,
        parent=parent,
        create_time=_moment(stored.create_time),
        update_time=_moment(stored.update_time),
        verified_queries=len({example.sql_query for example in published.example_queries}),
        tables=[table.table_id for table in published.datasource_references.bq.table_references],
        context_digest=context_digest(context),
    )


def existing_agents(client: gda.DataAgentServiceClient, parent: str, key: str) -> list[str]:
    """Return the names of the customer's agents that exist.

    Raises:
        ProvisioningError: the service refuses or fails the call.
    """
    names = [f"{parent}/dataAgents/{agent_id_for(key, number)}" for number in range(1, _MOST_IDS + 1)]
    with explained(names[0]):
        return [name for name in names if (agent := _find(client, name)) is not None and _is_ours(agent, key)]


def removable_agents(client: gda.DataAgentServiceClient, parent: str, key: str) -> list[str]:
    """Return the names of the agents that ``delete_agents`` would delete.

    Raises:
        ProvisioningError: an agent of such an id was not made here, or the service refuses or fails the call.
    """
    names = [f"{parent}/dataAgents/{agent_id_for(key, number)}" for number in range(1, _MOST_IDS + 1)]
    found: list[str] = []
    for name in names:
        with explained(name):
            agent = _find(client, name)
        if agent is not None:
            _require_ours(agent, key)
            found.append(name)
    return found


def stored_agents(client: gda.DataAgentServiceClient, parent: str) -> list[StoredAgent]:
    """Return every agent that this project made under the parent, by name.

    Raises:
        ProvisioningError: the service refuses or fails the call.
    """
    agents: list[gda.DataAgent] = []
    with explained(f"{parent}/dataAgents/-"):
        for attempt in patiently():
            with attempt:
                agents = list(client.list_data_agents(request={"parent": parent}, timeout=CALL_SECONDS))
    found = [agent for agent in agents if is_managed(dict(agent.labels)) and not _is_deleted(agent)]
    return [
        StoredAgent(
            name=agent.name,
            customer=dict(agent.labels).get(CUSTOMER, ""),
            store=dict(agent.labels).get(STORE, ""),
            created_at=_moment(agent.create_time),
        )
        for agent in sorted(found, key=lambda agent: agent.name)
    ]


def is_id_of(agent_id: str, key: str) -> bool:
    """Return whether an agent's id is one of those that the customer's agents can have."""
    return agent_id in {agent_id_for(key, number) for number in range(1, _MOST_IDS + 1)}


def _is_deleted(agent: gda.DataAgent) -> bool:
    return gda.DataAgent.pb(agent).HasField("delete_time")


def delete_agents(client: gda.DataAgentServiceClient, parent: str, key: str) -> list[str]:
    """Delete the customer's agent, and earlier ones under other ids; returns their names.

    Raises:
        ProvisioningError: an agent of such an id was not made here, or the service refuses or fails the call.
    """
    deleted: list[str] = []
    for number in range(1, _MOST_IDS + 1):
        name = f"{parent}/dataAgents/{agent_id_for(key, number)}"
        with explained(name):
            agent = _find(client, name)
            if agent is not None:
                _require_ours(agent, key)
                if _delete(client, name):
                    deleted.append(name)
    return deleted


def _is_stored(client: gda.DataAgentServiceClient, parent: str, key: str, wanted: gda.DataAgent) -> bool:
    """Create or update the agent under the wanted name; False if the service reserves its id for a deleted agent."""
    existing = _find(client, wanted.name)
    if existing is None and not _create(client, parent, wanted):
        # another run was faster, or an earlier attempt succeeded although its response was lost
        existing = _find(client, wanted.name)
        if existing is None:
            return False
    if existing is not None:
        _require_ours(existing, key)
        if not _holds(existing, wanted):
            _update(client, wanted)
    return True


def _is_ours(agent: gda.DataAgent, key: str) -> bool:
    earlier = agent.labels.get("created-by") == MANAGED_BY[1]  # the label that version 0.1.0 gave
    return earlier or is_ours(dict(agent.labels), key)


def _require_ours(agent: gda.DataAgent, key: str) -> None:
    if not _is_ours(agent, key):
        raise ProvisioningError(
            f"The agent {agent.name} was not made by this project for {key}: it does not have the labels {labels_of(key)}.",
            "Rename or delete that agent yourself, or use another key: provision run URL --key KEY___demo",
        )


def _find(client: gda.DataAgentServiceClient, name: str) -> gda.DataAgent | None:
    """Return the agent; None if there is none, or a deleted one."""
    for attempt in patiently():
        with attempt:
            try:
                agent = client.get_data_agent(name=name, timeout=CALL_SECONDS)
            except NotFound:
                return None
            return None if _is_deleted(agent) else agent
    return None


def _create(client: gda.DataAgentServiceClient, parent: str, wanted: gda.DataAgent) -> bool:
    """Create the agent; False if its id is in use or reserved."""
    for attempt in patiently():
        with attempt:
            try:
                client.create_data_agent(
                    parent=parent,
                    data_agent_id=wanted.name.rpartition("/")[2],
                    data_agent=wanted,
                    timeout=CALL_SECONDS,
                ).result(timeout=CALL_SECONDS)
            except Conflict:
                return False
    return True


def _update(client: gda.DataAgentServiceClient, wanted: gda.DataAgent) -> None:
    for attempt in patiently():
        with attempt:
            mask = field_mask_pb2.FieldMask(paths=_MASK)
            client.update_data_agent(data_agent=wanted, update_mask=mask, timeout=CALL_SECONDS).result(
                timeout=CALL_SECONDS
            )


def _delete(client: gda.DataAgentServiceClient, name: str) -> bool:
    for attempt in patiently():
        with attempt:
            try:
                client.delete_data_agent(name=name, timeout=CALL_SECONDS).result(timeout=CALL_SECONDS)
            except NotFound:
                return False
    return True


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
        context.options.datasource.big_query_max_billed_bytes,
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
