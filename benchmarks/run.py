"""``make bench``: measures, prints the table, and writes it to ``build/bench.json``.

Every measurement is a process of its own and is repeated; the medians count. The first run of the example warms the
file cache and Python's compiled files, and does not count.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.child_process import REPOSITORY, Measurement, measure
from benchmarks.direct_pipeline import URL
from benchmarks.figures import Figure, table
from benchmarks.third_party import LEAST_TIMES, MISATA_LINES, misata_figures

EXAMPLE = REPOSITORY / "examples" / "harbour_and_pine"
AS_OF = "2026-10-31"
FACT_ROWS = 205_000
"""Order lines; with customers, products, orders and returns they are about 300,000 related rows."""
FAKER_ROWS = 60_000
TIMES_A_NAIVE_LOOP = 30
SCALE = (
    # order lines, workers, megabytes a process, whether it is repeated; the five tables have 1.47 rows for each line
    (680_000, 1, 500, True),
    (6_830_000, 2, 500, True),
    (68_300_000, 2, 1_000, False),
)
MISATA_ROWS = 10_000_000
"""The size at which the peer is run once: it takes minutes, and memory for all of it."""
MISATA_ROWS_A_LINE = 1.62
SHARE_OF_WRITING = 0.30
"""Of the speed at which the same rows are written when they are in memory already."""
CLUSTER_LINES = 6_830_000
PARTS = ("provision", "generation", "scale", "cluster")


def provisioning_figures(scratch: Path, repeat: int) -> list[Figure]:
    """The example through ``provision run`` and through the plain functions."""
    runs, direct = [], []
    for number in range(repeat + 1):
        runs.append(_provision(scratch / f"run{number}"))
        direct.append(_directly(scratch / f"direct{number}"))
    runs, direct = runs[1:], direct[1:]
    wall = median(run.wall_seconds for run in runs)
    plain = median(run.wall_seconds for run in direct)
    plain_cpu = median(run.cpu_seconds for run in direct)
    stages = {
        stage["stage"]: median(_stage_seconds(run, stage["stage"]) for run in runs)
        for stage in runs[0].report["stages"]
    }
    outside = wall - sum(stages.values())
    return [
        Figure("provision run, size small", wall, "s", "20 s on two quiet cores", bar=20),
        *(
            Figure(f"  {name}", seconds, "s", f"{seconds / wall:.0%} of the run")
            for name, seconds in {**stages, "start, imports, checks, Dagster": outside}.items()
        ),
        Figure("the same functions called directly", plain, "s", "provision run"),
        Figure(
            "provision run, against the functions",
            wall,
            "s",
            f"1.3 x {plain:.1f} s + 3 s = {1.3 * plain + 3:.1f} s",
            bar=1.3 * plain + 3,
        ),
        # What other programs do to a busy machine changes the time on the clock, and hardly the processor's.
        Figure(
            "the same, processor time",
            median(run.cpu_seconds for run in runs),
            "s",
            f"1.3 x {plain_cpu:.1f} s + 3 s = {1.3 * plain_cpu + 3:.1f} s",
            bar=1.3 * plain_cpu + 3,
        ),
        Figure("provision run / functions", wall / plain, "ratio", "1 would be no cost at all"),
        Figure("peak memory of provision run", median(run.peak_megabytes for run in runs), "MB", "700 MB", bar=700),
    ]


def _provision(store: Path) -> Measurement:
    command = [
        str(Path(sys.executable).with_name("provision")), "run", URL, "--saved-pages", str(EXAMPLE), "--size", "small",
        "--as-of", AS_OF, "--json",
    ]  # fmt: skip
    home = store.with_suffix(".dagster")
    home.mkdir()
    run = measure(command, {"PROVISIONING_STORE": str(store), "DAGSTER_HOME": str(home)})
    if not run.report["success"]:
        raise RuntimeError(f"the example was not provisioned: {run.report['problem']}")
    return run


def _directly(store: Path) -> Measurement:
    return measure([sys.executable, "-m", "benchmarks.direct_pipeline", str(store), str(EXAMPLE), AS_OF])


def _stage_seconds(run: Measurement, name: str) -> float:
    return next(stage["seconds"] for stage in run.report["stages"] if stage["stage"] == name)


def generation_figures(scratch: Path, repeat: int, fact_rows: int, faker_rows: int) -> list[Figure]:
    """Rows a second to Parquet, by the engine and by a naive loop, and the load into DuckDB."""
    engine = [_generate("engine", scratch / f"engine{number}", fact_rows) for number in range(repeat)]
    naive = [_generate("faker", scratch / f"faker{number}", faker_rows) for number in range(repeat)]
    made = engine[0].report["rows"]
    speed = median(run.report["rows"] / run.report["generate_seconds"] for run in engine)
    naive_speed = median(run.report["rows"] / run.report["generate_seconds"] for run in naive)
    cold = median(run.report["rows"] / run.report["first_seconds"] for run in engine)
    load = median(run.report["load_seconds"] for run in engine)
    return [
        Figure(f"{made:,} related rows to Parquet", speed, "rows/s", "1,000,000 rows/s", bar=1e6, direction="at_least"),
        Figure("the same, first in a process", cold, "rows/s", f"{cold / speed:.0%} of the later ones"),
        Figure("naive Faker loop, five such tables", naive_speed, "rows/s", "the engine's figure above"),
        Figure(
            "the engine against the naive loop",
            speed / naive_speed,
            "times",
            f"{TIMES_A_NAIVE_LOOP} times",
            bar=TIMES_A_NAIVE_LOOP,
            direction="at_least",
        ),
        *misata_figures(scratch, repeat, speed, min(fact_rows, MISATA_LINES)),
        Figure(
            "peak memory of generation and load",
            median(run.peak_megabytes for run in engine),
            "MB",
            "700 MB",
            bar=700,
        ),
        Figure("loading them into DuckDB, keys declared", load, "s", f"{made / load:,.0f} rows/s", bar=1),
    ]


def _generate(how: str, folder: Path, rows: int) -> Measurement:
    return measure([sys.executable, "-m", "benchmarks.generation", how, str(folder), str(rows)])


def scale_figures(scratch: Path, repeat: int, sizes: Sequence[tuple[int, int, int, bool]]) -> list[Figure]:
    """Rows a second at growing sizes, beside writing alone; memory a process; the load into DuckDB."""
    figures: list[Figure] = []
    speeds: dict[int, float] = {}
    for lines, workers, megabytes, repeated in sizes:
        runs = [
            _scaled("processes", scratch / f"scale{lines}-{number}", lines, workers)
            for number in range(repeat if repeated else 1)
        ]
        rows = runs[0].report["rows"]
        speed = median(rows / run.report["seconds"] for run in runs)
        writing = median(rows / run.report["write_seconds"] for run in runs)
        memory = max(max(run.report["own_megabytes"], run.report["child_megabytes"]) for run in runs)
        speeds[rows] = speed
        by = f"{workers} workers" if workers > 1 else "one process"
        figures += [
            Figure(
                f"{rows:,} related rows, {by}", speed, "rows/s", f"{speed / min(speeds.values()):.2f} x the slowest"
            ),
            Figure("  writing the same rows alone", writing, "rows/s", "every core, from memory"),
            Figure(
                "  generating and writing / writing alone",
                speed / writing,
                "ratio",
                f"{SHARE_OF_WRITING}",
                bar=SHARE_OF_WRITING if workers > 1 else None,
                direction="at_least",
            ),
            Figure("  peak memory of a process", memory, "MB", f"{megabytes} MB", bar=megabytes),
        ]
        if rows in range(MISATA_ROWS // 2, MISATA_ROWS * 2):
            figures += misata_figures(scratch, 1, speed, round(rows / MISATA_ROWS_A_LINE), bar=LEAST_TIMES)
        if "load_seconds" in runs[0].report:
            load = median(run.report["load_seconds"] for run in runs)
            figures.append(Figure("  loading them into DuckDB", load, "s", f"{rows / load:,.0f} rows/s"))
    return figures


def cluster_figures(scratch: Path, repeat: int, lines: int) -> list[Figure]:
    """The same tables by a Dask cluster of one and of two workers on this machine."""
    figures: list[Figure] = []
    alone = 0.0
    for workers in (1, 2):
        runs = [_scaled("dask", scratch / f"dask{workers}-{number}", lines, workers) for number in range(repeat)]
        speed = median(run.report["rows"] / run.report["seconds"] for run in runs)
        alone = alone or speed
        name = f"{runs[0].report['rows']:,} related rows, Dask, {workers} worker{'s' * (workers > 1)}"
        figures.append(Figure(name, speed, "rows/s", f"{speed / alone:.2f} x one worker"))
    return figures


def _scaled(how: str, folder: Path, lines: int, workers: int) -> Measurement:
    run = measure([sys.executable, "-m", "benchmarks.scale", how, str(folder), str(lines), str(workers)])
    shutil.rmtree(folder)
    return run


def machine() -> dict[str, Any]:
    """What was measured on: figures of two machines are not comparable, their ratios may be."""
    packages = ("dagster", "duckdb", "polars", "numpy", "sqlglot", "altair", "faker", "distributed")
    return {
        "cores": os.cpu_count(),
        "load_average_before": round(os.getloadavg()[0], 2),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in packages},
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for, print it, write it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="measurements of which the median counts (default: 3)")
    parser.add_argument("--only", choices=PARTS, help="one part of the benchmark")
    parser.add_argument(
        "--fact-rows", type=int, default=FACT_ROWS, help=f"order lines to make (default: {FACT_ROWS:,})"
    )
    parser.add_argument(
        "--part",
        type=float,
        default=1.0,
        help="part of the rows of scale and cluster to make (default: 1, up to 100 M rows)",
    )
    parser.add_argument("--output", type=Path, default=REPOSITORY / "build" / "bench.json")
    asked = parser.parse_args(arguments)
    where = machine()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if asked.only in (None, "provision"):
            figures += provisioning_figures(Path(folder), asked.repeat)
        if asked.only in (None, "generation"):
            figures += generation_figures(Path(folder), asked.repeat, asked.fact_rows, min(asked.fact_rows, FAKER_ROWS))
        if asked.only in (None, "scale"):
            sizes = [(round(lines * asked.part), by, most, often) for lines, by, most, often in SCALE]
            figures += scale_figures(Path(folder), asked.repeat, sizes)
        if asked.only in (None, "cluster"):
            figures += cluster_figures(Path(folder), asked.repeat, round(CLUSTER_LINES * asked.part))
    print(table(figures))
    print(f"\nMedians of {asked.repeat}; {where['cores']} cores, load {where['load_average_before']} before.")
    if where["load_average_before"] > (where["cores"] or 1) / 2:
        print("The machine was busy: times are too long, ratios are more telling.")
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": where, "repetitions": asked.repeat, "figures": [figure.as_json() for figure in figures]}
    asked.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"Written to {asked.output}")


if __name__ == "__main__":
    main()
