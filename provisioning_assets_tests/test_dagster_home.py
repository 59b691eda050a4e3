"""How the commands keep Dagster's records."""

import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg

from provisioning_assets.dagster_home import records_without_waiting

COUNTED = """
import sys
from dagster._core.storage import sql

made, make = [], sql.create_engine
def counted(address, **settings):
    made.append(address)
    return make(address, **settings)
sql.create_engine = counted

import dagster as dg
from provisioning_assets.dagster_home import keep_database_engines

if sys.argv[2] == "kept":
    keep_database_engines()
    keep_database_engines()

@dg.asset
def orders():
    return dg.MaterializeResult(metadata={"rows": 3})

with dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    for _ in range(2):
        assert dg.materialize([orders], instance=instance).success
with dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    assert instance.get_latest_materialization_event(orders.key).asset_materialization.metadata["rows"].value == 3
    assert instance.get_runs_count() == 2
print(len(made))
"""

KILLED = """
import os, signal, sys
import dagster as dg
from provisioning_assets.dagster_home import records_without_waiting

@dg.asset
def orders(): ...

with records_without_waiting(), dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    assert dg.materialize([orders], instance=instance).success
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _engines(folder: Path, how: str) -> int:
    folder.mkdir()
    result = subprocess.run(
        [sys.executable, "-c", COUNTED, str(folder), how], capture_output=True, text=True, check=True, timeout=120
    )
    return int(result.stdout)


def test_an_engine_is_used_again_and_the_records_are_all_there(tmp_path: Path) -> None:
    assert _engines(tmp_path / "usual", "usual") > 5 * _engines(tmp_path / "kept", "kept")


@dg.asset
def orders() -> None: ...


def test_the_log_is_not_emptied_after_each_record(tmp_path: Path) -> None:
    with records_without_waiting():
        with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
            assert dg.materialize([orders], instance=instance).success
        assert {path.stat().st_size > 0 for path in tmp_path.rglob("index.db-wal")} == {True}
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert instance.get_latest_materialization_event(orders.key)


def test_records_of_a_killed_process_are_all_there(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert instance.get_latest_materialization_event(orders.key)
        assert instance.get_runs_count() == 1
