"""Prints findings at a terminal. Texts of services and of the environment are never interpreted as markup."""

from rich.console import Console
from rich.text import Text

from provisioning_assets.doctor.checkup import Checkup
from provisioning_assets.doctor.models import Finding, State
from provisioning_assets.terminal import plain

_SIGNS = {State.OK: ("✓", "green"), State.WARNING: ("!", "yellow"), State.MISSING: ("✗", "bold red")}


def print_checkup(console: Console, checkup: Checkup) -> None:
    """Print one line for each finding, below it why it matters and what mends it, and at the end the verdict."""
    for finding in checkup.findings:
        # Not broken into lines: a command has to be copied whole.
        console.print(_finding(finding), soft_wrap=True)
    console.print()
    console.print(_verdict(checkup), soft_wrap=True)


def _finding(finding: Finding) -> Text:
    sign, style = _SIGNS[finding.state]
    text = Text.assemble((sign, style), " ", (plain(finding.what), "bold"), f": {plain(finding.found)}")
    if finding.state is not State.OK:
        text.append(f"\n    why: {plain(finding.why)}", style="dim")
        if finding.remedy:
            text.append(f"\n    fix: {plain(finding.remedy)}")
    return text


def _verdict(checkup: Checkup) -> Text:
    missing = sum(finding.state is State.MISSING for finding in checkup.findings)
    warnings = sum(finding.state is State.WARNING for finding in checkup.findings)
    noted = f" {warnings} warning{'' if warnings == 1 else 's'}." if warnings else ""
    if missing:
        things = (
            "1 thing that a run needs is missing."
            if missing == 1
            else f"{missing} things that a run needs are missing."
        )
        return Text.assemble((things, "bold red"), noted)
    return Text.assemble((f"Nothing is missing for the target {plain(checkup.target)}.", "bold green"), noted)
