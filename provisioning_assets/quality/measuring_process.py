"""Realism, measured in another process while this one continues.

It needs libraries that take a second to import (statsmodels, scipy, pandas). Another process imports them on another core, and
returns the memory when it ends.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.quality.models import RealismResult
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.worker_processes import end_now, end_with_parent


def measure_realism(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> list[RealismResult]:
    """The measurement, in the process that calls this."""
    from provisioning_assets.quality.realism import realism

    return realism(model, tables, folder)


class RealismInProgress:
    """The measurement that runs beside this process."""

    def __init__(self, future: Future[list[RealismResult]]) -> None:
        self._future = future

    def result(self) -> list[RealismResult]:
        """Wait for the results. An error of the other process is raised here unchanged.

        Raises:
            ProvisioningError: the process was killed.
        """
        try:
            return self._future.result()
        except BrokenProcessPool as error:
            raise ProvisioningError(
                "The process that measures how similar the data are to real data was killed, usually because of too little memory.",
                "Free memory or choose a smaller --size, then run again: what is finished is kept.",
            ) from error


@contextlib.contextmanager
def realism_beside(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> Iterator[RealismInProgress]:
    """Start measuring the files under the customer's ``folder`` beside this process; it has ended when the block ends."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        try:
            yield RealismInProgress(pool.submit(measure_realism, model, tables, folder))
        except BaseException:
            # Nobody wants the results any more, and a run that is terminated must not wait for them.
            end_now(pool)
            raise
