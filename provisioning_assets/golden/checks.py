"""Do the golden queries run, are they worth showing, and do the insights hold?"""

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.golden.assets import golden_queries
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality_bars import INTERESTING_BAR


@demo_check(
    asset=golden_queries,
    blocking=True,
    description="Every golden query runs and returns rows.",
)
def golden_queries_succeed(golden_queries: GoldenQueries) -> dg.AssetCheckResult:
    """A verified query that fails or is empty would be taught to the agent and shown to the customer."""
    from provisioning_assets.golden.rules import failures

    errors = failures(golden_queries)
    return dg.AssetCheckResult(passed=not errors, metadata={"queries": len(golden_queries.queries), "errors": errors})


@demo_check(
    asset=golden_queries,
    description="At least nine in ten results are worth a slide, and every planned chart could be drawn.",
)
def golden_queries_interesting(golden_queries: GoldenQueries) -> dg.AssetCheckResult:
    """A flat or single-valued answer is true and tells nothing."""
    from provisioning_assets.golden.rules import dull, interesting_share, undrawn

    share = interesting_share(golden_queries)
    charts = undrawn(golden_queries)
    return dg.AssetCheckResult(
        passed=share >= INTERESTING_BAR and not charts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"share": share, "at_least": INTERESTING_BAR, "errors": [*dull(golden_queries), *charts]},
    )


@demo_check(
    asset=golden_queries,
    additional_ins={"demo_plan": dg.AssetIn("demo_plan")},
    description="Every planted insight shows in its golden query's result, within its tolerance.",
)
def insights_hold(golden_queries: GoldenQueries, demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """What the script announces must be what the query shows; the scorecard counts it, so it does not block."""
    from provisioning_assets.golden.rules import unproved

    errors = unproved(golden_queries, demo_plan)
    return dg.AssetCheckResult(passed=not errors, metadata={"insights": len(demo_plan.insights), "errors": errors})
