"""The unit of work: one block of one family, a pure function of the data model that writes Parquet and returns a manifest."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from provisioning_assets.artefact import Document
from provisioning_assets.planning.data_model import DataModel, PerParent, PerPeriod
from provisioning_assets.synthesis.block import WORKING_TYPES, Block, stored
from provisioning_assets.synthesis.lineage import ROWS, Lineage
from provisioning_assets.synthesis.models import TableFile
from provisioning_assets.synthesis.populations import block_rows, children, expected_rows, periods, root_rows
from provisioning_assets.synthesis.references import Candidates
from provisioning_assets.synthesis.values import column_values

ROW_GROUP = 1 << 17
"""Rows of a Parquet row group; fixed, so that files do not depend on the machine."""

KEPT_TABLES = 12
"""Tables of other families that a process keeps in memory between blocks."""


class BlockManifest(Document):
    """What one block wrote: table -> its file, absent where the block has no row of a table but the first block."""

    family: str
    block: int
    files: dict[str, TableFile]


@dataclass(frozen=True)
class BlockTask:
    """One block to generate. ``staging`` is a folder that every worker sees."""

    model_path: str
    family: str
    block: int
    staging: str


_models: OrderedDict[str, Lineage] = OrderedDict()
_exports: OrderedDict[tuple[str, str], pl.DataFrame] = OrderedDict()
_candidates: dict[tuple[str, str, str], Candidates] = {}


def _lineage(path: str) -> Lineage:
    """The model, read once a process; another model's tables are dropped."""
    if path not in _models:
        forget_models()
        _models[path] = Lineage(DataModel.model_validate_json(Path(path).read_bytes()))
    return _models[path]


def forget_models() -> None:
    """Drop what this process keeps between blocks."""
    _models.clear()
    _exports.clear()
    _candidates.clear()


def generate(task: BlockTask) -> BlockManifest:
    """Generate a block, write its Parquet files and what other families read of it, then its manifest.

    A block whose manifest is already there is not generated again: the manifest is written last.

    Raises:
        ProvisioningError: a reference cannot be satisfied.
    """
    staging = Path(task.staging)
    done = manifest_path(staging, task.family, task.block)
    if done.exists():
        return BlockManifest.model_validate_json(done.read_bytes())
    lineage = _lineage(task.model_path)
    block = filled_block(lineage, task.family, task.block, staging)
    files = {}
    for table in lineage.families[task.family]:
        frame = block_table(block, table)
        if frame.height or task.block == 0:
            files[table] = write_part(staging, table, task.block, frame)
        exported = lineage.exports.get(table, [])
        if exported:
            _write_export(staging, table, task.block, block.frame(table).select(exported))
    manifest = BlockManifest(family=task.family, block=task.block, files=files)
    done.parent.mkdir(parents=True, exist_ok=True)
    unfinished = done.with_suffix(".unfinished")
    unfinished.write_text(manifest.model_dump_json(), encoding="utf-8")
    unfinished.replace(done)
    return manifest


def manifest_path(staging: Path, family: str, block: int) -> Path:
    """Where a block's manifest stands; its presence means that the block is complete."""
    return staging / "blocks" / family / f"{block:05d}.json"


def filled_block(lineage: Lineage, family: str, number: int, staging: Path) -> Block:
    """A block with all columns of all its tables, internal ones included."""
    size = block_rows(lineage, family)
    first = number * size

    def exported(table: str) -> pl.DataFrame:
        key = (str(staging), table)
        if key not in _exports:
            _exports[key] = _read_export(staging, table)
            while len(_exports) > KEPT_TABLES:
                _exports.popitem(last=False)
        return _exports[key]

    kept = {(table, column): found for (where, table, column), found in _candidates.items() if where == str(staging)}
    block = Block(lineage=lineage, number=number, first_row=first, exported=exported, candidates=kept)
    block.columns = {table: {} for table in lineage.families[family]}
    for table, column in lineage.column_order(family):
        if column == ROWS:
            _make_rows(block, table, min(size, root_rows(lineage, family) - first))
        else:
            block.columns[table][column] = column_values(block, table, lineage.columns[table, column])
    for (table, column), found in block.candidates.items():
        _candidates[str(staging), table, column] = found
    return block


def _make_rows(block: Block, table: str, of_root: int) -> None:
    population = block.lineage.tables[table].population
    if isinstance(population, PerParent):
        rows, positions = children(block.lineage, table, block.number, block.frame(population.parent))
    elif isinstance(population, PerPeriod):
        rows, positions, starts = periods(block.lineage, table, block.frame(population.parent))
        block.periods[table] = starts
    else:
        block.rows[table] = of_root
        return
    block.parents[table], block.positions[table] = rows, positions
    block.rows[table] = len(rows)


def block_table(block: Block, table: str) -> pl.DataFrame:
    """A table's stored columns, as they are written."""
    columns = [column for column in block.lineage.tables[table].columns if not column.internal]
    return pl.DataFrame(
        [stored(block.columns[table][column.name], column.type).alias(column.name) for column in columns]
    )


def write_part(staging: Path, table: str, number: int, frame: pl.DataFrame) -> TableFile:
    """Write one part of a table; the same frame gives the same bytes."""
    relative = f"tables/{table}/part-{number:05d}.parquet"
    target = staging / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    frame.rechunk().write_parquet(
        buffer, compression="zstd", compression_level=1, row_group_size=ROW_GROUP, statistics=True
    )
    content = buffer.getbuffer()
    target.write_bytes(content)
    return TableFile(path=relative, rows=frame.height, bytes=len(content), sha256=sha256(content).hexdigest())


def _write_export(staging: Path, table: str, number: int, frame: pl.DataFrame) -> None:
    target = staging / "exports" / table / f"part-{number:05d}.arrow"
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.rechunk().write_ipc(target, compression="uncompressed")


def _read_export(staging: Path, table: str) -> pl.DataFrame:
    parts = sorted((staging / "exports" / table).glob("part-*.arrow"))
    return pl.concat([pl.read_ipc(part) for part in parts]).rechunk()


def estimated_bytes(lineage: Lineage) -> int:
    """Parquet bytes the model will take, about: eight bytes a stored value is above what was measured."""
    return round(
        sum(
            expected_rows(lineage, table.name) * 8 * sum(not column.internal for column in table.columns)
            for table in lineage.model.tables
        )
    )


def empty_frame(lineage: Lineage, table: str) -> pl.DataFrame:
    """A table's columns with their working types and no rows."""
    return pl.DataFrame(schema={column.name: WORKING_TYPES[column.type] for column in lineage.tables[table].columns})
