"""Bounds of realism checks that a table defines for itself, with the reason."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.problems import suggestion


def _refused(message: str) -> PydanticCustomError:
    """Return an error for the author; braces in the message are kept as they are."""
    return PydanticCustomError("realism_bounds", "{message}", {"message": message})


def _in_order(bound: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    lowest, highest = bound
    if lowest is None and highest is None:
        raise _refused("The bound is open on both sides. Give the lowest value, the highest, or both.")
    if lowest is not None and highest is not None and lowest > highest:
        raise _refused(f"The lowest value {lowest:g} is above the highest {highest:g}. Write [lowest, highest].")
    return bound


Bound = Annotated[tuple[float | None, float | None], AfterValidator(_in_order)]
"""[lowest, highest] accepted value, both inclusive; null means that there is no limit on that side."""


class RealismBounds(Document):
    """Bounds that replace those of the table's kind of business, and bounds of checks that the kind does not have.

    They are written like ``realism: {amount_tail: [1.2, 6], because: every member pays one of three flat fees}``. The checks and
    their bounds for each kind are in ``quality/realism_bars.py``.
    """

    because: str = Field(min_length=10, description="why the usual bound is wrong for this table; shown in the report")
    top_fifth_share: Bound | None = Field(
        default=None,
        description="share of the amount (or of the rows) that the largest fifth of the entities brings, 0-1",
    )
    top_hundredth_share: Bound | None = Field(
        default=None,
        description="share of the amount (or of the rows) that the largest hundredth of the entities brings, 0-1",
    )
    one_time_share: Bound | None = Field(default=None, description="share of the entities with a single row, 0-1")
    events_dispersion: Bound | None = Field(
        default=None, description="variance of the number of rows of an entity, divided by its mean; 1 is chance alone"
    )
    amount_tail: Bound | None = Field(
        default=None, description="99th percentile of the amount divided by its median; 1 when all amounts are equal"
    )
    weekday_ratio: Bound | None = Field(
        default=None, description="rows on the busiest weekday divided by those on the quietest"
    )
    seasonal_strength: Bound | None = Field(
        default=None, description="share of the variation between months that repeats each year, 0-1"
    )
    night_share: Bound | None = Field(
        default=None, description="moments between 3 and 4 in the morning, divided by an even spread over the day"
    )
    midnight_share: Bound | None = Field(default=None, description="share of the moments at exactly midnight, 0-1")
    category_ratio: Bound | None = Field(
        default=None, description="rows of the most frequent value of a category divided by those of the rarest"
    )
    price_endings: Bound | None = Field(default=None, description="share of the prices on the usual endings, 0-1")
    text_repeats: Bound | None = Field(default=None, description="share of the most frequent text among all, 0-1")
    text_repeats_lately: Bound | None = Field(
        default=None, description="how many of the latest 200 texts are repeats of another of them"
    )

    @model_validator(mode="before")
    @classmethod
    def _known_and_reasoned(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        checks = cls.checks()
        for name in given:
            if name != "because" and name not in checks:
                raise _refused(
                    f"'{name}' is not a realism check that can have a bound. {suggestion(str(name), checks)}"
                )
        if not str(given.get("because") or "").strip():
            raise _refused(
                "A table that sets bounds must give a reason. Write because: why the usual bound is wrong for this table."
            )
        if all(given.get(name) is None for name in checks):
            raise _refused(f"There is no bound. Write at least one of {', '.join(checks)} as [lowest, highest].")
        return given

    @model_serializer(mode="wrap")
    def _only_bounds(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialise(self).items() if value is not None}

    @classmethod
    def checks(cls) -> list[str]:
        """Return the names of the checks that may have a bound here."""
        return [name for name in cls.model_fields if name != "because"]

    def bounds(self) -> dict[str, Bound]:
        """Return check -> (lowest, highest) for the checks that have a bound here."""
        return {name: bound for name in self.checks() if (bound := getattr(self, name)) is not None}
