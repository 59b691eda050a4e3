"""Weights that something can be drawn by, and numbers that can be calculated with."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from provisioning_assets.data_model.problems import Place, Problem

LARGEST_INTEGER = 2**53
"""Whole numbers up to here are exact in INT64 and in FLOAT64 alike, with room to count on from them."""


def weights_fit(weights: Sequence[float]) -> bool:
    """Whether something can be drawn by these weights."""
    return all(isfinite(weight) and weight >= 0 for weight in weights) and 0 < sum(weights) < float("inf")


def weights_problems(place: Place, weights: Sequence[float] | None) -> Iterator[Problem]:
    """What is wrong with weights at ``place``; None where they are left out."""
    if weights is not None and not weights_fit(weights):
        yield Problem(
            place,
            "Nothing can be drawn with these weights.",
            "Give numbers that are 0 or more, at least one of them above 0.",
        )


def unusable_number_problems(place: Place, settings: object) -> Iterator[Problem]:
    """Numbers within ``settings``, the dumped document at ``place``, that cannot be calculated with."""
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            yield from unusable_number_problems((*place, name), value)
    elif isinstance(settings, list):
        for index, value in enumerate(settings):
            yield from unusable_number_problems((*place, index), value)
    elif isinstance(settings, float) and not isfinite(settings):
        yield Problem(place, f"The value {settings} is not a finite number.", "Write a number.")
    elif isinstance(settings, int) and abs(settings) > LARGEST_INTEGER:
        yield Problem(place, f"The number {settings} is too large.", f"Write a whole number up to {LARGEST_INTEGER}.")
