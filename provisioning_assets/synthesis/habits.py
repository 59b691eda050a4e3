"""Habits: in a share of the rows, a value is the usual one of the row's owner instead of a drawn one."""

import numpy as np
import polars as pl

from provisioning_assets.data_model.generators import Reference
from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.tables import Column, Usually
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.cases import number
from provisioning_assets.synthesis.clock import NEVER, seconds_of
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.parameters import planted
from provisioning_assets.synthesis.pointers import in_states, pointers_of
from provisioning_assets.synthesis.row_numbers import at_rows


def as_usual(block: Block, table: str, column: Column, usually: Usually, drawn: pl.Series) -> pl.Series:
    """The drawn values, with the usual value in the rows that follow the habit and have one."""
    usual = block.typed(block.columns[table][usually.column], column.type)
    frame = pl.DataFrame({"usual": usual, "drawn": drawn, "follows": _follows(block, table, column, usually)})
    chosen = pl.when(pl.col("follows") & pl.col("usual").is_not_null()).then("usual").otherwise("drawn")
    return frame.select(chosen.alias("value")).to_series()


def usual_rows(
    block: Block,
    table: str,
    column: Column,
    usually: Usually,
    reference: Reference,
    at: Integers | None,
) -> Integers:
    """The row of the referenced table that each row chooses by habit; -1 if it chooses none, or none that can be chosen.

    ``at``: the moment of each row, if the reference compares it with the referenced rows.
    """
    other = block.exported(reference.table)
    rows = pointers_of(block, table, usually.column, reference.table)
    there = np.maximum(rows, 0)
    can = (rows >= 0) & _follows(block, table, column, usually)
    if other.height == 0:
        return np.full(len(rows), -1, dtype=np.int64)
    if at is not None:
        if reference.since is not None:
            since = seconds_of(at_rows(other[reference.since], there), missing=NEVER)
            can &= (since <= at) & (since != NEVER)
        if reference.until is not None:
            can &= seconds_of(at_rows(other[reference.until], there), missing=NEVER) > at
        for history, states in reference.during.items():
            can &= in_states(block, history, states, rows, at)
    for own, theirs in reference.match.items():
        same = block.columns[table][own] == at_rows(other[theirs], there)
        can &= same.fill_null(False).to_numpy()
    return np.where(can, rows, -1)


def _follows(block: Block, table: str, column: Column, usually: Usually) -> Mask:
    """Rows that follow the habit: the share of all rows, without those that an effect on the column changes."""
    share = number(block.columns[table], usually.share)
    follows = block.uniforms(table, column.name, "usually") < share
    for _, changed in planted(block, table, column):
        follows &= ~changed
    return follows
