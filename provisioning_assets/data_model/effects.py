"""Effects: the changes that are planted in the data for the insights."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name, Scalar, States


class InState(Document):
    """Rows whose own row, or the row that a foreign key points to, is in a state at the effect's time."""

    through: Name | None = Field(
        default=None, description="foreign-key column of the effect's table; null: the states are those of its own rows"
    )
    history: Name = Field(description="table with the history of those rows")
    states: States


class Effect(Document):
    """A planted change, applied to a generator's parameter before the value is drawn, so that coherence holds.

    Operations, by generator: ``multiply`` scales a flag's rate, a number's or price's median, the duration of an After or a
    Before, the probability of leaving of a Renewal (on its column of part ``ended``), the weight of one category value
    (``value``), of referenced rows (``value_column`` equals ``value``, or ``referenced`` holds), the share of parents that
    have children (``column`` is the child's parent_key; ``where`` and ``time`` are then columns of the parent), or the
    arrival density; ``set`` replaces a flag's rate or that share.

    In a table of drawn states, an effect on the ``state`` column scales the probability of passing into ``value``, and one on
    the ``left_at`` column how long ``value`` lasts (every state when absent). ``where`` is then over the parent's columns, and
    the window is measured on the moment of passing over, or of entering. The window of a change of renewals is measured on the
    day of each renewal.
    """

    insight_id: str
    table: Name
    column: Name = Field(description="the column whose generator is changed")
    where: str | None = Field(default=None, description="expression over earlier columns of the row; absent: every row")
    from_days_ago: int | None = Field(
        default=None, description="first day of the change, counted back from the as-of date"
    )
    to_days_ago: int = Field(default=0, description="last day of the change")
    time: Name | None = Field(
        default=None, description="column of this table the window is measured on; absent: its event_time"
    )
    during: InState | None = Field(
        default=None, description="only rows that are in a state at `time`; absent: every row"
    )
    operation: Literal["multiply", "set"] = "multiply"
    factor: float
    value: Scalar = Field(
        default=None,
        description="category value, or value of `value_column` of referenced rows, whose weight is multiplied",
    )
    value_column: Name | None = Field(
        default=None, description="for a reference: the column of the referenced table that equals `value`"
    )
    referenced: str | None = Field(
        default=None, description="for a reference: expression over the referenced table's columns"
    )
