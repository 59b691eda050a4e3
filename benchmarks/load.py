"""``make load``: many customers at once through the real daemon, and what thousands of customers cost the lists. Linux only.

Each customer is a copy of the example under a key of its own. All are queued at the same moment through the UI's own interface;
the daemon starts as many as ``dagster.yaml`` allows at a time.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.chaos_workplace import AS_OF, KEY, PAGES
from benchmarks.child_process import REPOSITORY
from benchmarks.figures import Figure, table
from provisioning_assets_tests.command_line import Workplace
from provisioning_assets_tests.faults.running_ui import RunningUi, processes_of, running_ui

KEYS = (1_000, 10_000)
SECONDS_A_LIST = 2.0
READY_SECONDS = 300.0
"""Within which 90% of ten customers are promised to be ready."""
TEN = 10
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


def customers_at_once(folder: Path, count: int, seconds: float) -> list[Figure]:
    """Queue so many customers, and wait until the last one has ended.

    Args:
        folder: for the store and Dagster's records.
        count: how many customers.
        seconds: after this time the rest counts as lost.
    """
    from provisioning_assets.content.models import DemoScorecard
    from provisioning_assets.store import DemoStore

    place = Workplace(folder)
    with running_ui(place) as ui:
        began = time.time()
        keys = {f"{KEY}___a{number}": number for number in range(1, count + 1)}
        config = {"saved_pages": str(PAGES), "as_of": AS_OF}
        runs = {ui.launch_new(key, config, {}): key for key in keys}
        queued = time.time() - began
        peak, ended = 0.0, {}
        while len(ended) < count and time.time() - began < seconds:
            time.sleep(1)
            peak = max(peak, _megabytes(processes_of(ui.home)))
            ended.update(_ends_of(ui, list(runs)))
        store = DemoStore(root=str(place.store))
        cards = {key: store.find_readable(key, DemoScorecard) for key in keys}
        ready = [run for run, key in runs.items() if (card := cards[key]) is not None and card.ready and run in ended]
    took = sorted(ended[run] - began for run in ready)
    ninety = took[max(0, round(0.9 * count) - 1)] if len(took) >= round(0.9 * count) else float("inf")
    total = took[-1] if took else float("inf")
    return [
        Figure(f"{count} customers queued at once: ready", len(ready), "demos", f"{count} queued", bar=count, direction="at_least"),
        Figure("  lost: neither ready nor recorded as failed", count - len(ended), "runs", "none", bar=0),
        Figure("  all queued after", queued, "s", "through the UI's interface, one after the other"),
        Figure("  the first is ready after", took[0] if took else float("inf"), "s", "queued at 0 s"),
        Figure("  half of them are ready after", median(took) if took else float("inf"), "s", "queued at 0 s"),
        Figure("  90% are ready after", ninety, "s", "300 s for ten at once", bar=READY_SECONDS if count == TEN else None),
        Figure("  throughput", len(ready) / total * 60, "demos/min", "four at a time"),
        Figure("  peak memory of all processes", peak, "MB", "UI, daemon, code servers and runs together"),
    ]  # fmt: skip


def _ends_of(ui: RunningUi, runs: Sequence[str]) -> dict[str, float]:
    found = ui.ask(
        "query($filter: RunsFilter) { runsOrError(filter: $filter) { ... on Runs { results { runId status endTime } } } }",
        filter={"runIds": list(runs)},
    )["runsOrError"]["results"]
    return {run["runId"]: run["endTime"] or time.time() for run in found if run["status"] in _ENDED}


def _megabytes(processes: Sequence[int]) -> float:
    """The memory of these processes together, what they share counted for each. Source: VmRSS of /proc, in kB."""
    total = 0
    for process in processes:
        try:
            status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return total / 1024


def many_keys(folder: Path, count: int) -> list[Figure]:
    """What lists take with so many customers, each with a request in the store and a key in Dagster."""
    import dagster as dg

    from provisioning_assets.customers import build_request
    from provisioning_assets.lifecycle.listing import list_demos
    from provisioning_assets.store import DemoStore

    store = DemoStore(root=str(folder / "store"))
    keys = [f"customer{number}_com" for number in range(count)]
    for key in keys:
        path = store.folder(key) / "customer_request.json"
        path.parent.mkdir(parents=True)
        path.write_text(build_request(key, {}, today=date.fromisoformat(AS_OF)).model_dump_json(), encoding="utf-8")
    home = folder / "dagster_home"
    home.mkdir()
    shutil.copyfile(REPOSITORY / "dagster.yaml", home / "dagster.yaml")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        adding = _seconds(lambda: instance.add_dynamic_partitions("customers", keys))
        reading = _seconds(lambda: instance.get_dynamic_partitions("customers"))
    listing = _seconds(lambda: list_demos(store))
    return [
        Figure(f"{count:,} customers: add their keys to Dagster", adding, "s", "SQLite"),
        Figure("  read all keys", reading, "s", "a sensor's tick", bar=SECONDS_A_LIST),
        Figure(
            "  provision list, without its start", listing, "s", "a cleanup's tick reads the same", bar=SECONDS_A_LIST
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it. Returns 1 if a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--customers", type=int, default=50, help="how many are queued at once; default 50")
    parser.add_argument("--seconds", type=float, default=7200, help="how long to wait for all of them; default 7200")
    parser.add_argument("--only", choices=("customers", "keys"), help="one part")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "build" / "load.json")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="provisioning-load-") as scratch:
        if options.only != "customers":
            for count in KEYS:
                folder = Path(scratch) / str(count)
                folder.mkdir()
                figures += many_keys(folder, count)
        if options.only != "keys":
            folder = Path(scratch) / "customers"
            folder.mkdir()
            figures += customers_at_once(folder, options.customers, options.seconds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps([figure.as_json() for figure in figures], indent=1), encoding="utf-8")
    print(table(figures))
    return int(any(figure.met is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
