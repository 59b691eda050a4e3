"""Columns as an author writes them: one generator under its name, and the column's description and synonyms.

``table_design/`` turns them into the generators of the data model. Authors leave out what can be inferred: types,
descriptions and synonyms of values that are read from another column, keys, and columns that would only copy a value from
another table (a dotted path reads it).
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from provisioning_assets.data_model.names import GoogleSqlType, Name, States
from provisioning_assets.data_model.snap import TimeOfDay, Turn
from provisioning_assets.data_model.tables import Rhythm
from provisioning_assets.planning.shared_words import (
    RhythmKind,
    UnknownNameError,
    calendar_named,
    named_rhythm,
    peak_named,
)
from provisioning_assets.planning.written import (
    HOURS,
    WEEKDAYS,
    OwnAmount,
    Path,
    RowExpression,
    Text,
    Value,
    Written,
    refuse,
)

SHORT_OR_LONG = Discriminator(lambda given: "long" if isinstance(given, dict | Written) else "short")
"""Distinguishes a setting written as one value from one written as a mapping."""

# --- keys -------------------------------------------------------------------------------------------------------------


class OrderedKey(Written):
    """A key whose numbers rise with a moment over the whole table: ``{first: R440001, in_order_of: invoiced_on}``."""

    first: int | str = Field(description="the first key: 1001, S-70001 or ORD-000001")
    in_order_of: Path = Field(description="column with a DATE or DATETIME; rows without one come last")


Key = Annotated[Annotated[int | str, Tag("short")] | Annotated[OrderedKey, Tag("long")], SHORT_OR_LONG]
"""The first key of a table, or that with the moment that the numbers follow."""

# --- values that depend on another column --------------------------------------------------------------------------

By = RowExpression | list[Path]
"""What decides: a column, two columns, or an expression such as ``channel = 'Phone' and priority = 'High'``."""

BY = (
    "the column that decides, or an expression over the row, such as a condition with the cases true and false; of two columns "
    "the cases are written 'a / b'; cases of a number may be bands: '< 2', '2 to 12' (from 2 to below 12), '>= 12'"
)


TermReference = Annotated[str, Field(pattern=r"^\{[a-z][a-z0-9_]*\}$")]
"""A figure of the customer's terms, ``{shipping_fee}``."""


class NumberCases(Written):
    """A number that depends on another column: ``{by: segment, Small business: 8, Enterprise: 58, otherwise: 20}``.

    A case is a value of the column as text, or a band of numbers. ``$slot`` as a case takes a list; its entries go to the slot's
    words in order.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float | TermReference | list[float | TermReference] | None] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    by: By = Field(description=BY)
    otherwise: float | None = Field(default=None, description="for every value that is not a case")

    def cases(self) -> dict[str, float]:
        """Value of the column -> number, after the words are filled in; without cases that have no number."""
        return {
            case: number if isinstance(number, OwnAmount) else float(number)
            for case, number in self.__pydantic_extra__.items()
            if isinstance(number, int | float)
        }


def _form_of_number(given: Any) -> str:
    if isinstance(given, dict | Written):
        return "long"
    return "term" if isinstance(given, str) and given.startswith("{") else "short"


Number = Annotated[
    Annotated[float, Tag("short")] | Annotated[NumberCases, Tag("long")] | Annotated[TermReference, Tag("term")],
    Discriminator(_form_of_number),
]
"""A number, numbers by the values of another column, or a figure of the customer's terms."""

Positive = Annotated[
    Annotated[Annotated[float, Field(ge=0)], Tag("short")] | Annotated[NumberCases, Tag("long")], SHORT_OR_LONG
]
Share = Annotated[
    Annotated[Annotated[float, Field(gt=0, le=1)], Tag("short")] | Annotated[NumberCases, Tag("long")], SHORT_OR_LONG
]
"""Numbers of 0 or more, and shares of rows; also by the values of another column."""


class ValueCases(Written):
    """A value that depends on another column: ``{by: tier, Gold: 60, Silver: 30, otherwise: 14}``."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Value | list[Value]] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    by: By = Field(description=BY)
    otherwise: Value | None = Field(default=None, description="for every value that is not a case; empty when absent")

    def cases(self) -> dict[str, Value]:
        """Value of the column -> value, after the words are filled in."""
        return {case: value for case, value in self.__pydantic_extra__.items() if not isinstance(value, list)}


Times = Annotated[Annotated[RowExpression, Tag("short")] | Annotated[NumberCases, Tag("long")], SHORT_OR_LONG]
"""Factor of a draw: an expression, or numbers by the values of another column."""


def _exists(find: Callable[[str], object]) -> BeforeValidator:
    """Refuses a name that ``shared/rhythms.yaml`` does not have. Everything else is left to the type."""

    def check(given: Any) -> Any:
        if isinstance(given, str) and not given.startswith("$"):
            try:
                find(given)
            except UnknownNameError as error:
                raise refuse(str(error).removesuffix(".")) from error
        return given

    return BeforeValidator(check)


def _rhythm_exists(kind: RhythmKind) -> BeforeValidator:
    return _exists(partial(named_rhythm, kind))


Hours = Annotated[str | Annotated[list[float], Field(min_length=24, max_length=24)], _rhythm_exists("hours"), HOURS]
Weekdays = Annotated[
    str | Annotated[list[float], Field(min_length=7, max_length=7)], _rhythm_exists("weekdays"), WEEKDAYS
]
Season = Annotated[str | Annotated[list[float], Field(min_length=12, max_length=12)], _rhythm_exists("months")]
"""Name of a rhythm in ``shared/rhythms.yaml``, or the weights themselves, beginning with midnight, Monday or January. Hours and
weekdays may be ``$term``, a term with opening hours."""

Calendar = Annotated[str, _exists(calendar_named)]
"""Name of a whole calendar in ``shared/rhythms.yaml``: hours, weekdays and holidays together."""

PeakName = Annotated[str, _exists(peak_named)]
Factor = Annotated[float, Field(ge=0)]
Peaks = Annotated[
    Annotated[list[PeakName], Tag("short")] | Annotated[dict[PeakName, Factor], Tag("long")], SHORT_OR_LONG
]
"""Names of peaks in ``shared/rhythms.yaml``, or name -> factor on its highest day."""

HolidayShare = Annotated[float | None, Field(ge=0, le=1)]

HOLIDAYS = "share of the moments on public holidays that stay there; 0: all move on to the next open day"
CALENDAR = "name of a whole calendar: its hours, weekdays and holidays, where they are not given here"

Weights = dict[str, float | list[float]]
"""Value -> its relative frequency. With ``$slot`` as the key, a list of weights is given to the slot's words in order."""


class CategoryCases(Written):
    """Weights that depend on another column: ``{by: segment, Small business: {Annual: 54, Monthly: 46}, otherwise: ...}``."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Weights | list[Weights]] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    by: By = Field(description=BY)
    otherwise: Weights | None = Field(default=None, description="for every value that is not a case")

    def cases(self) -> dict[str, Weights]:
        """Value of the column -> weights, after the words are filled in."""
        return {case: weights for case, weights in self.__pydantic_extra__.items() if isinstance(weights, dict)}


def _form_of_category(given: Any) -> str:
    if isinstance(given, CategoryCases) or (isinstance(given, dict) and "by" in given):
        return "cases"
    if isinstance(given, dict):
        return "weights"
    return "values" if isinstance(given, list) else "slot"


CategorySettings = Annotated[
    Annotated[Annotated[str, Field(pattern=r"^\$[a-z][a-z0-9_]*$")], Tag("slot")]
    | Annotated[list[Value], Field(min_length=1), Tag("values")]
    | Annotated[Weights, Field(min_length=1), Tag("weights")]
    | Annotated[CategoryCases, Tag("cases")],
    Discriminator(_form_of_category),
]
"""Values with weights. For a list or ``$slot`` without weights, the weights decrease; the first value is the most frequent."""

# --- where a value comes from ---------------------------------------------------------------------------------------


class AsOf(Written):
    """A value that a referenced row had at a certain moment, from that row's history."""

    path: Path = Field(description="a foreign key, a dot, and a column of the history: customer_id.tier")
    history: Name = Field(description="the table with the history of the rows that the foreign key points to")
    at: Path = Field(description="column with the moment; the value is empty before the history begins")


From = Annotated[Annotated[Path, Tag("short")] | Annotated[AsOf, Tag("long")], SHORT_OR_LONG]


NEAR_KM = 60.0
"""Usual distance of what is near, kilometres, where an author gives none: as far as people drive for it in about an hour."""


class NearSettings(Written):
    """What a reference prefers to be near to, and how near."""

    to: Path | None = Field(
        default=None, description="a foreign key whose row has a place; absent: this row's own address or coordinates"
    )
    within: float = Field(
        default=NEAR_KM,
        gt=0,
        description="usual distance in kilometres: at it, a row is chosen a twentieth as often as next door",
    )


class WeightCases(Written):
    """A weight that depends on the row: ``{by: customer_id.segment, Retail: retail_volume, otherwise: volume}``."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Path | list[Path]] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    by: By = Field(description=BY)
    otherwise: Path | None = Field(default=None, description="for every value that is not a case")

    def cases(self) -> dict[str, str]:
        """Value of the column -> column of the other table, after the words are filled in."""
        return {case: path for case, path in self.__pydantic_extra__.items() if isinstance(path, str)}


Weight = Annotated[Annotated[Path, Tag("short")] | Annotated[WeightCases, Tag("long")], SHORT_OR_LONG]

Weighing = Annotated[
    Annotated[Path, Tag("column")] | Annotated[WeightCases, Tag("cases")] | Annotated[list[Weight], Tag("several")],
    Discriminator(
        lambda given: "several" if isinstance(given, list) else "column" if isinstance(given, str) else "cases"
    ),
]
"""A column of the other table, columns by a column of this table, or several of these, which are multiplied."""


class ReferenceSettings(Written):
    """Foreign key to a row of a table, chosen at random."""

    table: Name = Field(description="the table to which the foreign key points")
    skew: float = Field(
        default=0.0, ge=0, description="how unequally rows are chosen: 0 equally often, 1.2 like a usual customer base"
    )
    weight: Weighing | None = Field(
        default=None,
        description="column of the other table that multiplies the weight of its rows; columns `by` a column of this table; or a "
        "list of these, all of which multiply it",
    )
    since: Path | None = Field(
        default=None, description="column of the other table: only rows whose moment is not after `at`"
    )
    until: Path | None = Field(
        default=None, description="column of the other table: only rows whose moment is empty or after `at`"
    )
    at: Path | None = Field(
        default=None, description="column of this table with the moment for `since`, `until` and `during`"
    )
    during: dict[Name, States] = Field(
        default_factory=dict,
        description="history of the other table -> state, or states, in which its row must be at `at`",
    )
    distinct_in_parent: bool = Field(default=False, description="no two rows of one parent choose the same row")
    match: dict[Path, Path] = Field(
        default_factory=dict, description="column of this table -> column of the other table that must be equal"
    )
    near: (
        Annotated[Annotated[Literal[True] | Path, Tag("short")] | Annotated[NearSettings, Tag("long")], SHORT_OR_LONG]
        | None
    ) = Field(
        default=None,
        description="near rows are chosen more often: near to this row (true), or to that of a foreign key; or `{to, within}`",
    )
    optional: bool = Field(default=False, description="empty where no row can be chosen; without it, the run fails")


Reference = Annotated[Annotated[Name, Tag("short")] | Annotated[ReferenceSettings, Tag("long")], SHORT_OR_LONG]


class RollUpSettings(Written):
    """Aggregate over the row's children; `first` and `last` take the value of one child."""

    table: Name = Field(description="the table with the children")
    function: Literal["sum", "count", "min", "max", "mean", "first", "last"] = Field(
        description="how the children's values become one value"
    )
    column: Path | None = Field(default=None, description="column of the children; absent for count")
    where: RowExpression | None = Field(default=None, description="condition over the columns of the children")


RollUp = Annotated[Annotated[str, Tag("short")] | Annotated[RollUpSettings, Tag("long")], SHORT_OR_LONG]
"""A roll-up as text, such as ``sum(order_items.line_total)`` or ``count(order_items where quantity > 1)``, or as settings."""

# --- drawn numbers ----------------------------------------------------------------------------------------------------


class GoesWith(Written):
    """Another number that this one is correlated with."""

    column: Name = Field(description="column of the same table with the other number")
    rho: float = Field(ge=-0.99, le=0.99, description="correlation of the two numbers' normal scores")


class _Draw(Written):
    minimum: Number | None = Field(default=None, description="smaller values become this value")
    maximum: Number | None = Field(default=None, description="larger values become this value")
    decimals: int | None = Field(default=None, ge=0, le=6, description="digits after the point")
    times: Times | None = Field(
        default=None, description="factor on each value: an expression, or cases by another column"
    )


class LogNormal(_Draw):
    """Most values are near the median, and a few are many times as large. For amounts, durations and sizes."""

    median: Number = Field(description="half of the values are below")
    sigma: Positive = Field(default=0.5, description="sigma of the log: 0.3 narrow, 0.6 usual, 1.1 wide")
    goes_with: GoesWith | None = None


class Normal(_Draw):
    """Values around a mean."""

    mean: Number = Field(description="mean of the values")
    sd: Positive = Field(description="standard deviation")
    goes_with: GoesWith | None = None


class Uniform(_Draw):
    """Every value between the two ends is equally likely."""

    low: Number = Field(description="the lower end")
    high: Number = Field(description="the upper end")


class Poisson(_Draw):
    """A count of independent events."""

    mean: Number = Field(description="mean of the counts")


class Gamma(_Draw):
    """A positive quantity. With shape 1 small values are the most frequent; with shape 3 values near the mean are."""

    mean: Number = Field(description="mean of the values")
    shape: Positive = Field(default=1.0, description="1: most values are small; 3: most values are near the mean")


class PriceSettings(Written):
    """A log-normal price that is rounded to usual price endings."""

    median: Number = Field(description="half of the prices are below, in euros")
    sigma: Positive = Field(default=0.6, description="sigma of the log: 0.3 narrow, 0.6 usual, 1.1 wide")
    minimum: float = Field(gt=0, description="lowest price, in euros")
    maximum: float = Field(description="highest price, in euros")
    endings: list[float] = Field(
        default_factory=list, description="price endings as fractions of a unit, most usual first: 0.99"
    )


class WalkSettings(Written):
    """A quantity that changes from one row of a parent to the next."""

    base: Path = Field(description="column with the value that the first or the last row of a parent has")
    anchor: Literal["first", "last"] = Field(
        default="first", description="which row of a parent has the value of `base`"
    )
    growth: Number = Field(
        default=0.03, description="usual relative change from one row to the next: 0.03 is 3 per cent more"
    )
    sigma: Positive = Field(default=0.03, description="sigma of the log of a change")
    pull: Positive = Field(
        default=0.0,
        description="memory: the share of its distance from its path by which the level returns with each row, up to 1; 0.2 "
        "remembers long, 1 not at all",
    )
    noise: Positive = Field(
        default=0.0,
        description="sigma of the log of each row's own departure from the level, which the next row forgets",
    )
    season: Season | None = Field(
        default=None, description="factors of January to December relative to their mean, or a rhythm's name"
    )
    at: Path | None = Field(
        default=None,
        description="column with the moment whose month counts for `season`; absent: the period, the state, or event_time",
    )


# --- people, places, words -------------------------------------------------------------------------------------------


PersonPart = Literal["given_name", "family_name", "full_name", "email", "gender"]
AddressPart = Literal["street", "postcode", "city", "region", "country", "phone", "latitude", "longitude"]


class PersonSettings(Written):
    """Part of a person. Columns with the same `of` belong to the same person."""

    part: PersonPart = Field(description="which part of the person")
    of: str = Field(default="person", description="name of the person, if a row has several: driver, manager")
    company: Path | None = Field(
        default=None, description="for an e-mail address: column with the company whose domain it has"
    )


class AddressSettings(Written):
    """Part of an address. Columns with the same `of` belong to the same address."""

    part: AddressPart = Field(description="which part of the address")
    of: str = Field(default="address", description="name of the address, if a row has several: origin, destination")
    near: Path | None = Field(
        default=None,
        description="a foreign key; the whole address is in a town near the row to which it leads. Written in one column",
    )
    within: float | None = Field(
        default=None,
        gt=0,
        description=f"the farthest town, in kilometres, {NEAR_KM:g} if absent; near ones are drawn more often",
    )


PlacePart = Literal["latitude", "longitude", "city", "region"]


class PlaceSettings(Written):
    """Part of the place of a written row: of the town that a column of the row names."""

    part: PlacePart = Field(description="which part of the place")
    of: Name = Field(description="the column of the written rows with the name of the place")


class TextSettings(Written):
    """Free text: ``{name}`` is one of `parts[name]`, a word of a slot, or the row's column of that name.

    ``{one|another}`` is one of the alternatives between the bars.
    """

    templates: list[Text] = Field(default_factory=list, description="texts; one is drawn for each row")
    parts: dict[str, list[Text]] = Field(default_factory=dict, description="name -> texts; one of them replaces {name}")
    by: RowExpression | None = Field(
        default=None, description="column or expression whose values are the cases of `templates_by`"
    )
    templates_by: dict[str, list[Text]] = Field(
        default_factory=dict, description="value of the column `by` -> texts for it"
    )


class SharedTextSettings(Written):
    """Free text that industries share, such as customer feedback by topic and mood; a blueprint can add sentences."""

    shared: str = Field(description="name of a text of `shared/texts.yaml`: customer_feedback")
    by: dict[Name, Annotated[Annotated[Path, Tag("short")] | Annotated[ValueCases, Tag("long")], SHORT_OR_LONG]] = (
        Field(
            description="what decides, such as topic -> column with it, and the cases of values that the text does "
            "not know: `{topic: {by: subject, Parking: manner, otherwise: work}, mood: stars}`"
        )
    )
    values: dict[Name, Path] = Field(
        default_factory=dict,
        description="what sentences may mention -> column that has it; sentences that need another value are left out",
    )
    parts: dict[Name, list[Text] | dict[str, list[Text]]] = Field(
        default_factory=dict,
        description="part -> sentences that are added to the shared ones: for every case, or by case: `{work / poor: [...]}`",
    )


def _form_of_text(given: Any) -> str:
    if isinstance(given, SharedTextSettings) or (isinstance(given, dict) and "shared" in given):
        return "shared"
    return "long" if isinstance(given, dict | Written) else "short"


TextColumn = Annotated[
    Annotated[Text | list[Text], Tag("short")]
    | Annotated[TextSettings, Tag("long")]
    | Annotated[SharedTextSettings, Tag("shared")],
    Discriminator(_form_of_text),
]
"""Free text: one or several templates, templates with parts, or a text that several industries share."""


# --- moments -----------------------------------------------------------------------------------------------------------


class Grid(Written):
    """Rounds a moment to full minutes, to a calendar date, or to the next time of a timetable."""

    minutes: int | None = Field(default=None, ge=1, le=720, description="to a multiple of so many minutes, such as 15")
    to: Turn | None = Field(default=None, description="to the start or end of a calendar period, or to a working day")
    times: list[TimeOfDay] | None = Field(default=None, min_length=1, description="to the next of these times of day")
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] | None = Field(
        default=None, min_length=1, description="with `times`: only on these weekdays; Monday is 0"
    )


Snap = Annotated[Annotated[Turn, Tag("short")] | Annotated[Grid, Tag("long")], SHORT_OR_LONG]
"""Grid that moments are moved to: ``quarter_end``, ``workday``, ``{minutes: 15}`` or ``{times: ["07:00", "18:30"]}``."""


class EarlierDays(Written):
    """Days before the history in which rows arrived as in it, so that nothing begins with its first day."""

    days: int = Field(ge=1, le=7_305, description="up to 20 years")


class ArrivalSettings(Written):
    """The moment when an independent row was created."""

    growth: float = Field(
        default=0.15, description="growth of the number of rows: 0.15 is fifteen per cent more each year"
    )
    season: Season | None = Field(default=None, description="weights of January to December, or a rhythm's name")
    weekdays: Weekdays | None = Field(default=None, description="weights of Monday to Sunday, or a rhythm's name")
    hours: Hours | None = Field(default=None, description="weights of the 24 hours from midnight, or a rhythm's name")
    holidays: float | None = Field(
        default=None, ge=0, description="factor on the number of rows on public holidays; 0: none"
    )
    calendar: Calendar | None = Field(default=None, description=CALENDAR)
    peaks: Peaks | None = Field(
        default=None,
        description="peaks of the trade by name: `[black_friday]`, or with their factor: `{black_friday: 3}`",
    )
    day_noise: float = Field(
        default=0.08, ge=0, le=1, description="how much the number of rows varies between days by chance; 0: not at all"
    )
    before_history: Annotated[
        Annotated[float, Field(ge=0, lt=1), Tag("short")] | Annotated[EarlierDays, Tag("long")], SHORT_OR_LONG
    ] = Field(
        default=0.0,
        description="share of rows that arrived before the history begins; or `{days: 1000}`: so long before it they came at its "
        "own rate",
    )
    snap: Snap | None = Field(default=None, description="the grid that moments are moved to")


class AfterSettings(Written):
    """A moment after another one; empty if it would be after the demo's today."""

    base: Path = Field(description="column with the earlier moment")
    unit: Literal["minutes", "hours", "days"] = Field(
        description="of `median`, `minimum` and `maximum`; days give a DATE"
    )
    median: Number = Field(description="median of the time after `base`, in `unit`")
    sigma: Positive = Field(default=0.5, description="sigma of the log: 0.3 narrow, 0.6 usual, 1.1 wide")
    times: Times | None = Field(
        default=None, description="factor on each time: an expression, or cases by another column"
    )
    minimum: Positive = Field(default=0.0, description="the shortest time")
    maximum: Number | None = Field(default=None, description="the longest time")
    where: RowExpression | None = Field(default=None, description="condition; other rows are empty")
    probability: Share = Field(default=1.0, description="share of rows that have such a moment")
    hours: Hours | None = Field(default=None, description="hours in which it happens: weights, or a rhythm's name")
    weekdays: Weekdays | None = Field(
        default=None, description="weekdays on which it happens, Monday first: weights, or a name"
    )
    holidays: HolidayShare = Field(default=None, description=HOLIDAYS)
    calendar: Calendar | None = Field(default=None, description=CALENDAR)
    snap: Snap | None = Field(default=None, description="the grid that the moment is moved to, never before `base`")


class BeforeSettings(Written):
    """A moment before another one, which may be in the future: a booking before its class."""

    base: Path = Field(description="column with the later moment")
    unit: Literal["minutes", "hours", "days"] = Field(
        description="of `median`, `minimum` and `maximum`; days give a DATE"
    )
    median: Number = Field(description="median of the time before `base`, in `unit`")
    sigma: Positive = Field(default=0.5, description="sigma of the log: 0.3 narrow, 0.6 usual, 1.1 wide")
    times: Times | None = Field(
        default=None, description="factor on each time: an expression, or cases by another column"
    )
    minimum: Positive = Field(default=0.0, description="the shortest time")
    maximum: Number | None = Field(default=None, description="the longest time")
    not_before: Path | None = Field(default=None, description="column with the earliest possible moment")
    where: RowExpression | None = Field(default=None, description="condition; other rows are empty")
    probability: Share = Field(default=1.0, description="share of rows that have such a moment")
    hours: Hours | None = Field(default=None, description="hours in which it happens: weights, or a rhythm's name")
    weekdays: Weekdays | None = Field(
        default=None, description="weekdays on which it happens, Monday first: weights, or a name"
    )
    holidays: HolidayShare = Field(default=None, description=HOLIDAYS)
    calendar: Calendar | None = Field(default=None, description=CALENDAR)
    snap: Snap | None = Field(default=None, description="the grid that the moment is moved to, never after `base`")


class MomentSettings(Written):
    """A moment that is computed from the row's columns; empty if it is after the demo's today."""

    sql: RowExpression = Field(description="SQL expression that gives a DATE or DATETIME")
    hours: Hours | None = Field(default=None, description="a closed hour, of weight 0, moves it on: weights, or a name")
    weekdays: Weekdays | None = Field(
        default=None, description="a closed weekday, of weight 0, moves it on, Monday first: weights, or a name"
    )
    holidays: HolidayShare = Field(default=None, description=HOLIDAYS)
    calendar: Calendar | None = Field(default=None, description=CALENDAR)
    snap: Snap | None = Field(default=None, description="the grid that the moment is moved to")


Months = int | Annotated[str, Field(pattern=r"^[1-9][0-9]* months?$")]
"""A number of months, written as ``12`` or ``12 months``."""


class MonthCases(Written):
    """Months of a term that depend on a column: ``{by: billing, Annual: 12 months, Monthly: 1 month}``; null: no renewal."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Months | None] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    by: RowExpression = Field(description="the column or expression that decides")
    otherwise: Months | None = Field(
        default=None, description="for every value that is not a case; null: never renewed"
    )

    def cases(self) -> dict[str, Months | None]:
        """Value of the column -> months."""
        return dict(self.__pydantic_extra__)


class RenewalSettings(Written):
    """A contract that runs for terms of some months and may end at the end of each term."""

    start: Path = Field(description="the first day of the contract")
    every: Annotated[Annotated[Months, Tag("short")] | Annotated[MonthCases, Tag("long")], SHORT_OR_LONG] = Field(
        description="months of one term; null for cases without renewal"
    )
    leave: Number = Field(description="probability that the contract ends at a renewal")


class RenewalPart(Written):
    """Another column of a contract: its latest renewal, its next renewal, or the number of renewals so far."""

    of: Name = Field(
        description="the column with the settings of the contract; it has the day on which the contract ended"
    )
    part: Literal["due", "next", "count"] = Field(
        description="due: the latest renewal so far; next: the next renewal, empty if ended; count: number of renewals so far"
    )


def _form_of_renewal(given: Any) -> str:
    of_another = isinstance(given, RenewalPart) or (isinstance(given, dict) and "of" in given)
    return "part" if of_another else "contract"


Renewal = Annotated[
    Annotated[RenewalSettings, Tag("contract")] | Annotated[RenewalPart, Tag("part")], Discriminator(_form_of_renewal)
]
"""Settings of a contract, for the column with the day on which it ended; or the part of such a contract that another column has."""


# --- the column ---------------------------------------------------------------------------------------------------------


class UsuallySettings(Written):
    """A habit: in a share of the rows the value is that of another column, such as the home branch of the customer."""

    path: Path = Field(
        description="column with the usual value: customer_id.home_branch_id; where it is empty, it is drawn"
    )
    share: Share = Field(description="share of the rows that have the usual value")


class BlueprintColumn(Written):
    """A column: at most one generator, and its labels. Without a generator, the table's written rows contain the values."""

    description: Text | None = Field(
        default=None,
        description="what a value means; may be left out if it can be inferred, as for `from` and keys",
    )
    synonyms: list[Text] = Field(default_factory=list, description="what else people call the column")
    type: GoogleSqlType | None = Field(
        default=None, description="type of the values, inferred if absent; NUMERIC is money"
    )
    role: Literal["key", "dimension", "measure", "time", "text"] | None = Field(
        default=None, description="what the agent does with the column; inferred if absent"
    )
    aggregation: Literal["sum", "avg", "none"] | None = Field(
        default=None,
        description="how a measure is aggregated: amounts are summed, minutes averaged; inferred if absent",
    )
    unit: Text | None = Field(
        default=None, description="unit of the values: minutes, percent, kg ...; for NUMERIC, the currency if absent"
    )
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="number of decimals, for an expression or a drawn number"
    )
    null_share: float = Field(default=0.0, ge=0, lt=1, description="share of values that are missing")
    rhythm: Rhythm | None = Field(
        default=None, description="rhythm of a DATETIME column, if it differs from the table's"
    )
    usually: UsuallySettings | None = Field(
        default=None,
        description="a habit of the row's owner: in this share of the rows the value is the usual one, in the others it is drawn",
    )

    by_source: "dict[str, BlueprintColumn | None]" = Field(
        default_factory=dict,
        description="for a table with several sources: number of a source, from 0 -> generator in its rows; null: empty",
    )

    key: Key | None = Field(
        default=None,
        description="the table's key, which grows with each row; the first one: 1001, S-70001 or ORD-000001; or "
        "`{first, in_order_of}`: numbers that rise with a moment",
    )
    parent: Literal[True] | None = Field(default=None, description="key of the row's parent")
    position: Literal[True] | None = Field(default=None, description="1, 2, 3 ... within the parent")
    period_start: Literal[True] | None = Field(default=None, description="first day of the row's period")
    state: Literal[True] | None = Field(default=None, description="for a history: the name of the state")
    entered_at: Literal[True] | None = Field(
        default=None, description="for a history: the moment at which the state began"
    )
    left_at: Literal[True] | None = Field(
        default=None, description="for a history: the moment at which the next state began; empty for the last one"
    )
    reference: Reference | None = None
    from_: From | None = Field(
        default=None, alias="from", description="a value of the row to which foreign keys lead: product_id.list_price"
    )
    category: CategorySettings | None = Field(
        default=None,
        description="one of several values: {value: weight, ...}; a list or `$slot`, with the most frequent first; or weights "
        "`by` another column",
    )
    flag: Number | None = Field(
        default=None, description="true or false; the number is the share of rows that are true"
    )
    value: ValueCases | None = Field(default=None, description="a value for each value of another column")
    lognormal: LogNormal | None = None
    normal: Normal | None = None
    uniform: Uniform | None = None
    poisson: Poisson | None = None
    gamma: Gamma | None = None
    walk: WalkSettings | None = None
    price: PriceSettings | None = None
    person: (
        Annotated[Annotated[PersonPart, Tag("short")] | Annotated[PersonSettings, Tag("long")], SHORT_OR_LONG] | None
    ) = Field(default=None, description="part of a person's name, or the e-mail address that fits it")
    company: Literal[True, "without_trade"] | None = Field(
        default=None, description="a company's name; `without_trade`: never a word for what the company does"
    )
    address: (
        Annotated[Annotated[AddressPart, Tag("short")] | Annotated[AddressSettings, Tag("long")], SHORT_OR_LONG] | None
    ) = None
    place: (
        Annotated[Annotated[PlacePart, Tag("short")] | Annotated[PlaceSettings, Tag("long")], SHORT_OR_LONG] | None
    ) = Field(
        default=None,
        description="where a row is that stands for a word of a slot of places, or whose name is in the column `of`",
    )
    text: TextColumn | None = Field(
        default=None, description="free text: templates, templates with parts, or a text that industries share"
    )
    arrival: (
        Annotated[Annotated[Literal[True], Tag("short")] | Annotated[ArrivalSettings, Tag("long")], SHORT_OR_LONG]
        | None
    ) = None
    after: AfterSettings | None = None
    before: BeforeSettings | None = None
    moment: (
        Annotated[Annotated[RowExpression, Tag("short")] | Annotated[MomentSettings, Tag("long")], SHORT_OR_LONG] | None
    ) = Field(default=None, description="SQL that gives a moment; empty while it lies ahead of the demo's today")
    first_of: dict[str, Path] | None = Field(
        default=None,
        min_length=1,
        description="cause -> column with a moment; the value is the earliest of these moments",
    )
    cause_of: Name | None = Field(
        default=None, description="the column with `first_of`; the value is the cause of the earliest moment"
    )
    renewal: Renewal | None = Field(
        default=None,
        description="the day on which a contract ended, with the settings of the contract; or another column `of` that contract",
    )
    expression: RowExpression | None = Field(default=None, description="SQL over the columns of the row")
    rollup: RollUp | None = None

    @property
    def first_key(self) -> int | str | None:
        """The first key of the table; None if the column is not its key."""
        return self.key.first if isinstance(self.key, OrderedKey) else self.key

    @property
    def generator(self) -> str | None:
        """Name of the generator; None if the table's written rows contain the values."""
        return next((name for name in GENERATORS if getattr(self, name) is not None), None)

    @model_validator(mode="after")
    def _one_generator(self) -> "BlueprintColumn":
        given = [name.rstrip("_") for name in GENERATORS if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse(f"a column has one generator, but {' and '.join(given)} are given")
        return self


GENERATORS: tuple[str, ...] = tuple(
    name
    for name in BlueprintColumn.model_fields
    if name not in {
        "description", "synonyms", "type", "role", "aggregation", "unit", "decimals", "null_share", "rhythm",
        "usually", "by_source",
    }
)  # fmt: skip
"""Names of the fields of a blueprint's column that are generators; a column has at most one of them."""
