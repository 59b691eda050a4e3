"""Is the model one that can be generated? Every problem is found before a row is, each with table, column and remedy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from upath import UPath

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.rules.faults import (
    ModelFault,
)
from provisioning_assets.data_model.rules.model_faults import model_faults
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.generation import estimated_bytes
from provisioning_assets.whole_files import is_local

DISK_MARGIN = 2.2
"""Staged and earlier tables are there at the same time, with a little room."""


def validate_model(model: DataModel, folder: UPath | Path | None = None) -> None:
    """Refuse a model that cannot be generated; with ``folder``, also one that the disk cannot hold.

    Raises:
        ProvisioningError: with every fault that was found, a line each.
    """
    faults = model_faults(model)
    if not faults and folder is not None:
        faults = list(_disk_faults(Lineage(by_source(model)), folder))
    if faults:
        raise ProvisioningError(
            f"The data model cannot be generated ({len(faults)} faults):\n"
            + "\n".join(f"- {fault}" for fault in faults),
            "Mend each of them in the blueprint or the data model, then run again.",
        )


# --- names, keys, populations --------------------------------------------------------------------------------------


# --- order, types, size --------------------------------------------------------------------------------------------


def _disk_faults(lineage: Lineage, folder: UPath | Path) -> Iterator[ModelFault]:
    if not is_local(folder):
        return
    place = Path(str(folder))
    while not place.exists():
        place = place.parent
    free, needed = shutil.disk_usage(place).free, round(estimated_bytes(lineage) * DISK_MARGIN)
    if needed > free:
        largest = max(lineage.model.tables, key=lambda table: root_rows(lineage, lineage.root(table.name)))
        yield ModelFault(
            largest.name,
            None,
            f"about {needed / 1e9:.1f} GB are needed to generate it, and {free / 1e9:.1f} GB are free in {place}.",
            "Choose a smaller --size, or free space.",
        )
