"""Prints the plan of a run."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning_assets.lifecycle.run_plan import RunPlan
from provisioning_assets.terminal import plain

UNKNOWN = "price not known"


def print_run_plan(console: Console, plan: RunPlan) -> None:
    """Print what a run will create, replace or leave; tables and rows; and what it costs at most."""
    for thing in plan.things:
        console.print(Text(f"{thing.action:8} {thing.what:10} {plain(thing.name)}"), soft_wrap=True)
    will = f"{len(plan.stages)} stages will run: {', '.join(plan.stages)}" if plan.stages else "nothing is out of date"
    console.print(Text(will))
    console.print(Text(f"\nReckoned from {plan.basis}.", style="dim"))
    shown = _table("table", "rows, about", "MB")
    for table in plan.tables:
        shown.add_row(table.name, f"{table.rows:,}", f"{table.bytes / 1e6:,.1f}")
    shown.add_row("all tables", f"{plan.rows:,}", f"{plan.bytes / 1e6:,.1f}", style="bold")
    if plan.actual_rows is not None:
        stored = "" if plan.actual_bytes is None else f"{plan.actual_bytes / 1e6:,.1f}"
        shown.add_row("made by the last run", f"{plan.actual_rows:,}", stored, style="dim")
    console.print(shown)
    if not plan.costs:
        console.print(Text("It is made on this machine and costs nothing. No language model is asked."))
        return
    costs = _table("what", "USD at most", "USD, last run")
    for cost in plan.costs:
        planned = UNKNOWN if cost.planned_usd is None else f"{cost.planned_usd:.4f}"
        actual = "" if cost.actual_usd is None else f"{cost.actual_usd:.4f}"
        costs.add_row(
            Text(f"{cost.what}: {cost.quantity}" + (f"\nlast run: {cost.actual}" if cost.actual else "")),
            planned,
            actual,
        )
    console.print(costs)
    if not plan.tokens:
        console.print(Text("No language model plans the demo: 0 tokens."))
    if plan.target == "gcp":
        console.print(Text("Free quotas of a month are not counted."))
    state = "within" if plan.is_within_budget else "ABOVE"
    console.print(
        Text(
            f"Known: {plan.known_usd:.4f} USD at most, {state} the budget of {plan.budget_usd:.2f} (PROVISIONING_BUDGET_USD)."
        )
    )


def _table(first: str, *numbers: str) -> Table:
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    made.add_column(first)
    for name in numbers:
        made.add_column(name, justify="right")
    return made
