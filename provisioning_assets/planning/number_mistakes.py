"""Words for a number of a blueprint that cannot be read: what is accepted there, and how else to get what was meant."""

from collections.abc import Sequence
from typing import Any

NUMBER_ERRORS = frozenset({"float_type", "float_parsing", "int_type", "int_parsing"})
"""Pydantic's error types for a value that is not a number."""

_WITH_TIMES = frozenset({"lognormal", "normal", "uniform", "poisson", "gamma", "after", "before"})
_GENERATORS = frozenset({*_WITH_TIMES, "flag", "price", "walk", "renewal"})

_SHORT_FORM = "short"
"""Tag of a setting written as one value, where a mapping is accepted too (``SHORT_OR_LONG``)."""


def number_mistake(place: Sequence[str | int], given: Any) -> str:
    """Return what is wrong with a value that should be a number.

    Args:
        place: where it stands, as pydantic reports it, with the tags of unions.
        given: the value.
    """
    generator = next((part for part in reversed(place[3:]) if part in _GENERATORS), None)
    if "count" in place and "rows" in place:
        return (
            "`count` says how often each number of children occurs, such as {1: 66, 2: 34}, or {by: plan, Year pass: {2: 1}, "
            "otherwise: {1: 1}}; or it names a column of the parent with the number."
        )
    if isinstance(given, dict) and "by" in given:
        return "One plain number is accepted here, without cases."
    if place[-1] != _SHORT_FORM:
        return f"{given!r:.80} is not a number. One plain number is accepted here."
    accepted = "a number, or cases such as {by: column, value: 8, otherwise: 20}"
    return f"{given!r:.80} is not a number. Accepted: {accepted}. {_way_round_expression(generator)}"


def _way_round_expression(generator: str | int | None) -> str:
    if generator in _WITH_TIMES:
        return "An expression that multiplies the draw is written as `times`."
    return "For what is computed, make a helper with `expression: case when ... end` and go `by` it."
