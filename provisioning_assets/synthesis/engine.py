"""Synthetic tables of a data model: every block is generated, then all tables are replaced at once.

Blocks are written into a staging folder beside the tables. Its name contains the model's digest. After a run was killed,
the next run with the same model continues with the staged blocks; a run with another model deletes them. The tables are
replaced with a single rename; ``object_store_tables`` says how it is done in an object store, which cannot rename.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from hashlib import sha256
from pathlib import Path

import polars
from filelock import FileLock, Timeout
from upath import UPath

from provisioning_assets.atomic_files import is_local, remove_local, write_whole
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.sources import by_source, whole_table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.block_schedule import BlockSchedule
from provisioning_assets.synthesis.generation import MODEL_FILE, BlockManifest, forget_models
from provisioning_assets.synthesis.models import ENGINE_VERSION, SyntheticTables, TableFile, TableManifest
from provisioning_assets.synthesis.object_store_tables import TABLES, alone_in, move_into_place, remove_folders
from provisioning_assets.synthesis.progress import ExpectedRows
from provisioning_assets.synthesis.validation import validate_model
from provisioning_assets.synthesis.workforce import generate_here, generate_in_processes, generate_with

ROWS_WORTH_PROCESSES = 3_000_000
"""For fewer rows, starting processes (about a second, mostly imports) costs more time than it saves at a million rows a second."""

RETIRED, STAGING_PREFIX, LOCK = ".tables-retired", ".tables-staging-", ".tables-lock"

Progress = Callable[[int, int], None]
"""(rows so far, rows expected); called after each block."""


def synthesise(
    model: DataModel,
    folder: UPath | Path,
    *,
    workers: int | Executor = 1,
    progress: Progress | None = None,
) -> SyntheticTables:
    """Generate every table of ``model`` as ``<folder>/tables/<table>/part-NNNNN.parquet``.

    Either all tables are replaced or none. The bytes depend on the model alone: neither on ``workers`` (a number of
    processes, or an executor whose workers see the same folder) nor on an earlier run that was interrupted.

    Raises:
        ProvisioningError: the model cannot be generated, the disk is too small, or another run is using the folder.
    """
    validate_model(model, folder)
    started = time.perf_counter()
    if isinstance(folder, UPath) and not is_local(folder):
        with alone_in(folder / LOCK) as confirm:
            staging = folder / f"{STAGING_PREFIX}{model_digest(model)}"
            remove_folders(folder, STAGING_PREFIX, but=staging.name)
            result = _summary(model, _generate_blocks(model, staging, workers, progress), started)
            confirm()
            move_into_place(folder, staging, result)
        return result
    local = Path(str(folder))
    local.mkdir(parents=True, exist_ok=True)
    with _alone(local):
        _recover(local)
        staging = local / f"{STAGING_PREFIX}{model_digest(model)}"
        for other in local.glob(f"{STAGING_PREFIX}*"):
            if other != staging:
                remove_local(other)
        result = _summary(model, _generate_blocks(model, staging, workers, progress), started)
        _swap(local, staging)
        return result


def workers_for(model: DataModel) -> int:
    """Number of processes to start: one for small models, otherwise at most two (then writing is the bottleneck)."""
    lineage = Lineage(by_source(model))
    rows = sum(expected_rows(lineage, table) for table in lineage.tables)
    return 1 if rows < ROWS_WORTH_PROCESSES else min(2, os.cpu_count() or 1)


def model_digest(model: DataModel) -> str:
    """16 hexadecimal digits of everything that the rows depend on."""
    content = f"{ENGINE_VERSION}\n{polars.__version__}\n{model.model_dump_json()}"
    return sha256(content.encode()).hexdigest()[:16]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ProvisioningError(
            f"Another run is generating tables in {folder}.", "Wait until it has finished, or stop it first."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _generate_blocks(
    model: DataModel, staging: Path | UPath, workers: int | Executor, progress: Progress | None
) -> list[BlockManifest]:
    lineage = Lineage(by_source(model))
    write_whole(staging / MODEL_FILE, model.model_dump_json().encode(), durable=False)
    expected = ExpectedRows(lineage)
    finished: dict[tuple[str, int, str], BlockManifest] = {}
    rows = 0

    def done(manifest: BlockManifest) -> None:
        nonlocal rows
        step = manifest.family, manifest.block, manifest.step
        if step not in finished and manifest.step == "rows":
            rows += manifest.rows
            expected.made(manifest.family, manifest.block, manifest.rows)
        finished[step] = manifest
        if progress is not None:
            progress(rows, max(rows, expected.total))

    def schedule() -> BlockSchedule:
        return BlockSchedule(lineage, str(staging))

    forget_models()
    try:
        if isinstance(workers, Executor):
            generate_with(workers, schedule(), done)
        elif workers > 1:
            generate_in_processes(schedule, str(staging), workers, done)
        else:
            generate_here(schedule(), done)
    finally:
        forget_models()
    return [finished[block] for block in sorted(finished)]


def _summary(model: DataModel, manifests: list[BlockManifest], started: float) -> SyntheticTables:
    files: dict[str, list[TableFile]] = {table.name: [] for table in model.tables}
    for manifest in manifests:
        for table, file in manifest.files.items():
            files[whole_table(table)[0]].append(file)
    tables = [
        TableManifest(name=name, rows=sum(file.rows for file in parts), files=parts) for name, parts in files.items()
    ]
    return SyntheticTables(
        seed=model.seed,
        as_of=model.as_of,
        tables=tables,
        rows=sum(table.rows for table in tables),
        seconds=round(time.perf_counter() - started, 3),
    )


# --- the swap ------------------------------------------------------------------------------------------------------


def _swap(folder: Path, staging: Path) -> None:
    """Replace the earlier tables by the staged ones; ``_recover`` repairs a run that was killed between the two renames."""
    tables, retired = folder / TABLES, folder / RETIRED
    if tables.exists():
        tables.rename(retired)
    (staging / TABLES).rename(tables)
    remove_local(retired)
    remove_local(staging)


def _recover(folder: Path) -> None:
    """Clean up after a killed run: restore the earlier tables if they were being replaced, else delete what is left of them."""
    tables, retired = folder / TABLES, folder / RETIRED
    if retired.exists():
        if tables.exists():
            remove_local(retired)
        else:
            retired.rename(tables)
