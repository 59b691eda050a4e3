"""Synthetic tables of a data model: every block generated, then all tables swapped in at once.

Blocks are written into a staging folder beside the tables. It is named by the model's digest, so that a run that was killed is
continued by the next one with the same model, and cleared by one with another. The tables change in one rename.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import polars
from filelock import FileLock, Timeout
from upath import UPath

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.synthesis.generation import BlockManifest, BlockTask, forget_models, generate
from provisioning_assets.synthesis.lineage import Lineage
from provisioning_assets.synthesis.locations import is_local
from provisioning_assets.synthesis.models import SyntheticTables, TableFile, TableManifest
from provisioning_assets.synthesis.populations import block_count, expected_rows
from provisioning_assets.synthesis.validation import validate_model

ENGINE_VERSION = 1
"""Raised when the same model would give other rows: what was staged by an earlier engine is then not continued."""

ROWS_WORTH_PROCESSES = 3_000_000
"""Below this, starting processes (about a second, mostly imports) costs more than it brings at a million rows a second."""

TABLES, RETIRED, STAGING_PREFIX, LOCK = "tables", ".tables-retired", ".tables-staging-", ".tables-lock"

POLARS_THREADS = "POLARS_MAX_THREADS"

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

    The tables are replaced whole or not at all. The bytes depend on the model alone: neither on ``workers`` (processes, or an
    executor whose workers see the same folder) nor on an earlier run that was cut off.

    Raises:
        ProvisioningError: the model cannot be generated, the disk is too small, or another run is at it.
    """
    validate_model(model, folder)
    if is_local(folder):
        local = Path(str(folder))
        local.mkdir(parents=True, exist_ok=True)
        with _alone(local):
            return _synthesise_locally(model, local, workers, progress)
    return _synthesise_remotely(model, UPath(folder), workers, progress)


def workers_for(model: DataModel) -> int:
    """Processes worth starting: one for small models, two at most beyond (writing is then the limit)."""
    lineage = Lineage(model)
    rows = sum(expected_rows(lineage, table.name) for table in model.tables)
    return 1 if rows < ROWS_WORTH_PROCESSES else min(2, os.cpu_count() or 1)


def model_digest(model: DataModel) -> str:
    """16 hexadecimal digits of everything that the rows depend on."""
    content = f"{ENGINE_VERSION}\n{polars.__version__}\n{model.model_dump_json()}"
    return sha256(content.encode()).hexdigest()[:16]


def _synthesise_locally(
    model: DataModel, folder: Path, workers: int | Executor, progress: Progress | None
) -> SyntheticTables:
    started = time.perf_counter()
    _recover(folder)
    staging = folder / f"{STAGING_PREFIX}{model_digest(model)}"
    for other in folder.glob(f"{STAGING_PREFIX}*"):
        if other != staging:
            shutil.rmtree(other)
    staging.mkdir(exist_ok=True)
    manifests = _generate_blocks(model, staging, workers, progress)
    result = _summary(model, manifests, started)
    _swap(folder, staging)
    return result


def _synthesise_remotely(
    model: DataModel, folder: UPath, workers: int | Executor, progress: Progress | None
) -> SyntheticTables:
    """On an object store there is no rename of a folder: generate beside, upload, then remove what is left of earlier tables."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="synthetic-tables-") as scratch:
        result = _synthesise_locally(model, Path(scratch), workers, progress)
        wanted = {file.path for table in result.tables for file in table.files}
        for path in sorted(wanted):
            (folder / path).write_bytes((Path(scratch) / path).read_bytes())
    for stale in sorted((folder / TABLES).glob("*/*.parquet"), key=str):
        if f"{TABLES}/{stale.parent.name}/{stale.name}" not in wanted:
            stale.unlink()
    return result


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


# --- blocks --------------------------------------------------------------------------------------------------------


def _generate_blocks(
    model: DataModel, staging: Path, workers: int | Executor, progress: Progress | None
) -> list[BlockManifest]:
    lineage = Lineage(model)
    model_path = staging / "model.json"
    model_path.write_text(model.model_dump_json(), encoding="utf-8")
    tasks = {
        root: [BlockTask(str(model_path), root, number, str(staging)) for number in range(block_count(lineage, root))]
        for root in lineage.family_order
    }
    expected = round(sum(expected_rows(lineage, table.name) for table in model.tables))
    finished: list[BlockManifest] = []

    def done(manifest: BlockManifest) -> None:
        finished.append(manifest)
        if progress is not None:
            rows = sum(file.rows for each in finished for file in each.files.values())
            progress(rows, max(rows, expected))

    forget_models()
    try:
        if isinstance(workers, int) and workers <= 1:
            for root in lineage.family_order:
                for task in tasks[root]:
                    done(generate(task))
        elif isinstance(workers, int):
            with _single_threaded_polars(), ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
                _run_in(executor, lineage, tasks, done)
        else:
            _run_in(workers, lineage, tasks, done)
    finally:
        forget_models()
    return sorted(finished, key=lambda manifest: (manifest.family, manifest.block))


@contextlib.contextmanager
def _single_threaded_polars() -> Iterator[None]:
    """Processes started meanwhile have one polars thread each: more would compete for the cores that the processes fill."""
    before = os.environ.get(POLARS_THREADS)
    os.environ[POLARS_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[POLARS_THREADS]
        else:
            os.environ[POLARS_THREADS] = before


def _run_in(
    executor: Executor,
    lineage: Lineage,
    tasks: dict[str, list[BlockTask]],
    done: Callable[[BlockManifest], None],
) -> None:
    """Submit each family's blocks as soon as the families it refers to are complete."""
    waiting = {root: {lineage.root(table) for table in lineage.uses(root)} for root in lineage.family_order}
    open_blocks = {root: len(tasks[root]) for root in waiting}
    running: dict[Future[BlockManifest], str] = {}

    def submit_ready() -> None:
        for root in [root for root, needed in waiting.items() if not needed]:
            del waiting[root]
            running.update({executor.submit(generate, task): root for task in tasks[root]})

    submit_ready()
    try:
        while running:
            completed, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in completed:
                root = running.pop(future)
                done(future.result())
                open_blocks[root] -= 1
                if open_blocks[root] == 0:
                    for needed in waiting.values():
                        needed.discard(root)
            submit_ready()
    finally:
        for future in running:
            future.cancel()


def _summary(model: DataModel, manifests: list[BlockManifest], started: float) -> SyntheticTables:
    files: dict[str, list[TableFile]] = {table.name: [] for table in model.tables}
    for manifest in manifests:
        for table, file in manifest.files.items():
            files[table].append(file)
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
    """The staged tables take the place of the earlier ones; a kill between the two renames is mended by ``_recover``."""
    tables, retired = folder / TABLES, folder / RETIRED
    if tables.exists():
        tables.rename(retired)
    (staging / TABLES).rename(tables)
    shutil.rmtree(retired, ignore_errors=True)
    shutil.rmtree(staging)


def _recover(folder: Path) -> None:
    """What a killed run left: the earlier tables come back if they were being swapped, else their remains go."""
    tables, retired = folder / TABLES, folder / RETIRED
    if retired.exists():
        if tables.exists():
            shutil.rmtree(retired)
        else:
            retired.rename(tables)
