"""Laws of the trade: what never happens in this business, as queries that find every exception, and how its figures relate."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat
from pydantic_core import PydanticCustomError

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name


class Law(Document):
    """A rule that must hold in the finished tables, although the way they are generated does not ensure it.

    Example: ``says`` is "No one checks in while the membership is frozen"; ``sql`` selects the check-ins in frozen months.
    """

    id: Name
    says: str = Field(min_length=10, max_length=200, description="what must hold, in one sentence; shown in the report")
    sql: str = Field(
        min_length=1,
        description="GoogleSQL over table names without data set, and stored columns; returns the rows that break the law",
    )


def _two_numbers(between: object) -> object:
    if not isinstance(between, list | tuple) or len(between) != 2:
        raise PydanticCustomError("range", "two numbers are needed; write [lowest, highest]")
    return between


def _in_order(between: tuple[float, float]) -> tuple[float, float]:
    lowest, highest = between
    if lowest >= highest:
        raise PydanticCustomError(
            "range",
            "the lowest value {lowest} is not below the highest {highest}; write [lowest, highest]",
            {"lowest": f"{lowest:g}", "highest": f"{highest:g}"},
        )
    return between


Range = Annotated[tuple[FiniteFloat, FiniteFloat], BeforeValidator(_two_numbers), AfterValidator(_in_order)]
"""[lowest, highest] figure that is plausible, both inclusive."""


class Relation(Document):
    """A figure of the finished tables that shows how things of this business go together, and the range in which it lies.

    Example: ``says`` is "Urgent jobs start sooner"; ``sql`` divides the mean wait of urgent jobs by that of the others, and
    returns both beside it.
    """

    id: Name
    says: str = Field(
        min_length=10, max_length=200, description="what goes with what, in one sentence; shown in the report"
    )
    sql: str = Field(
        min_length=1,
        description="GoogleSQL over table names without data set, and stored columns; returns one row, whose first column is "
        "the figure. Further columns are the numbers that it is made of",
    )
    between: Range = Field(description="lowest and highest plausible figure, both inclusive, in `unit`")
    unit: str | None = Field(default=None, description="unit of the figure; null if it is a plain number")
    source: str = Field(min_length=3, description="where the range comes from: a publication, or experience")
