"""The texts of a data-quality report: its figures as words, and its tables as Markdown for Dagster's pages."""

from collections.abc import Sequence

from provisioning_assets.markdown import markdown_table
from provisioning_assets.quality.models import (
    CoherenceResult,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
    UnplannedFinding,
)

HOLDS, FAILS, REPORTED = "✓", "✗", "·"


def sign(holds: bool | None) -> str:
    """Whether something holds, as one character; a dot when it is reported only."""
    if holds is None:
        return REPORTED
    return HOLDS if holds else FAILS


def failed_first(result: RealismResult) -> int:
    """Sorts failed checks before passed ones, and figures without a bound last."""
    return 2 if result.passed is None else int(result.passed)


def number(value: float | None) -> str:
    """A measured number with three significant digits, thousands separated; a dash when there is none."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    return f"{value:.4f}".rstrip("0").rstrip(".") if "e" in text else text


def bound(result: RealismResult) -> str:
    """``0.5 to 0.85``, ``at least 0.1``, ``at most 4``; empty when the check has no bound of its own."""
    if result.lowest is not None and result.highest is not None:
        return f"{number(result.lowest)} to {number(result.highest)}"
    if result.lowest is not None:
        return f"at least {number(result.lowest)}"
    return f"at most {number(result.highest)}" if result.highest is not None else ""


def realism_failure(result: RealismResult) -> str:
    """A failed realism check in one sentence."""
    return (
        f"{result.table}{f'.{result.column}' if result.column else ''}: {result.says} is {number(result.measured)}, "
        f"{bound(result)} accepted"
    )


def coherence_markdown(results: Sequence[CoherenceResult]) -> str:
    """Every rule with its violations, broken ones first."""
    ordered = sorted(results, key=lambda result: result.violations == 0)
    return markdown_table(
        ["", "table", "rule", "violations"],
        [[sign(not result.violations), result.table, result.rule, f"{result.violations:,}"] for result in ordered],
    )


def laws_markdown(laws: Sequence[LawResult]) -> str:
    """Every law of the trade with the rows that break it, broken ones first."""
    return markdown_table(
        ["", "law", "what must hold", "rows that break it", "why it was not checked"],
        [
            [sign(law.holds()), law.id, law.says, _counted(law.violations), law.error or ""]
            for law in sorted(laws, key=LawResult.holds)
        ],
        numbers=("rows that break it",),
    )


def relations_markdown(relations: Sequence[RelationResult]) -> str:
    """Every relation of the trade with its figure and its range, those that do not hold first."""
    return markdown_table(
        ["", "relation", "what goes with what", "figure", "plausible", "source", "why it was not measured"],
        [
            [
                sign(relation.holds()),
                relation.id,
                relation.says,
                relation.shown(),
                relation.range_shown(),
                relation.source,
                relation.error or "",
            ]
            for relation in sorted(relations, key=RelationResult.holds)
        ],
        numbers=("figure",),
    )


def _counted(rows: int | None) -> str:
    return "–" if rows is None else f"{rows:,}"


def realism_markdown(results: Sequence[RealismResult]) -> str:
    """Every check beside its bound and what real sets have, failed ones first."""
    return markdown_table(
        ["", "table", "what", "measured", "bound", "real sets", "source"],
        [
            [
                sign(result.passed),
                result.table,
                result.says,
                number(result.measured),
                bound(result),
                result.real_sets or "",
                result.source,
            ]
            for result in sorted(results, key=failed_first)
        ],
    )


def insights_markdown(insights: Sequence[InsightStrength]) -> str:
    """Every planted insight with what its question shows, what was expected, and how far apart they are."""
    return markdown_table(
        ["", "insight", "figure", "expected", "z", "rank", "why not"],
        [
            [
                sign(insight.passed),
                insight.headline,
                number(insight.figure),
                number(insight.seasonal_baseline),
                number(insight.z),
                rank(insight),
                insight.reason or "",
            ]
            for insight in insights
        ],
    )


def rank(insight: InsightStrength) -> str:
    """``1 of 8``; a dash when there is none."""
    return f"{insight.rank} of {insight.groups}" if insight.rank is not None else "–"


def unplanned_markdown(findings: Sequence[UnplannedFinding]) -> str:
    """Unplanned findings, strongest first."""
    return markdown_table(
        ["question", "where", "column", "figure", "expected", "z", "corrected z"],
        [
            [
                finding.query_id,
                finding.group,
                finding.column,
                number(finding.figure),
                number(finding.expected),
                number(finding.z),
                number(finding.corrected_z),
            ]
            for finding in findings
        ],
    )
