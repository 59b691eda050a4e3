"""The twin: the same customer, from the same draws, with nothing planted."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.as_it_stood import observable
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables

MOST_FACT_ROWS = 200_000
"""Rows of the largest fact table of a twin at most: the ``medium`` size, which takes a second or two. Chance shows less in more
rows, so above this the spread that the twin gives is an upper bound of the real one. Sums and counts are then of fewer rows."""


@dataclass(frozen=True)
class Twin:
    """A model, its tables, and the folder that they are in."""

    model: DataModel
    tables: SyntheticTables
    folder: Path


def twin_model(model: DataModel) -> DataModel:
    """The model of the twin: no effects, every column stored, at most ``MOST_FACT_ROWS``."""
    return observable(model.model_copy(update={"effects": [], "fact_rows": min(model.fact_rows, MOST_FACT_ROWS)}))


@contextmanager
def twin_of(model: DataModel) -> Iterator[Twin]:
    """Generate the twin into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        unplanted = twin_model(model)
        yield Twin(unplanted, synthesise(unplanted, Path(folder)), Path(folder))
