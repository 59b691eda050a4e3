"""Compares two results: rows and columns in any order, numbers to four decimals, headers ignored, further columns allowed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from provisioning_assets.agent.understanding.catalog import NUMERIC_TYPES
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.golden.models import GoldenQuery
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.planning.models import InsightAssertion

DECIMALS = 4
_HALF = 0.5 * 10**-DECIMALS
# Orders of columns that are tried; only columns with equal values in another order of rows leave more than one.
_MOST_ORDERS = 100
# Sums of the same numbers in a different order differ in the last bits of a double.
_RELATIVE = 1e-9


def difference(golden: GoldenQuery, columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar]]) -> str | None:
    """Return how an agent's rows differ from a golden query's result, or None if they do not differ.

    A golden result stores only its first rows. If it was cut, the number of rows and the stored rows are compared.
    ``columns`` are the agent's; they are compared only to say which of them are too many.
    """
    width = len(golden.columns)
    if not rows:
        return f"no rows instead of {golden.row_count}"
    if matching_columns(golden, rows) is not None:
        return None
    if len(rows[0]) != width:
        return _other_columns(golden, columns, rows)
    if len(rows) != golden.row_count:
        return f"{len(rows)} rows instead of {golden.row_count}"
    expected, found = _sorted(golden.rows), _sorted(rows)
    if len(golden.rows) < golden.row_count:
        return _missing(expected, found)
    for ours, theirs in zip(expected, found, strict=True):
        if not _same_row(ours, theirs):
            return f"a row is {_shown(theirs)} instead of {_shown(ours)}"
    return None


def matching_columns(golden: GoldenQuery, rows: Sequence[Sequence[Scalar]]) -> list[int] | None:
    """Return where the agent's rows have each golden column, or None if they are not the golden rows.

    Columns are found by their values, because a model names and orders them as it likes.
    """
    if not rows or not golden.rows or len(rows) != golden.row_count or len(rows[0]) < len(golden.columns):
        return None
    candidates = [
        [
            index
            for index in range(len(rows[0]))
            if _contains([[row[index]] for row in rows], [[row[place]] for row in golden.rows])
        ]
        for place in range(len(golden.columns))
    ]
    for order in islice(_orders(candidates), _MOST_ORDERS):
        if _contains([[row[index] for index in order] for row in rows], golden.rows):
            return list(order)
    return None


def _orders(candidates: Sequence[Sequence[int]], taken: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Each way to choose a column of its own for every golden column, its own place first."""
    if len(taken) == len(candidates):
        yield taken
        return
    for index in sorted(candidates[len(taken)], key=lambda index: index != len(taken)):
        if index not in taken:
            yield from _orders(candidates, (*taken, index))


def _contains(rows: Sequence[Sequence[Scalar]], wanted: Sequence[Sequence[Scalar]]) -> bool:
    """Return whether the rows are the wanted ones, or contain them if the wanted ones were cut."""
    if len(rows) == len(wanted):
        return same_rows(rows, wanted)
    return not Counter(map(_key, wanted)) - Counter(map(_key, rows))


def extra_columns(golden: GoldenQuery, columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar]]) -> list[str]:
    """Return the agent's columns that have no counterpart in the golden result; empty if it is not certain which ones.

    The counterpart of a golden column has its name, or its values, or is the only one left that is a number, or is not.
    """
    left = list(range(len(columns)))
    tests: list[Callable[[int, int], bool]] = [
        lambda place, index: golden.columns[place].name == columns[index].name,
        lambda place, index: same_rows([[row[place]] for row in golden.rows], [[row[index]] for row in rows]),
        lambda place, index: _is_numeric(golden.columns[place]) == _is_numeric(columns[index]),
    ]
    unmatched = list(range(len(golden.columns)))
    for matches in tests:
        for place in list(unmatched):
            found = [index for index in left if matches(place, index)]
            if len(found) == 1:
                unmatched.remove(place)
                left.remove(found[0])
    return [] if unmatched else [columns[index].name for index in left]


def _is_numeric(column: ResultColumn) -> bool:
    return column.type in NUMERIC_TYPES


def _other_columns(golden: GoldenQuery, columns: Sequence[ResultColumn], rows: Sequence[Sequence[Scalar]]) -> str:
    wanted = [column.name for column in golden.columns]
    count = f"{len(rows[0])} column{'s' * (len(rows[0]) != 1)}"
    extra = extra_columns(golden, columns, rows)
    if extra:
        return f"{count} instead of {len(wanted)}: {' and '.join(extra)} should not be there"
    return f"{count} ({', '.join(column.name for column in columns)}) instead of {len(wanted)} ({', '.join(wanted)})"


def same_rows(one: Sequence[Sequence[Scalar]], other: Sequence[Sequence[Scalar]]) -> bool:
    """Return whether two results have the same rows."""
    return len(one) == len(other) and all(_same_row(a, b) for a, b in zip(_sorted(one), _sorted(other), strict=True))


def insight_figure(
    assertion: InsightAssertion, golden: GoldenQuery, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]
) -> float | None:
    """Return the insight's figure from an agent's rows, or None if it is not in them.

    Columns are found by their values, by name, or, if the agent used other names, by their position in the golden result.
    """
    names = [column.name for column in golden.columns]
    matched = matching_columns(golden, rows)

    def place(name: str) -> int | None:
        if matched is not None and name in names:
            return matched[names.index(name)]
        if name in columns:
            return list(columns).index(name)
        return names.index(name) if name in names and names.index(name) < len(columns) else None

    target = place(assertion.column)
    conditions = {place(name): wanted for name, wanted in assertion.where.items()}
    if target is None or None in conditions:
        return None
    for row in rows:
        if all(_as_text(row[index]) == wanted for index, wanted in conditions.items() if index is not None):
            value = row[target]
            return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return None


def _as_text(value: Scalar) -> str:
    """Return a cell in the form that an assertion's ``where`` uses."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _missing(expected: list[Sequence[Scalar]], found: list[Sequence[Scalar]]) -> str | None:
    remaining = {_key(row) for row in found}
    for row in expected:
        if _key(row) not in remaining:
            return f"the row {_shown(row)} is missing"
    return None


def _same_row(one: Sequence[Scalar], other: Sequence[Scalar]) -> bool:
    return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))


def _same(one: Scalar, other: Scalar) -> bool:
    a, b = _number(one), _number(other)
    if a is not None and b is not None:
        return abs(a - b) <= _HALF + _RELATIVE * max(abs(a), abs(b))
    return type(one) is type(other) and one == other


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _sorted(rows: Sequence[Sequence[Scalar]]) -> list[Sequence[Scalar]]:
    return sorted(rows, key=_key)


def _key(row: Sequence[Scalar]) -> tuple[tuple[str, float, str], ...]:
    return tuple(_sorting(value) for value in row)


def _sorting(value: Scalar) -> tuple[str, float, str]:
    number = _number(value)
    # One decimal less than in the comparison, so that numbers that count as equal are rarely sorted apart.
    # + 0.0 turns -0.0 into 0.0.
    return (
        ("number", round(number, DECIMALS - 1) + 0.0, "")
        if number is not None
        else (type(value).__name__, 0.0, str(value))
    )


def _shown(row: Sequence[Scalar]) -> str:
    text = ", ".join(str(value) for value in row)
    return f"({text[:120]}{'…' if len(text) > 120 else ''})"
