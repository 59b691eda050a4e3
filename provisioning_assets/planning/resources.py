"""What planning is handed by those above all rooms: the means to try a blueprint that a stranger wrote."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

import dagster as dg

from provisioning_assets.planning.plan_gates import Measure


class PlanGates(dg.ConfigurableResource, ABC):
    """Generates the tables of a plan and measures them, with the means of the rooms that follow."""

    @abstractmethod
    def open(self) -> AbstractContextManager[Measure]:
        """Return what measures trials while the block runs."""
