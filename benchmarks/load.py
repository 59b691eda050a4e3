"""``make load``: many customers at once through the real daemon, and what thousands of customers cost the lists. Linux only.

Each customer is a copy of the example under a key of its own. All are queued at the same moment through the UI's own interface;
the daemon starts as many as ``dagster.yaml`` allows at a time.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.chaos_workplace import AS_OF, KEY, PAGES
from benchmarks.child_process import REPOSITORY
from benchmarks.figures import Figure, table
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.command_line import Workplace
from provisioning_assets_tests.faults.running_ui import RunningUi, processes_of, running_ui

KEYS = (1_000, 10_000)
SECONDS = 2.0
"""For each tick, list and page."""
PARTITIONS_PAGE = """query($assetKey: AssetKeyInput!) { assetNodeOrError(assetKey: $assetKey) { ... on AssetNode { id
  partitionKeysByDimension { name type partitionKeys }
  assetPartitionStatuses { ... on DefaultPartitionStatuses { materializedPartitions materializingPartitions failedPartitions } }
} } }"""
"""What a page of dynamic partitions uses of the query ``PartitionHealthQuery`` of Dagster's UI. Source: its webserver 1.13."""
READY_SECONDS = 300.0
"""Within which 90% of ten customers are promised to be ready."""
TEN, NINE_OF_TEN = 10, 9
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


def customers_at_once(folder: Path, count: int, seconds: float) -> list[Figure]:
    """Queue so many customers, and wait until the last one has ended.

    Args:
        folder: for the store and Dagster's records.
        count: how many customers.
        seconds: after this time the rest counts as lost.
    """
    from provisioning_assets.content.models import DemoScorecard

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
        *([Figure(f"  {NINE_OF_TEN} are ready after", took[NINE_OF_TEN - 1] if len(took) >= NINE_OF_TEN else float("inf"), "s",
                  "the promise for ten at once is 300 s", bar=READY_SECONDS)] if count > TEN else []),
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
    """What ticks, lists and a page take with so many demos: a request and a scorecard of each in the store, a key in Dagster.

    One demo in a hundred has expired, and another one has figures that are too old, so that each tick finds what it looks for.
    """
    import dagster as dg
    from dagster._core.definitions.partitions.context import partition_loading_context

    from provisioning_assets.definitions import production_definitions
    from provisioning_assets.lifecycle.refresh.sensors import refresh_demos
    from provisioning_assets.lifecycle.removal.expiry import find_expired
    from provisioning_assets.lifecycle.removal.sensors import fail_runs_without_process, remove_expired_demos
    from provisioning_assets.lifecycle.requests.sensors import request_files
    from provisioning_assets.targets import local_target

    place = Workplace(folder)
    store = DemoStore(root=str(place.store))
    keys = [f"customer{number}_com" for number in range(count)]
    for number, key in enumerate(keys):
        _write_demo(store, key, number)
    home = Path(place.environment["DAGSTER_HOME"])
    shutil.copyfile(REPOSITORY / "dagster.yaml", home / "dagster.yaml")
    repository = production_definitions(local_target(store)).get_repository_def()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        figures = [
            _timed(
                f"{count:,} customers: add their keys to Dagster",
                lambda: instance.add_dynamic_partitions("customers", keys),
            ),
            _timed("  read all keys", lambda: instance.get_dynamic_partitions("customers"), SECONDS),
        ]
        find_expired(
            store, warning_days=3
        )  # the first look of a store notes a hundred demos, the next nights a few each
        for sensor in (refresh_demos, request_files, remove_expired_demos, fail_runs_without_process):
            context = dg.build_sensor_context(instance=instance, resources={"store": store}, repository_def=repository)
            with partition_loading_context(dynamic_partitions_store=instance):
                figures.append(_timed(f"  tick of {sensor.name}", partial(sensor.evaluate_tick, context), SECONDS))
    return [
        *figures,
        _timed("  the nightly look for expired demos", lambda: find_expired(store, warning_days=3), SECONDS),
        _timed("  provision list, of it without a demo", lambda: _listed(Workplace(folder / "empty"), 0)),
        _timed("  provision list", lambda: _listed(place, count), SECONDS),
        *_pages(place, count),
    ]


def _write_demo(store: DemoStore, key: str, number: int) -> None:
    from provisioning_assets import clock
    from provisioning_assets.content.models import DemoScorecard
    from provisioning_assets.content.models import Figure as ShownFigure
    from provisioning_assets.customers import DEFAULT_TTL_DAYS, build_request

    today = clock.today()
    requested = today - timedelta(days=DEFAULT_TTL_DAYS if number % 100 == 1 else 1)
    request = build_request(key, {}, today=requested)
    # as many figures as the example's scorecard has: 6 kB
    figures = [
        ShownFigure(
            name=f"golden_queries_of_kind_{at}", value=at / 7, unit="queries", bar=1.0, passed=True, note="of 16 " * 12
        )
        for at in range(31)
    ]
    scorecard = DemoScorecard(
        key=key, company_name=f"Customer {number}", industry="retail_ecommerce", blueprint="retail_ecommerce",
        ready=True, reasons=[], figures=figures, as_of=today - timedelta(days=8 if number % 100 == 2 else 1),
        created_at=clock.now(), expires_on=request.expires_on,
    )  # fmt: skip
    for artefact in (request, scorecard):
        path = Path(str(store.path(key, type(artefact))))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artefact.model_dump_json(indent=1), encoding="utf-8")


def _listed(place: Workplace, count: int) -> None:
    place.folder.mkdir(exist_ok=True)
    done = place.provision("list")
    if done.returncode or (count and len(done.stdout.splitlines()) < count):
        raise RuntimeError(f"provision list: {done.stdout[-500:]}{done.stderr[-2000:]}")


def _pages(place: Workplace, count: int) -> list[Figure]:
    """What the page of an asset's partitions asks the webserver, the median of five times."""
    with running_ui(place) as ui:

        def ask() -> float:
            began = time.perf_counter()
            found = ui.ask(PARTITIONS_PAGE, assetKey={"path": ["demo_scorecard"]})["assetNodeOrError"]
            seconds = time.perf_counter() - began
            if len(found["partitionKeysByDimension"][0]["partitionKeys"]) != count:
                raise RuntimeError(f"The page has other keys than {count:,}.")
            return seconds

        first, *again = [ask() for _ in range(6)]
    return [
        Figure("  the UI's page of partitions", median(again), "s", f"{first:.1f} s the first time", bar=SECONDS),
    ]


def _timed(name: str, work: Callable[[], object], bar: float | None = None) -> Figure:
    """How long the work takes, beside the processor time of this process and of those that it waits for."""
    began, used = time.perf_counter(), _processor_seconds()
    work()
    seconds = time.perf_counter() - began
    return Figure(name, seconds, "s", f"{_processor_seconds() - used:.2f} s of a processor", bar=bar)


def _processor_seconds() -> float:
    of_both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in of_both)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it. Returns 1 if a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--customers", type=int, default=50, help="how many are queued at once; default 50")
    parser.add_argument("--seconds", type=float, default=7200, help="how long to wait for all of them; default 7200")
    parser.add_argument("--only", choices=("customers", "keys"), help="one part")
    parser.add_argument("--keys", type=int, action="append", help="how many demos there are; default 1000 and 10000")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "build" / "load.json")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="provisioning-load-") as scratch:
        if options.only != "customers":
            for count in options.keys or KEYS:
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
