"""Checks whether a model can be generated: every generation rule holds, and the disk has enough space for the tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from upath import UPath

from provisioning_assets.atomic_files import is_local
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.row_counts import root_rows
from provisioning_assets.data_model.rules.model_rules import generation_problems
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.generation import estimated_bytes

DISK_MARGIN = 2.2
"""Staged and earlier tables exist at the same time, and some space is added."""


def validate_model(model: DataModel, folder: UPath | Path | None = None) -> None:
    """Reject a model that cannot be generated; with ``folder``, also a model that does not fit on the disk.

    Raises:
        ProvisioningError: lists every problem found, one in each line.
    """
    problems = generation_problems(model)
    if not problems and folder is not None:
        problems = list(_disk_problems(Lineage(by_source(model)), folder))
    if problems:
        raise ProvisioningError(
            f"The data model cannot be generated; it has {len(problems)} problem{'s' * (len(problems) != 1)}:\n"
            + "\n".join(f"- {problem}" for problem in problems)
            + "\n",
            "Fix each problem in the blueprint or the data model, then run again.",
        )


def _disk_problems(lineage: Lineage, folder: UPath | Path) -> Iterator[Problem]:
    if not is_local(folder):
        return
    place = Path(str(folder))
    while not place.exists():
        place = place.parent
    free, needed = shutil.disk_usage(place).free, round(estimated_bytes(lineage) * DISK_MARGIN)
    if needed > free:
        largest = max(lineage.model.tables, key=lambda table: root_rows(lineage, lineage.root(table.name)))
        yield Problem(
            ("tables", largest.name),
            f"Generating the tables takes about {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free in {place}.",
            "Choose a smaller --size, or free space.",
        )
