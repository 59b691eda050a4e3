"""Models that planning returns: the customer's blueprint, and the demo plan with its insights, questions and scenes."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.demo_edits import Edit
from provisioning_assets.figure_text import figure_in_words
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, Language
from provisioning_assets.planning.blueprint import Blueprint, Complexity, WordPlace

WhoseWords = Literal["customer", "blueprint", "mixed"]
"""Origin of the words of a slot."""


class BusinessChallenge(Document):
    title: str
    description: str
    insight_ids: list[str] = Field(default_factory=list)


class Kpi(Document):
    name: str
    definition: str
    sql: str = Field(description="GoogleSQL that returns one row with one column named value")
    unit: str = Field(description="currency code, 'percent', 'count', 'days', ...")
    good_direction: Literal["up", "down"]


class InsightAssertion(Document):
    """Which cell of the golden query's result contains the insight's figure."""

    column: str
    where: dict[str, str] = Field(
        default_factory=dict, description="column -> value, as text, that picks the row; empty: the first row"
    )


class Insight(Document):
    """A finding that is planted in the data and proved by a golden query."""

    id: str
    headline: str = Field(
        description="the finding in one sentence, with the customer's words; {measured} is the figure"
    )
    explanation: str = Field(description="what happened, who is affected, since when, and what it costs")
    action: str = Field(description="what the customer should do about it")
    expected: float = Field(description="the figure, in `unit`")
    tolerance: float = Field(
        gt=0, description="largest accepted difference between the measured figure and `expected`, in `unit`"
    )
    unit: str
    query_id: str
    assertion: InsightAssertion

    def told(self, text: str, measured: float | None, language: str = DEFAULT_LANGUAGE) -> str:
        """The headline or explanation with the figure in words.

        Args:
            text: one of the insight's texts.
            measured: the figure of the customer's own data in ``unit``; None while it is not known: then the expected one.
            language: of the demo, ISO 639-1.
        """
        shown = self.expected if measured is None else measured
        return text.replace("{measured}", figure_in_words(shown, self.unit, language))


class ChartPlan(Document):
    """How a question's answer is drawn; the columns are those of its result."""

    mark: Literal["bar", "line", "area", "scatter", "pie"]
    x: str
    y: str
    series: str | None = None
    title: str


class Question(Document):
    """A question of the script, with the GoogleSQL query (over bare table names) that answers it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    question: str
    paraphrases: list[str] = Field(min_length=2)
    complexity: Complexity
    business_value: str
    sql: str = Field(description="GoogleSQL with table names without data set, and dates relative to CURRENT_DATE()")
    insight_id: str | None = None
    chart: ChartPlan | None = None
    headings: dict[str, str] = Field(
        default_factory=dict, description="column of the result -> its heading; without one it is made from the name"
    )


class Scene(Document):
    """One act of the script."""

    id: str
    title: str
    minutes: int = Field(ge=1, description="duration in minutes")
    talk_track: str
    question_ids: list[str]


class GlossaryTerm(Document):
    term: str
    definition: str
    synonyms: list[str] = Field(default_factory=list)


class AgentInstructions(Document):
    """Instructions for the data agent in addition to its schema."""

    persona: str
    rules: list[str]
    default_filters: list[str] = Field(default_factory=list)


class Customer(Document):
    """Facts about the customer that a blueprint's texts may use in addition to slots, and that decide the market."""

    company: str = Field(description="the company's name as the company writes it")
    country: str = Field(description="home market, ISO 3166-1 alpha-2")
    language: str = Field(description="ISO 639-1")
    currency: str = Field(description="ISO 4217")
    home: WordPlace | None = Field(
        default=None, description="the customer's home city, or the first city of its country"
    )


class BlueprintSource(Document):
    """The file that a customer's blueprint was made from."""

    id: str = Field(description="id of the blueprint; general_business if the industry has no blueprint")
    version: int
    digest: str = Field(
        description="first 16 hexadecimal digits of the SHA-256 of that file and of the files that all blueprints share"
    )


PartName = Literal["tables", "insights", "questions", "story", "scenes"]
"""The parts in which Claude writes a customer's blueprint; ``plan_parts`` says what belongs to each."""


class Claim(Document):
    """A sentence about the customer, and where it was read."""

    text: str = Field(description="as it stands in the story, a challenge or a talk track")
    page: str = Field(description="address of the page, or 'notes'")
    quotation: str = Field(
        description="words of that page, verbatim but for white space and the form of quotation marks"
    )


class WrittenPart(Document):
    """Who wrote a part of the customer's blueprint."""

    part: PartName
    author: Literal["claude", "blueprint"]
    rounds: int = Field(default=0, ge=0, description="how often faults were sent back to Claude")
    replaced_because: str | None = Field(
        default=None, description="why the blueprint's own part stands there instead of Claude's"
    )


class WrittenByClaude(Document):
    """What Claude has written of a customer's blueprint."""

    model: str = Field(description="the model, as its service calls it")
    parts: list[WrittenPart]
    claims: list[Claim] = Field(default_factory=list, description="what is said about the customer, with its source")
    dropped_claims: list[str] = Field(
        default_factory=list, description="sentences and words that were left out because their source does not say so"
    )

    def parts_of(self, author: Literal["claude", "blueprint"]) -> list[WrittenPart]:
        """The parts by one author, in the order in which they are written."""
        return [each for each in self.parts if each.author == author]

    def told(self) -> list[str]:
        """Whose the parts are, and what was replaced and why, in sentences for people."""
        own, replaced = self.parts_of("claude"), self.parts_of("blueprint")
        reasons: dict[str, list[str]] = {}
        for each in replaced:
            reasons.setdefault(each.replaced_because or "", []).append(each.part)
        told = [f"Claude ({self.model}) wrote: {', '.join(each.part for each in own)}."] if own else []
        if replaced:
            named = ", ".join(each.part for each in replaced)
            told.append(f"Not by Claude ({self.model}), but the industry's blueprint: {named}.")
        told += [f"Why ({', '.join(parts)}): {reason}" for reason, parts in reasons.items()]
        return told


class DemoBlueprint(Artefact):
    """The blueprint of one customer's demo: the industry's blueprint with the customer's words and the CE's edits."""

    industry: str = Field(description="industry of the customer")
    customer: Customer
    source: BlueprintSource
    language: Language = Field(
        default=DEFAULT_LANGUAGE, description="of the demo, ISO 639-1: of its texts, not of its names"
    )
    edits: list[Edit] = Field(default_factory=list, description="the edits that were made, in their order")
    blueprint: Blueprint = Field(description="in the format of a blueprint file, with filled slots")
    claude: WrittenByClaude | None = Field(
        default=None,
        exclude_if=lambda written: written is None,
        description="what Claude has written of it; absent: nothing, and it was not asked",
    )
    unedited: Blueprint | None = Field(
        default=None,
        exclude_if=lambda blueprint: blueprint is None,
        description="what Claude has written before the edits; absent: there are none, or Claude was not asked",
    )

    def summary(self) -> str:
        """Which blueprint it is, who wrote it, and where its words come from."""
        words = [word for slot in self.blueprint.slots.values() for word in slot.filled]
        own = sum(word.source != "blueprint" for word in words)
        edited = f", {len(self.edits)} edits" if self.edits else ""
        written = self.claude.parts_of("claude") if self.claude else []
        by = f", {len(written)} of {len(self.claude.parts)} parts by Claude" if self.claude else ""
        return f"{self.source.id} version {self.source.version}{by}; {own} of {len(words)} words are the customer's{edited}"


class DemoPlan(Artefact):
    """The story of the demo: what it shows, and the questions that are asked."""

    title: str
    subtitle: str
    story: str
    industry: str = Field(description="industry of the customer")
    blueprint: str = Field(
        description="id of the blueprint from which the plan was made; general_business if the industry has none"
    )
    blueprint_version: int
    language: Language = Field(default=DEFAULT_LANGUAGE, description="of the demo, ISO 639-1")
    vocabulary: dict[str, list[str]] = Field(
        description="name of a slot -> the words that fill it: the customer's or the blueprint's"
    )
    slot_sources: dict[str, WhoseWords] = Field(description="name of a slot -> where its words come from")
    customer_words: int = Field(default=0, description="number of words that come from the customer's site or the CE")
    trade_words: dict[str, list[str]] = Field(
        default_factory=dict,
        description="name of a slot that the customer's site could fill -> its words that the site does not have",
    )
    words_digest: str = Field(default="", description="digest of what the demo says about the customer")
    challenges: list[BusinessChallenge]
    kpis: list[Kpi]
    insights: list[Insight]
    questions: list[Question]
    scenes: list[Scene]
    glossary: list[GlossaryTerm]
    agent: AgentInstructions
    claude: WrittenByClaude | None = Field(
        default=None,
        exclude_if=lambda written: written is None,
        description="what Claude has written of the blueprint; absent: nothing, and it was not asked",
    )

    def summary(self) -> str:
        """Title and size of the script, in one line."""
        return (
            f"{self.title}: {len(self.scenes)} scenes, {len(self.questions)} questions, {len(self.insights)} insights"
        )
