"""The data model: tables, keys, descriptions, and how each column is generated. Pure data; ``synthesis`` executes it.

A table names its *population* (where its rows come from) and each column its *generator* (where its values come from).
Expressions are SQL scalar expressions over the columns of the same row, evaluated by polars (``pl.sql_expr``); a column
of a referenced row is reached by a ``lookup`` column first.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.planning.models import Scalar

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


# --- populations: where a table's rows come from -----------------------------------------------------------------


class Records(Document):
    """Rows written out: plans, stores, categories. Columns without a generator take their values from here."""

    kind: Literal["records"] = "records"
    rows: list[dict[str, Scalar]]


class Scaled(Document):
    """Independent rows, their number relative to the demo's size (rows of the largest fact table).

    Rows are in order of their arrival: if the table has an ``arrival`` column, it grows with the row number.
    """

    kind: Literal["scaled"] = "scaled"
    share: float = Field(gt=0, description="rows = round(share * size) ...")
    minimum: int = Field(default=1, ge=1, description="... not below this")
    maximum: int | None = Field(default=None, description="... not above this")


class CountWeights(Document):
    """How many children a parent has: ``weights[i]`` is the relative frequency of ``i + first``."""

    first: int = Field(default=1, ge=0)
    weights: list[float] = Field(min_length=1)


class State(Document):
    """One state of a sequence: how long it lasts and what follows it. Without ``next`` it is never left."""

    median: float | None = Field(
        default=None, gt=0, description="median of how long it lasts, in the sequence's unit; given with `next`"
    )
    sigma: float = Field(default=0.5, ge=0, description="sigma of the log of how long it lasts")
    minimum: float = Field(default=0.0, ge=0, description="shortest it lasts, in the sequence's unit")
    median_by: dict[str, float] = Field(default_factory=dict, description="value of the sequence's `by` -> median")
    next: dict[str, float] = Field(
        default_factory=dict,
        description="following state -> probability, 1 together at most; what is missing to 1 stays for good",
    )
    next_by: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="value of the sequence's `by` -> `next` for it"
    )


class StateSequence(Document):
    """States that a row passes through one after the other, drawn: a ticket's, a contract's, the tiers of a member.

    What would lie after the as-of date is absent, so the last state of a recent row is open.
    """

    kind: Literal["states"] = "states"
    start: Name = Field(description="column of the parent: when its first state begins; null: it passes through none")
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
        description="states are entered in these hours (weights, midnight first) when on a later day than the one before",
    )
    most: int = Field(default=12, ge=1, le=100, description="states of one row at most; the last one then stays")


class Milestones(Document):
    """States whose moments the parent already has: booked, departed, delivered. A moment that is null is not passed."""

    kind: Literal["milestones"] = "milestones"
    moments: dict[str, Name] = Field(
        min_length=1,
        description="state -> column of the parent with the moment it begins; in order where moments are equal",
    )


class PerParent(Document):
    """Children of a row of ``parent``, generated together with it.

    With ``history`` a parent has one child for each state it has passed through, in their order; otherwise ``count`` draws
    how many.
    """

    kind: Literal["per_parent"] = "per_parent"
    parent: Name
    count: CountWeights = CountWeights(first=1, weights=[1.0])
    history: Annotated[StateSequence | Milestones, Field(discriminator="kind")] | None = None
    where: str | None = Field(
        default=None, description="expression over the parent's columns; only these parents have children"
    )
    probability: float = Field(default=1.0, gt=0, le=1, description="share of those parents that have any children")


class PerPeriod(Document):
    """One row for each period in which a row of ``parent`` is active: invoices of a subscription, monthly usage."""

    kind: Literal["per_period"] = "per_period"
    parent: Name
    period: Literal["day", "week", "month"]
    start: Name = Field(description="column of the parent: active since (DATE or DATETIME)")
    end: Name | None = Field(
        default=None, description="column of the parent: active until; null or absent: still active"
    )
    most: int | None = Field(default=None, ge=1, description="at most so many latest periods")


Population = Annotated[Records | Scaled | PerParent | PerPeriod, Field(discriminator="kind")]


# --- generators: where a column's values come from ---------------------------------------------------------------

WAKING_HOURS = [
    0.30, 0.16, 0.09, 0.06, 0.07, 0.14, 0.35, 0.70, 1.00, 1.20, 1.30, 1.35,
    1.35, 1.25, 1.20, 1.20, 1.25, 1.35, 1.50, 1.65, 1.70, 1.45, 1.00, 0.60,
]  # fmt: skip
"""Relative activity of people by hour of the day, midnight first: quiet before dawn, busiest in the evening."""


class Sequence(Document):
    """Key that grows with the row: 1001, 1002, ... or text ``ORD-001001`` when ``prefix`` is given."""

    kind: Literal["sequence"] = "sequence"
    start: int = 1
    prefix: str | None = None
    width: int = Field(default=0, ge=0, description="zero-padded digits, with a prefix")


class FromRecord(Document):
    """Value given in the table's ``records`` rows."""

    kind: Literal["record"] = "record"


class ParentKey(Document):
    """Key of the row's parent (``per_parent`` and ``per_period`` tables)."""

    kind: Literal["parent_key"] = "parent_key"


class Position(Document):
    """1, 2, 3 ... within the parent: a line number, a month of a contract."""

    kind: Literal["position"] = "position"


class PeriodStart(Document):
    """First day of the row's period (``per_period`` tables)."""

    kind: Literal["period_start"] = "period_start"


class StateName(Document):
    """The state a row of a history stands for."""

    kind: Literal["state"] = "state"


class EnteredAt(Document):
    """When the row's state began; of a history's versions, since when it is valid."""

    kind: Literal["entered_at"] = "entered_at"


class LeftAt(Document):
    """When the next state of the same parent began; null for the state it is in now. Never equal to when it began."""

    kind: Literal["left_at"] = "left_at"


class Reference(Document):
    """Foreign key to a row of ``table``, chosen with skew.

    A referenced row keeps its weight wherever it is referenced from: a busy customer is busy in orders and in tickets.
    Weights stop at 2.5 sigma, so that nobody buys without limit.
    """

    kind: Literal["reference"] = "reference"
    table: Name
    skew: float = Field(
        default=0.0,
        ge=0,
        description="sigma of the log-normal weight of each referenced row: 0 is uniform, 1.2 a usual customer base",
    )
    weight: Name | None = Field(default=None, description="numeric column of `table` used as a further weight")
    since: Name | None = Field(
        default=None, description="column of `table`: only rows whose value is not after this row's `at`"
    )
    until: Name | None = Field(
        default=None,
        description="column of `table`: only rows whose value is null or after this row's `at` (not yet churned)",
    )
    at: Name | None = Field(default=None, description="column of this table compared with `since` and `until`")
    distinct_in_parent: bool = Field(default=False, description="no two rows of one parent choose the same")
    match: dict[Name, Name] = Field(
        default_factory=dict, description="column of this table -> column of `table` that must be equal"
    )
    optional: bool = Field(
        default=False,
        description="a row for which no referenced row is eligible stays null; otherwise the run is refused",
    )


class Lookup(Document):
    """Value of a column of the row that a foreign key of this table points to (the parent included).

    With ``history`` and ``at``: the value as it was then, from the row of the pointed-to row's history that was valid.
    """

    kind: Literal["lookup"] = "lookup"
    through: Name = Field(description="foreign-key column of this table")
    column: Name = Field(description="column of the table pointed to, or of `history`")
    history: Name | None = Field(
        default=None, description="table with the history of the rows that `through` points to"
    )
    at: Name | None = Field(
        default=None, description="column of this table: the moment; null, or before the history begins: null"
    )


class Category(Document):
    """One of several values, by weight; the weights may depend on another column."""

    kind: Literal["category"] = "category"
    values: list[str | int | bool] = Field(min_length=1)
    weights: list[float] = Field(min_length=1)
    by: Name | None = None
    weights_by: dict[str, list[float]] = Field(default_factory=dict, description="value of `by` -> weights")


class Flag(Document):
    """True at a rate that may depend on another column."""

    kind: Literal["flag"] = "flag"
    rate: float = Field(ge=0, le=1)
    by: Name | None = None
    rate_by: dict[str, float] = Field(default_factory=dict)


class Correlation(Document):
    """With which other number of the row a number goes, and how closely."""

    column: Name = Field(description="a number of the same table, log-normal or normal")
    rho: float = Field(ge=-0.99, le=0.99, description="correlation of the two numbers' normal scores")


class Number(Document):
    """A drawn quantity. ``lognormal``: a = median, b = sigma of the log; ``normal``: mean, standard deviation;
    ``uniform``: low, high; ``poisson``: mean; ``gamma``: mean, shape."""

    kind: Literal["number"] = "number"
    distribution: Literal["lognormal", "normal", "uniform", "poisson", "gamma"]
    a: float
    b: float = 0.0
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="absent: the currency's for NUMERIC, 0 for INT64, 2 for FLOAT64"
    )
    times: str | None = Field(default=None, description="expression over earlier columns that multiplies the draw")
    correlation: Correlation | None = Field(
        default=None, description="log-normal or normal: drawn together with another number (a Gaussian copula)"
    )


class Walk(Document):
    """A quantity that changes from one row of a parent to the next and is never the same twice in a row: prices over time."""

    kind: Literal["walk"] = "walk"
    base: Name = Field(
        description="numeric column of this table, the same in all rows of a parent: where the walk begins"
    )
    anchor: Literal["first", "last"] = Field(
        default="first", description="which row of the parent has `base` itself; `last` makes it the current value"
    )
    growth: float = Field(default=0.03, gt=-1, description="usual change from one row to the next; 0.03: 3 per cent up")
    sigma: float = Field(default=0.03, ge=0, description="sigma of the log of a change")
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="absent: the currency's for NUMERIC, 0 for INT64, 2 for FLOAT64"
    )


class Price(Document):
    """A log-normal amount set on usual price endings.

    In currencies without a minor unit, and where amounts are large, an ending is a fraction of the leading two digits'
    step: 0.8 makes 2,580 yen.
    """

    kind: Literal["price"] = "price"
    median: float = Field(gt=0)
    sigma: float = Field(default=0.6, ge=0)
    minimum: float = Field(gt=0)
    maximum: float
    endings: list[float] = Field(default=[0.99, 0.95, 0.49, 0.0], description="fractions of a unit, most usual first")
    by: Name | None = None
    median_by: dict[str, float] = Field(default_factory=dict)


class Person(Document):
    """Part of a person; the columns with the same ``of`` in a table are of the same person.

    An e-mail derives from the name, at a consumer's mail provider, or at the company named in the column ``company``.
    """

    kind: Literal["person"] = "person"
    part: Literal["given_name", "family_name", "full_name", "email", "gender"]
    of: str = "person"
    company: Name | None = Field(default=None, description="email: column with the company whose domain it uses")


class Company(Document):
    """A company's name in the model's locale (business customers, suppliers)."""

    kind: Literal["company"] = "company"


class Address(Document):
    """Part of an address in the model's country; columns of one ``of`` belong together."""

    kind: Literal["address"] = "address"
    part: Literal["street", "postcode", "city", "region", "country", "phone", "latitude", "longitude"]
    of: str = "address"


class Text(Document):
    """Free text from a small grammar: ``{name}`` is replaced by one of ``parts[name]``, again and again, or, when there
    is no such part, by the row's column of that name."""

    kind: Literal["text"] = "text"
    templates: list[str] = Field(min_length=1)
    parts: dict[str, list[str]] = Field(default_factory=dict)
    by: Name | None = Field(default=None, description="column whose value chooses among templates_by")
    templates_by: dict[str, list[str]] = Field(default_factory=dict)


class Arrival(Document):
    """When the row came to be, over the model's history; rows are in this order. DATE or DATETIME as the column is."""

    kind: Literal["arrival"] = "arrival"
    growth_per_year: float = Field(default=0.15, description="0.15: fifteen per cent more each year")
    months: list[float] = Field(default=[1.0] * 12, min_length=12, max_length=12, description="January first")
    weekdays: list[float] = Field(default=[1.0] * 7, min_length=7, max_length=7, description="Monday first")
    hours: list[float] = Field(
        default=WAKING_HOURS,
        min_length=24,
        max_length=24,
        description="midnight first; the default is people's day, not machines'",
    )
    day_noise: float = Field(
        default=0.08, ge=0, le=1, description="sigma of the log of a day's own factor: days are never all alike"
    )
    holidays: float = Field(default=1.0, description="factor on the country's public holidays")
    before_history: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of rows that arrived before the history begins (an existing customer base)",
    )


class After(Document):
    """A moment after another one; null when it would lie after the as-of date."""

    kind: Literal["after"] = "after"
    base: Name = Field(description="column of this table (DATE or DATETIME); null gives null")
    unit: Literal["minutes", "hours", "days"]
    median: float = Field(gt=0)
    sigma: float = Field(default=0.5, ge=0)
    minimum: float = Field(default=0.0, ge=0)
    maximum: float | None = None
    by: Name | None = None
    median_by: dict[str, float] = Field(default_factory=dict)
    where: str | None = Field(default=None, description="expression; other rows are null")
    probability: float = Field(default=1.0, gt=0, le=1, description="share of rows that ever get there")
    hours: list[float] | None = Field(
        default=None,
        min_length=24,
        max_length=24,
        description="DATETIME on a later day than its base: the hour is drawn from these weights (opening hours)",
    )
    weekdays: list[float] | None = Field(
        default=None,
        min_length=7,
        max_length=7,
        description="weights of the weekdays it falls on, Monday first: of a quiet day some, of a closed day all pass on "
        "to a later day, beyond `maximum` too, as work does that waits over a weekend",
    )


class Expression(Document):
    """SQL scalar expression over the columns of the row."""

    kind: Literal["expression"] = "expression"
    sql: str
    decimals: int | None = Field(default=None, description="round to so many decimals")


class RollUp(Document):
    """Aggregate over the row's children, exact. ``first`` and ``last`` take the value of one child, in the order of rows."""

    kind: Literal["rollup"] = "rollup"
    table: Name = Field(description="a per_parent or per_period child of this table")
    function: Literal["sum", "count", "min", "max", "mean", "first", "last"]
    column: Name | None = Field(default=None, description="column of the child; absent for count")
    where: str | None = Field(default=None, description="expression over the child's columns")


Generator = Annotated[
    Sequence | FromRecord | ParentKey | Position | PeriodStart | StateName | EnteredAt | LeftAt | Reference | Lookup
    | Category | Flag | Number | Walk | Price | Person | Company | Address | Text | Arrival | After | Expression | RollUp,
    Field(discriminator="kind"),
]  # fmt: skip

GoogleSqlType = Literal["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME"]


# --- tables ------------------------------------------------------------------------------------------------------


Rhythm = Literal["people", "businesses", "schedule", "machines"]
"""Who makes a table's rows, and so which shapes real ones have.

- *people*: consumers act; they keep hours, weekdays and seasons, and a few of them do most of it;
- *businesses*: people at work act; the same, but how much each customer buys has no usual shape (few or very large ones);
- *schedule*: a calendar or a clock makes them - monthly bills, measurements - and nobody's hour or weekday is in them;
- *machines*: they fail or report at any hour, more in some seasons than in others.
"""


class Column(Document):
    """One column."""

    name: Name
    type: GoogleSqlType = Field(
        description="NUMERIC is money, exact, two decimals; DATETIME is the customer's local time"
    )
    description: str
    synonyms: list[str] = Field(default_factory=list)
    role: Literal["key", "dimension", "measure", "time", "text"]
    aggregation: Literal["sum", "avg", "none"] = Field(
        default="none", description="how a measure is aggregated by default"
    )
    unit: str | None = Field(default=None, description="currency code, 'percent', 'days', 'GB', ...")
    generator: Generator = FromRecord()
    null_share: float = Field(default=0.0, ge=0, lt=1, description="share of values that are missing")
    internal: bool = Field(default=False, description="only helps to generate other columns; not stored")
    rhythm: Rhythm | None = Field(
        default=None, description="of a DATETIME, where it is not the table's: vehicles arrive at any hour"
    )


class ForeignKey(Document):
    columns: list[Name]
    references_table: Name
    references_columns: list[Name]


class Table(Document):
    """One table. ``event_time``, ``amount``, ``entity`` and ``rhythm`` name what realism checks measure."""

    name: Name
    description: str
    synonyms: list[str] = Field(default_factory=list)
    population: Population
    primary_key: list[Name] = Field(min_length=1)
    foreign_keys: list[ForeignKey] = Field(default_factory=list)
    columns: list[Column] = Field(min_length=2)
    event_time: Name | None = None
    amount: Name | None = None
    entity: Name | None = Field(default=None, description="foreign key to who acts: the buyer, the subscriber")
    rhythm: Rhythm = Field(default="people", description="who makes the rows: people, businesses, schedule or machines")


class Effect(Document):
    """A planted change, applied to a generator's parameter before the value is drawn, so that coherence holds.

    Operations, by generator: ``multiply`` scales a flag's rate, a number's or price's median, an After's duration, the
    weight of one category value (``value``), of referenced rows (``value_column`` equals ``value``, or ``referenced``
    holds), the share of parents that have children (``column`` is the child's parent_key; ``where`` and ``time`` are
    then columns of the parent), or the arrival density; ``set`` replaces a flag's rate or that share.

    In a table of drawn states, an effect on the ``state`` column scales the probability of passing into ``value``, and one on
    the ``left_at`` column how long ``value`` lasts (every state when absent). ``where`` is then over the parent's columns, and
    the window is measured on the moment of passing over, or of entering.
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


class DataModel(Artefact):
    """Everything the synthesis and the warehouse need to know."""

    name: str = Field(description="what the data set is about, one line")
    description: str
    as_of: date = Field(description="the demo's today: nothing is later")
    history_days: int = Field(ge=90, description="how far the data go back, days")
    size: Literal["small", "medium", "large", "xlarge"]
    fact_rows: int = Field(description="rows of the largest fact table, approximately")
    seed: int
    locale: str = Field(description="Faker locale, e.g. de_DE")
    country: str = Field(description="ISO 3166-1 alpha-2")
    currency: str = Field(description="ISO 4217")
    tables: list[Table] = Field(min_length=1)
    effects: list[Effect] = Field(default_factory=list)

    def summary(self) -> str:
        """Size and setting of the model."""
        columns = sum(not column.internal for table in self.tables for column in table.columns)
        return f"{len(self.tables)} tables, {columns} columns, {self.locale}, {self.currency}"
