"""Operations on agents: create, read, list, update, delete."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from google.cloud import geminidataanalytics_v1 as gda
from google.protobuf.message import Message

from provisioning_assets.agent.local_server.api_errors import already_exists, invalid, not_found
from provisioning_assets.agent.local_server.context_limits import check_agent
from provisioning_assets.agent.local_server.paging import page_of
from provisioning_assets.agent.local_server.resource_names import PARENT, checked_id, generated_id
from provisioning_assets.agent.local_server.stored_resources import StoredResources, stamp

# Time for which the service keeps a deleted agent before it is purged.
_KEPT = timedelta(days=30)
_OUTPUT_ONLY = {"name", "create_time", "update_time", "delete_time", "purge_time"}


class DataAgents:
    """The agents of one store.

    Deletion is soft, as in the public API: the document stays, with a delete time, and is hidden. The API has no undelete,
    so a deleted id may be created again.
    """

    def __init__(self, store: Path) -> None:
        self._stored = StoredResources(store / "_agents", gda.DataAgent)

    def get(self, identifier: str) -> gda.DataAgent:
        """Return the agent. Raises ApiError 404 if it does not exist or is deleted."""
        agent = self._stored.read(identifier)
        if agent is None or _is_deleted(agent):
            raise not_found(f"There is no data agent {PARENT}/dataAgents/{identifier}.")
        return agent

    def create(self, identifier: str, agent: gda.DataAgent) -> gda.DataAgent:
        """Store a new agent. Raises ApiError 409 if the id is already in use, 400 if the agent exceeds a limit."""
        identifier = checked_id(identifier, "dataAgentId") if identifier else generated_id("agent")
        check_agent(agent)
        with self._stored.changing():
            earlier = self._stored.read(identifier)
            if earlier is not None and not _is_deleted(earlier):
                raise already_exists(f"The data agent {PARENT}/dataAgents/{identifier} already exists.")
            now = datetime.now(UTC)
            created = _copy(agent)
            for field in _OUTPUT_ONLY:
                gda.DataAgent.pb(created).ClearField(field)
            created.name = f"{PARENT}/dataAgents/{identifier}"
            stamp(created, "create_time", now)
            stamp(created, "update_time", now)
            created.data_analytics_agent.last_published_context = gda.Context()
            self._stored.write(identifier, created)
        return created

    def update(self, identifier: str, sent: gda.DataAgent, mask: list[str]) -> gda.DataAgent:
        """Overwrite the fields of the mask; without a mask, all fields set. Raises ApiError 404, or 400 for an unknown field."""
        with self._stored.changing():
            earlier = self.get(identifier)
            changed = _copy(earlier)
            paths = mask or [field.name for field, _ in gda.DataAgent.pb(sent).ListFields()]
            if "*" in paths:
                paths = [f.name for f in gda.DataAgent.pb(sent).DESCRIPTOR.fields]
            for path in paths:
                if path.split(".")[0] not in _OUTPUT_ONLY:
                    _overwrite(gda.DataAgent.pb(changed), gda.DataAgent.pb(sent), path.split("."), path)
            check_agent(changed)
            before, after = earlier.data_analytics_agent, changed.data_analytics_agent
            if before.published_context != after.published_context:
                after.last_published_context = before.published_context
            stamp(changed, "update_time", datetime.now(UTC))
            self._stored.write(identifier, changed)
        return changed

    def delete(self, identifier: str) -> None:
        """Hide the agent. Raises ApiError 404 if it does not exist or is already deleted."""
        with self._stored.changing():
            agent = self.get(identifier)
            now = datetime.now(UTC)
            stamp(agent, "delete_time", now)
            stamp(agent, "purge_time", now + _KEPT)
            self._stored.write(identifier, agent)

    def page(self, page_size: str, page_token: str, *, show_deleted: bool) -> gda.ListDataAgentsResponse:
        """Return one page of agents, sorted by id."""
        agents = {
            i: a
            for i in self._stored.identifiers()
            if (a := self._stored.read(i)) and (show_deleted or not _is_deleted(a))
        }
        identifiers, token = page_of(sorted(agents), page_size, page_token)
        return gda.ListDataAgentsResponse(data_agents=[agents[i] for i in identifiers], next_page_token=token)


def _is_deleted(agent: gda.DataAgent) -> bool:
    return gda.DataAgent.pb(agent).HasField("delete_time")


def _copy(agent: gda.DataAgent) -> gda.DataAgent:
    return gda.DataAgent(gda.DataAgent.pb(agent))


def _overwrite(target: Message, source: Message, path: list[str], whole: str) -> None:
    """Copy one field of a mask. A field that is not set in the source is cleared."""
    name, rest = path[0], path[1:]
    field = target.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        raise invalid(f"updateMask: {whole!r} is not a field of DataAgent.")
    if rest:
        if field.message_type is None or field.is_repeated:
            raise invalid(f"updateMask: {whole!r} is not a field of DataAgent.")
        _overwrite(getattr(target, name), getattr(source, name), rest, whole)
        return
    target.ClearField(name)
    if field.is_repeated:
        getattr(target, name).MergeFrom(getattr(source, name))
    elif field.message_type is not None:
        if source.HasField(name):
            getattr(target, name).CopyFrom(getattr(source, name))
    elif not field.has_presence or source.HasField(name):
        setattr(target, name, getattr(source, name))
