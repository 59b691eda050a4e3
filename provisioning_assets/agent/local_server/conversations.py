"""Conversations stored by the server, so that a follow-up question needs no history from the client."""

from datetime import UTC, datetime
from pathlib import Path

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.local_server.api_errors import already_exists, invalid, not_found
from provisioning_assets.agent.local_server.paging import page_of
from provisioning_assets.agent.local_server.resource_names import PARENT, checked_id, generated_id, id_in_name
from provisioning_assets.agent.local_server.stored_resources import StoredResources, stamp

_MOST_MESSAGES = 200


class Conversations:
    """The conversations of one store and their latest messages."""

    def __init__(self, store: Path) -> None:
        self._stored = StoredResources(store / "_conversations", gda.Conversation)
        self._messages = StoredResources(store / "_conversations" / "messages", gda.ListMessagesResponse)

    def get(self, identifier: str) -> gda.Conversation:
        """Return the conversation. Raises ApiError 404 if there is none."""
        conversation = self._stored.read(identifier)
        if conversation is None:
            raise not_found(f"There is no conversation {PARENT}/conversations/{identifier}.")
        return conversation

    def create(self, identifier: str, sent: gda.Conversation) -> gda.Conversation:
        """Create a conversation. Raises ApiError 409 if the id is already in use."""
        identifier = checked_id(identifier, "conversationId") if identifier else generated_id("conversation")
        if len(sent.agents) != 1:
            raise invalid("conversation.agents must name exactly one agent.")
        id_in_name(sent.agents[0], "dataAgents")
        with self._stored.changing():
            if self._stored.read(identifier) is not None:
                raise already_exists(f"The conversation {PARENT}/conversations/{identifier} already exists.")
            now = datetime.now(UTC)
            created = gda.Conversation(
                name=f"{PARENT}/conversations/{identifier}",
                agents=list(sent.agents),
                labels=dict(sent.labels),
                title=sent.title,
                create_time=now,
                last_used_time=now,
            )
            self._stored.write(identifier, created)
        return created

    def delete(self, identifier: str) -> None:
        """Delete a conversation. Raises ApiError 404 if there is none."""
        self.get(identifier)
        self._messages.remove(identifier)
        self._stored.remove(identifier)

    def page(self, page_size: str, page_token: str) -> gda.ListConversationsResponse:
        """Return one page of conversations, sorted by id."""
        found = {i: c for i in self._stored.identifiers() if (c := self._stored.read(i))}
        identifiers, token = page_of(sorted(found), page_size, page_token)
        return gda.ListConversationsResponse(conversations=[found[i] for i in identifiers], next_page_token=token)

    def messages(self, identifier: str, page_size: str = "", page_token: str = "") -> gda.ListMessagesResponse:
        """Return one page of a conversation's messages, oldest first."""
        self.get(identifier)
        kept = {message.message_id: message for message in self.remembered(identifier)}
        identifiers, token = page_of(sorted(kept), page_size, page_token)
        return gda.ListMessagesResponse(messages=[kept[i] for i in identifiers], next_page_token=token)

    def remembered(self, identifier: str) -> list[gda.StorageMessage]:
        """Return all stored messages of a conversation, oldest first."""
        stored = self._messages.read(identifier)
        return list(stored.messages) if stored is not None else []

    def remember(self, identifier: str, messages: list[gda.Message]) -> None:
        """Append messages. Above a limit, the oldest ones are removed."""
        with self._messages.changing():
            kept = self.remembered(identifier)
            number = int(kept[-1].message_id) if kept else 0
            new = [
                gda.StorageMessage(message_id=f"{number + i:09d}", message=m) for i, m in enumerate(messages, start=1)
            ]
            self._messages.write(identifier, gda.ListMessagesResponse(messages=[*kept, *new][-_MOST_MESSAGES:]))
        with self._stored.changing():
            conversation = self.get(identifier)
            stamp(conversation, "last_used_time", datetime.now(UTC))
            self._stored.write(identifier, conversation)
