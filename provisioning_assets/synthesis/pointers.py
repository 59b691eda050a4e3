"""Which row a key refers to, and which version of that row was valid at a moment."""

import numpy as np
import polars as pl

from provisioning_assets.data_model.effects import InState
from provisioning_assets.data_model.generators import Lookup
from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.names import States, listed_states
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.clock import NEVER, seconds_of
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.histories import Versions
from provisioning_assets.synthesis.row_numbers import KeyRows, at_pointers


def pointers_of(block: Block, table: str, through: str, other: str) -> Integers:
    """Row numbers of ``other`` that a foreign key refers to: known from the draw, or found by the key's value."""
    if (table, through) not in block.pointers:
        column = block.lineage.columns[table, through]
        onward = column.generator
        if isinstance(onward, Lookup) and not column.null_share and (table, onward.through) in block.pointers:
            between = block.lineage.pointed_to(table, onward.through)
            if (between, onward.column) in block.pointers:
                # the key of a row whose pointer is known: no search by value is needed
                first = block.pointers[table, onward.through]
                pointers = block.pointers[between, onward.column][np.maximum(first, 0)]
                block.pointers[table, through] = np.where(first >= 0, pointers, -1)
                return block.pointers[table, through]
        block.pointers[table, through] = _key_rows(block, other).find(block.columns[table][through])
    return block.pointers[table, through]


def _key_rows(block: Block, table: str) -> KeyRows:
    """The rows of a table by their key; for a table of another family they are the same in every block."""
    if table in block.columns:
        return KeyRows.of(_keys(block, table))
    if table not in block.kept.key_rows:
        block.kept.key_rows[table] = KeyRows.of(_keys(block, table))
    return block.kept.key_rows[table]


def _keys(block: Block, table: str) -> pl.Series:
    return rows_so_far(block, table)[block.lineage.key_column(table)]


def versions_of(block: Block, history: str) -> Versions:
    """A history indexed by the rows of its parent; for a table of another family it is the same in every block."""
    if history in block.kept.versions and history not in block.columns:
        return block.kept.versions[history]
    whose, since = block.lineage.history_columns(history)
    rows = rows_so_far(block, history)
    entered = seconds_of(rows[since], missing=NEVER)
    found = Versions.of(_keys(block, block.lineage.parent_of(history)), rows[whose], entered)
    if history not in block.columns:
        block.kept.versions[history] = found
    return found


def rows_so_far(block: Block, table: str) -> pl.DataFrame:
    """The columns of a table: those computed so far in this block, or all columns that another family exported."""
    return block.frame(table) if table in block.columns else block.exported(table)


def in_states(block: Block, history: str, states: States, rows: Integers, at: Integers) -> Mask:
    """Whether the parent rows of a history (row numbers, -1: none) are in one of the states at each moment."""
    versions = versions_of(block, history).valid_at(rows, at)
    names = rows_so_far(block, history)[block.lineage.state_column(history)]
    return at_pointers(names, versions).is_in(listed_states(states)).fill_null(False).to_numpy()


def touched_in_state(block: Block, table: str, condition: InState, at: Integers) -> Mask:
    """Which rows of a table are in a state, or refer to a row that is, each at its own moment."""
    if condition.through is None:
        rows = np.arange(block.rows[table])
    else:
        rows = pointers_of(block, table, condition.through, block.lineage.parent_of(condition.history))
    return in_states(block, condition.history, condition.states, rows, at)


def chosen_versions(block: Block, history: str, states: States) -> Mask:
    """Which rows of a history stand for one of the states."""
    names = rows_so_far(block, history)[block.lineage.state_column(history)]
    return names.is_in(listed_states(states)).to_numpy()
