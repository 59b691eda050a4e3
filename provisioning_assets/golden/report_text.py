"""The golden queries as Markdown for the asset's page in Dagster."""

from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.markdown import markdown_table


def queries_markdown(golden: GoldenQueries) -> str:
    """One line per query: the question, the number of rows, the time it took, and what is wrong with it."""
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


def _verdict(query: GoldenQuery) -> str:
    if query.error:
        return f"failed: {query.error}"
    parts = [] if query.interesting else [f"not worth showing: {query.dull_because}"]
    if query.proof:
        parts.append(f"insight {'holds' if query.proof.holds else 'does not hold'}: {query.proof.explanation}")
    if query.chart_problem:
        parts.append(f"no chart: {query.chart_problem}")
    return "; ".join(parts) or "good"
