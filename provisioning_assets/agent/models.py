"""Artefacts of this package: the data agent and its evaluation."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document


class DataAgent(Artefact):
    name: str = Field(description="full resource name: projects/P/locations/L/dataAgents/ID")
    agent_id: str
    display_name: str
    parent: str
    create_time: datetime
    update_time: datetime
    verified_queries: int
    tables: list[str]
    context_digest: str = Field(description="sha256 of the published context")

    def summary(self) -> str:
        """Return the agent's id and the size of its context in one line."""
        return f"{self.agent_id}: {len(self.tables)} tables, {self.verified_queries} verified queries"


class AskedQuestion(Document):
    """One question to the agent and the result."""

    query_id: str
    asked: str
    kind: Literal["scripted", "paraphrase", "repeat"]
    passed: bool
    matched_query: bool = Field(description="the agent replayed a verified query; not counted in understood_rate")
    sql: str | None
    row_count: int
    answer: str
    insight_measured: float | None = Field(default=None, description="the insight's figure in the agent's rows")
    insight_holds: bool | None = None
    problem: str | None = None
    seconds: float


class AgentEvaluation(Artefact):
    asked: list[AskedQuestion]
    scripted_pass_rate: float = Field(ge=0, le=1)
    paraphrase_pass_rate: float = Field(ge=0, le=1)
    repeat_agreement: float = Field(ge=0, le=1)
    understood_rate: float = Field(
        ge=0, le=1, description="share of questions that passed without replaying a verified query"
    )
    dropped_query_ids: list[str] = Field(description="ids of the questions that failed and are removed from the script")

    def summary(self) -> str:
        """Return the pass rates in one line."""
        return f"script {self.scripted_pass_rate:.0%}, paraphrases {self.paraphrase_pass_rate:.0%}"
