"""What an owner is told about a demo."""

import hashlib
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from provisioning_assets.artefact import Document


class AlertKind(StrEnum):
    """What happened."""

    RUN_FAILED = "run failed"
    NOT_READY = "demo not ready"
    EXPIRES_SOON = "demo expires soon"
    REMOVED = "demo removed"
    CLEANUP_REFUSED = "cleanup refused"
    REQUEST_REJECTED = "request rejected"
    ORPHANS_FOUND = "orphans found"
    TEST = "test of the channels"


class Alert(Document):
    """One thing that the owner of a demo should know."""

    kind: AlertKind
    event: str = Field(
        description="what tells this event from others of its kind and customer, such as the run's id or the day of expiry; "
        "an alert of the same event is sent once"
    )
    at: datetime
    customer: str = Field(description="the customer's key; empty if it is about no single customer")
    owner: str = Field(default="", description="mail address of the owner; empty: nobody was named")
    stage: str = Field(default="", description="the asset that failed; empty if there is none")
    cause: str = Field(description="what is wrong, in a sentence, without a stack trace")
    remedy: str = Field(description="what to do, in a sentence")
    link: str = Field(default="", description="an address that shows more; empty if there is none")

    @property
    def id(self) -> str:
        """Return a name for a file: the same for the same event."""
        said = "\n".join([self.kind, self.customer, self.event])
        return hashlib.sha256(said.encode()).hexdigest()[:24]
