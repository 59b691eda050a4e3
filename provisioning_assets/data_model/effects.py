"""Effects: changes that are planted in the data so that the insights can be found."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name, Scalar, States


class InState(Document):
    """Condition that a row, or the row that its foreign key points to, is in a state at the effect's time."""

    through: Name | None = Field(
        default=None,
        description="foreign key of the effect's table whose rows must be in the state; null: the effect's own rows",
    )
    history: Name = Field(description="table with the history of these rows")
    states: States


class Effect(Document):
    """A planted change. It changes a parameter of a generator before the value is drawn, so the data stays consistent.

    ``multiply`` scales, depending on the generator:

    - the rate of a flag;
    - the median of a number or price, and the value of a walk (the rows after it walk on as if it had not been changed);
    - the duration of an After or a Before;
    - the probability of leaving of a Renewal (the effect is on its column of part ``ended``);
    - the weight of one category value (``value``);
    - the weight of referenced rows (those whose ``value_column`` equals ``value``, or for which ``referenced`` holds);
    - the share of parents that have children (``column`` is the child's parent_key; ``where`` and ``time`` are then columns of
      the parent);
    - the arrival density.

    ``set`` replaces the rate of a flag or the share of parents that have children.

    In a table of drawn states, an effect on the ``state`` column scales the probability of changing to ``value``. An effect on
    the ``left_at`` column scales the duration of ``value``, or of every state if ``value`` is absent. ``where`` then reads the
    parent's columns. The window is compared with the moment of the change of state, or for ``left_at`` with the moment at which
    the state began. For an effect on renewals, the window is compared with the day of each renewal.
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
