"""Progress of the generation, reported at readable intervals, with the time left."""

from pathlib import Path

import pytest

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.synthesis import populations, progress
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.progress import ExpectedRows, ProgressReporter, progress_text
from provisioning_assets_tests.synthesis.retail_model import retail_model


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def reported_lines(seconds_a_block: float, blocks: int, rows_a_block: int = 1000) -> list[str]:
    """The lines that are printed for a number of equal blocks."""
    clock, lines = Clock(), []
    reporter = ProgressReporter(lines.append, clock)
    for block in range(1, blocks + 1):
        clock.now += seconds_a_block
        reporter(block * rows_a_block, blocks * rows_a_block)
    return lines


def test_a_line_says_rows_share_rate_and_time_left() -> None:
    text = progress_text(5_000_000, 50_000_000, 5.0)
    assert text == "5,000,000 of about 50,000,000 rows (10%), 1,000,000 rows/s, 45 s left"


@pytest.mark.parametrize(
    ("left_seconds", "words"), [(59, "59 s left"), (130, "2 min 10 s left"), (3900, "1 h 5 min left"), (0, "0 s left")]
)
def test_the_time_left_is_reported_as_people_do(left_seconds: int, words: str) -> None:
    assert progress_text(1000, 1000 + 100 * left_seconds, 10).endswith(words)


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_before_there_is_a_rate_none_is_reported(seconds: float) -> None:
    assert progress_text(0, 1000, seconds) == "0 of about 1,000 rows (0%)"
    assert progress_text(0, 0, 0.0) == "0 of about 0 rows (0%)"


def test_what_is_left_is_reckoned_from_the_blocks_that_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(populations, "BLOCK_ROWS", 4096)
    expected: list[int] = []
    tables = synthesise(retail_model(), tmp_path, progress=lambda _, rows: expected.append(rows))
    as_the_shape_says = ExpectedRows(Lineage(retail_model())).total
    assert abs(as_the_shape_says / tables.rows - 1) > 0.05
    assert all(abs(rows / tables.rows - 1) < 0.05 for rows in expected[len(expected) // 2 :])
    assert expected[-1] == tables.rows


def test_blocks_that_are_quick_are_reported_once_a_second() -> None:
    lines = reported_lines(seconds_a_block=0.125, blocks=400)
    assert len(lines) == 50
    assert lines[0] == "8,000 of about 400,000 rows (2%), 8,000 rows/s, 49 s left"


def test_many_blocks_make_a_hundred_lines_at_most() -> None:
    assert 90 <= len(reported_lines(seconds_a_block=0.1, blocks=2000)) <= 101


def test_quick_work_is_not_reported() -> None:
    assert reported_lines(seconds_a_block=0.1, blocks=9) == []


def test_slow_blocks_are_each_reported() -> None:
    assert len(reported_lines(seconds_a_block=30.0, blocks=12)) == 12


def test_nothing_is_silent_for_long_however_little_is_done() -> None:
    assert len(reported_lines(seconds_a_block=1.0, blocks=20_000)) >= 20_000 / progress.LONGEST_SECONDS


def test_a_real_generation_of_many_blocks_is_reported_up_to_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(populations, "BLOCK_ROWS", 4096)
    monkeypatch.setattr(progress, "SHORTEST_SECONDS", 0.0)
    lines: list[str] = []
    tables = synthesise(retail_model(), tmp_path, progress=ProgressReporter(lines.append))
    rows = [int(line.split()[0].replace(",", "")) for line in lines]
    assert len(rows) > 5
    assert rows == sorted(rows)
    assert rows[-1] > 0.9 * tables.rows
    assert all("rows/s" in line and "left" in line for line in lines)
