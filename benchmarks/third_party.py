"""Misata beside the engine: its judgement of tables, and the speed at which it makes such tables itself.

It runs in the environment that ``make judges`` installs: its pandas and NumPy are not the project's.
"""

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.child_process import REPOSITORY, Measurement, measure
from benchmarks.figures import Figure
from provisioning_assets.data_model.arrival_profile import day_weights
from provisioning_assets.data_model.calendar import history_start
from provisioning_assets.data_model.generators import Arrival
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets_tests.synthesis.retail_model import retail_model

INTERPRETER = REPOSITORY / "build" / "judges" / "bin" / "python"
MISATA_LINES = 185_000
"""Order lines: about 300,000 related rows, as many as the engine's own figure at that size."""

LEAST_TIMES = 50
"""How much faster than Misata the engine promises to be at ten million rows, on the same tables."""


class JudgeUnavailableError(RuntimeError):
    """Misata is not installed; the message says how it is."""


def misata_interpreter() -> Path:
    """The Python that has Misata.

    Raises:
        JudgeUnavailableError: it was not installed.
    """
    if not INTERPRETER.exists():
        raise JudgeUnavailableError(f"Misata is not installed in {INTERPRETER.parents[1]}: make judges")
    return INTERPRETER


def misata_judgement(tables: Path) -> dict[str, Any]:
    """Misata's realism report on a folder with one folder or one Parquet file a table.

    Returns:
        ``score`` (0-1: pass 1, warning 0.5, failure 0, their mean), ``checks`` (how many), ``tells`` (what gives them
        away, a sentence each).

    Raises:
        JudgeUnavailableError: Misata is not installed.
    """
    return _misata("judge", str(tables)).report


def misata_generation(folder: Path, lines: int, months: Mapping[str, float]) -> Measurement:
    """Five retail tables made by Misata: ``rows`` and ``generate_seconds`` are in the measurement's report.

    Args:
        folder: where the tables are written.
        lines: order lines to make.
        months: each month's share of the orders, ``{"2026-01": 0.04, ...}``; empty: Misata's own calendar.

    Raises:
        JudgeUnavailableError: Misata is not installed.
    """
    return _misata("generate", str(folder), str(lines), json.dumps(months))


def monthly_orders() -> dict[str, float]:
    """Each month's share of the orders in the engine's own retail tables: they grow, and November is busiest."""
    model = retail_model()
    [orders] = [table for table in model.tables if table.name == "orders"]
    [ordered_at] = [column for column in orders.columns if column.name == orders.event_time]
    days = day_weights(model, orders.name, ordered_at.name, generator_as(ordered_at, Arrival), [])
    months: dict[str, float] = {}
    for number, weight in enumerate(days):
        month = f"{history_start(model) + timedelta(days=number):%Y-%m}"
        months[month] = months.get(month, 0.0) + float(weight / days.sum())
    return months


def _misata(*arguments: str) -> Measurement:
    script = Path(__file__).with_name("misata_process.py")
    return measure([str(misata_interpreter()), str(script), *arguments])


def misata_figures(
    scratch: Path, repeat: int, engine_rows_a_second: float, lines: int = MISATA_LINES, bar: float | None = None
) -> list[Figure]:
    """How fast Misata makes five such tables, and how many times faster the engine is.

    Args:
        scratch: a folder for what it writes.
        repeat: measurements of which the median counts, each a process of its own.
        engine_rows_a_second: the engine's own figure.
        lines: order lines to make; all five tables have about 1.6 times as many rows.
        bar: how many times is promised at this size, if anything is, on the same tables: with the same months.

    Returns:
        figures with the engine's months, and with Misata's own calendar, which asks less of it; none where Misata is not
        installed, which is said on standard error.
    """
    figures: list[Figure] = []
    for calendar, months in {"the same months": monthly_orders(), "its own calendar": {}}.items():
        folder = scratch / f"misata{lines}{'-months' if months else ''}"
        try:
            runs = [misata_generation(folder.with_name(f"{folder.name}-{n}"), lines, months) for n in range(repeat)]
        except JudgeUnavailableError as error:
            print(f"{error}; its figures are left out.", file=sys.stderr)
            return []
        speed = median(run.report["rows"] / run.report["generate_seconds"] for run in runs)
        promised = bar if months else None
        figures += [
            Figure(
                f"Misata, {runs[0].report['rows']:,} rows, {calendar}", speed, "rows/s", "the engine's figure above"
            ),
            Figure(
                f"  the engine against Misata with {calendar}",
                engine_rows_a_second / speed,
                "times",
                f"{promised} times" if promised else "not promised",
                bar=promised,
                direction="at_least",
            ),
        ]
    return figures
