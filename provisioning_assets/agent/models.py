"""Artefacts of this package: the data agent and its evaluation."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import Field

from provisioning_assets.agent.answer_notes import Reader
from provisioning_assets.artefact import Artefact, Document

Outcome = Literal["right", "refused", "wrong"]


class Outcomes(NamedTuple):
    """How many questions of one kind were answered right, not answered, and answered wrong."""

    right: int
    refused: int
    wrong: int


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


@dataclass(frozen=True)
class ChatQuota:
    """How many questions may be asked: the service of Google Cloud allows 30 chats a minute and project.

    Args:
        per_minute: chats begun in a minute; None: as many as the server answers.
        at_once: chats under way at the same time.
    """

    per_minute: float | None = None
    at_once: int = 1


UNLIMITED = ChatQuota()


AskedKind = Literal["scripted", "wording", "paraphrase", "repeat"]
"""A question of the script, another wording of it that the agent has, one that it does not have, or one asked again."""


def _answered_by() -> Any:
    """The field of who answered: absent where no one was asked to choose, so that a demo without Claude is as it always was."""
    return Field(
        default=None,
        exclude_if=lambda reader: reader is None,
        description="who read the question; absent: a verified query was replayed, or there is no key for Claude",
    )


class AskedQuestion(Document):
    """One question to the agent and the result."""

    query_id: str
    asked: str
    kind: AskedKind
    passed: bool
    matched_query: bool = Field(description="the agent replayed a verified query; not counted in understood_rate")
    sql: str | None
    row_count: int
    answer: str
    insight_measured: float | None = Field(default=None, description="the insight's figure in the agent's rows")
    insight_holds: bool | None = None
    problem: str | None = None
    seconds: float
    attempts: int = Field(
        default=1, description="how often it was asked until it passed; three wrong answers are final"
    )
    misleads: bool = Field(
        default=False, description="the agent gave rows that are not the golden ones, not even some of their columns"
    )
    answered_by: Reader | None = _answered_by()


class FreshAnswer(Document):
    """A question made from the data model, which no one has prepared the agent for, and the outcome."""

    form: str = Field(description="what kind of question it is, such as a filter, a time window or a ranking")
    question: str
    outcome: Outcome
    answer: str
    sql: str | None = Field(description="the agent's query; None if it refused or asked back")
    right_sql: str = Field(description="a query whose rows are right")
    answered_by: Reader | None = _answered_by()


class AgentEvaluation(Artefact):
    asked: list[AskedQuestion]
    scripted_pass_rate: float = Field(
        ge=0, le=1, description="of the script's questions in all wordings that the agent has"
    )
    paraphrase_pass_rate: float = Field(ge=0, le=1)
    repeat_agreement: float = Field(ge=0, le=1)
    understood_rate: float = Field(
        ge=0, le=1, description="share of questions that passed without replaying a verified query"
    )
    dropped_query_ids: list[str] = Field(description="ids of the questions that failed and are removed from the script")

    fresh: list[FreshAnswer] = Field(
        default_factory=list,
        description="answers to questions made from the data model, which nothing was prepared for",
    )
    without_claude_because: str | None = Field(
        default=None,
        exclude_if=lambda reason: reason is None,
        description="why rules read a question although there is a key for Claude: the first reason; absent: none was",
    )

    @property
    def read_by(self) -> Counter[Reader]:
        """Return how many questions Claude and the rules read; empty without a key for Claude."""
        return Counter(each.answered_by for each in (*self.asked, *self.fresh) if each.answered_by is not None)

    @property
    def paraphrase_wrong_rate(self) -> float:
        """Return the share of paraphrases that were answered with other rows than the verified ones."""
        misleading = [asked.misleads for asked in self.asked if asked.kind == "paraphrase"]
        return sum(misleading) / len(misleading) if misleading else 0.0

    @property
    def fresh_wrong_rate(self) -> float:
        """Return the share of fresh questions that were answered with wrong rows; 1 if none was asked."""
        wrong = sum(answer.outcome == "wrong" for answer in self.fresh)
        return wrong / len(self.fresh) if self.fresh else 1.0

    def summary(self) -> str:
        """Return the rates in one line."""
        return f"script {self.scripted_pass_rate:.0%}; fresh questions: {self.fresh_counts()}"

    def paraphrase_outcomes(self) -> Outcomes:
        """Return how many paraphrases were answered right, refused or asked back, and answered with other rows."""
        asked = [each for each in self.asked if each.kind == "paraphrase"]
        wrong = sum(each.misleads for each in asked)
        right = sum(each.passed or bool(each.row_count and not each.misleads) for each in asked)
        return Outcomes(right, len(asked) - right - wrong, wrong)

    def fresh_outcomes(self) -> Outcomes:
        """Return how many fresh questions were answered right, refused and answered wrong."""
        outcomes = [answer.outcome for answer in self.fresh]
        return Outcomes(outcomes.count("right"), outcomes.count("refused"), outcomes.count("wrong"))

    def fresh_counts(self) -> str:
        """Return the outcomes of the fresh questions as ``38 right, 2 refused, 0 wrong``."""
        return ", ".join(f"{count} {name}" for name, count in self.fresh_outcomes()._asdict().items())


class StoredAgent(Document):
    """An agent that this project made, as the list of all agents has it."""

    name: str = Field(description="projects/P/locations/L/dataAgents/ID")
    customer: str = Field(description="the label with the customer's key, cut if the key is longer than 63 characters")
    store: str = Field(description="the label with the store; empty: made by an earlier version, which gave none")
    created_at: datetime
