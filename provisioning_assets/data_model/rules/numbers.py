"""Checks that weights can be used for drawing, and that numbers can be used in calculations."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import isfinite

from provisioning_assets.data_model.case_numbers import CaseNumber, NumberByCase, numbers_of
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


def bounds_problems(place: Place, minimum: CaseNumber | None, maximum: CaseNumber | None) -> Iterator[Problem]:
    """Report a minimum, written at ``place``, above the maximum, in any case; None means that a bound is left out."""
    for lowest, highest in _pairs(minimum, maximum):
        if lowest > highest:
            yield Problem(place, f"The minimum {lowest} is above the maximum {highest}.", "Exchange them, or drop one.")
            return


def _pairs(one: CaseNumber | None, other: CaseNumber | None) -> Iterator[tuple[float, float]]:
    """Yield the pairs of numbers that one row can have."""
    if isinstance(one, NumberByCase) and isinstance(other, NumberByCase) and one.by == other.by:
        yield one.otherwise, other.otherwise
        for case in {**one.cases, **other.cases}:
            yield one.cases.get(case, one.otherwise), other.cases.get(case, other.otherwise)
    else:
        yield from product(numbers_of(one), numbers_of(other))


def range_problems(
    place: Place,
    number: CaseNumber | None,
    what: str,
    least: float,
    most: float | None = None,
    *,
    above: bool = False,
    of_case: str | None = None,
) -> Iterator[Problem]:
    """Report a number at ``place``, or numbers of its cases, outside a range.

    Args:
        place: where it is written.
        number: the number; None if it is left out.
        what: what it is, for the message.
        least: the smallest accepted number.
        most: the largest accepted number; None if there is none.
        above: whether ``least`` itself is not accepted.
        of_case: the case that the number is for, if ``place`` is that of a case; for the message.
    """
    accepted = f"above {least:g}" if above else f"{least:g} or more"
    accepted += "" if most is None else f", up to {most:g}"
    cases = {**number.cases, "otherwise": number.otherwise} if isinstance(number, NumberByCase) else {None: number}
    for case, value in cases.items():
        if value is None or ((value > least or (value == least and not above)) and (most is None or value <= most)):
            continue
        where = place if case is None else (*place, case)
        case = of_case if case is None else case
        of = "" if case is None else f" for '{case}'"
        yield Problem(where, f"The {what} is {value}{of}.", f"Give a number {accepted}.")


def medians_problems(place: Place, medians: Mapping[str, float]) -> Iterator[Problem]:
    """Report medians by case, written at ``place``, that are not above 0."""
    for case, median in medians.items():
        if median <= 0:
            yield Problem((*place, case), f"The median {median} is not above 0.", "Give a number above 0.")
