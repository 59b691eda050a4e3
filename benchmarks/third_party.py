"""Misata beside the engine: its judgement of tables, and the speed at which it makes such tables itself.

It runs in the environment that ``make judges`` installs: its pandas and NumPy are not the project's.
"""

import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.child_process import REPOSITORY, Measurement, measure
from benchmarks.figures import Figure

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


def misata_generation(folder: Path, lines: int) -> Measurement:
    """Five retail tables made by Misata: ``rows`` and ``generate_seconds`` are in the measurement's report.

    Raises:
        JudgeUnavailableError: Misata is not installed.
    """
    return _misata("generate", str(folder), str(lines))


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
        bar: how many times is promised at this size, if anything is.

    Returns:
        two figures; none where Misata is not installed, which is said on standard error.
    """
    try:
        runs = [misata_generation(scratch / f"misata{lines}-{number}", lines) for number in range(repeat)]
    except JudgeUnavailableError as error:
        print(f"{error}; its figures are left out.", file=sys.stderr)
        return []
    speed = median(run.report["rows"] / run.report["generate_seconds"] for run in runs)
    made = runs[0].report["rows"]
    return [
        Figure(f"Misata, five such tables, {made:,} rows", speed, "rows/s", "the engine's figure above"),
        Figure(
            "the engine against Misata",
            engine_rows_a_second / speed,
            "times",
            f"{bar} times" if bar else "it is quickest at this size",
            bar=bar,
            direction="at_least",
        ),
    ]
