"""Words for a number of a blueprint that cannot be read: what is accepted there, and how else to get what was meant."""

from collections.abc import Sequence
from typing import Any

NUMBER_ERRORS = frozenset({"float_type", "float_parsing", "int_type", "int_parsing"})
"""Pydantic's error types for a value that is not a number."""

_WITH_TIMES = frozenset({"lognormal", "normal", "uniform", "poisson", "gamma"})
_MOMENTS = {"after": ("moment", "+"), "before": ("expression", "-")}
_GENERATORS = frozenset({*_WITH_TIMES, *_MOMENTS, "flag", "price", "walk", "renewal"})

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
            "`count` says how often each number of children occurs, such as {1: 66, 2: 34}; it has no cases and no expression. "
            "For a number of children by a column of the parent, see 'What cannot be said' in the description of the format."
        )
    if isinstance(given, dict) and "by" in given:
        return f"One plain number is accepted here, without cases. {_way_round_cases(place, generator)}".strip()
    if place[-1] != _SHORT_FORM:
        return f"{given!r:.80} is not a number. One plain number is accepted here."
    accepted = "a number, or cases such as {by: column, value: 8, otherwise: 20}"
    return f"{given!r:.80} is not a number. Accepted: {accepted}. {_way_round_expression(generator)}"


def _way_round_cases(place: Sequence[str | int], generator: str | int | None) -> str:
    if place[-1] == "probability":
        owner = "the parent" if "rows" in place else "the table"
        return f"For a probability by cases, draw a `flag` helper of {owner} with these cases and name it in `where`."
    if generator in _WITH_TIMES:
        return (
            "Draw one helper for each case, and choose between them with "
            "`expression: case when ... then one else another end`."
        )
    return ""


def _way_round_expression(generator: str | int | None) -> str:
    if generator in _WITH_TIMES:
        return "An expression that multiplies the draw is written as `times`."
    if generator in _MOMENTS:
        kind, sign = _MOMENTS[str(generator)]
        return (
            f"For a time that is computed, make a helper with `{kind}: base {sign} interval '1 hour' * hours` "
            f"and use it as the `base` of `{generator}`."
        )
    return "For what is computed, make a helper with `expression: case when ... end` and go `by` it."
