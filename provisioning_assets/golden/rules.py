"""Finds problems of the executed golden queries; each problem names its query."""

from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan


def failures(golden: GoldenQueries) -> list[str]:
    """Queries that could not be executed, or returned nothing, and KPIs without a value."""
    return [
        *(
            f"{query.id}: {query.error or 'the result is empty'}"
            for query in golden.queries
            if query.error or not query.row_count
        ),
        *(f"KPI {kpi.name}: {kpi.error}" for kpi in golden.kpis if kpi.error),
    ]


def interesting_share(golden: GoldenQueries) -> float:
    """Share (0 to 1) of the queries whose result is worth showing; 0 if there are no queries."""
    return sum(query.interesting for query in golden.queries) / len(golden.queries) if golden.queries else 0.0


def uninteresting_results(golden: GoldenQueries) -> list[str]:
    """Queries whose result is not worth showing, and why."""
    return [f"{query.id}: {query.dull_because}" for query in golden.queries if not query.interesting]


def charts_not_drawn(golden: GoldenQueries) -> list[str]:
    """Planned charts that could not be drawn, and why."""
    return [f"{query.id}: {query.chart_problem}" for query in golden.queries if query.chart_problem]


def unproved(golden: GoldenQueries, plan: DemoPlan) -> list[str]:
    """Planted insights that are not visible in the result of an executed query within their tolerance."""
    proofs = {query.proof.insight_id: query.proof for query in golden.queries if query.proof}
    found = []
    for insight in plan.insights:
        proof = proofs.get(insight.id)
        if proof is None:
            found.append(f"{insight.id}: no golden query proves it")
        elif not proof.holds:
            found.append(f"{insight.id} ({insight.query_id}): {proof.explanation}")
    return found
