"""Categories: their values in order, and the weight of each value."""

from collections.abc import Mapping
from typing import Any

from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.planning.blueprint_columns import CategoryCases, Value, Weights
from provisioning_assets.planning.filling import Filling

FALL = 0.6
"""Exponent of weights that are not given: 1 / rank ** FALL. The first value is then about three times as frequent as the sixth."""

EXTENSION = 0.8
"""Ratio of each further weight to the one before it, if a slot has more words than there are weights."""


def filled_category(written: Any, filling: Filling, place: Place) -> Any:
    """A category with the customer's words filled in: weights by value, or cases with weights by value."""
    if isinstance(written, CategoryCases):
        copy = written.model_copy()
        copy.__pydantic_extra__ = {
            filled: weights
            for case, given in written.__pydantic_extra__.items()
            for filled, weights in _cases(case, given, filling, (*place, case)).items()
        }
        if written.otherwise is not None:
            copy.otherwise = _filled_weights(written.otherwise, filling, (*place, "otherwise"))
        object.__setattr__(copy, "__pydantic_fields_set__", {*written.model_fields_set, *copy.__pydantic_extra__})
        return copy
    if isinstance(written, dict):
        return _filled_weights(written, filling, place)
    given = [written] if isinstance(written, str) else list(written or [])
    if all(isinstance(value, str) for value in given):
        return dict.fromkeys(filling.texts(given, place, frozenset()))
    return dict.fromkeys(given)


def _cases(case: str, given: Weights | list[Weights], filling: Filling, place: Place) -> dict[str, Weights]:
    weights = given if isinstance(given, list) else [given]
    filled = [_filled_weights(each, filling, place) for each in weights]
    names = filling.texts([case], place, frozenset())
    return {name: filled[at % len(filled)] for at, name in enumerate(names)}


def _filled_weights(weights: Weights, filling: Filling, place: Place) -> Weights:
    found: Weights = {}
    for value, weight in weights.items():
        names = filling.texts([value], (*place, value), frozenset())
        if not isinstance(weight, list):
            found |= dict.fromkeys(names, weight)
        elif value.startswith("$") and weight:
            found |= dict(zip(names, extended(weight, len(names)), strict=True))
        else:
            filling.problems.append(
                Problem(
                    (*place, value),
                    "A list of weights is accepted only for the words of a slot.",
                    "Write one number, or use $slot as the key.",
                )
            )
    return found


def extended(weights: list[float], count: int) -> list[float]:
    """``count`` weights. Each weight after the given ones is ``EXTENSION`` times the one before it."""
    found = [float(weight) for weight in weights[:count]]
    while len(found) < count:
        found.append(found[-1] * EXTENSION)
    return found


def category_values(filled: Any) -> list[Value]:
    """The values of a filled category in the order of their first mention; integers if all are whole numbers."""
    if isinstance(filled, CategoryCases):
        mentioned = [*filled.cases().values(), *([filled.otherwise] if filled.otherwise else [])]
        names = list(dict.fromkeys(value for weights in mentioned for value in _keys(weights)))
    else:
        names = list(_keys(filled))
    whole = [_whole(name) for name in names]
    return names if None in whole else [number for number in whole if number is not None]


def _keys(weights: Any) -> list[Any]:
    return list(weights) if isinstance(weights, Mapping) else []


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value)
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and str(int(text)) == text else None


def weights_of(weights: Mapping[Any, Any], values: list[Value]) -> list[float]:
    """The weight of every value; falling weights if none are given. A value without a weight is never drawn."""
    given = {str(value): weight for value, weight in weights.items()}
    if all(weight is None for weight in given.values()):
        return [1 / (rank + 1) ** FALL for rank in range(len(values))]
    return [float(given.get(str(value)) or 0.0) for value in values]
