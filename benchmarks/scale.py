"""Tables of growing size to Parquet, by processes of this machine or by a Dask cluster on it, beside writing alone.

Usage: ``python -m benchmarks.scale processes|dask FOLDER ORDER_LINES WORKERS``. Prints its figures as JSON; imports of the
process that asks do not count, those of the processes it starts do.
"""

import json
import multiprocessing
import resource
import shutil
import sys
import time
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

from provisioning_assets.synthesis.models import SyntheticTables

WARM_UP_LINES = 20_000
"""A first small model, so that what is measured does not depend on whether this process generated before."""

MOST_ROWS_LOADED = 20_000_000
"""Beyond this a demo is BigQuery's to load."""

ROWS_WRITTEN_AT_ONCE = 5_000_000
"""How much of a table is held in memory while writing alone is measured."""


def by_processes(folder: Path, lines: int, workers: int) -> dict[str, Any]:
    """Five related tables; ``workers`` processes, this one among them. Then the same rows are written once more, alone, and
    loaded into a DuckDB file."""
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets.warehouse.duckdb_dataset import build_dataset
    from provisioning_assets_tests.synthesis.retail_model import retail_model

    synthesise(retail_model(fact_rows=WARM_UP_LINES), folder)
    model = retail_model(fact_rows=lines)
    tables = synthesise(model, folder, workers=workers)
    for child in multiprocessing.active_children():
        child.join()  # the system counts the memory of children that have ended
    used = {
        "own_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "child_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }
    report = {**_report(tables), **used, "write_seconds": seconds_to_write(tables, folder)}
    if tables.rows <= MOST_ROWS_LOADED:
        began = time.perf_counter()
        build_dataset(model, tables, folder=folder)
        report["load_seconds"] = time.perf_counter() - began
    return report


def by_dask(folder: Path, lines: int, workers: int) -> dict[str, Any]:
    """Five related tables by so many Dask workers, each a process of one thread, on this machine."""
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets.synthesis.workforce import dask_cluster
    from provisioning_assets_tests.synthesis.dask_processes import running_cluster
    from provisioning_assets_tests.synthesis.retail_model import retail_model

    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(workers, folder / "cluster"))
        executor = stack.enter_context(dask_cluster(cluster.address))
        # a cluster is up before it is asked: its workers have imported what they need
        for each in range(workers):
            synthesise(retail_model(fact_rows=WARM_UP_LINES, seed=each), folder / "demo", workers=executor)
        tables = synthesise(retail_model(fact_rows=lines), folder / "demo", workers=executor)
    return _report(tables)


def _report(tables: SyntheticTables) -> dict[str, Any]:
    return {
        "rows": tables.rows,
        "seconds": tables.seconds,
        "bytes": sum(file.bytes for table in tables.tables for file in table.files),
    }


def seconds_to_write(tables: SyntheticTables, folder: Path) -> float:
    """What writing these rows takes when they are in memory already: every core, long tables, the engine's own settings."""
    import polars as pl

    from provisioning_assets.synthesis.generation import PARQUET

    written = folder / "written"
    seconds = 0.0
    for table in tables.tables:
        parts: list[pl.DataFrame] = []
        for number, file in enumerate(table.files):
            parts.append(pl.read_parquet(BytesIO((folder / file.path).read_bytes())))
            if sum(part.height for part in parts) < ROWS_WRITTEN_AT_ONCE and file is not table.files[-1]:
                continue
            frame = pl.concat(parts).rechunk()
            parts.clear()
            written.mkdir(exist_ok=True)
            began = time.perf_counter()
            frame.write_parquet(written / f"{table.name}-{number}.parquet", **PARQUET)
            seconds += time.perf_counter() - began
            shutil.rmtree(written)
    return seconds


if __name__ == "__main__":
    how, where, how_many, by = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    where.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"processes": by_processes, "dask": by_dask}[how](where, how_many, by)))
