"""The evaluation as Markdown tables, for Dagster's pages."""

from collections.abc import Iterable, Sequence

from provisioning_assets.agent.models import AskedQuestion

_LONGEST_CELL = 160


def failures_table(asked: Sequence[AskedQuestion]) -> str:
    """The questions that failed, with why."""
    failed = [a for a in asked if not a.passed]
    if not failed:
        return "Every question was answered as expected."
    rows = ((a.kind, a.query_id, a.asked, a.problem or "") for a in failed)
    return _table(("kind", "query", "asked", "problem"), rows)


def questions_table(asked: Sequence[AskedQuestion]) -> str:
    """Everything that was asked, in order."""
    rows = (
        (
            a.kind,
            a.asked,
            "passed" if a.passed else "failed",
            "verified query" if a.matched_query else "built",
            str(a.row_count),
        )
        for a in asked
    )
    return _table(("kind", "asked", "outcome", "query", "rows"), rows)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_line(header), _line(tuple("---" for _ in header)), *(_line(tuple(map(_cell, row))) for row in rows)]
    return "\n".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that stays inside its cell, whatever is in it."""
    plain = " ".join(text.split())
    for character in ("\\", "|", "`", "*", "_", "<", "["):
        plain = plain.replace(character, f"\\{character}")
    return plain if len(plain) <= _LONGEST_CELL else f"{plain[:_LONGEST_CELL]}…"
