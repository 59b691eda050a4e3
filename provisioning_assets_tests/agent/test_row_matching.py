"""Right rows are recognised with other labels, roundings and further columns; wrong figures are not."""

import pytest

from provisioning_assets.agent.row_matching import Rows, is_right


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ([(3,)], [[3.0]]),
        ([("a", 1), ("b", 2)], [["b", 2], ["a", 1]]),
        ([("a", 1.25)], [["a", 1.2499999]]),
        ([("a", 12.3)], [["a", 0.1234]]),
        ([("a", 2)], [[7, "a", 2]]),
        ([(2025, 5), (2026, 6)], [["2025-07-01", 5], ["2026-07-01", 6]]),
        ([("2026-10-01T00:00:00", 4)], [["2026-10-01", 4]]),
        ([(None, 4), ("a", 1)], [["a", 1], [None, 4]]),
        ([], []),
    ],
)
def test_the_same_figures_are_right(expected: Rows, found: Rows) -> None:
    assert is_right(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ([(3,)], [[4]]),
        ([(1000,)], [[1001]]),
        ([("a", 1), ("b", 2)], [["a", 2], ["b", 1]]),
        ([("a", 1)], [["a", 1], ["b", 2]]),
        ([("a", 1)], [[1]]),
        ([(3,)], []),
        ([], [[1]]),
        ([(2025, 5)], [["2026-07-01", 5]]),
    ],
)
def test_other_figures_are_wrong(expected: Rows, found: Rows) -> None:
    assert not is_right(expected, found)
