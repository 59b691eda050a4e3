"""Planted changes: which rows they affect, and how they change a generator's parameter before a value is drawn."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from provisioning_assets.data_model.calendar import DAY_SECONDS, day_number
from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.expressions import holds
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.synthesis.clock import seconds_of

Mask = NDArray[np.bool_]


def touched(lineage: Lineage, effect: Effect, frame: pl.DataFrame) -> Mask:
    """Rows of ``frame`` (with the columns the effect reads) that are in its window and satisfy its condition."""
    rows = np.ones(frame.height, dtype=np.bool_)
    if effect.where is not None:
        rows &= holds(effect.where, frame).to_numpy()
    time = lineage.effect_time(effect)
    if effect.from_days_ago is not None and time is not None:
        never = np.iinfo(np.int64).min // 2
        ages = day_number(lineage.model.as_of) - seconds_of(frame[time], missing=never) // DAY_SECONDS
        rows &= (ages <= effect.from_days_ago) & (ages >= effect.to_days_ago)
    return rows


def scaled(parameter: Floats, effects: Sequence[tuple[Effect, Mask]]) -> Floats:
    """The parameter of each row after the effects were applied in order."""
    for effect, rows in effects:
        if effect.operation == "set":
            parameter = np.where(rows, effect.factor, parameter)
        else:
            parameter = np.where(rows, parameter * effect.factor, parameter)
    return parameter


def variants(effects: Sequence[tuple[Effect, Mask]], rows: int) -> Integers:
    """The combination of effects that applies to each row: bit i stands for the i-th effect."""
    codes = np.zeros(rows, dtype=np.int64)
    for bit, (_, mask) in enumerate(effects):
        codes |= mask.astype(np.int64) << bit
    return codes
