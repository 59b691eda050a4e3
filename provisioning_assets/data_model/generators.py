"""Generators: each defines how the values of a column are made."""

from typing import Annotated, Literal

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.case_numbers import CaseNumber, NumberByCase, Positive, Share
from provisioning_assets.data_model.names import Name, States
from provisioning_assets.data_model.peaks import Peak
from provisioning_assets.data_model.snap import Snap

WAKING_HOURS = [
    0.30, 0.16, 0.09, 0.06, 0.07, 0.14, 0.35, 0.70, 1.00, 1.20, 1.30, 1.35,
    1.35, 1.25, 1.20, 1.20, 1.25, 1.35, 1.50, 1.65, 1.70, 1.45, 1.00, 0.60,
]  # fmt: skip
"""Relative activity of people in each hour of the day, from midnight on: low before dawn, highest in the evening."""


HolidayShare = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="share of the moments on the country's public holidays that stay there; 0 closes them: what would fall on one "
        "moves on to the next open day",
    ),
]
"""Factor on public holidays of a moment that follows from another one: 1 makes a holiday a usual day."""


Months = Annotated[int, Field(ge=1)]
"""Length of a contract's term in months, 1 or more."""


class Sequence(Document):
    """A key that grows with the row number: 1001, 1002, ... or, with ``prefix``, a text like ``ORD-001001``.

    Rows of a parent are in the order of their parents, and each block of parents has a range of numbers of its own. With
    ``in_order_of`` the numbers follow that moment instead, over all rows of the table, without holes.
    """

    kind: Literal["sequence"] = "sequence"
    start: int = 1
    step: int = Field(default=1, ge=1, description="difference between two successive keys")
    prefix: str | None = None
    width: int = Field(default=0, ge=0, description="zero-padded digits, with a prefix")
    in_order_of: Name | None = Field(
        default=None,
        description="column of this table (DATE or DATETIME): numbers rise with it; equal moments keep the order of the rows, and "
        "rows without a moment come last",
    )


class FromRecord(Document):
    """A value that is given in the table's ``records`` rows."""

    kind: Literal["record"] = "record"


class ParentKey(Document):
    """The key of the row's parent (``per_parent`` and ``per_period`` tables)."""

    kind: Literal["parent_key"] = "parent_key"


class Position(Document):
    """1, 2, 3 ... within the parent, for example a line number or the month of a contract."""

    kind: Literal["position"] = "position"


class PeriodStart(Document):
    """The first day of the row's period (``per_period`` tables)."""

    kind: Literal["period_start"] = "period_start"


class StateName(Document):
    """The name of the state that a row of a history represents."""

    kind: Literal["state"] = "state"


class EnteredAt(Document):
    """The moment when the row's state began. For versions of a row: the moment from which the version is valid."""

    kind: Literal["entered_at"] = "entered_at"


class LeftAt(Document):
    """The moment when the parent's next state began; null for its current state. It is never equal to ``entered_at``."""

    kind: Literal["left_at"] = "left_at"


class Near(Document):
    """A place to be near to: columns of this row with its coordinates, and how near is usual."""

    latitude: Name = Field(
        description="numeric column of this table, degrees; where it is null, nearness does not count"
    )
    longitude: Name = Field(description="numeric column of this table, degrees")
    within_km: float = Field(
        gt=0, description="chances fall with the distance; at this one they are a twentieth (e to the -3)"
    )


class NearRows(Near):
    """A place, and the columns of the referenced table with the coordinates of its rows."""

    their_latitude: Name = Field(description="numeric column of the referenced table, degrees; null: never chosen")
    their_longitude: Name = Field(description="numeric column of the referenced table, degrees")


class Reference(Document):
    """A foreign key to a row of ``table``, chosen with skew.

    A row has the same weight in every table that refers to it: a customer with many orders also has many tickets.
    Weights are cut at 2.5 sigma, so that no customer buys without limit.
    """

    kind: Literal["reference"] = "reference"
    table: Name
    skew: float = Field(
        default=0.0,
        ge=0,
        description="sigma of the log-normal weight of each referenced row: 0 is uniform, 1.2 a usual customer base",
    )
    weight: Name | None = Field(
        default=None, description="numeric column of `table` that multiplies the weight of each of its rows"
    )
    by: Name | None = Field(default=None, description="column of this table whose values are the cases of `weight_by`")
    weight_by: dict[str, Name] = Field(
        default_factory=dict, description="value of `by` -> `weight` for it; `weight` is for every other value"
    )
    since: Name | None = Field(
        default=None, description="column of `table`: only rows whose value is not after this row's `at`"
    )
    until: Name | None = Field(
        default=None,
        description="column of `table`: only rows whose value is null or after this row's `at` (not yet churned)",
    )
    during: dict[Name, States] = Field(
        default_factory=dict,
        description="history of `table` -> state or states: only rows that are in one of them at this row's `at`",
    )
    at: Name | None = Field(
        default=None, description="column of this table compared with `since` and `until`, and the moment of `during`"
    )
    distinct_in_parent: bool = Field(default=False, description="no two rows of one parent choose the same row")
    match: dict[Name, Name] = Field(
        default_factory=dict, description="column of this table -> column of `table` that must be equal"
    )
    near: NearRows | None = Field(
        default=None,
        description="rows of `table` near this row are chosen more often, in addition to all other weights",
    )
    optional: bool = Field(
        default=False,
        description="null for a row that has no row to choose; without it, the run fails",
    )


class Lookup(Document):
    """The value of a column in the row that a foreign key of this table points to, or in the parent.

    With ``history`` and ``at``, the value is read from the history of that row: from the state that was valid at the moment ``at``.
    """

    kind: Literal["lookup"] = "lookup"
    through: Name = Field(description="foreign-key column of this table")
    column: Name = Field(description="column of the table pointed to, or of `history`")
    history: Name | None = Field(
        default=None, description="table with the history of the rows that `through` points to"
    )
    at: Name | None = Field(
        default=None,
        description="column of this table with the moment; the value is null if it is null or before the history begins",
    )


class Category(Document):
    """One of several values, drawn by weight; the weights may depend on another column."""

    kind: Literal["category"] = "category"
    values: list[str | int | bool] = Field(min_length=1)
    weights: list[float] = Field(min_length=1)
    by: Name | None = None
    weights_by: dict[str, list[float]] = Field(default_factory=dict, description="value of `by` -> weights")


class Flag(Document):
    """A truth value, true at a rate that may depend on another column."""

    kind: Literal["flag"] = "flag"
    rate: float = Field(ge=0, le=1)
    by: Name | None = None
    rate_by: dict[str, float] = Field(default_factory=dict)


class Correlation(Document):
    """The other number of the row with which this number is correlated, and how strongly."""

    column: Name = Field(description="a number of the same table, log-normal or normal")
    rho: float = Field(ge=-0.99, le=0.99, description="correlation of the two numbers' normal scores")


class Number(Document):
    """A drawn number. The parameters ``a`` and ``b`` are, for ``lognormal``: median and sigma of the logarithm; ``normal``: mean
    and standard deviation; ``uniform``: low and high; ``poisson``: mean (only ``a``); ``gamma``: mean and shape."""

    kind: Literal["number"] = "number"
    distribution: Literal["lognormal", "normal", "uniform", "poisson", "gamma"]
    a: float
    b: CaseNumber = 0.0
    by: Name | None = Field(default=None, description="column of this table whose values are the cases of `a_by`")
    a_by: dict[str, float] = Field(default_factory=dict, description="value of `by` -> `a` for it")
    minimum: CaseNumber | None = None
    maximum: CaseNumber | None = None
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="absent: the currency's for NUMERIC, 0 for INT64, 2 for FLOAT64"
    )
    times: str | None = Field(default=None, description="expression over earlier columns that multiplies the draw")
    correlation: Correlation | None = Field(
        default=None, description="log-normal or normal: drawn together with another number (a Gaussian copula)"
    )


class Walk(Document):
    """A number that changes from one row of a parent to the next, such as a price over time. Two successive rows always differ.

    With ``pull``, ``noise`` or ``months`` it is a level with a memory, such as the use of each month or a balance: the level
    grows, departs from its path and returns to it, and each value departs from the level for its own month and by chance. Two
    successive rows may then be equal.
    """

    kind: Literal["walk"] = "walk"
    base: Name = Field(
        description="numeric column of this table, the same in all rows of a parent: where the walk begins"
    )
    anchor: Literal["first", "last"] = Field(
        default="first", description="which row of the parent has `base` itself; `last` makes it the current value"
    )
    growth: CaseNumber = Field(
        default=0.03, description="usual change from one row to the next, above -1; 0.03: 3 per cent up"
    )
    sigma: Positive = Field(default=0.03, description="sigma of the log of a change")
    pull: Annotated[float, Field(ge=0, le=1)] | NumberByCase = Field(
        default=0.0,
        description="share of its distance from the path `base` x growth by which the level returns each row",
    )
    noise: Positive = Field(
        default=0.0,
        description="sigma of the log of each value's own departure from the level; the next row forgets it",
    )
    months: list[float] | None = Field(
        default=None,
        min_length=12,
        max_length=12,
        description="factors of January to December, relative to their mean",
    )
    at: Name | None = Field(default=None, description="DATE or DATETIME of this table: the month of the row")
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="absent: the currency's for NUMERIC, 0 for INT64, 2 for FLOAT64"
    )

    @property
    def has_memory(self) -> bool:
        """Whether it is a level with a memory, not a walk in which two successive rows always differ."""
        return self.pull != 0 or self.noise != 0 or self.months is not None


class Price(Document):
    """A log-normal amount that is moved to a usual price ending.

    In currencies without a minor unit, and for large amounts, an ending is a fraction of the step of the two leading digits: the
    ending 0.8 makes 2,580 yen.
    """

    kind: Literal["price"] = "price"
    median: float = Field(gt=0)
    sigma: Positive = 0.6
    minimum: float = Field(gt=0)
    maximum: float
    endings: list[float] = Field(default=[0.99, 0.95, 0.49, 0.0], description="fractions of a unit, most usual first")
    by: Name | None = None
    median_by: dict[str, float] = Field(default_factory=dict)


class Person(Document):
    """A part of a person, such as a name. Columns of a table with the same ``of`` belong to the same person.

    An e-mail address is made from the name. Its domain is that of the company in column ``company``. Without that column, and
    where the column is null, the domain is that of a mail provider. All domains end in ``.example``, which cannot be registered
    (RFC 2606).
    """

    kind: Literal["person"] = "person"
    part: Literal["given_name", "family_name", "full_name", "email", "gender"]
    of: str = "person"
    company: Name | None = Field(default=None, description="email: column with the company whose domain it uses")


class Company(Document):
    """The name of a company in the model's locale, for business customers and suppliers."""

    kind: Literal["company"] = "company"
    trade: bool = Field(
        default=True,
        description="whether a name may say what the company does (Keller Textil); false where another column says it",
    )


class Address(Document):
    """A part of an address in the model's country. Columns with the same ``of`` belong to the same address.

    With ``near``, the address is in a town within that distance of a place of the row, small towns included, or in any of the
    country's cities if there is no such town.
    """

    kind: Literal["address"] = "address"
    part: Literal["street", "postcode", "city", "region", "country", "phone", "latitude", "longitude"]
    of: str = "address"
    near: Near | None = Field(default=None, description="the same for all columns of the address")


class Text(Document):
    """Free text from a small grammar.

    ``{name}`` in a template is replaced by one of ``parts[name]``. If no part has this name, it is replaced by the value of the
    row's column with this name. Parts can contain ``{name}``, too.
    """

    kind: Literal["text"] = "text"
    templates: list[str] = Field(min_length=1)
    parts: dict[str, list[str]] = Field(default_factory=dict)
    by: Name | None = Field(default=None, description="column whose value chooses among templates_by")
    templates_by: dict[str, list[str]] = Field(default_factory=dict)


class Arrival(Document):
    """The moment when the row was created, within the model's history. Rows are sorted by it. The column is a DATE or DATETIME."""

    kind: Literal["arrival"] = "arrival"
    growth_per_year: float = Field(default=0.15, description="0.15: fifteen per cent more each year")
    months: list[float] = Field(default=[1.0] * 12, min_length=12, max_length=12, description="January first")
    weekdays: list[float] = Field(default=[1.0] * 7, min_length=7, max_length=7, description="Monday first")
    hours: list[float] = Field(
        default=WAKING_HOURS,
        min_length=24,
        max_length=24,
        description="midnight first; the default fits people, not machines",
    )
    day_noise: float = Field(
        default=0.08,
        ge=0,
        le=1,
        description="sigma of the log of a random factor for each day, because real days differ",
    )
    holidays: float = Field(default=1.0, description="factor on the country's public holidays")
    peaks: list[Peak] = Field(default_factory=list, description="days of the trade on which more rows arrive, or fewer")
    before_history: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of rows that arrived before the history begins (an existing customer base)",
    )
    before_days: int = Field(
        default=0,
        ge=0,
        le=7_305,
        description="days before the history in which rows arrived at its own rate, so that nothing begins with it; 20 years at "
        "most; instead of `before_history`",
    )
    snap: Snap | None = Field(
        default=None,
        description="a grid that moments are moved to; a moment that would be after the as-of date is moved back instead",
    )


class After(Document):
    """A moment after another one; null if it would be after the as-of date."""

    kind: Literal["after"] = "after"
    base: Name = Field(description="column of this table (DATE or DATETIME); null gives null")
    unit: Literal["minutes", "hours", "days"]
    median: float = Field(gt=0)
    sigma: Positive = 0.5
    minimum: Positive = 0.0
    maximum: CaseNumber | None = None
    by: Name | None = None
    median_by: dict[str, float] = Field(default_factory=dict)
    times: str | None = Field(
        default=None, description="expression over earlier columns that multiplies the time; null gives null"
    )
    where: str | None = Field(default=None, description="expression; other rows are null")
    probability: Share = Field(default=1.0, description="share of rows that have such a moment")
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
        description="weights of the weekdays, Monday first: a quiet day passes some moments, and a closed day all of them, "
        "on to a later day, which may be after `maximum`: work that waits over a weekend",
    )
    holidays: HolidayShare = 1.0
    snap: Snap | None = Field(default=None, description="a grid that the moment is moved to, never before `base`")


class Before(Document):
    """A moment before another one, such as a booking before its class or a notice before a move.

    The other moment may be in the future. The value is null if `base` is null, if `base` is before `not_before`, or if the value
    would be after the as-of date.
    """

    kind: Literal["before"] = "before"
    base: Name = Field(description="column of this table (DATE or DATETIME); null gives null")
    unit: Literal["minutes", "hours", "days"] = Field(description="of `median`, `minimum` and `maximum`")
    median: float = Field(gt=0, description="how long before `base`, usually")
    sigma: Positive = Field(default=0.5, description="sigma of the log of how long before")
    minimum: Positive = Field(default=0.0, description="shortest time before `base`")
    maximum: CaseNumber | None = Field(default=None, description="longest time before `base`")
    by: Name | None = Field(default=None, description="column of this table whose values are the cases of `median_by`")
    median_by: dict[str, float] = Field(default_factory=dict, description="value of `by` -> `median` for it")
    times: str | None = Field(
        default=None, description="expression over earlier columns that multiplies the time; null gives null"
    )
    not_before: Name | None = Field(
        default=None,
        description="column of this table (DATE or DATETIME): the earliest possible moment; null sets no bound",
    )
    where: str | None = Field(default=None, description="expression over the columns of the row; other rows are null")
    probability: Share = Field(default=1.0, description="share of rows that have such a moment")
    hours: list[float] | None = Field(
        default=None,
        min_length=24,
        max_length=24,
        description="DATETIME on an earlier day than its base: the hour is drawn from these weights (opening hours)",
    )
    weekdays: list[float] | None = Field(
        default=None,
        min_length=7,
        max_length=7,
        description="weights of the weekdays, Monday first: a quiet day passes some moments, and a closed day all of them, to an "
        "earlier day, which may be further from `base` than `maximum`",
    )
    holidays: HolidayShare = 1.0
    snap: Snap | None = Field(
        default=None,
        description="a grid that the moment is moved to, between `not_before` and `base`; null if it has no point there",
    )


class Moment(Document):
    """A moment that is computed from the row's columns; null if it is after the as-of date."""

    kind: Literal["moment"] = "moment"
    sql: str = Field(description="SQL scalar expression over the columns of the row that gives a DATE or DATETIME")
    hours: list[float] | None = Field(
        default=None,
        min_length=24,
        max_length=24,
        description="DATETIME in an hour of weight 0: the hour is drawn from what is left of the day, or from the next day",
    )
    weekdays: list[float] | None = Field(
        default=None,
        min_length=7,
        max_length=7,
        description="Monday first; a moment on a day of weight 0 moves on to the next open day",
    )
    holidays: HolidayShare = 1.0
    snap: Snap | None = Field(default=None, description="a grid that the moment is moved to")

    @property
    def moves(self) -> bool:
        """Whether the moment may differ from the expression's result."""
        return not (self.snap is self.hours is self.weekdays is None and self.holidays == 1)


class FirstOf(Document):
    """The earliest of several moments of the row, or its label. Example: a contract ends by notice, moving away, or expiry."""

    kind: Literal["first_of"] = "first_of"
    part: Literal["moment", "cause"] = Field(
        description="moment: the earliest one; cause: its label. Null when all are null"
    )
    moments: dict[str, Name] = Field(
        min_length=1,
        description="label -> column of this table (DATE or DATETIME); of equal moments the first listed counts",
    )


class Renewal(Document):
    """A contract that runs from `start` in terms of `every_months` months and may end at the end of any term.

    The k-th renewal is k terms after `start`, on the same day of the month, or on the last day of a shorter month. The columns
    with the same `of` are the parts of one contract. All their settings except `part` must be equal. The end of the contract is
    drawn for the column of part `ended`. If `start` is null or after the as-of date, the contract has no renewals and all its
    parts are null.
    """

    kind: Literal["renewal"] = "renewal"
    part: Literal["due", "next", "ended", "count"] = Field(
        description="due: the latest renewal up to the as-of date, including the one at which it ended; next: the first one after "
        "that date, null if it has ended; ended: the renewal at which it ended, null while it runs; count: how often it was "
        "renewed"
    )
    of: str = Field(default="renewal", description="name of the contract, where a row has more than one")
    start: Name = Field(description="column of this table (DATE or DATETIME): the first day of the contract")
    every_months: int | None = Field(default=None, ge=1, description="months of one term; null: it is never renewed")
    by: Name | None = Field(
        default=None, description="column of this table whose values are the cases of `every_months_by`"
    )
    every_months_by: dict[str, Months | None] = Field(
        default_factory=dict,
        description="value of `by` -> `every_months` for it; null: such a contract is never renewed",
    )
    leave: float = Field(default=0.0, ge=0, le=1, description="probability that it ends, at each renewal")
    leave_case: Name | None = Field(
        default=None, description="column of this table whose values are the cases of `leave_by`; absent: `by`"
    )
    leave_by: dict[str, float] = Field(default_factory=dict, description="value of `leave_case` -> `leave` for it")


class Expression(Document):
    """A row expression over the columns of the row."""

    kind: Literal["expression"] = "expression"
    sql: str
    decimals: int | None = Field(default=None, description="number of decimals to round to")


class RollUp(Document):
    """An exact aggregate over the row's children. ``first`` and ``last`` take the value of one child, in the order of rows."""

    kind: Literal["rollup"] = "rollup"
    table: Name = Field(description="a per_parent or per_period child of this table")
    function: Literal["sum", "count", "min", "max", "mean", "first", "last"]
    column: Name | None = Field(default=None, description="column of the child; absent for count")
    where: str | None = Field(default=None, description="expression over the child's columns")


Generator = Annotated[
    Sequence | FromRecord | ParentKey | Position | PeriodStart | StateName | EnteredAt | LeftAt | Reference | Lookup
    | Category | Flag | Number | Walk | Price | Person | Company | Address | Text | Arrival | After | Before | Moment | FirstOf
    | Renewal | Expression | RollUp,
    Field(discriminator="kind"),
]  # fmt: skip
