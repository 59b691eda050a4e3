"""Numbers of a generator that may depend on another column of the row."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name


class NumberByCase(Document):
    """A number by the value of another column."""

    by: Name = Field(description="column of this table whose values are the cases")
    cases: dict[str, float] = Field(min_length=1, description="value of `by` -> number for it")
    otherwise: float = Field(description="for every other value, and where `by` is null")


CaseNumber = float | NumberByCase
"""A number, or a number by the value of another column."""

Positive = Annotated[float, Field(ge=0)] | NumberByCase
"""A number of 0 or more, or such numbers by case; the rules of the data model check the cases."""

Share = Annotated[float, Field(gt=0, le=1)] | NumberByCase
"""A share of rows above 0 and up to 1, or shares by case, which may be 0; the rules of the data model check the cases."""


def numbers_of(number: CaseNumber | None) -> list[float]:
    """Return every number that may be used: one, or those of the cases and of the other values; none for None."""
    if number is None:
        return []
    return [*number.cases.values(), number.otherwise] if isinstance(number, NumberByCase) else [number]


def numbers_by_case(part: Document) -> Iterator[tuple[str, NumberByCase]]:
    """Yield the fields of a generator or population that hold numbers by case, each with its numbers."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, NumberByCase):
            yield name, value
