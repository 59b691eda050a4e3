"""Dagster assets: the agent and its evaluation."""

import dagster as dg

from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.agent.resources import DataAgents
from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.claude.models import ClaudeUsage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.pools import AGENT
from provisioning_assets.store import materialized
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets.warehouse.resources import WarehouseResource

CODE_VERSION = "10"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""

# The agent's server returns at most so many rows.
_ROWS = 1_000

MOST_FOR_CLAUDE = 15
"""Different questions of an evaluation that are put to Claude, at most: they are paid from the demo's budget, of which people's own
questions are to have something left. docs/claude.md says what they cost."""


@demo_asset(
    group_name="agent",
    code_version=CODE_VERSION,
    kinds={"conversationalanalytics"},
    description="The Conversational Analytics agent for the customer's data set. It is created with its instructions, "
    "schema, verified queries, glossary and relationships.",
)
def data_agent(
    context: dg.AssetExecutionContext,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    golden_queries: GoldenQueries,
    data_agents: DataAgents,
) -> dg.MaterializeResult[DataAgent]:
    from provisioning_assets.agent.context import build_context, left_out
    from provisioning_assets.agent.data_agent import provision_agent

    trimmed = left_out(demo_plan, golden_queries)
    for line in trimmed:
        context.log.warning(line)
    with data_agents.session() as session:
        published = build_context(
            demo_plan, data_model, golden_queries, demo_dataset, session.project, session.most_billed_bytes
        )
        agent = provision_agent(
            session.agent_client,
            session.parent,
            context.partition_key,
            display_name=demo_plan.title,
            description=demo_plan.subtitle,
            context=published,
            store=session.store,
        )
    context.log.info("%s answers questions about %d tables", agent.name, len(agent.tables))
    return materialized(
        agent,
        {
            "agent": agent.name,
            "verified_queries": agent.verified_queries,
            "glossary_terms": len(published.glossary_terms),
            "tables": dg.MetadataValue.md("\n".join(f"- `{name}`" for name in agent.tables)),
            "system_instruction": dg.MetadataValue.md(published.system_instruction),
            "context_digest": agent.context_digest,
            "left_out": trimmed,
        },
    )


@demo_asset(
    group_name="agent",
    code_version=CODE_VERSION,
    kinds={"conversationalanalytics"},
    description="The agent's answers to every scripted question and paraphrase, compared with the golden rows, and to fresh "
    "questions made from the data model, compared with the rows of their own SQL.",
    pool=AGENT,
)
def agent_evaluation(
    context: dg.AssetExecutionContext,
    demo_plan: DemoPlan,
    data_model: DataModel,
    demo_dataset: DemoDataset,
    golden_queries: GoldenQueries,
    data_agent: DataAgent,
    data_agents: DataAgents,
    warehouse: WarehouseResource,
) -> dg.MaterializeResult[AgentEvaluation]:
    from provisioning_assets.agent.asking import ask_all
    from provisioning_assets.agent.evaluation import evaluate
    from provisioning_assets.agent.evaluation_report import failures_table, fresh_table, questions_table
    from provisioning_assets.agent.fresh_questions import fresh_questions

    with warehouse.querying(context.partition_key, as_of=demo_dataset.as_of, most_rows=_ROWS) as run:
        fresh = [
            (question, run(question.sql).rows)
            for question in fresh_questions(data_model, demo_plan.agent.default_filters)
        ]
    with data_agents.session(most_for_claude=MOST_FOR_CLAUDE) as session:
        evaluation = evaluate(
            golden_queries,
            demo_plan.insights,
            lambda questions: ask_all(session.chat_client, data_agent.name, questions, session.quota),
            progress=context.log.info,
            fresh=fresh,
        )
        usage = session.claude.usage(context.partition_key) if session.claude is not None else None
    if evaluation.without_claude_because is not None:
        context.log.warning(
            "Rules read %d questions in place of Claude: %s",
            evaluation.read_by["rules"],
            evaluation.without_claude_because,
        )
    return materialized(
        evaluation,
        {
            **_read_by(evaluation),
            **({} if usage is None else _cost_of_claude(usage)),
            "asked": len(evaluation.asked),
            "scripted_pass_rate": evaluation.scripted_pass_rate,
            "paraphrase_pass_rate": evaluation.paraphrase_pass_rate,
            "repeat_agreement": evaluation.repeat_agreement,
            "paraphrase_wrong_rate": evaluation.paraphrase_wrong_rate,
            "understood_rate": evaluation.understood_rate,
            "fresh_questions": evaluation.fresh_counts(),
            "fresh_wrong_rate": evaluation.fresh_wrong_rate,
            "fresh": dg.MetadataValue.md(fresh_table(evaluation.fresh)),
            "failed": dg.MetadataValue.md(failures_table(evaluation.asked)),
            "questions": dg.MetadataValue.md(questions_table(evaluation.asked)),
        },
    )


def _read_by(evaluation: AgentEvaluation) -> dict[str, int]:
    """Return who read the questions that no verified query answered, as metadata; empty without a key for Claude."""
    counts = evaluation.read_by
    return {"read_by_claude": counts["claude"], "read_by_rules": counts["rules"]} if counts else {}


def _cost_of_claude(usage: ClaudeUsage) -> dict[str, str | float]:
    """Return what Claude's answers took, as metadata; without an amount if the price of the model is not known."""
    figures: dict[str, str | float] = {
        "claude": usage.told(),
        "claude_calls": usage.calls,
        "claude_input_tokens": usage.input_tokens,
        "claude_output_tokens": usage.output_tokens,
        "claude_seconds": usage.seconds,
    }
    return figures if usage.usd is None else {**figures, "claude_usd": usage.usd}
