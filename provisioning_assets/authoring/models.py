"""The result of a blueprint's check: everything that was measured, and the problems that prevent the blueprint from being used."""

from datetime import date
from typing import Literal

from pydantic import Field

from provisioning_assets.agent.models import AgentEvaluation
from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.golden.models import MeasuredKpi
from provisioning_assets.quality.insight_spread import InsightSpread, SeedFigure
from provisioning_assets.quality.models import (
    CoherenceResult,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
    UnplannedFinding,
)
from provisioning_assets.synthesis.preview import Preview

Section = Literal["file", "tables", "rules", "relations", "realism", "questions", "insights", "agent"]


class Fault(Document):
    """A mistake in the file itself, and what is accepted instead."""

    file: str
    line: int | None = Field(
        description="number of the line, from 1; null if the text could not be read up to the fault"
    )
    place: str = Field(description="dotted path: tables.orders.columns.status; empty for the whole file")
    words: str = Field(description="what is wrong, and what is accepted")


class MissedRequirement(Document):
    """A problem that prevents the blueprint from being used, and how to fix it."""

    section: Section
    words: str


class SeedCheck(Document):
    """Measurements in the tables of one seed."""

    seed: int
    rows: int = Field(description="number of rows of all tables")
    coherence: list[CoherenceResult]
    laws: list[LawResult]
    relations: list[RelationResult] = Field(default_factory=list)
    realism: list[RealismResult]
    figures: dict[str, SeedFigure] = Field(description="insight -> its figure, with its effects and without them")


class StrengthCheck(Document):
    """How clearly each insight differs from its own past, and figures that stand out but were not planted, for the first seed."""

    insights: list[InsightStrength]
    unplanned: list[UnplannedFinding]
    places: int = Field(description="number of figures that were searched for unplanned findings")


class QuestionCheck(Document):
    """A question and its result in the tables of the first seed."""

    id: str
    question: str
    complexity: str
    columns: list[str]
    row_count: int
    first_row: list[Scalar]
    seconds: float
    error: str | None = Field(description="why its query could not be executed")
    dull_because: str | None = Field(description="why its result is not worth showing; null if it is")
    chart_problem: str | None = Field(description="why its chart could not be drawn")


class InsightCheck(Document):
    """The figures of an insight over all seeds, and how clearly it stands out in the first one."""

    question: str
    spread: InsightSpread
    strength: InsightStrength | None = Field(description="null if it could not be measured")


class BlueprintCheck(Document):
    """The check of one blueprint. The blueprint can be used if ``problems`` is empty."""

    file: str = Field(description="name of the file")
    blueprint: str | None = Field(default=None, description="id of the blueprint; null if the file has faults")
    name: str | None = None
    country: str | None = None
    size: str | None = None
    as_of: date | None = None
    faults: list[Fault] = Field(default_factory=list)
    tables: Preview | None = Field(default=None, description="tables of the first seed, with their first rows")
    seeds: list[SeedCheck] = Field(default_factory=list)
    questions: list[QuestionCheck] = Field(default_factory=list)
    kpis: list[MeasuredKpi] = Field(default_factory=list)
    insights: list[InsightCheck] = Field(default_factory=list)
    strength: StrengthCheck | None = None
    agent: AgentEvaluation | None = Field(default=None, description="null if the agent was not asked")
    remarks: list[str] = Field(default_factory=list, description="what the author should look at; no problem")
    problems: list[MissedRequirement] = Field(default_factory=list)
    seconds: float = Field(default=0.0, description="time that the whole check took, seconds")

    @property
    def passed(self) -> bool:
        """Whether a demo can be made from the blueprint."""
        return not self.problems
