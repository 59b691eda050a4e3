"""A generator's parameter for each row: cases by another column's value, and planted effects."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.data_model.tables import Column
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.effects import Mask, touched


def planted(block: Block, table: str, column: Column) -> list[tuple[Effect, Mask]]:
    """The effects on a column, each with the rows it touches."""
    effects = block.lineage.effects_on(table, column.name)
    if not effects:
        return []
    frame = block.frame(table)
    return [(effect, touched(block.lineage, effect, frame)) for effect in effects]


def by_case(block: Block, table: str, by: str | None, cases: Mapping[str, float], otherwise: float) -> Floats:
    """A parameter of each row that depends on another column's value; ``otherwise`` for values without a case, and for null."""
    if by is None or not cases:
        return np.full(block.rows[table], otherwise)
    keys = block.columns[table][by].cast(pl.String)
    found = keys.replace_strict(list(cases), list(cases.values()), default=None, return_dtype=pl.Float64)
    return found.fill_null(otherwise).to_numpy()
