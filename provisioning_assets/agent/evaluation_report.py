"""Formats the evaluation as Markdown tables, for Dagster's pages."""

from collections.abc import Sequence

from provisioning_assets.agent.models import AskedQuestion, FreshAnswer
from provisioning_assets.markdown import markdown_table

_LONGEST_CELL = 160


def failures_table(asked: Sequence[AskedQuestion]) -> str:
    """Return a table of the questions that failed, with the reasons."""
    failed = [a for a in asked if not a.passed]
    if not failed:
        return "Every question was answered as expected."
    rows = [(a.kind, a.query_id, _cut(a.asked), _cut(a.problem or "")) for a in failed]
    return markdown_table(("kind", "query", "asked", "problem"), rows)


def fresh_table(fresh: Sequence[FreshAnswer]) -> str:
    """Return a table of the fresh questions, the wrong answers first."""
    ranked = sorted(fresh, key=lambda answer: ("wrong", "refused", "right").index(answer.outcome))
    rows = ((a.outcome, a.form, _cut(a.question), _cut(a.answer)) for a in ranked)
    return markdown_table(("outcome", "form", "asked", "answer"), rows)


def questions_table(asked: Sequence[AskedQuestion]) -> str:
    """Return a table of all asked questions, in order."""
    rows = (
        (
            a.kind,
            _cut(a.asked),
            "passed" if a.passed else "failed",
            _query_of(a),
            str(a.row_count),
        )
        for a in asked
    )
    return markdown_table(("kind", "asked", "outcome", "query", "rows"), rows, numbers=("rows",))


def _query_of(asked: AskedQuestion) -> str:
    if asked.matched_query:
        return "verified query"
    return "built" if asked.answered_by is None else f"built by {asked.answered_by}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"
