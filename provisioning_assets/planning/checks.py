"""Checks that the blueprint, the demo plan and the data model are complete and consistent enough to generate data."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.assets import data_model, demo_blueprint, demo_plan
from provisioning_assets.planning.blueprint import Complexity
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan


@demo_check(
    asset=demo_blueprint,
    blocking=True,
    description="The words, story, tables and questions of the customer's blueprint are consistent.",
)
def blueprint_holds_together(demo_blueprint: DemoBlueprint) -> dg.AssetCheckResult:
    """The blueprint is consistent with the customer's words; its file was checked with the blueprint's own words."""
    from provisioning_assets.planning.blueprint_rules import filled_problems
    from provisioning_assets.planning.demo_blueprint import customer_words, market_of_customer

    problems = filled_problems(
        demo_blueprint.blueprint, customer_words(demo_blueprint), market_of_customer(demo_blueprint.customer)
    )
    return dg.AssetCheckResult(passed=not problems, metadata={"errors": [str(problem) for problem in problems]})


@demo_check(
    asset=demo_plan,
    blocking=True,
    description="At least 12 questions, two of each complexity, each in one scene; every insight has a question that shows it.",
)
def plan_is_complete(demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """The plan is complete; otherwise a gap would be noticed only in front of the customer."""
    from provisioning_assets.planning.plan_rules import plan_problems

    errors = plan_problems(demo_plan)
    counts = {str(level): sum(question.complexity == level for question in demo_plan.questions) for level in Complexity}
    return dg.AssetCheckResult(
        passed=not errors,
        metadata={"questions": counts, "insights": len(demo_plan.insights), "errors": errors},
    )


@demo_check(
    asset=demo_blueprint,
    description="The blueprint is made for the customer's industry.",
)
def blueprint_fits_industry(demo_blueprint: DemoBlueprint) -> dg.AssetCheckResult:
    """The industry has its own blueprint. The general one fits any company, but shows less that is specific to this one."""
    used, industry = demo_blueprint.source.id, demo_blueprint.industry
    fits = used == industry
    errors = [] if fits else [f"the industry {industry} has no blueprint yet; the demo is made from {used}"]
    return dg.AssetCheckResult(
        passed=fits,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"industry": industry, "blueprint": used, "errors": errors},
    )


@demo_check(
    asset=demo_blueprint,
    description="Every part that Claude was asked for stands in the blueprint. Passed, too, if it was not asked.",
)
def parts_are_as_asked(demo_blueprint: DemoBlueprint) -> dg.AssetCheckResult:
    """Nothing was replaced by the industry's part. A replaced part is sound, but says less about this customer."""
    written = demo_blueprint.claude
    replaced = written.parts_of("blueprint") if written else []
    return dg.AssetCheckResult(
        passed=not replaced,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "asked": written.model if written else "nobody",
            "errors": [f"{each.part}: {each.replaced_because}" for each in replaced],
        },
    )


@demo_check(
    asset=data_model,
    blocking=True,
    additional_ins={"demo_plan": dg.AssetIn("demo_plan")},
    description=(
        "5 to 12 tables with keys, references, descriptions and synonyms; every question and KPI names only "
        "tables and columns that exist."
    ),
)
def data_model_is_valid(data_model: DataModel, demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """The data model is valid; otherwise later steps would fail with errors that are harder to understand."""
    from provisioning_assets.data_model.rules.model_rules import model_problems, table_count_problems
    from provisioning_assets.planning.plan_rules import sql_problems

    problems = [
        *table_count_problems(data_model),
        *model_problems(data_model),
        *sql_problems(demo_plan, data_model.tables),
    ]
    errors = [str(problem) for problem in problems]
    return dg.AssetCheckResult(passed=not errors, metadata={"tables": len(data_model.tables), "errors": errors})


@demo_check(
    asset=data_model,
    description="Where addresses shall be near to a place, there is a town in reach. Passed, too, if there is no such place.",
)
def addresses_are_near(data_model: DataModel) -> dg.AssetCheckResult:
    """Addresses are near what serves them. Where no town is in reach, they are in the nearest ones, and this says so."""
    from provisioning_assets.planning.near_addresses import addresses_far_away

    errors = addresses_far_away(data_model)
    return dg.AssetCheckResult(passed=not errors, severity=dg.AssetCheckSeverity.WARN, metadata={"errors": errors})
