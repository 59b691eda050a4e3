"""Compares an agent's rows with the right ones as a reader would: labels, order, rounding and extra columns do not matter."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

# Right answers are rounded by hand, mostly to one or two decimals; the agent's are not.
_ROUNDING = 0.0051
_ROUNDED_SHARE = 0.0006
_RELATIVE = 0.002
# With more columns, trying every order of them is too slow, and a right answer never has so many.
_MOST_COLUMNS = 7

Rows = Sequence[Sequence[Any]]


def is_right(expected: Rows, found: Rows) -> bool:
    """Return whether the found rows show the expected ones, perhaps with further columns such as a label or a key."""
    if not expected:
        return not found
    if not found or len(expected) != len(found) or len(found[0]) < len(expected[0]):
        return False
    columns = range(len(found[0])) if len(found[0]) <= _MOST_COLUMNS else range(_MOST_COLUMNS)
    return any(
        _same(expected, [[row[i] for i in chosen] for row in found])
        for chosen in permutations(columns, len(expected[0]))
    )


def _same(expected: Rows, found: Rows) -> bool:
    first, second = (sorted(([_cell(v) for v in row] for row in rows), key=_order) for rows in (expected, found))
    return all(
        any(
            all(
                _equal(one[c] * factor if isinstance(one[c], float) else one[c], other[c], looser=factor < 1)
                for one, other in zip(first, second, strict=True)
            )
            for factor in (1.0, 0.01, 100.0)
        )
        for c in range(len(first[0]))
    )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    if isinstance(value, (date, datetime)):
        value = value.isoformat()
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return value[:10]
    return value


def _equal(one: Any, other: Any, *, looser: bool = False) -> bool:
    if isinstance(one, str) and isinstance(other, float):
        one, other = other, one
    if isinstance(one, float) and isinstance(other, str):
        return other.startswith(f"{one:.0f}-")  # a year, written as a number or as the first day of a period in it
    if isinstance(one, float) and isinstance(other, float):
        whole = one.is_integer() and other.is_integer()
        room = _ROUNDED_SHARE if looser else _ROUNDING
        return math.isclose(one, other, rel_tol=0 if whole else _RELATIVE, abs_tol=room)
    return one == other


def _order(row: list[Any]) -> tuple[tuple[str, Any], ...]:
    labels = tuple(("text", str(v)) for v in row if not isinstance(v, float) and v is not None)
    return labels + tuple(("number", round(v, 3)) for v in row if isinstance(v, float))
