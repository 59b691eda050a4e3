"""The progress of a run in a terminal and in a log, with a real generation of many blocks by Dagster."""

import os
import pty
import uuid
from io import StringIO
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from provisioning_assets.customer_partitions import customers
from provisioning_assets.lifecycle import run_progress
from provisioning_assets.lifecycle.provisioning import RunListener, StageReport
from provisioning_assets.lifecycle.run_progress import RunProgress
from provisioning_assets.store import ArtefactIOManager, DemoStore
from provisioning_assets.synthesis import populations, progress
from provisioning_assets.synthesis.assets import synthetic_tables
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.synthesis.resources import TableWorkers
from provisioning_assets_tests.synthesis.retail_model import retail_model

KEY = "acme_com"


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class WatchedProgress(RunProgress):
    """Draws each message on the terminal at once, instead of at the next refresh."""

    def said(self, stage: str, message: str) -> None:
        super().said(stage, message)
        self._console.print("", end="")


def console(*, terminal: bool) -> tuple[Console, StringIO]:
    text = StringIO()
    return Console(file=text, force_terminal=terminal, width=120, highlight=False), text


def generate_tables(folder: Path, shown: RunProgress) -> tuple[int, list[str]]:
    """The asset in a run that the progress listens to: rows generated, and the log lines of the run's event log."""
    store = DemoStore(root=str(folder))
    store.write(KEY, retail_model())
    run_id = str(uuid.uuid4())
    job = dg.Definitions(
        assets=[dg.AssetSpec("data_model", partitions_def=customers), synthetic_tables],
        resources={
            "store": store,
            "io_manager": ArtefactIOManager(store=store),
            "table_workers": TableWorkers(),
        },
    ).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", [KEY])
        instance.add_event_listener(run_id, RunListener(shown, ["synthetic_tables"]))
        with shown:
            assert job.execute_in_process(instance=instance, partition_key=KEY, run_id=run_id).success
        logged = [entry.user_message for entry in instance.all_logs(run_id) if entry.dagster_event is None]
    return store.read(KEY, SyntheticTables).rows, [line for line in logged if " of about " in line]


@pytest.fixture
def many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populations, "BLOCK_ROWS", 1 << 14)
    monkeypatch.setattr(progress, "SHORTEST_SECONDS", 0.0)


@pytest.mark.usefixtures("many_blocks")
def test_a_terminal_shows_rows_rate_and_time_left_while_tables_are_generated(tmp_path: Path) -> None:
    screen, text = console(terminal=True)
    _, logged = generate_tables(tmp_path, WatchedProgress(screen))
    assert len(logged) > 2
    for line in logged:
        assert f"synthetic_tables: {line}" in text.getvalue()
    assert "rows/s" in logged[0]


@pytest.mark.usefixtures("many_blocks")
def test_a_log_gets_plain_lines_and_dagster_the_same_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_progress, "QUIET_SECONDS", 0.0)
    screen, text = console(terminal=False)
    rows, logged = generate_tables(tmp_path, RunProgress(screen))
    lines = text.getvalue().splitlines()
    assert [line.split(maxsplit=2)[2] for line in lines if line.startswith("  ...")] == logged
    assert "\x1b" not in text.getvalue()
    assert lines[-1].split()[:2] == ["ok", "synthetic_tables"]
    assert f"{rows:,} rows in 5 tables" in lines[-1]


def test_a_terminal_stays_one_while_dagster_diverts_the_output_of_a_step(tmp_path: Path) -> None:
    """What Dagster does to a step's output, on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, (tmp_path / "diverted").open("w") as diverted:
        with WatchedProgress(Console(file=terminal, highlight=False)) as shown:
            os.dup2(diverted.fileno(), terminal.fileno())
            shown.started("synthetic_tables")
            shown.said("synthetic_tables", "half way")
            shown.finished(StageReport("synthetic_tables", "made", 0.2, "all rows"))
        seen = ""
        while "all rows" not in seen:  # a terminal hands out what it has, piece by piece
            seen += os.read(ours, 100_000).decode()
    os.close(ours)
    assert "synthetic_tables: half way" in seen
    assert "all rows" in seen
    assert (tmp_path / "diverted").read_text() == ""


def test_a_log_gets_a_line_in_five_seconds_at_most() -> None:
    clock = Clock()
    screen, text = console(terminal=False)
    shown = RunProgress(screen, clock)
    shown.started("synthetic_tables")
    for tick in range(40):
        clock.now = tick * 0.5
        shown.said("synthetic_tables", f"at {clock.now}")
    assert text.getvalue().splitlines() == [f"  ...    synthetic_tables    at {at}" for at in (5.0, 10.0, 15.0)]


def test_a_quick_stage_has_its_own_line_only() -> None:
    screen, text = console(terminal=False)
    with RunProgress(screen) as shown:
        shown.started("demo_plan")
        shown.said("demo_plan", "thinking")
        shown.finished(StageReport("demo_plan", "made", 0.2, "a plan"))
    assert text.getvalue().split() == ["ok", "demo_plan", "0.2", "s", "a", "plan"]


@pytest.mark.parametrize("terminal", [True, False])
def test_text_of_a_website_stays_on_one_line(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_progress, "QUIET_SECONDS", 0.0)
    screen, text = console(terminal=terminal)
    with WatchedProgress(screen) as shown:
        shown.said("customer_website", "read \x1b]0;owned\x07[bold]Shop[/bold]\r\nok")
    assert "[bold]Shop[/bold]  ok" in text.getvalue()
    assert not {"\x07", "\x1b]"} & {
        text.getvalue()[at : at + size] for at in range(len(text.getvalue())) for size in (1, 2)
    }
