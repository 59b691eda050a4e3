"""Is what planning hands on complete, sound enough to generate from, and borne out by the data?"""

import dagster as dg

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.assets import data_model, demo_plan
from provisioning_assets.planning.models import Complexity, DemoPlan
from provisioning_assets.stage import demo_check


@demo_check(
    asset=demo_plan,
    blocking=True,
    description="12 questions or more, two of each complexity, each in one scene; every insight has its question.",
)
def plan_is_complete(demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """A gap here would show only in front of the customer."""
    from provisioning_assets.planning.plan_rules import plan_problems

    errors = plan_problems(demo_plan)
    counts = {str(level): sum(question.complexity == level for question in demo_plan.questions) for level in Complexity}
    return dg.AssetCheckResult(
        passed=not errors,
        metadata={"questions": counts, "insights": len(demo_plan.insights), "errors": errors},
    )


@demo_check(
    asset=demo_plan,
    description="The plan was made from a blueprint of the customer's own industry.",
)
def blueprint_fits_industry(demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """The general blueprint fits any company, and shows less of what is particular to this one."""
    fits = demo_plan.blueprint == demo_plan.industry
    errors = (
        []
        if fits
        else [f"the industry {demo_plan.industry} has no blueprint yet; the plan was made from {demo_plan.blueprint}"]
    )
    return dg.AssetCheckResult(
        passed=fits,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"industry": demo_plan.industry, "blueprint": demo_plan.blueprint, "errors": errors},
    )


@demo_check(
    asset=data_model,
    blocking=True,
    additional_ins={"demo_plan": dg.AssetIn("demo_plan")},
    description=(
        "5 to 12 tables with keys, resolving references, descriptions and synonyms; every question and KPI names only "
        "tables and columns that exist."
    ),
)
def data_model_is_valid(data_model: DataModel, demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """What is wrong here would fail later, in a place that tells less."""
    from provisioning_assets.planning.model_rules import model_problems
    from provisioning_assets.planning.plan_rules import sql_problems

    errors = [*map(str, model_problems(data_model)), *sql_problems(demo_plan, data_model)]
    return dg.AssetCheckResult(passed=not errors, metadata={"tables": len(data_model.tables), "errors": errors})
