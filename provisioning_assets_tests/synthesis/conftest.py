"""The retail tables, generated once for the tests that only read them."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.synthesis.retail_model import retail_model


@dataclass(frozen=True)
class Generated:
    """A model with its tables on disk."""

    model: DataModel
    tables: SyntheticTables
    folder: Path

    def read(self, table: str) -> pl.DataFrame:
        """A table; money as floats."""
        return read(self.folder, table)


def read(folder: Path, table: str) -> pl.DataFrame:
    """A table of a customer's folder; money as floats."""
    return pl.read_parquet(folder / "tables" / table / "*.parquet").with_columns(
        pl.selectors.decimal().cast(pl.Float64)
    )


def generated(model: DataModel, folder: Path) -> Generated:
    """A model's tables, generated now."""
    return Generated(model, synthesise(model, folder), folder)


@pytest.fixture(scope="session")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The retail model at the small size."""
    return generated(retail_model(), tmp_path_factory.mktemp("retail"))
