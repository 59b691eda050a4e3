"""The records of a demo: newest first, one for each making, and what cannot be read is left out."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from provisioning_assets.lifecycle.history import History, HistoryRecord
from provisioning_assets.lifecycle.history_text import print_history
from provisioning_assets.lifecycle.run_tags import COMMAND_LINE_TAG, REFRESH_TAG, trigger_of
from provisioning_assets.store import DemoStore

KEY = "acme_com"
BEGAN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def record(days: int = 0, **fields: object) -> HistoryRecord:
    return HistoryRecord.model_validate(
        {"began": BEGAN + timedelta(days=days), "run_id": f"run-{days}", "trigger": "refresh", **fields}
    )


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def test_a_making_has_one_record_however_often_it_is_noted(store: DemoStore) -> None:
    history = History(store, KEY)
    assert history.records() == []
    history.begin(record())
    history.begin(record(trigger="another part of the same command"))
    assert [one.trigger for one in history.records()] == ["refresh"]
    for _ in range(2):
        history.finish(record(ready=True, finished=BEGAN))
    history.begin(record())
    assert [one.state() for one in history.records()] == ["ready"]


def test_records_are_newest_first_and_the_last_verdict_is_that_of_a_finished_one(store: DemoStore) -> None:
    history = History(store, KEY)
    for days, ready in ((0, True), (1, False), (2, None)):
        history.finish(record(days, ready=ready))
    assert [one.run_id for one in history.records()] == ["run-2", "run-1", "run-0"]
    assert [one.run_id for one in history.records(most=1)] == ["run-2"]
    assert history.last_verdict(BEGAN + timedelta(days=3)) is False
    assert history.last_verdict(BEGAN + timedelta(days=1)) is True
    assert history.last_verdict(BEGAN) is None


def test_a_file_that_is_no_record_of_this_version_is_left_out(store: DemoStore) -> None:
    history = History(store, KEY)
    history.finish(record(ready=True))
    folder = Path(str(store.folder(KEY))) / "history"
    (folder / "20990101T000000.000000Z.json").write_text('{"began": "2099')
    (folder / "20990102T000000.000000Z.json").write_text('{"began": "2099-01-02T00:00:00Z", "unknown": 1}')
    assert [one.run_id for one in history.records()] == ["run-0"]
    assert history.last_verdict(BEGAN + timedelta(days=1)) is True


def test_a_record_is_one_line_and_its_texts_are_shown_as_they_are() -> None:
    shown = StringIO()
    made = record(
        trigger="[red]x\x1b[31m", ready=False, figures={"scripted_pass_rate": 0.95, "rows": 36872.0}, cost_usd=0.0123
    )
    print_history(Console(file=shown, width=100), [made, record(1)])
    _, _, first, second = shown.getvalue().rstrip().splitlines()
    assert first.split()[:2] == ["2026-03-01", "09:30"]
    assert "[red]x [31m" in first
    assert "95%" in first
    assert "36,872" in first
    assert "0.0123" in first
    assert "not finished" in second


def test_what_started_a_run_is_read_from_its_tags() -> None:
    assert trigger_of({COMMAND_LINE_TAG: "true"}) == "command line"
    assert trigger_of({REFRESH_TAG: "2026-03-01", "dagster/sensor_name": "refresh_demos"}) == "refresh"
    assert trigger_of({"dagster/sensor_name": "intake"}) == "intake"
    assert trigger_of({}) == "Dagster"
