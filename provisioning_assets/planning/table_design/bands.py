"""Cases over a number: bands such as ``< 2``, ``2 to 12`` (from 2 to below 12) and ``>= 12``."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NUMBER = r"-?\d+(?:\.\d+)?"
_BAND = re.compile(
    rf"(?:(?P<sign><=|<|>=|>)\s*(?P<bound>{_NUMBER})|(?P<low>{_NUMBER})\s+to\s+(?P<high>{_NUMBER}))", re.ASCII
)
_PLAIN = re.compile(_NUMBER, re.ASCII)


@dataclass(frozen=True, order=True)
class Edge:
    """An end of a band: just before a number, or just after it."""

    number: float
    after: bool = False


@dataclass(frozen=True, order=True)
class Band:
    """The numbers from one edge to another, and the case that stands for them. ``case`` is the text that the author wrote."""

    start: Edge
    end: Edge
    case: str

    def condition(self, column: str, scale: float) -> str:
        """A row expression that is true for the numbers of the band, multiplied by ``scale``."""
        tests: list[str] = []
        if math.isfinite(self.start.number):
            tests.append(f"{column} {'>' if self.start.after else '>='} {self.start.number * scale!r}")
        if math.isfinite(self.end.number):
            tests.append(f"{column} {'<=' if self.end.after else '<'} {self.end.number * scale!r}")
        return " and ".join(tests)


def is_band(case: str) -> bool:
    """Whether a case is a band, not a single value."""
    return _BAND.fullmatch(case.strip()) is not None


def band_of(case: str) -> Band | None:
    """The band that a case stands for; a plain number is the band of this number. None for any other text, or without numbers."""
    text = case.strip()
    if _PLAIN.fullmatch(text):
        return Band(Edge(float(text)), Edge(float(text), after=True), case)
    found = _BAND.fullmatch(text)
    if found is None:
        return None
    if found["sign"] is None:
        low, high = Edge(float(found["low"])), Edge(float(found["high"]))
        return Band(low, high, case) if low < high else None
    bound = Edge(float(found["bound"]), after=found["sign"] in ("<=", ">"))
    if found["sign"].startswith("<"):
        return Band(Edge(-math.inf), bound, case)
    return Band(bound, Edge(math.inf), case)


def overlap_of(bands: Iterable[Band]) -> tuple[str, str] | None:
    """The cases of two bands that have numbers in common; None if there are none."""
    for one, other in pairwise(sorted(bands)):
        if other.start < one.end:
            return one.case, other.case
    return None


def gap_between(bands: Sequence[Band], *, whole_numbers: bool) -> str | None:
    """The numbers that no band has, in words; None if there are none. The bands do not overlap.

    With ``whole_numbers``, only whole numbers count: there is none between ``<= 2`` and ``>= 3``.
    """
    ends = [Edge(-math.inf), *(band.end for band in sorted(bands))]
    starts = [*(band.start for band in sorted(bands)), Edge(math.inf)]
    for end, start in zip(ends, starts, strict=True):
        if start <= end or (whole_numbers and _whole(start) <= _whole(end)):
            continue
        if math.isinf(end.number):
            return f"numbers below {start.number:g}"
        if math.isinf(start.number):
            return f"numbers above {end.number:g}"
        return f"numbers between {end.number:g} and {start.number:g}"
    return None


def _whole(edge: Edge) -> float:
    """The first whole number after an edge."""
    if math.isinf(edge.number):
        return edge.number
    return math.floor(edge.number) + 1 if edge.after else math.ceil(edge.number)
