"""Populations: each defines how the rows of a table are made."""

from typing import Annotated, Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.case_numbers import Share
from provisioning_assets.data_model.names import Name, Scalar, States


class Records(Document):
    """Rows that are written in the model, such as plans or stores. Columns without a generator take their values from them."""

    kind: Literal["records"] = "records"
    rows: list[dict[str, Scalar]]


class Scaled(Document):
    """Independent rows. Their number is relative to the size of the demo, which is the number of rows of the largest fact table.

    Rows are sorted by arrival: if the table has an ``arrival`` column, it grows with the row number.
    """

    kind: Literal["scaled"] = "scaled"
    share: float = Field(gt=0, description="number of rows as a share of the size")
    minimum: int = Field(default=1, ge=1, description="fewest rows, at every size")
    maximum: int | None = Field(default=None, description="most rows, at every size")


class CountWeights(Document):
    """The distribution of the number of children of a parent: ``weights[i]`` is the relative frequency of ``i + first``."""

    first: int = Field(default=1, ge=0)
    weights: list[float] = Field(min_length=1)

    @property
    def largest(self) -> int:
        """The largest number of children."""
        return self.first + len(self.weights) - 1

    @property
    def mean(self) -> float:
        """The average number of children."""
        numbers = range(self.first, self.largest + 1)
        return sum(number * weight for number, weight in zip(numbers, self.weights, strict=True)) / sum(self.weights)

    @property
    def may_be_none(self) -> bool:
        """Whether a parent may have no child."""
        return self.first == 0 and self.weights[0] > 0


class State(Document):
    """One state of a sequence: how long it lasts and which states follow it. Without ``next`` it is never left."""

    median: float | None = Field(
        default=None, gt=0, description="median of how long it lasts, in the sequence's unit; given with `next`"
    )
    sigma: float = Field(default=0.5, ge=0, description="sigma of the log of how long it lasts")
    minimum: float = Field(default=0.0, ge=0, description="shortest time that it lasts, in the sequence's unit")
    median_by: dict[str, float] = Field(default_factory=dict, description="value of the sequence's `by` -> median")
    next: dict[str, float] = Field(
        default_factory=dict,
        description="following state -> probability, with a sum of at most 1; the rest stays in the state forever",
    )
    next_by: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="value of the sequence's `by` -> `next` for it"
    )


class StateSequence(Document):
    """Randomly drawn states that a row passes through one after the other: of a ticket, of a contract, or the tiers of a member.

    States that would begin after the as-of date are left out, so the last state of a recent row has no end.
    """

    kind: Literal["states"] = "states"
    start: Name = Field(description="column of the parent: when its first state begins; null: it has no states")
    unit: Literal["minutes", "hours", "days"]
    states: dict[str, State] = Field(min_length=1)
    begin: dict[str, float] = Field(
        default_factory=dict, description="first state -> relative frequency; absent: the first of `states`"
    )
    by: Name | None = Field(
        default=None, description="column of the parent on which `median_by` and `next_by` of its states depend"
    )
    hours: list[float] | None = Field(
        default=None,
        min_length=24,
        max_length=24,
        description="weights of the 24 hours from midnight for states that begin on a later day than the state before",
    )
    most: int = Field(default=12, ge=1, le=100, description="most states of one row; the last of them does not end")


class Milestones(Document):
    """States whose moments are columns of the parent, such as booked or delivered. A state whose moment is null is skipped."""

    kind: Literal["milestones"] = "milestones"
    moments: dict[str, Name] = Field(
        min_length=1,
        description="state -> column of the parent with the moment at which it begins; equal moments keep this order",
    )


class PerParent(Document):
    """Children of a row of ``parent``, generated together with it.

    With ``history``, a parent has one child for each state that it has passed through, in their order. With ``count_of``, it has
    as many children as that column says. Otherwise the number of children is drawn from ``count``, or from ``count_by``.
    """

    kind: Literal["per_parent"] = "per_parent"
    parent: Name
    count: CountWeights = CountWeights(first=1, weights=[1.0])
    by: Name | None = Field(default=None, description="column of the parent whose values are the cases of `count_by`")
    count_by: dict[str, CountWeights] = Field(
        default_factory=dict, description="value of `by` -> `count` for it; `count` is for every other value"
    )
    count_of: Name | None = Field(
        default=None, description="INT64 column of the parent with the number of its children; null or below 1: none"
    )
    most: int | None = Field(
        default=None,
        ge=1,
        description="with `count_of`: most children of one parent; needed where the model does not say how large the column gets",
    )
    history: Annotated[StateSequence | Milestones, Field(discriminator="kind")] | None = None
    where: str | None = Field(
        default=None, description="expression over the parent's columns; only these parents have children"
    )
    probability: Share = Field(default=1.0, description="share of these parents that have children")

    def counts(self) -> list[CountWeights]:
        """Every distribution from which the number of children is drawn."""
        return [*self.count_by.values(), self.count]


class PerPeriod(Document):
    """One row for each period in which a row of ``parent`` is active, such as invoices of a subscription or monthly usage."""

    kind: Literal["per_period"] = "per_period"
    parent: Name
    period: Literal["day", "week", "month", "quarter", "year"]
    anchored: bool = Field(
        default=False,
        description="periods begin on the day of `start` and its anniversaries (in a shorter month, on its last day), "
        "not with the weeks, months, quarters and years of the calendar",
    )
    start: Name = Field(description="column of the parent: active since (DATE or DATETIME)")
    end: Name | None = Field(
        default=None, description="column of the parent: active until; null or absent: still active"
    )
    during: dict[Name, States] = Field(
        default_factory=dict,
        description="history of the parent -> state or states: only periods at the end of whose first day the parent is in "
        "this state, or in one of these states",
    )
    most: int | None = Field(default=None, ge=1, description="most periods of one parent; the latest ones are kept")
    usual: float | None = Field(default=None, gt=0, description="periods of one parent on average, to estimate sizes")


Source = Annotated[Records | Scaled | PerParent | PerPeriod, Field(discriminator="kind")]
"""One source of a table's rows."""


class Several(Document):
    """Rows of several sources in one table, such as check-ins of visits and check-ins of classes.

    No table can refer to such a table. Its key is a sequence whose numbers the sources use in turn, so the key grows with time
    only within one source.
    """

    kind: Literal["several"] = "several"
    sources: list[Source] = Field(
        min_length=2, description="in their order; a column may have a different generator for each source"
    )


Population = Annotated[Records | Scaled | PerParent | PerPeriod | Several, Field(discriminator="kind")]
