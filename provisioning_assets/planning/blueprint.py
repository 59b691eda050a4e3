"""The format of ``blueprints/<industry>.yaml``, with examples in ``docs/blueprint-format.md``.

A blueprint is written once for an industry and filled for each customer: its *slots* take the customer's own words. Texts
refer to the words as ``{company}``, ``{categories[0]}``; ``$categories`` in a list stands for all words of a slot
(``words.py`` defines this exactly). A filled blueprint has the same format; its slots have their words in ``filled``.
"""

import typing
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, Tag, model_validator

from provisioning_assets.data_model.laws import Range
from provisioning_assets.data_model.names import Name, States
from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.data_model.realism_bounds import RealismBounds
from provisioning_assets.data_model.tables import Rhythm
from provisioning_assets.planning.blueprint_columns import SHORT_OR_LONG, BlueprintColumn, Hours, Number, Weekdays
from provisioning_assets.planning.blueprint_rows import Rows
from provisioning_assets.planning.shared_words import shared_words, word_list_names
from provisioning_assets.planning.written import FindingText, Path, RowExpression, Sql, Text, Written, refuse
from provisioning_assets.research.profile.models import TermName

Source = Literal[
    "plans",
    "services",
    "products",
    "product_categories",
    "courses",
    "features",
    "customer_segments",
    "loyalty_tiers",
    "places",
    "cities",
    "regions",
    "countries",
]
"""Lists of the customer profile from which a slot can be filled."""


class Complexity(StrEnum):
    """How much analysis a question takes."""

    SIMPLE = "simple"
    MEDIUM = "medium"
    COMPLEX = "complex"
    EXPERT = "expert"


# --- slots ---------------------------------------------------------------------------------------------------------


class WordPlace(Written):
    """Where a word of a slot of places is on the map."""

    town: Text = Field(description="name of the town")
    region: Text | None = Field(default=None, description="its state, province or the like, if it is known")
    country: str = Field(description="ISO 3166-1 alpha-2")
    latitude: float = Field(ge=-90, le=90, description="degrees")
    longitude: float = Field(ge=-180, le=180, description="degrees")
    known_by: Literal["name", "region", "home", "country"] = Field(
        description="how: the word is the town's name; it is a region, and this is its largest town; it names no known town, and "
        "this is the customer's home city, or (country) the first city of the customer's country"
    )


class SlotWord(Written):
    """A word that fills a slot, and where it comes from."""

    word: Text = Field(description="the word as tables and texts show it")
    group: Text | None = Field(
        default=None, description="for a slot `within` another slot: the word of that slot to which this word belongs"
    )
    price: float | None = Field(
        default=None, ge=0, description="the price on the customer's site, in the customer's currency"
    )
    source: Literal["customer", "blueprint", "edit"] = Field(
        default="blueprint",
        description="where the word comes from: the customer's site, the blueprint's fallback words, or an edit of this demo",
    )
    page: str | None = Field(default=None, description="address of the page on which the word was read")
    passage: str | None = Field(default=None, description="the text around the word on that page")
    under: str | None = Field(default=None, description="the heading or menu entry above the word on that page")
    place: WordPlace | None = Field(default=None, description="for a slot of places: where the word is")


class Slot(Written):
    """A list of words that the customer should recognise, and where the words come from."""

    description: Text = Field(description="what the words are, for people")
    sources: list[Source] = Field(
        default_factory=list,
        alias="from",
        description="lists of the customer profile, read in this order until `minimum` words are found",
    )
    minimum: int = Field(ge=1, description="fewest words (for a slot `within` another: for each word of that slot)")
    maximum: int = Field(ge=1, description="most words (for a slot `within` another: for each word of that slot)")
    longest: int = Field(
        default=40, ge=8, description="most characters of one entry; a longer one is cut between words"
    )
    refuse: list[Text] = Field(
        default_factory=list,
        description="words that never fill this slot, in addition to the menu words, which never fill any slot",
    )
    refuse_shared: str | None = Field(
        default=None,
        description="name of a list in shared/words.yaml whose words never fill this slot, in any language",
    )
    far_apart: bool = Field(
        default=False,
        description="for a slot of places: too few are completed with large cities of the country, not with towns near the "
        "customer's own",
    )
    least_km: float | None = Field(
        default=None,
        gt=0,
        le=2000,
        description="for a slot of places: cities that complete too few are at least this many kilometres from each other and "
        "from the customer's own. Where the country has too few of them, `words` complete it: large cities of the world, the same "
        "ones in every language and in the same order",
    )
    within: Name | None = Field(
        default=None,
        description="another slot; every word of this slot belongs to a word of it, as a product belongs to a category",
    )
    shared: str | None = Field(default=None, description="name of a list of fallback words in shared/words.yaml")
    words: dict[str, list[Text]] = Field(
        default_factory=dict,
        description="language (ISO 639-1) -> fallback words, used if the customer has too few; most prominent first. For a slot "
        "`within` another: words for groups of the customer's that have none, each used once",
    )
    words_within: dict[str, list[Text]] = Field(
        default_factory=dict,
        description="for a slot `within` another: one of that slot's own fallback words -> fallback words of this slot",
    )
    words_near: dict[str, list[Text]] = Field(
        default_factory=dict,
        description="for a slot `within` another: a word that the customer's own group may contain ('Shoes' in 'Shoes & "
        "Boots') -> fallback words of this slot, taken before `words`",
    )
    leftover: dict[str, Text] = Field(
        default_factory=dict,
        description="for a slot `within` another: language -> name of the group for the customer's words that fit no other group",
    )
    leftover_shared: str | None = Field(
        default=None, description="name of a list in shared/words.yaml whose first word is that group"
    )
    filled: list[SlotWord] = Field(
        default_factory=list, description="the words of this customer, in a customer's blueprint"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Slot":
        for name in (self.shared, self.refuse_shared, self.leftover_shared):
            if name and name not in word_list_names():
                raise refuse(f"'{name}' is not a list of shared words. {suggestion(name, word_list_names())}")
        if self.maximum < self.minimum:
            raise refuse(f"the maximum ({self.maximum}) is below the minimum ({self.minimum})")
        if self.least_km is not None:
            uneven = sorted(
                language for language, words in self.words.items() if len(words) != len(self.words.get("en", []))
            )
            if uneven or not self.words:
                raise refuse(
                    "'least_km' needs 'words' with the same cities in every language, in the same order, en among them"
                    + (f"; another number than in en: {', '.join(uneven)}" if uneven else "")
                )
        if self.within is None:
            for field in ("words_within", "words_near", "leftover", "leftover_shared"):
                if getattr(self, field):
                    raise refuse(f"'{field}' needs 'within': the slot whose words are the groups")
        return self

    def languages(self) -> list[str]:
        """Languages that have fallback words."""
        return list({**self.words, **(shared_words(self.shared) if self.shared else {})})

    def fallback_words(self, language: str) -> list[str]:
        """Words that are used if the customer has too few: the blueprint's own, then the shared ones."""
        shared = shared_words(self.shared) if self.shared else {}
        return list(dict.fromkeys([*self.words.get(language, []), *shared.get(language, [])]))

    def known_as(self, language: str) -> dict[str, str]:
        """Fallback word of a slot with ``least_km`` -> the English name of its city."""
        return (
            {}
            if self.least_km is None
            else dict(zip(self.words.get(language, self.words["en"]), self.words["en"], strict=True))
        )

    def refused_words(self) -> list[str]:
        """Words that never fill the slot: those that the slot lists, then the shared ones of all languages."""
        shared = shared_words(self.refuse_shared) if self.refuse_shared else {}
        return [*self.refuse, *(word for words in shared.values() for word in words)]

    def leftover_group(self, language: str) -> str | None:
        """The name of the group for words that fit no other group, in the language or else in English; None if not given."""
        groups = self.leftover_groups()
        return groups.get(language) or groups.get("en")

    def leftover_groups(self) -> dict[str, str]:
        """Language -> the name of the group for words that fit no other group; empty if there is no such group."""
        shared = shared_words(self.leftover_shared) if self.leftover_shared else {}
        return {**{spoken: words[0] for spoken, words in shared.items()}, **self.leftover}


# --- terms ---------------------------------------------------------------------------------------------------------


class UsualHours(Written):
    """The rhythm that is usual in the trade."""

    hours: Hours = Field(description="weights of the 24 hours from midnight, or a rhythm's name")
    weekdays: Weekdays = Field(description="weights of Monday to Sunday, or a rhythm's name")


class FilledTerm(Written):
    """What a term is for this customer, and where that was read."""

    value: float | None = Field(default=None, description="the figure; an amount is in the customer's currency")
    hours: str | None = Field(default=None, description='opening hours: "Mo-Fr 09:00-18:00, Sa 10:00-14:00"')
    given_to: list[Text] = Field(default_factory=list, description="words of the slot that the figure is given to")
    source: Literal["customer", "blueprint", "edit"] = Field(
        default="edit", description="the customer's site, what is usual in the trade, or an edit of this demo"
    )
    page: str | None = Field(default=None, description="address of the page on which it was read")
    passage: str | None = Field(default=None, description="the sentence or row with the figure")
    under: str | None = Field(default=None, description="what stands above it on that page")


class BusinessTerm(Written):
    """Something that the customer states in figures, and what is usual in the trade if it does not."""

    description: Text = Field(description="what it is, for people")
    source: TermName | Literal["opening_hours"] = Field(alias="from", description="term of the customer profile")
    otherwise: Annotated[Annotated[float, Tag("short")] | Annotated[UsualHours, Tag("long")], SHORT_OR_LONG] = Field(
        description="what is usual in the trade: a figure, amounts in euros; for opening hours a rhythm"
    )
    given_to: Name | None = Field(
        default=None,
        description="of a discount: the slot with groups of customers; those to whom the site gives it are `{name_given_to}`",
    )
    filled: FilledTerm | None = Field(
        default=None, description="what it is for this customer, in a customer's blueprint"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "BusinessTerm":
        if (self.source == "opening_hours") != isinstance(self.otherwise, UsualHours):
            wanted = "{hours: shop, weekdays: shop}" if self.source == "opening_hours" else "one number"
            raise refuse(f"'otherwise' of {self.source} is {wanted}")
        if self.given_to is not None and not self.source.endswith("_discount"):
            raise refuse("'given_to' is only for trade_discount and member_discount")
        return self


# --- tables --------------------------------------------------------------------------------------------------------


class BlueprintTable(Written):
    """A table. Keys are inferred.

    The primary key is the column with `key`; without one, the parent's key and the position, or the first column of
    written rows. Every `reference`, every `parent` and every `from` that reads a key is a foreign key.
    """

    description: Text = Field(description="what the table holds and what one row is, for people and for the agent")
    synonyms: list[Text] = Field(default_factory=list, description="what else people call the rows")
    singular: Text | None = Field(
        default=None, description="what one row is called, if it is not the table's name without s"
    )
    rows: Rows = Field(description="a list of written rows, or the rule by which they are generated")
    columns: dict[Name, BlueprintColumn] = Field(min_length=1, description="the stored columns, in their order")
    helpers: dict[Name, BlueprintColumn] = Field(
        default_factory=dict, description="columns that are not stored, but used to generate other columns"
    )
    primary_key: list[Name] | None = Field(
        default=None, description="the columns that identify a row; inferred if absent"
    )
    event_time: Name | None = Field(
        default=None, description="column with the moment of the event, for the realism checks"
    )
    amount: Name | None = Field(
        default=None, description="column with the amount of money or the quantity of the event, for the realism checks"
    )
    entity: Name | None = Field(
        default=None,
        description="foreign key to the row that acts, such as the buyer or the subscriber, for the realism checks",
    )
    rhythm: Rhythm = Field(default="people", description="who makes the rows: the kind of business, for realism checks")
    realism: RealismBounds | None = Field(default=None, description="realism bounds of this table, with the reason")


# --- the story -----------------------------------------------------------------------------------------------------


class DuringState(Written):
    """Only rows that are in a state at the effect's time, or whose foreign key points to a row in that state."""

    through: Name | None = Field(
        default=None,
        description="foreign key of the table whose rows must be in the state; absent: the table's own rows",
    )
    history: Name = Field(description="the table with the history of these rows")
    states: States = Field(description="the state, or states, in which these rows must be")


class BlueprintEffect(Written):
    """A planted change of the generator of ``column``, written ``table.column``."""

    column: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", description="table.column whose generator is changed")
    ]
    where: RowExpression | None = Field(
        default=None,
        description="condition over the columns of the row; for `parent`, `state` and `left_at`, of the parent's row",
    )
    from_days_ago: int | None = Field(
        default=None,
        description="first day of the change, counted back from the demo's today; absent: the whole history",
    )
    to_days_ago: int = Field(default=0, description="last day of the change, counted back from the demo's today")
    time: Path | None = Field(
        default=None, description="column with the moment that must lie in the window; absent: the table's event_time"
    )
    during: DuringState | None = Field(default=None, description="only rows that are in this state at `time`")
    operation: Literal["multiply", "set"] = Field(
        default="multiply", description="whether `factor` multiplies the usual value, or is the value"
    )
    factor: Number = Field(description="how many times the usual value; with `set`, the value itself")
    value: Annotated[Text | int | float | bool | None, Field()] = Field(
        default=None, description="the value of the category, or the state, whose weight is multiplied"
    )
    value_column: Path | None = Field(
        default=None, description="for a reference: column of the referenced table that must equal `value`"
    )
    referenced: RowExpression | None = Field(
        default=None, description="for a reference: condition over the columns of the referenced table"
    )


class InsightRead(Written):
    """Which cell of the question's result contains the insight's figure."""

    column: Name = Field(description="column of the result")
    where: dict[Name, Text] = Field(
        default_factory=dict, description="column -> value that picks the row; the first row when absent"
    )


class BlueprintInsight(Written):
    """A finding: its text, the changes that are planted in the data, and the cell of a question's result that proves it."""

    headline: FindingText = Field(description="the finding in one sentence, with {measured} for the figure")
    explanation: FindingText = Field(description="since when it is so, and why")
    action: Text = Field(description="what the customer should do about it")
    expected: float = Field(description="the figure that the question's result shows, in `unit`")
    tolerance: float = Field(gt=0, description="largest accepted difference from `expected` for any seed, in `unit`")
    unit: Text = Field(description="unit of the figure: percent, minutes, ...")
    question: Name = Field(description="the question whose result shows it")
    read: InsightRead = Field(description="the cell of that result with the figure")
    effects: list[BlueprintEffect] = Field(min_length=1, description="the changes of the data that produce it")


class BlueprintKpi(Written):
    """A figure that the customer's management monitors."""

    name: Text = Field(description="the name that people use")
    definition: Text = Field(description="how it is computed, in words")
    sql: Sql = Field(description="GoogleSQL that returns one row with one column named value")
    unit: Text = Field(description="currency code, 'percent', 'count', 'days', ...")
    good_direction: Literal["up", "down"] = Field(description="up: more is better; down: less is better")


class BlueprintChallenge(Written):
    """A business problem that the demo addresses."""

    title: Text = Field(description="the problem in a few words")
    description: Text = Field(description="what the problem costs the customer")
    insights: list[Name] = Field(default_factory=list, description="the insights that show the problem")


class BlueprintChart(Written):
    """How a question's result is drawn."""

    mark: Literal["bar", "line", "area", "scatter", "pie"] = Field(description="what is drawn for each row")
    x: Name = Field(description="column of the result: groups or periods")
    y: Name = Field(description="column of the result: numbers")
    series: Name | None = Field(default=None, description="column of the result: one line or colour for each value")
    title: Text | None = Field(default=None, description="default: the question")


class BlueprintQuestion(Written):
    """A question of the demo, with the query that answers it."""

    question: Text = Field(description="as it is asked in the demo")
    paraphrases: list[Text] = Field(
        min_length=2, description="the same question in other words; the agent is asked each of them"
    )
    complexity: Complexity = Field(
        description="how much analysis the question takes; each level needs at least two questions"
    )
    business_value: Text = Field(description="what the customer can decide with the answer")
    sql: Sql = Field(
        description="GoogleSQL that answers it; a window such as `{last 90 days of DATE(ordered_at)}` stands for a condition"
    )
    chart: BlueprintChart | None = Field(default=None, description="how the result is drawn")
    headings: dict[Name, Text] = Field(
        default_factory=dict,
        description="column of the result -> its heading in tables and charts; default: made from the column's English name",
    )


class BlueprintScene(Written):
    """An act of the demo."""

    title: Text = Field(description="title of the scene")
    minutes: int = Field(ge=1, description="duration in minutes")
    talk_track: Text = Field(description="what the presenter says")
    questions: list[Name] = Field(
        min_length=1,
        description="questions in the order in which they are asked; each question is in exactly one scene",
    )


class BlueprintTerm(Written):
    """A term of the industry."""

    term: Text = Field(description="the word")
    definition: Text = Field(description="what the word means in these tables")
    synonyms: list[Text] = Field(default_factory=list, description="what else people call it")


class BlueprintAgent(Written):
    """The agent that answers the questions."""

    persona: Text = Field(description="what the agent is, and for which company it works")
    rules: list[Text] = Field(description="rules that the agent follows in every answer")
    default_filters: list[Text] = Field(
        default_factory=list, description="conditions that apply unless the user asks for something else, in words"
    )


class BlueprintLaw(Written):
    """A rule of the industry that the data must follow."""

    says: Text = Field(description="what must hold, in words")
    sql: Sql = Field(description="GoogleSQL that returns the rows for which it does not hold")


class BlueprintRelation(Written):
    """A figure that shows how things of the industry go together, and the range in which it lies at any seed and size."""

    says: Text = Field(description="what goes with what, in words")
    sql: Sql = Field(
        description="GoogleSQL that returns one row: the figure in the first column, and in further columns, if any, the "
        "numbers that it is made of, which are shown beside it"
    )
    between: Range = Field(description="[lowest, highest] plausible figure, in `unit`")
    unit: Text | None = Field(
        default=None, description="unit of the figure: percent, days, ...; absent: a plain number"
    )
    source: Text = Field(description="where the range comes from: a publication, or experience")


LEAST_ENTRIES = {"kpis": 3, "challenges": 2, "insights": 4, "scenes": 3, "glossary": 4}
"""Section -> smallest number of entries in an industry's file. After a CE's edits, a demo may have fewer, but at least one of
each."""


class Blueprint(Written):
    """An industry: everything that a demo needs, except what is specific to the customer."""

    id: Name = Field(description="id of the industry, which is the file's name without .yaml")
    version: int = Field(ge=1, description="number that is increased with every change of tables or slots")
    name: Text = Field(description="the industry as people call it")
    history_days: int = Field(default=1095, ge=730, description="how many days the data go back; at least two years")
    title: Text = Field(description="title of the demo")
    subtitle: Text = Field(description="what the demo is about, in one line")
    story: Text = Field(description="what the company does and what happened, in a few sentences")
    data_set: Text = Field(description="what the data set is about, in one line")
    slots: dict[Name, Slot] = Field(min_length=1, description="lists of words that the customer should recognise")
    terms: dict[Name, BusinessTerm] = Field(
        default_factory=dict,
        description="what the customer states in figures of its own offer, with what is usual in the trade",
    )
    functions: dict[str, RowExpression] = Field(
        default_factory=dict,
        description="name(parameters) -> expression; can be called in every expression of the file",
    )
    tables: dict[Name, BlueprintTable] = Field(
        min_length=5, max_length=12, description="the tables, their columns, and how each is generated"
    )
    rules: dict[Name, BlueprintLaw] = Field(
        default_factory=dict,
        description="laws of the trade: what never happens in this business; the quality report counts the rows that break them",
    )
    relations: dict[Name, BlueprintRelation] = Field(
        default_factory=dict,
        description="how things of the trade go together: figures, each with the range in which it lies; the quality report "
        "measures them",
    )
    kpis: list[BlueprintKpi] = Field(min_length=1, description="figures that the customer's management monitors")
    challenges: list[BlueprintChallenge] = Field(min_length=1, description="business problems that the demo addresses")
    insights: dict[Name, BlueprintInsight] = Field(
        min_length=1, description="findings that are planted in the data, each with the question that shows it"
    )
    questions: dict[Name, BlueprintQuestion] = Field(min_length=12, description="questions that are asked in the demo")
    scenes: dict[Name, BlueprintScene] = Field(min_length=1, description="the acts of the demo, in their order")
    glossary: list[BlueprintTerm] = Field(min_length=1, description="terms of the trade, with their definitions")
    agent: BlueprintAgent = Field(description="the data agent that answers the questions")


# --- what may be written where -------------------------------------------------------------------------------------


def fields_at(place: Sequence[str | int]) -> list[str]:
    """Fields that an author may write at a place of a blueprint; empty if it is not a mapping with fixed fields."""
    found: Any = Blueprint
    for part in place:
        found = _inside(found, part)
    model = _without_wrappers(found)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def authored_place(place: Sequence[str | int]) -> tuple[str | int, ...]:
    """A place that pydantic reports, without the names of a union's choices.

    For example ``rows.start``, which the author wrote, for ``rows.period.start``.
    """
    found: Any = Blueprint
    kept: list[str | int] = []
    for part in place:
        if _choice(_without_wrappers(found), part) is None:
            kept.append(part)
        found = _inside(found, part)
    return tuple(kept)


def _inside(annotation: Any, part: str | int) -> Any:
    """The annotation of the value at a key, an index, or a union's tag."""
    found = _without_wrappers(annotation)
    if isinstance(found, type) and issubclass(found, BaseModel):
        by_name = {field.alias or name: field.annotation for name, field in found.model_fields.items()}
        return by_name.get(str(part))
    arguments = typing.get_args(found)
    if typing.get_origin(found) in (dict, list) and arguments:
        return arguments[-1]
    return _choice(found, part)


def _choice(union: Any, name: str | int) -> Any:
    """The choice of a tagged union with this tag; None if there is none."""
    choices = typing.get_args(union)
    return next((choice for choice in choices if Tag(str(name)) in getattr(choice, "__metadata__", ())), None)


def _without_wrappers(annotation: Any) -> Any:
    """``Annotated[X, ...]`` and ``X | None`` as ``X``."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is Annotated:
        return _without_wrappers(arguments[0])
    others = [choice for choice in arguments if choice is not type(None)]
    if type(None) in arguments and len(others) == 1:
        return _without_wrappers(others[0])
    return annotation
