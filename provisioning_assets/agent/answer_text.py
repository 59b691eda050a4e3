"""Prints an agent's answer on a terminal: text, SQL, rows, and the source of the query."""

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from provisioning_assets.agent.asking import AgentAnswer
from provisioning_assets.googlesql.results import is_time_series

_MOST_ROWS = 20
_NUMERIC = {"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"}


def show_answer(out: Console, answer: AgentAnswer) -> None:
    """Print one answer. No value in it is interpreted as markup."""
    if answer.error:
        out.print(f"[red]{escape(answer.error)}[/red]")
        return
    out.print(escape(answer.text))
    if answer.without_claude_because:
        out.print(f"[yellow]Read by rules, without Claude[/yellow]: {escape(answer.without_claude_because)}")
    if answer.sql is None:
        return
    out.print()
    out.print(_provenance(answer))
    out.print(Syntax(answer.sql, "sql", background_color="default", word_wrap=True))
    if answer.rows:
        out.print(_table(answer))
    if len(answer.rows) > _MOST_ROWS:
        left_out = f"{len(answer.rows) - _MOST_ROWS:,}"
        earlier = is_time_series(answer.columns, answer.rows)
        out.print(f"… after {left_out} earlier rows" if earlier else f"… and {left_out} more rows")
    if answer.chart is not None:
        out.print(f"Chart: {escape(_chart_kind(answer.chart))} (as Vega-Lite with --json)")


def _provenance(answer: AgentAnswer) -> str:
    if answer.matched_query:
        return f"[green]Verified query[/green]: {escape(answer.matched_question or '')}"
    by = " by Claude" if answer.answered_by == "claude" else ""
    return f"[yellow]Query built for this question{by}[/yellow]"


def _table(answer: AgentAnswer) -> Table:
    table = Table()
    for column in answer.columns:
        table.add_column(escape(column.name), justify="right" if column.type in _NUMERIC else "left")
    latest = is_time_series(answer.columns, answer.rows)
    for row in answer.rows[-_MOST_ROWS:] if latest else answer.rows[:_MOST_ROWS]:
        table.add_row(*(escape(_cell(value)) for value in row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.4f}"
    return str(value)


def _chart_kind(chart: dict[str, object]) -> str:
    mark = chart.get("mark")
    return str(mark.get("type", "chart")) if isinstance(mark, dict) else str(mark or "chart")
