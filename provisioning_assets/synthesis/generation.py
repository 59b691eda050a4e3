"""The unit of work: one block of one family, a pure function of the data model that writes Parquet and returns a manifest.

Blocks exchange data only through the staging folder: the model, the columns of a block that other families read (its
*exports*), and its manifest, which is written last. So any process on any machine that sees the folder can generate a
block, even twice at the same time, or again after a worker was killed: the bytes are the same. A block without a
manifest is not done.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.atomic_files import read_whole, write_whole
from provisioning_assets.data_model.calendar import DAY_SECONDS
from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.lineage import ROWS, Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.open_days import public_holidays
from provisioning_assets.data_model.populations import PerParent, PerPeriod
from provisioning_assets.data_model.row_counts import expected_rows, root_rows
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis import numbering
from provisioning_assets.synthesis.block import Block, Kept, stored
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.malloc_settings import keep_memory_in_process
from provisioning_assets.synthesis.models import TableFile
from provisioning_assets.synthesis.name_lists import name_lists
from provisioning_assets.synthesis.places import places_of
from provisioning_assets.synthesis.pointers import in_states
from provisioning_assets.synthesis.populations import block_rows, children, periods
from provisioning_assets.synthesis.values import column_values

if TYPE_CHECKING:
    from upath import UPath

ROW_GROUP = 1 << 17
"""Rows of a Parquet row group; fixed, so that files do not depend on the machine."""

PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "row_group_size": ROW_GROUP,
    "statistics": True,
}
"""Two thirds of the size that Snappy makes, in little more time (138 and 211 MB for 9 million rows, 9.5 and 11.6 million
rows/s on two cores)."""

KEPT_TABLES = 12
"""Tables of other families that a process keeps in memory between blocks."""

MODEL_FILE = "model.json"

Step = Literal["rows", "order", "numbers"]
"""What is done with a block; ``numbering`` does the last two, for tables whose keys are numbered in order of a moment."""


class BlockManifest(Document):
    """What one step of a block wrote: table -> its file. A table without rows in the block is absent, except in the first block.

    ``left`` are the sizes of the files that it left for later steps; their paths are relative to the staging folder. ``rows`` are
    the rows that it generated, over all tables.
    """

    family: str
    block: int
    step: Step = "rows"
    files: dict[str, TableFile] = Field(default_factory=dict)
    export_bytes: dict[str, int] = Field(default_factory=dict)
    left: dict[str, int] = Field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class BlockTask:
    """One step of a block. ``staging`` is a folder, or an address in an object store, that all workers can see.

    *rows* generates a block of a family; *order* numbers the rows of a whole table, ``family``, after all its blocks; *numbers*
    writes the files of a block's tables that hold these numbers.
    """

    staging: str
    family: str
    block: int
    step: Step = "rows"


_lineages: OrderedDict[str, Lineage] = OrderedDict()
_exports: OrderedDict[tuple[str, str], pl.DataFrame] = OrderedDict()
_kept: dict[str, Kept] = {}


def lineage_of(staging: str) -> Lineage:
    """The model of a staging folder, read once per process; data kept for another model is dropped.

    Raises:
        ProvisioningError: this process does not see the folder.
    """
    if staging not in _lineages:
        forget_models()
        keep_memory_in_process()
        try:
            content = read_whole(place(staging) / MODEL_FILE)
        except FileNotFoundError:
            raise ProvisioningError(
                f"A worker cannot read {staging}, the folder in which the tables are generated.",
                "Set PROVISIONING_STORE to an object store, or to a folder that every worker mounts at the same path.",
            ) from None
        _lineages[staging] = Lineage(by_source(DataModel.model_validate_json(content)))
    return _lineages[staging]


def prepare(staging: str) -> None:
    """Read the model, the lists and the calendars before the first block; a new process has time for this.

    Raises:
        ProvisioningError: this process does not see the folder.
    """
    model = lineage_of(staging).model
    name_lists(model.locale, model.country)
    places_of(model.country, model.locale)
    public_holidays(model.country, model.as_of.year, model.as_of.year)


def forget_models() -> None:
    """Drop everything that this process keeps between blocks."""
    _lineages.clear()
    _exports.clear()
    _kept.clear()


def place(address: str) -> "Path | UPath":
    """The path of a folder, in a file system or in an object store."""
    if "://" not in address:
        return Path(address)
    from upath import UPath

    return UPath(address)


def generate(task: BlockTask) -> BlockManifest:
    """Generate a block: write its Parquet files and exports, then its manifest.

    A block that is already finished is not generated again.

    Raises:
        ProvisioningError: a reference cannot be satisfied, the disk is full, or the worker does not see the staging folder.
    """
    staging = place(task.staging)
    lineage = lineage_of(task.staging)
    finished = finished_block(staging, task.family, task.block, task.step)
    if finished is not None:
        return finished
    manifest = (_generated if task.step == "rows" else _numbered)(lineage, staging, task)
    path = manifest_path(staging, task.family, task.block, task.step)
    write_whole(path, manifest.model_dump_json().encode(), durable=False)
    return manifest


def _generated(lineage: Lineage, staging: "Path | UPath", task: BlockTask) -> BlockManifest:
    block = filled_block(lineage, task.family, task.block, task.staging)
    manifest = BlockManifest(family=task.family, block=task.block, rows=sum(block.rows.values()))
    for table in lineage.families[task.family]:
        if not numbering.is_unfinished(lineage, table):
            frame = block_table(block, table)
            if frame.height or task.block == 0:
                manifest.files[table] = write_part(staging, table, task.block, frame)
        for path, frame in numbering.left_by(block, table, block_table):
            manifest.left[path] = write_frame(staging / path, frame)
        exported = lineage.exports.get(table, [])
        if exported:
            manifest.export_bytes[table] = write_frame(
                _export_path(staging, table, task.block), block.frame(table).select(exported)
            )
    return manifest


def _numbered(lineage: Lineage, staging: "Path | UPath", task: BlockTask) -> BlockManifest:
    manifest = BlockManifest(family=task.family, block=task.block, step=task.step)
    if task.step == "order":
        for path, frame in numbering.numbers_of(lineage, task.family, lambda path: read_frame(staging / path)):
            manifest.left[path] = write_frame(staging / path, frame)
        return manifest
    for table in lineage.families[task.family]:
        if numbering.is_unfinished(lineage, table):
            frame = numbering.with_numbers(lineage, table, task.block, lambda path: read_frame(staging / path))
            if frame.height or task.block == 0:
                manifest.files[table] = write_part(staging, table, task.block, frame)
    return manifest


def manifest_path(staging: "Path | UPath", family: str, block: int, step: Step = "rows") -> "Path | UPath":
    """Path of the manifest of a step of a block."""
    return staging / ("blocks" if step == "rows" else step) / family / f"{block:05d}.json"


def finished_block(staging: "Path | UPath", family: str, block: int, step: Step = "rows") -> BlockManifest | None:
    """A step's manifest; None if there is none, or if a file's length differs from it (possible after a power failure)."""
    try:
        manifest = BlockManifest.model_validate_json(read_whole(manifest_path(staging, family, block, step)))
        sizes = {staging / file.path: file.bytes for file in manifest.files.values()}
        sizes |= {staging / path: size for path, size in manifest.left.items()}
        sizes |= {_export_path(staging, table, block): size for table, size in manifest.export_bytes.items()}
        whole = all(path.stat().st_size == size for path, size in sizes.items())
    except (FileNotFoundError, ValueError):
        return None
    return manifest if whole else None


def filled_block(lineage: Lineage, family: str, number: int, staging: str) -> Block:
    """A block with all columns of all its tables, internal ones included."""
    size = block_rows(lineage, family)
    first = number * size

    def exported(table: str) -> pl.DataFrame:
        key = (staging, table)
        if key not in _exports:
            _exports[key] = _read_export(place(staging), table)
            while len(_exports) > KEPT_TABLES:
                _exports.popitem(last=False)
        return _exports[key]

    kept = _kept.setdefault(staging, Kept())
    block = Block(lineage=lineage, number=number, first_row=first, exported=exported, kept=kept)
    block.columns = {table: {} for table in lineage.families[family]}
    for table, column in lineage.work[family]:
        if column == ROWS:
            _make_rows(block, table, min(size, root_rows(lineage, family) - first))
        else:
            block.columns[table][column] = column_values(block, table, lineage.columns[table, column])
    return block


def _make_rows(block: Block, table: str, of_root: int) -> None:
    population = block.lineage.tables[table].population
    if isinstance(population, PerParent):
        rows, positions, states = children(block.lineage, table, block.number, block.frame(population.parent))
        if states is not None:
            block.passed[table] = states
    elif isinstance(population, PerPeriod):
        counted = partial(_counts, block, population) if population.during else None
        rows, positions, starts = periods(block.lineage, table, block.frame(population.parent), counted)
        block.periods[table] = starts
    else:
        block.rows[table] = of_root
        return
    block.parents[table], block.positions[table] = rows, positions
    block.rows[table] = len(rows)


def _counts(block: Block, population: PerPeriod, rows: Integers, starts: Integers) -> Mask:
    """Periods that count: at the end of the period's first day, the parent (given by row number) is in a required state."""
    end = starts + DAY_SECONDS - 1
    each = [in_states(block, history, states, rows, end) for history, states in population.during.items()]
    return np.logical_and.reduce(each)


def block_table(block: Block, table: str) -> pl.DataFrame:
    """A table's stored columns, as they are written to the file."""
    columns = [column for column in block.lineage.tables[table].columns if not column.internal]
    return pl.DataFrame(
        [stored(block.columns[table][column.name], column.type).alias(column.name) for column in columns]
    )


def write_part(staging: "Path | UPath", table: str, number: int, frame: pl.DataFrame) -> TableFile:
    """Write one part of a table, or one part of the rows of one of its sources; the same frame gives the same bytes."""
    whole, source = whole_table(table)
    prefix = "" if source is None else f"source-{source}-"
    relative = f"tables/{whole}/{prefix}part-{number:05d}.parquet"
    buffer = BytesIO()
    frame.rechunk().write_parquet(buffer, **PARQUET)
    content = buffer.getbuffer()
    write_whole(staging / relative, content, durable=False)
    return TableFile(
        path=relative, rows=frame.height, bytes=len(content), sha256=sha256(content).hexdigest(), source=source
    )


def _export_path(staging: "Path | UPath", table: str, number: int) -> "Path | UPath":
    return staging / "exports" / table / f"part-{number:05d}.arrow"


def write_frame(path: "Path | UPath", frame: pl.DataFrame) -> int:
    """Write a frame for other blocks or steps; returns its bytes."""
    buffer = BytesIO()
    frame.rechunk().write_ipc(buffer, compression="uncompressed")
    content = buffer.getbuffer()
    write_whole(path, content, durable=False)
    return len(content)


def read_frame(path: "Path | UPath") -> pl.DataFrame:
    """A frame that another block or step wrote."""
    return pl.read_ipc(BytesIO(read_whole(path)))


def _read_export(staging: "Path | UPath", table: str) -> pl.DataFrame:
    parts = sorted((staging / "exports" / table).glob("part-*.arrow"), key=str)
    return pl.concat([read_frame(part) for part in parts]).rechunk()


def estimated_bytes(lineage: Lineage) -> int:
    """Estimate of the model's size in Parquet bytes, at eight bytes a stored value, which is above all measured sizes.

    Tables with keys that are numbered last count twice, because their rows are kept without their numbers meanwhile.
    """
    return round(
        sum(
            expected_rows(lineage, table.name)
            * (16 if numbering.is_unfinished(lineage, table.name) else 8)
            * sum(not column.internal for column in table.columns)
            for table in lineage.model.tables
        )
    )
