"""Why Claude gave no answer that can be used."""

from typing import ClassVar

from provisioning_assets.errors import ProvisioningError


class ClaudeError(ProvisioningError):
    """There is no answer: the service failed, refused, or its answer cannot be read. The demo goes on without it."""

    ends_all: ClassVar[bool] = False
    """Whether no other call can succeed either."""


class ClaudeUnusableError(ClaudeError):
    """No other call can succeed either: wrong key, no credit, or no such model."""

    ends_all = True


class BudgetReachedError(ClaudeError):
    """The call could cost more than is left of the demo's budget, and was not made. A smaller one still could be."""
