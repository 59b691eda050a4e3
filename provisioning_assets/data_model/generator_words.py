"""What the columns of each generator hold, in words that fit a data model and a blueprint, whose names for it may differ."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "sequence": "growing keys",
        "record": "values written in the rows",
        "parent_key": "keys of the parent",
        "position": "positions within the parent",
        "period_start": "first days of periods",
        "state": "names of states",
        "entered_at": "moments at which states began",
        "left_at": "moments at which states ended",
        "reference": "references",
        "lookup": "values read from other rows",
        "category": "categories",
        "flag": "flags",
        "number": "drawn numbers",
        "walk": "numbers that change from row to row",
        "price": "prices",
        "person": "parts of persons",
        "company": "names of companies",
        "address": "parts of addresses",
        "text": "free texts",
        "arrival": "arrivals",
        "after": "moments after others",
        "before": "moments before others",
        "moment": "computed moments",
        "first_of": "the first of several moments, or its cause",
        "renewal": "renewals",
        "expression": "computed values",
        "rollup": "aggregates over children",
        "left_out": "nothing, because their generator is wrong",
    }
)
"""Kind of a generator -> description of the values in its columns, for messages; the text follows "has"."""


class HasKind(Protocol):
    """A generator of a column."""

    @property
    def kind(self) -> str:
        """The generator's name in the data model."""
        ...


def words_of(generator: HasKind) -> str:
    """Return what a column with this generator has, such as ``references`` or ``values read from other rows``."""
    return WORDS[generator.kind]
