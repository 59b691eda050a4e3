"""A queue of requests, and Dagster's daemon killed again and again while it launches their runs."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import Workplace

REQUESTS = int(os.environ.get("REQUESTS", "20"))
"""``REQUESTS=1000 KILLS=20 pytest -s -m slow ...`` drains a thousand, and prints the seed and the seconds."""

KILLS = int(os.environ.get("KILLS", "2"))
SECONDS = 300 + 10 * REQUESTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 60)]


@contextlib.contextmanager
def daemon(place: Workplace) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon with its code server; at the end all its processes are killed."""
    with (place.folder / "daemon.log").open("ab") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", str(PROJECT_FOLDER / "workspace.yaml")],
            env={**place.environment, "PYTHONPATH": str(PROJECT_FOLDER)}, cwd=PROJECT_FOLDER, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_every_request_has_one_run(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    home = place.environment["DAGSTER_HOME"]
    # Runs are launched into the queue and stay there.
    (Path(home) / "dagster.yaml").write_text(
        "telemetry: {enabled: false}\nconcurrency: {runs: {max_concurrent_runs: 0}}\n", encoding="utf-8"
    )
    folder = place.store / "requests"
    folder.mkdir(parents=True)
    files = REQUESTS // 3
    lines = [json.dumps({"url": f"https://queued{number}.example"}) for number in range(REQUESTS - files)]
    (folder / "queue.jsonl").write_text("\n".join([*lines, "{bad"]) + "\n")
    for number in range(files):
        (folder / f"{number}.yaml").write_text(f"url: https://file{number}.example\n")
    wanted = {f"queued{number}_example" for number in range(REQUESTS - files)}
    wanted |= {f"file{number}_example" for number in range(files)}

    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    kills = sorted(chance.randrange(1, REQUESTS) for _ in range(KILLS))  # after so many runs
    began = time.monotonic()
    with dg.DagsterInstance.from_config(home) as instance:
        while instance.get_runs_count() < REQUESTS or any(folder.glob("*.*")):
            with daemon(place) as process:
                while time.monotonic() - began < SECONDS:
                    time.sleep(0.1)
                    count = instance.get_runs_count()
                    if kills and count >= kills[0]:
                        kills.pop(0)
                        break
                    if count >= REQUESTS and not any(folder.glob("*.*")):
                        break
                    assert process.poll() is None
            log = (tmp_path / "daemon.log").read_text(errors="replace")
            assert time.monotonic() - began < SECONDS, f"{instance.get_runs_count()} runs\n{log[-3000:]}"
        print(f"{REQUESTS} requests, {KILLS} kills: {time.monotonic() - began:.0f} s")
        assert kills == []
        customers = [run.tags["dagster/partition"] for run in instance.get_runs()]
        assert len(customers) == len(set(customers)), "none has run twice"
        assert set(customers) == wanted
        assert set(instance.get_dynamic_partitions("customers")) == wanted
    assert len(list((folder / "rejected").glob("*.reason.txt"))) == 1
    assert len(list((folder / "accepted").glob("*.yaml"))) == files
