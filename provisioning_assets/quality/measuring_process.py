"""Realism and validity, measured in another process while this one continues.

They need libraries that take over a second and about 180 MB to import (statsmodels, scipy, pandas, SDMetrics). Another process
imports them on another core, and returns the memory when it ends.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.quality.models import RealismResult, ValidityScore
from provisioning_assets.synthesis.models import SyntheticTables


@dataclass(frozen=True)
class Likeness:
    """The results of the other process."""

    realism: list[RealismResult]
    validity: list[ValidityScore]


def measure_likeness(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> Likeness:
    """Both measurements, one after the other, in the process that calls this."""
    from provisioning_assets.quality.realism import realism
    from provisioning_assets.quality.validity import validity

    return Likeness(realism(model, tables, folder), validity(model, tables, folder))


class LikenessInProgress:
    """The measurement that runs beside this process."""

    def __init__(self, future: Future[Likeness]) -> None:
        self._future = future

    def result(self) -> Likeness:
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
def likeness_beside(model: DataModel, tables: SyntheticTables, folder: UPath | Path) -> Iterator[LikenessInProgress]:
    """Start measuring the files under the customer's ``folder`` beside this process; it has ended when the block ends."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield LikenessInProgress(pool.submit(measure_likeness, model, tables, folder))
