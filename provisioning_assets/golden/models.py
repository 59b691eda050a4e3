"""Models of the golden queries: every question with the result of its executed query."""

from datetime import date
from typing import Any

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import ResultColumn
from provisioning_assets.planning.models import Complexity


class InsightProof(Document):
    """The insight's figure in the result of the executed query, and whether it is the planted one."""

    insight_id: str
    expected: float
    tolerance: float
    measured: float | None
    holds: bool
    explanation: str


class GoldenQuery(Document):
    """A question with the result of its executed SQL."""

    id: str
    question: str
    paraphrases: list[str]
    complexity: Complexity
    sql: str
    business_value: str
    insight_id: str | None
    chart: dict[str, Any] | None = Field(description="Vega-Lite specification with its data inline")
    chart_png: str | None = Field(default=None, description="base64 PNG of the chart")
    chart_problem: str | None = Field(default=None, description="why the planned chart could not be drawn")
    columns: list[ResultColumn]
    rows: list[list[Scalar]] = Field(description="the first 200 rows; dates as ISO 8601 text")
    row_count: int
    seconds: float
    error: str | None = Field(default=None, description="why it could not be executed")
    proof: InsightProof | None = None
    interesting: bool = Field(description="whether the result is worth showing")
    dull_because: str | None = Field(default=None, description="why the result is not worth showing")

    @property
    def known_wordings(self) -> list[str]:
        """The paraphrases that the agent gets with the question."""
        return self.paraphrases[:-1]

    @property
    def held_back(self) -> list[str]:
        """The paraphrases that the agent does not get: the evaluation asks them to see what it understands."""
        return self.paraphrases[-1:]


class MeasuredKpi(Document):
    """A KPI of the plan with the value its query returned."""

    name: str
    unit: str
    value: float | None
    error: str | None = Field(default=None, description="why there is no value")


class GoldenQueries(Artefact):
    as_of: date
    queries: list[GoldenQuery]
    kpis: list[MeasuredKpi] = Field(default_factory=list, description="the plan's KPIs, in its order")

    def summary(self) -> str:
        """How many queries ran, and how many insights they prove."""
        ran = sum(query.error is None for query in self.queries)
        proofs = [query.proof for query in self.queries if query.proof is not None]
        return (
            f"{ran} of {len(self.queries)} ran; {sum(proof.holds for proof in proofs)} of {len(proofs)} insights proved"
        )
