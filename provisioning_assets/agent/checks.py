"""Checks of the agent before the demo is shown."""

import dagster as dg

from provisioning_assets.agent.assets import agent_evaluation as agent_evaluation_asset
from provisioning_assets.agent.assets import data_agent as data_agent_asset
from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion, DataAgent
from provisioning_assets.agent.resources import DataAgents
from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.quality_bars import FRESH_WRONG_BAR, PARAPHRASE_WRONG_BAR, REPEAT_BAR, SCRIPTED_BAR


@demo_check(
    asset=data_agent_asset,
    blocking=True,
    description="The agent exists on the service with instructions, tables and verified queries.",
)
def agent_has_context(data_agent: DataAgent, data_agents: DataAgents) -> dg.AssetCheckResult:
    from provisioning_assets.agent.data_agent import missing_context

    with data_agents.session() as session:
        missing = missing_context(session.agent_client, data_agent.name)
    return dg.AssetCheckResult(
        passed=not missing, severity=dg.AssetCheckSeverity.ERROR, metadata={"errors": missing, "agent": data_agent.name}
    )


@demo_check(
    asset=agent_evaluation_asset,
    description="At least 95% of the scripted questions return the golden rows.",
)
def scripted_questions_pass(agent_evaluation: AgentEvaluation) -> dg.AssetCheckResult:
    return _rate_check(agent_evaluation, "scripted", agent_evaluation.scripted_pass_rate, SCRIPTED_BAR)


@demo_check(
    asset=agent_evaluation_asset,
    description="At most 10% of the paraphrases, which are not in the agent's context, are answered with other rows.",
)
def paraphrases_not_wrong(agent_evaluation: AgentEvaluation) -> dg.AssetCheckResult:
    wrong = [a for a in agent_evaluation.asked if a.kind == "paraphrase" and a.misleads]
    rate = agent_evaluation.paraphrase_wrong_rate
    return dg.AssetCheckResult(
        passed=rate <= PARAPHRASE_WRONG_BAR,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rate": rate, "bar": PARAPHRASE_WRONG_BAR, "errors": [_failure(a) for a in wrong]},
    )


@demo_check(
    asset=agent_evaluation_asset,
    description="At most 3% of the fresh questions, which are made from the data model, are answered with wrong rows.",
)
def fresh_questions_not_wrong(agent_evaluation: AgentEvaluation) -> dg.AssetCheckResult:
    wrong = [answer.question for answer in agent_evaluation.fresh if answer.outcome == "wrong"]
    rate = agent_evaluation.fresh_wrong_rate
    return dg.AssetCheckResult(
        passed=rate <= FRESH_WRONG_BAR,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rate": rate, "bar": FRESH_WRONG_BAR, "asked": len(agent_evaluation.fresh), "errors": wrong},
    )


@demo_check(
    asset=agent_evaluation_asset,
    description="At least 90% of the questions that are asked twice return the same rows both times.",
)
def repeats_agree(agent_evaluation: AgentEvaluation) -> dg.AssetCheckResult:
    return _rate_check(agent_evaluation, "repeat", agent_evaluation.repeat_agreement, REPEAT_BAR)


@demo_check(
    asset=agent_evaluation_asset,
    description="Each planted insight's figure is in the rows that the agent returned, within its tolerance.",
)
def insights_in_answers(agent_evaluation: AgentEvaluation) -> dg.AssetCheckResult:
    of_insights = [a for a in agent_evaluation.asked if a.insight_holds is not None]
    wrong = [a for a in of_insights if not a.insight_holds]
    errors = [f"{a.asked}: measured {a.insight_measured}" for a in wrong]
    if not of_insights:
        errors = ["no question that proves an insight was asked"]
    return dg.AssetCheckResult(
        passed=not errors,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"errors": errors, "insights": len(of_insights)},
    )


def _rate_check(evaluation: AgentEvaluation, kind: str, rate: float, bar: float) -> dg.AssetCheckResult:
    failed = [_failure(a) for a in evaluation.asked if a.kind == kind and not a.passed]
    return dg.AssetCheckResult(
        passed=rate >= bar,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rate": rate, "bar": bar, "errors": failed},
    )


def _failure(asked: AskedQuestion) -> str:
    return f"{asked.query_id}: {asked.asked} - {asked.problem}"
