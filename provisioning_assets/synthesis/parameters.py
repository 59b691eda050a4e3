"""The value of a generator's parameter for each row: by case (the value of another column) and planted effects."""

from collections.abc import Mapping

import numpy as np

from provisioning_assets.data_model.effects import Effect
from provisioning_assets.data_model.keyed_random import Floats
from provisioning_assets.data_model.tables import Column
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.cases import by_value
from provisioning_assets.synthesis.clock import BEFORE_ALL, seconds_of
from provisioning_assets.synthesis.effects import Mask, touched
from provisioning_assets.synthesis.pointers import touched_in_state


def planted(block: Block, table: str, column: Column) -> list[tuple[Effect, Mask]]:
    """The effects on a column, each with the rows that it changes."""
    effects = block.lineage.effects_on(table, column.name)
    if not effects:
        return []
    frame = block.frame(table)
    return [(effect, touched(block.lineage, effect, frame) & _in_state(block, effect)) for effect in effects]


def _in_state(block: Block, effect: Effect) -> Mask:
    """Whether each row is in the state that the effect requires, at the row's time."""
    time = block.lineage.effect_time(effect)
    if effect.during is None or time is None:
        return np.ones(block.rows[effect.table], dtype=np.bool_)
    at = seconds_of(block.columns[effect.table][time], missing=BEFORE_ALL)
    return touched_in_state(block, effect.table, effect.during, at)


def by_case(block: Block, table: str, by: str | None, cases: Mapping[str, float], otherwise: float) -> Floats:
    """The parameter of each row by another column's value; ``otherwise`` for null and for values without a case."""
    if by is None or not cases:
        return np.full(block.rows[table], otherwise)
    return by_value(block.columns[table][by], cases, otherwise)
