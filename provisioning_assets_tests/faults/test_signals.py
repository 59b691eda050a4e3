"""What a signal does in the middle of work: statements of DuckDB, and the processes that a run has started."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._utils.interrupts import raise_interrupts_as

from provisioning_assets.asset_decorators import demo_asset, demo_check
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_connection import reading
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_PAGES, EXAMPLE_URL, PROVISION, Workplace

COMMAND = ("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)
ENDLESS = "SELECT count(*) FROM range(1_000_000) a, range(1_000_000) b"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "dataset.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    return path


def terminate_soon() -> None:
    """SIGTERM to this process, half a second from now: while the statement that follows is at work."""
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()


def run_for_ever(dataset: Path) -> None:
    with raise_interrupts_as(DagsterExecutionInterruptedError), reading(dataset) as connection:
        terminate_soon()
        connection.execute(ENDLESS)


def test_a_statement_that_a_signal_stops_is_no_failed_statement(dataset: Path) -> None:
    with pytest.raises((KeyboardInterrupt, DagsterExecutionInterruptedError)):
        run_for_ever(dataset)


def test_a_run_that_is_stopped_in_a_check_does_not_go_on(dataset: Path) -> None:
    after: list[str] = []

    @demo_asset(group_name="test", kinds={"json"}, description="An asset.", code_version="1")
    def first() -> None:
        pass

    @demo_check(asset=first, description="A check with a long statement that does not block.")
    def looks_long() -> dg.AssetCheckResult:
        with reading(dataset) as connection:
            terminate_soon()
            connection.execute(ENDLESS)
        raise ProvisioningError("Not reached.", "None.")

    @demo_asset(group_name="test", kinds={"json"}, description="A later asset.", code_version="1", deps=["first"])
    def second() -> None:
        after.append("second")

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", ["acme_com"])
        result = dg.materialize(
            [first, looks_long, second], partition_key="acme_com", instance=instance, raise_on_error=False
        )
    assert not result.success
    assert after == []


def test_a_run_that_a_script_has_put_into_the_background_ends_at_ctrl_c(tmp_path: Path) -> None:
    """A shell starts such a job with SIGINT ignored, and Dagster does with SIGTERM what is done with SIGINT."""
    place = Workplace(tmp_path)
    with subprocess.Popen(
        [PROVISION, *COMMAND], env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    ) as run:  # fmt: skip
        assert run.stdout
        try:
            assert "Provisioning" in run.stdout.readline()  # no stage has begun yet
            run.send_signal(signal.SIGINT)
            said, _ = run.communicate(timeout=20)
        finally:
            run.kill()
    assert run.returncode not in (0, -signal.SIGKILL)
    assert "READY" not in said


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_in_a_callback_whose_exceptions_python_ignores_is_not_lost(tmp_path: Path, number: str) -> None:
    script = tmp_path / "callback.py"
    script.write_text(
        textwrap.dedent(f"""
            import signal, time, weakref
            from dagster._core.errors import DagsterExecutionInterruptedError
            from dagster._utils.interrupts import raise_interrupts_as
            import provisioning_assets.definitions

            class Thing: pass

            with raise_interrupts_as(DagsterExecutionInterruptedError):
                thing = Thing()
                watched = weakref.ref(thing, lambda _: signal.raise_signal(signal.{number}))
                try:
                    del thing  # calls the callback
                    time.sleep(20)
                    print("lost")
                except DagsterExecutionInterruptedError:
                    print("ended")
        """),
        encoding="utf-8",
    )
    environment = {**Workplace(tmp_path).environment, "PYTHONPATH": str(PROJECT_FOLDER)}
    run = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "ended\n", run.stderr
    assert "Traceback" not in run.stderr


def test_ctrl_c_while_records_are_closed_shows_no_stack_trace(tmp_path: Path) -> None:
    script = tmp_path / "closing.py"
    script.write_text(
        textwrap.dedent("""
            import signal
            from sqlalchemy import NullPool, create_engine, text
            from provisioning_assets.lifecycle.provisioning import dagster_instance

            signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has it ignored
            engine = create_engine("sqlite://", poolclass=NullPool)
            engine.dialect.do_close = lambda connection: signal.raise_signal(signal.SIGINT)
            try:
                with dagster_instance(), engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except KeyboardInterrupt:
                print("ended")
        """),
        encoding="utf-8",
    )
    environment = {**Workplace(tmp_path).environment, "PYTHONPATH": str(PROJECT_FOLDER)}
    run = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "ended\n", run.stderr
    assert "Traceback" not in run.stderr


POOL = """
    import sys, time
    from multiprocessing import active_children
    from pathlib import Path
    from provisioning_assets_tests.synthesis.retail_model import retail_model
    from provisioning_assets.synthesis.engine import synthesise

    folder = Path(sys.argv[1])
    model = retail_model(2_000)
    tables = synthesise(model, folder)
    from provisioning_assets.quality.measuring_process import realism_beside

    if __name__ == "__main__":
        with realism_beside(model, tables, folder) as beside:
            beside.result()
            print(active_children()[0].pid, flush=True)
            time.sleep(600)
"""


def test_a_process_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(textwrap.dedent(POOL), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script, tmp_path / "demo"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)},
    ) as run:
        assert run.stdout
        child = int(run.stdout.readline())
        run.kill()
        deadline = time.monotonic() + 10
        while Path(f"/proc/{child}/cwd").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not Path(f"/proc/{child}/cwd").exists()
