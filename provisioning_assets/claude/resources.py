"""Claude as a Dagster resource: who asks it for a demo, and within which limits."""

import os
import time
from typing import TYPE_CHECKING

import dagster as dg

from provisioning_assets.claude.client import ClaudeClient
from provisioning_assets.claude.models import ClaudeUsage, usage_of
from provisioning_assets.claude.records import FOLDER, ClaudeRecords
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets.store import DemoStore

if TYPE_CHECKING:
    from anthropic import Anthropic

CALL_SECONDS = 300.0
"""For one call: 18,000 tokens, the longest answer in another language than English, at 80 tokens a second, and a third more."""

STAGE_SECONDS = 600.0
"""For all calls of one stage."""


class Claude(dg.ConfigurableResource):
    """Claude, if there is a key for it. The key itself stays in the environment."""

    store: DemoStore
    model: str = ""
    budget_usd: float = 1.00
    call_seconds: float = CALL_SECONDS
    stage_seconds: float = STAGE_SECONDS

    @property
    def is_used(self) -> bool:
        """Whether there is a key."""
        return bool(self.model)

    def client(self, key: str, *, seconds: float | None = None) -> ClaudeClient | None:
        """Return the client that asks Claude for a customer's demo; None without a key.

        Args:
            key: the customer.
            seconds: after which the client makes no more calls; None: those of a stage.

        Raises:
            ProvisioningError: it is not a customer key.
        """
        if not self.is_used:
            return None
        return ClaudeClient(
            _connect,
            self.model,
            self._records(key),
            budget_usd=self.budget_usd,
            call_seconds=self.call_seconds,
            deadline=time.monotonic() + (self.stage_seconds if seconds is None else seconds),
        )

    def spent(self, key: str) -> ClaudeUsage:
        """Return what all calls for a customer's demo took, those of earlier runs included.

        Raises:
            ProvisioningError: it is not a customer key.
        """
        return usage_of(self._records(key).calls())

    def _records(self, key: str) -> ClaudeRecords:
        return ClaudeRecords(RecordFolder(self.store.folder(key) / FOLDER))


def _connect() -> "Anthropic":
    """The client of the service. It does not retry: ``ClaudeClient`` does, within its deadline."""
    from anthropic import Anthropic

    return Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"].strip(), max_retries=0)
