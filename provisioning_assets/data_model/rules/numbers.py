"""Checks that weights can be used for drawing, and that numbers can be used in calculations."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from provisioning_assets.data_model.problems import Place, Problem

LARGEST_INTEGER = 2**53
"""Largest accepted whole number. Up to here whole numbers are exact in FLOAT64, and sequences can count on within INT64."""


def weights_fit(weights: Sequence[float]) -> bool:
    """Return whether these weights can be used for drawing."""
    return all(isfinite(weight) and weight >= 0 for weight in weights) and 0 < sum(weights) < float("inf")


def weights_problems(place: Place, weights: Sequence[float] | None) -> Iterator[Problem]:
    """Report problems of the weights at ``place``; None means that they are left out."""
    if weights is not None and not weights_fit(weights):
        yield Problem(
            place,
            "These weights cannot be used for drawing.",
            "Give numbers that are 0 or more, at least one of them above 0.",
        )


def unusable_number_problems(place: Place, settings: object) -> Iterator[Problem]:
    """Report numbers in ``settings``, the dumped document at ``place``, that cannot be used in calculations."""
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


def bounds_problems(place: Place, minimum: float | None, maximum: float | None) -> Iterator[Problem]:
    """Report a minimum, written at ``place``, above the maximum; None means that a bound is left out."""
    if minimum is not None and maximum is not None and minimum > maximum:
        yield Problem(place, f"The minimum {minimum} is above the maximum {maximum}.", "Exchange them, or drop one.")


def medians_problems(place: Place, medians: Mapping[str, float]) -> Iterator[Problem]:
    """Report medians by case, written at ``place``, that are not above 0."""
    for case, median in medians.items():
        if median <= 0:
            yield Problem((*place, case), f"The median {median} is not above 0.", "Give a number above 0.")
