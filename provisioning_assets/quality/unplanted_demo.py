"""The demo without its planted changes: the same customer, generated from the same draws, with no effect of any insight."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.as_it_stood import observable
from provisioning_assets.synthesis.models import SyntheticTables

MOST_FACT_ROWS = 200_000
"""Largest number of rows of the largest fact table: that of size ``medium``, which takes one or two seconds to generate. With
more rows, chance changes a figure less, so for a larger demo the measured spread is an upper bound. Sums and counts are then
those of fewer rows than the demo has."""

Generate = Callable[[DataModel, Path], SyntheticTables]
"""Generates the tables of a model in a local folder. It is a parameter, because the quality package does not generate tables
itself."""


@dataclass(frozen=True)
class UnplantedDemo:
    """The model without planted changes, its tables, and the folder that their files are in."""

    model: DataModel
    tables: SyntheticTables
    folder: Path


def without_planted_changes(model: DataModel) -> DataModel:
    """The same model without effects. The seed stays, so every draw that no effect touches is the same."""
    return model.model_copy(update={"effects": []})


def unplanted_model(model: DataModel) -> DataModel:
    """The model of the unplanted demo: no effects, every column stored, at most ``MOST_FACT_ROWS``."""
    smaller = model.model_copy(update={"fact_rows": min(model.fact_rows, MOST_FACT_ROWS)})
    return observable(without_planted_changes(smaller))


@contextmanager
def unplanted_demo(model: DataModel, generate: Generate) -> Iterator[UnplantedDemo]:
    """Generate the unplanted demo of ``model`` into a temporary folder, which is removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix="unplanted-") as folder:
        unplanted = unplanted_model(model)
        yield UnplantedDemo(unplanted, generate(unplanted, Path(folder)), Path(folder))
