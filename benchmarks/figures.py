"""A measured figure beside what it is compared with, as a line of the table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``bar`` is the promise, in the figure's unit; ``None`` where nothing is promised."""

    name: str
    value: float
    unit: str
    compared_with: str
    bar: float | None = None
    direction: Literal["at_most", "at_least"] = "at_most"

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.direction == "at_most" else self.value >= self.bar

    @property
    def verdict(self) -> str:
        """In words: kept, or missed and by how much."""
        if self.met is None or self.bar is None:
            return ""
        return "met" if self.met else f"MISSED by {abs(self.value - self.bar) / self.bar:.0%}"

    def as_json(self) -> dict[str, Any]:
        """For ``build/bench.json``."""
        return {**asdict(self), "met": self.met}


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [("figure", "value", "unit", "compared with", "")] + [
        (figure.name, _written(figure.value), figure.unit, figure.compared_with, figure.verdict) for figure in figures
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    lines = [
        "  ".join(
            text.rjust(width) if at == 1 else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _written(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
