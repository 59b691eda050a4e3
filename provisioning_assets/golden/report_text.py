"""Golden queries as a person reads them on the asset's page."""

from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.planning.plan_report import markdown_table


def queries_markdown(golden: GoldenQueries) -> str:
    """One line a query: what it asks, how much came back, how long it took, and what is wrong with it."""
    return markdown_table(
        ["query", "question", "complexity", "rows", "ms", "verdict"],
        [
            [
                query.id,
                query.question,
                query.complexity,
                f"{query.row_count:,}",
                f"{query.seconds * 1000:.0f}",
                _verdict(query),
            ]
            for query in golden.queries
        ],
    )


def chart_markdown(query: GoldenQuery) -> str:
    """The chart as a picture."""
    return f"![{query.id}](data:image/png;base64,{query.chart_png})"


def _verdict(query: GoldenQuery) -> str:
    if query.error:
        return f"failed: {query.error}"
    parts = [] if query.interesting else [f"dull: {query.dull_because}"]
    if query.proof:
        parts.append(f"insight {'holds' if query.proof.holds else 'does not hold'}: {query.proof.explanation}")
    if query.chart_problem:
        parts.append(f"no chart: {query.chart_problem}")
    return "; ".join(parts) or "good"
