"""What a run will make, replace or leave, and what that costs, before anything is made; and what it has cost after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from provisioning_assets.agent.models import AgentEvaluation
from provisioning_assets.artefact import Document
from provisioning_assets.customers import LONGEST_TTL_DAYS, CustomerRequest
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.sources import by_source, parts_of
from provisioning_assets.data_model.tables import Table
from provisioning_assets.googlesql.statements import tables_in
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.prices import LEAST_BYTES_BILLED, price_of
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset

if TYPE_CHECKING:
    from provisioning_assets.store import DemoStore

Action = Literal["create", "replace", "update", "leave"]

BYTES_OF_VALUE = {"INT64": 8, "FLOAT64": 8, "NUMERIC": 16, "BOOL": 1, "DATE": 8, "DATETIME": 8, "TIMESTAMP": 8}
"""Bytes that BigQuery counts for a value. Source: its documentation, "Data type sizes"."""
BYTES_OF_TEXT = 22
"""Bytes assumed for a text: two, and twenty for its letters."""
REPEATED_SHARE = 0.25
"""Share of the questions that the evaluation asks a second time (``agent.evaluation``)."""


class PlannedThing(Document):
    what: str
    name: str
    action: Action


class PlannedTable(Document):
    name: str
    rows: int = Field(description="about; what is made can differ by a third")
    bytes: int


class Cost(Document):
    """One thing that costs money."""

    what: str
    quantity: str
    planned_usd: float | None = Field(description="at most; null: no price is known")
    actual_usd: float | None = Field(default=None, description="of the last run; null: not run, or not known")
    actual: str = ""


class RunPlan(Document):
    key: str
    target: Literal["local", "gcp"]
    basis: str = Field(description="what the figures were reckoned from")
    things: list[PlannedThing]
    stages: list[str] = Field(description="stages that will run")
    tables: list[PlannedTable]
    rows: int
    bytes: int
    actual_rows: int | None
    actual_bytes: int | None
    questions: int = Field(description="that the agent will be asked")
    tokens: int = Field(description="of a language model that plans the demo; 0: industry blueprints are used")
    costs: list[Cost]
    budget_usd: float

    @property
    def known_usd(self) -> float:
        """What is known of the cost, at most."""
        return sum(cost.planned_usd or 0.0 for cost in self.costs)

    @property
    def is_within_budget(self) -> bool:
        """Whether the known cost is within the budget."""
        return self.known_usd <= self.budget_usd


@dataclass(frozen=True)
class Place:
    """Where a demo is made, and what exists there.

    Args:
        target: local or gcp.
        dataset: the data set's name there.
        agent: the agent's full name.
        region: where the data set is, for its prices; empty for this machine.
        has_dataset: whether the data set exists.
        agents: names of the customer's agents that exist.
    """

    target: Literal["local", "gcp"]
    dataset: str
    agent: str
    region: str
    has_dataset: bool
    agents: tuple[str, ...]


def plan_run(
    store: "DemoStore",
    request: CustomerRequest,
    place: Place,
    *,
    stages: list[str],
    plan: DemoPlan,
    model: DataModel,
    basis: str,
    budget_usd: float,
    metadata: Mapping[str, object],
    claude: Cost | None = None,
    claude_tokens: int = 0,
) -> RunPlan:
    """Return the plan of a run.

    Args:
        store: the artefacts of earlier runs.
        request: the customer's.
        place: where the demo is made.
        stages: those that will run.
        plan: of this customer, or of a company of its trade.
        model: of this customer, or of a company of its trade.
        basis: which of both, in words.
        budget_usd: what a demo may cost.
        metadata: of the last materialization of ``golden_queries``.
        claude: what a plan by Claude costs; None: it will not be asked.
        claude_tokens: that it reads and writes.
    """
    lineage = Lineage(by_source(model))
    tables = [
        _planned_table(table, round(sum(expected_rows(lineage, part.name) for part in parts_of(table))))
        for table in model.tables
    ]
    made = store.find_readable(request.key, SyntheticTables)
    loaded = store.find_readable(request.key, DemoDataset)
    asked = store.find_readable(request.key, AgentEvaluation)
    questions = _questions(plan)
    costs: list[Cost] = []
    if place.target == "gcp":
        billed = _billed_bytes(plan, {table.name: table.bytes for table in tables})
        costs = [
            _query_cost(place.region, len(plan.questions), questions, billed, metadata),
            _storage_cost(place.region, sum(table.bytes for table in tables), _days_kept(request), loaded),
            Cost(
                what="Conversational Analytics API",
                quantity=f"{questions} questions",
                planned_usd=_chat_price(place.region, questions),
                actual="" if asked is None else f"{len(asked.asked) + len(asked.fresh)} questions",
            ),
        ]
    return RunPlan(
        key=request.key,
        target=place.target,
        basis=basis,
        things=[
            PlannedThing(
                what="data set", name=place.dataset, action=_action("demo_dataset", stages, place.has_dataset)
            ),
            PlannedThing(
                what="agent",
                name=place.agents[0] if place.agents else place.agent,
                action=_action("data_agent", stages, bool(place.agents), again="update"),
            ),
            PlannedThing(
                what="artefacts",
                name=str(store.folder(request.key)),
                action="leave" if not stages else "update" if store.exists(request.key, CustomerRequest) else "create",
            ),
        ],
        stages=stages,
        tables=tables,
        rows=sum(table.rows for table in tables),
        bytes=sum(table.bytes for table in tables),
        actual_rows=made.rows if made else None,
        actual_bytes=loaded.bytes if loaded else None,
        questions=questions,
        tokens=claude_tokens,
        costs=[*costs, *([claude] if claude else [])],
        budget_usd=budget_usd,
    )


def _action(stage: str, stages: list[str], exists: bool, again: Action = "replace") -> Action:
    if not exists:
        return "create"
    return again if stage in stages else "leave"


def _planned_table(table: Table, rows: int) -> PlannedTable:
    width = sum(BYTES_OF_VALUE.get(column.type, BYTES_OF_TEXT) for column in table.columns if not column.internal)
    return PlannedTable(name=table.name, rows=rows, bytes=rows * width)


def _questions(plan: DemoPlan) -> int:
    """Questions of the evaluation: each wording, some of them twice, and fresh ones."""
    from provisioning_assets.agent.fresh_questions import QUESTIONS

    wordings = sum(1 + len(question.paraphrases) for question in plan.questions)
    return round(wordings * (1 + REPEATED_SHARE)) + QUESTIONS


def _billed_bytes(plan: DemoPlan, bytes_of: Mapping[str, int]) -> list[int]:
    """For each golden query the bytes that are billed at most: all of each table that it reads."""
    return [
        sum(max(LEAST_BYTES_BILLED, bytes_of.get(name, 0)) for name in tables_in(question.sql))
        for question in plan.questions
    ]


def _query_cost(region: str, queries: int, questions: int, billed: list[int], metadata: Mapping[str, object]) -> Cost:
    total = sum(billed) + round(sum(billed) / max(len(billed), 1) * questions)
    price = price_of("bigquery_query", region)
    found = metadata.get("bytes billed")
    actual = found if isinstance(found, int) else None
    return Cost(
        what="BigQuery, queries",
        quantity=f"{queries} golden queries and {questions} questions, {total / 1e9:,.1f} GB billed",
        planned_usd=price.of(total) if price else None,
        actual_usd=None if price is None or actual is None else price.of(actual),
        actual="" if actual is None else f"golden queries: {actual / 1e9:,.2f} GB billed",
    )


def _storage_cost(region: str, size: int, days: int, loaded: DemoDataset | None) -> Cost:
    price = price_of("bigquery_storage", region)

    def of(count: int) -> float | None:
        month = price.of(count) if price else None
        return None if month is None else month * days / 30

    return Cost(
        what="BigQuery, storage",
        quantity=f"{size / 1e9:,.3f} GB for {days} days",
        planned_usd=of(size),
        actual_usd=of(loaded.bytes) if loaded else None,
        actual=f"{loaded.bytes / 1e9:,.3f} GB" if loaded else "",
    )


def _days_kept(request: CustomerRequest) -> int:
    """Days for which storage is paid. A demo that is pinned is counted for as long as the longest time to live."""
    return LONGEST_TTL_DAYS if request.pinned else request.ttl_days


def _chat_price(region: str, questions: int) -> float | None:
    price = price_of("conversational_analytics_chat", region)
    return None if price is None or price.amount is None else price.amount * questions
