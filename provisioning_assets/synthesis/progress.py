"""Progress reports at readable intervals while tables are generated: a large demo has hundreds of blocks."""

import time
from collections.abc import Callable

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.row_counts import expected_rows, root_rows
from provisioning_assets.synthesis.populations import block_rows

SHORTEST_SECONDS = 1.0
"""Minimum seconds before the first line and between two lines."""

LONGEST_SECONDS = 10.0
"""After this many seconds a line is printed, even without much progress."""

LEAST_SHARE_REPORTED = 0.01
"""Share of the rows after which a line is printed: at most a hundred lines for a large demo."""


class ExpectedRows:
    """Estimate of the rows that a model's tables will have.

    It is based on the model's shape at first, and on the finished blocks of a family once there are some. The shape alone can be
    wrong by a third if a condition decides which rows have children.
    """

    def __init__(self, lineage: Lineage) -> None:
        self._whole = {root: root_rows(lineage, root) for root in lineage.families}
        self._block = {root: block_rows(lineage, root) for root in lineage.families}
        self._of_family = {
            root: sum(expected_rows(lineage, table) for table in tables) for root, tables in lineage.families.items()
        }
        self._made: dict[str, tuple[int, int]] = {}

    def made(self, family: str, block: int, rows: int) -> None:
        """Record the rows, over all tables, of a finished block of a family."""
        roots, others = self._made.get(family, (0, 0))
        roots += min(self._block[family], self._whole[family] - block * self._block[family])
        self._made[family] = roots, others + rows
        self._of_family[family] = self._made[family][1] / max(roots, 1) * self._whole[family]

    @property
    def total(self) -> int:
        """Estimated rows of all tables; exact when every block is finished."""
        return round(sum(self._of_family.values()))


class ProgressReporter:
    """Callback for each finished block, with the rows so far and the expected rows; reports progress at intervals."""

    def __init__(self, report: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._clock = clock
        self._began = self._reported_at = clock()
        self._reported_rows = 0

    def __call__(self, rows: int, expected: int) -> None:
        """Record a finished block and report progress if it is time for it.

        Args:
            rows: rows generated so far, over all tables.
            expected: estimated rows at the end.
        """
        now = self._clock()
        since = now - self._reported_at
        enough = rows - self._reported_rows >= LEAST_SHARE_REPORTED * expected
        if since >= LONGEST_SECONDS or (enough and since >= SHORTEST_SECONDS):
            self._reported_at, self._reported_rows = now, rows
            self._report(progress_text(rows, expected, now - self._began))


def progress_text(rows: int, expected: int, seconds: float) -> str:
    """``5,242,880 of about 50,000,000 rows (10%), 1,048,576 rows/s, 43 s left``.

    Args:
        rows: rows generated so far.
        expected: estimated rows at the end; not below ``rows``.
        seconds: time since generation started.
    """
    done = f"{rows:,} of about {expected:,} rows ({rows / max(expected, 1):.0%})"
    if rows == 0 or seconds <= 0:
        return done
    rate = rows / seconds
    return f"{done}, {rate:,.0f} rows/s, {_duration((expected - rows) / rate)} left"


def _duration(seconds: float) -> str:
    """A duration as text: ``43 s``, ``2 min 10 s``, ``1 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
