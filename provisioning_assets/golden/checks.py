"""Checks that the golden queries run, that their results are worth showing, and that the insights hold."""

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
    """Every query runs and returns rows, because the agent learns from them and the customer sees them."""
    from provisioning_assets.golden.rules import failures

    errors = failures(golden_queries)
    return dg.AssetCheckResult(passed=not errors, metadata={"queries": len(golden_queries.queries), "errors": errors})


@demo_check(
    asset=golden_queries,
    description="At least nine in ten results are worth a slide, and every planned chart could be drawn.",
)
def golden_queries_interesting(golden_queries: GoldenQueries) -> dg.AssetCheckResult:
    """Enough results are worth showing; a result with one value, or with equal values, shows nothing."""
    from provisioning_assets.golden.rules import charts_not_drawn, interesting_share, uninteresting_results

    share = interesting_share(golden_queries)
    charts = charts_not_drawn(golden_queries)
    return dg.AssetCheckResult(
        passed=share >= INTERESTING_BAR and not charts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "share": share,
            "at_least": INTERESTING_BAR,
            "errors": [*uninteresting_results(golden_queries), *charts],
        },
    )


@demo_check(
    asset=golden_queries,
    additional_ins={"demo_plan": dg.AssetIn("demo_plan")},
    description="Every planted insight shows in its golden query's result, within its tolerance.",
)
def insights_hold(golden_queries: GoldenQueries, demo_plan: DemoPlan) -> dg.AssetCheckResult:
    """Each query shows the insight that the script announces. It does not block, because the scorecard counts it."""
    from provisioning_assets.golden.rules import unproved

    errors = unproved(golden_queries, demo_plan)
    return dg.AssetCheckResult(passed=not errors, metadata={"insights": len(demo_plan.insights), "errors": errors})
