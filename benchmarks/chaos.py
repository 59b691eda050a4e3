"""``make chaos``: faults at random moments of real runs, and whether anything was lost. Linux only.

The example is provisioned once without a disturbance. Then demos are made again, each with several faults one after the other:
a run is started, a fault is caused while a chosen stage is at work, and the next run goes on from there. The last run of each demo
is left alone, and its result is compared with that of the undisturbed one.

The seed of a demo decides on its faults, stages and moments: ``--seed N --demos 1`` repeats those of a row with the seed N.
How far a stage has come at that moment depends on the machine, so that a row is repeated in kind and not to the millisecond.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.chaos_faults import DAMAGING, FAULTS, NotEndedError
from benchmarks.chaos_workplace import ChaosWorkplace, DemoContent, Run, content_of
from benchmarks.child_process import REPOSITORY
from provisioning_assets.artefact import Artefact

FAULTS_A_DEMO = 14
MOST_SECONDS = 600.0
"""No run may take longer, faults included."""


@dataclass(frozen=True)
class Planned:
    """A fault that is to happen: while ``stage`` is at work, after this share of the time that it usually takes."""

    fault: str
    stage: str
    share: float
    seed: int


@dataclass
class Row:
    """A fault that happened. ``problems`` is what was wrong afterwards; empty if nothing was."""

    number: int
    fault: str
    stage: str
    seed: int
    happened: str
    seconds: float
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Undisturbed:
    """The demo that nothing happened to: its content, and its stages in their order with the seconds that each took."""

    content: DemoContent
    kinds: dict[str, type[Artefact]]
    seconds: dict[str, float]

    @property
    def order(self) -> list[str]:
        """The stages in the order in which they run."""
        return list(self.seconds)


def plan(seed: int, faults: int, order: Sequence[str], only: Sequence[str] = ()) -> list[Planned]:
    """Return the faults of one demo, those of early stages first.

    Args:
        seed: decides everything.
        faults: how many.
        order: the stages in the order in which they run.
        only: names of the faults to choose from; all if empty.
    """
    rng = random.Random(seed)  # noqa: S311 - it must be repeatable
    names = list(only) or list(FAULTS)
    weights = [FAULTS[name][1] for name in names]
    stages = sorted((rng.choice(order) for _ in range(faults)), key=order.index)
    return [Planned(rng.choices(names, weights)[0], stage, rng.random(), rng.randrange(2**31)) for stage in stages]


def undisturbed(folder: Path) -> Undisturbed:
    """Make the demo without a fault.

    Raises:
        RuntimeError: it could not be made.
    """
    from provisioning_assets.definitions import defs
    from provisioning_assets.lifecycle.runs import artefact_kinds

    place = ChaosWorkplace(folder)
    run = place.start()
    began = {}
    seen = time.monotonic()
    while not run.ended():
        for stage in run.finished():
            if stage not in began:
                began[stage] = time.monotonic() - seen
                seen = time.monotonic()
        time.sleep(0.02)
    if run.process.returncode:
        raise RuntimeError(f"The undisturbed demo could not be made:\n{run.output()[-3000:]}")
    kinds = artefact_kinds(defs)
    return Undisturbed(content_of(place.demo, kinds), kinds, {stage: began.get(stage, 0.1) for stage in run.finished()})


def disturb(place: ChaosWorkplace, reference: Undisturbed, seed: int, planned: Sequence[Planned]) -> list[Row]:
    """Make one demo with faults and then without, and return a row for each fault that happened."""
    rows: list[Row] = []
    damaged = False
    for number, each in enumerate(planned):
        began = time.monotonic()
        run = place.start()
        if not _wait_for(run, each, reference):
            if run.process.returncode:
                break  # it went wrong by itself, and the last run will say how
            continue  # the demo was finished before the moment came: nothing was caused
        row = Row(number, each.fault, run.at_work(reference.order), seed, "", 0.0)
        cause, _ = FAULTS[each.fault]
        try:
            row.happened = cause(place, run, random.Random(each.seed))  # noqa: S311 - it must be repeatable
        except NotEndedError as error:
            row.problems.append(str(error))
        row.problems += _found_after(place, run)
        damaged = damaged or each.fault in DAMAGING
        if not damaged:
            row.problems += _broken_files(place, reference)
        row.seconds = time.monotonic() - began
        rows.append(row)
        _tell(row)
    lost = _finish(place, reference)
    for row in rows:
        row.problems += lost
    return rows


def _wait_for(run: Run, planned: Planned, reference: Undisturbed) -> bool:
    """Wait until the moment has come. Returns whether the run was still at work then."""
    deadline = run.started + MOST_SECONDS
    while not run.ended() and not run.has_begun(planned.stage, reference.order) and time.monotonic() < deadline:
        time.sleep(0.02)
    moment = time.monotonic() + planned.share * reference.seconds[planned.stage]
    while not run.ended() and time.monotonic() < moment:
        time.sleep(0.005)
    return not run.ended()


def _found_after(place: ChaosWorkplace, run: Run) -> list[str]:
    problems = [f"orphan: {command}" for command in place.orphans()]
    if "Traceback (most recent call last)" in run.output():
        problems.append("a stack trace was shown")
    return [*problems, *(f"lock held: {name}" for name in place.locks_held())]


def _broken_files(place: ChaosWorkplace, reference: Undisturbed) -> list[str]:
    """Whatever exists must be whole, and as in the undisturbed demo."""
    try:
        found = content_of(place.demo, reference.kinds)
    except Exception as error:  # noqa: BLE001  # whatever it is: a file cannot be read
        return [f"unreadable: {type(error).__name__}: {str(error).splitlines()[0][:100]}"]
    return [
        f"differs after the fault: {name}"
        for name, digest in found.digests.items()
        if reference.content.digests.get(name) != digest
    ]


def _finish(place: ChaosWorkplace, reference: Undisturbed) -> list[str]:
    """Run without a fault, and return what is wrong with the result."""
    run = place.start()
    status = run.wait(MOST_SECONDS)
    if status is None:
        run.process.kill()
        run.process.wait()
    if status != 0:
        return [f"LOST: the last run ended with {status}: {' '.join(run.output().split())[-300:]}"]
    try:
        different = reference.content.differences(content_of(place.demo, reference.kinds))
    except Exception as error:  # noqa: BLE001  # whatever it is: a file cannot be read
        return [f"LOST: unreadable: {type(error).__name__}: {str(error).splitlines()[0][:100]}"]
    return [
        *(f"LOST: {name} differs" for name in different),
        *(f"left over: {name}" for name in place.leftovers()),
        *(f"unfinished run: {found}" for found in place.unfinished_runs()),
        *_found_after(place, run),
    ]


def _tell(row: Row) -> None:
    print(
        f"{row.seed:>6} {row.number:>3}  {row.fault:<19} {row.stage:<19} {row.seconds:6.1f} s  {row.happened:<50} "
        f"{'; '.join(row.problems)}".rstrip(),
        flush=True,
    )


def table(rows: Sequence[Row]) -> str:
    """Return a line for each kind of fault and stage that it met, with how many were caused and what was wrong."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.fault, []).append(row)
    lines = [f"{'fault':<20}{'caused':>7}{'lost':>6}{'untidy':>8}{'seconds':>9}  stages"]
    for fault, found in kinds.items():
        stages = sorted({row.stage for row in found})
        lines.append(
            f"{fault:<20}{len(found):>7}{sum(_is_lost(row) for row in found):>6}"
            f"{sum(bool(row.problems) and not _is_lost(row) for row in found):>8}"
            f"{sum(row.seconds for row in found) / len(found):>9.1f}  {', '.join(stages)}"
        )
    lines.append(f"{'all':<20}{len(rows):>7}{sum(_is_lost(row) for row in rows):>6}")
    wrong = sorted({(row.seed, problem) for row in rows for problem in row.problems})
    return "\n".join([*lines, *(f"  seed {seed}: {problem}" for seed, problem in wrong)])


def _is_lost(row: Row) -> bool:
    return any(problem.startswith("LOST") for problem in row.problems)


def main(arguments: Sequence[str]) -> int:
    """Cause the faults, print the rows and the table, and write both to a file. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, help="how many to cause; default 200")
    parser.add_argument("--seed", type=int, default=1, help="of the first demo; each further demo has the next number")
    parser.add_argument("--demos", type=int, help="stop after so many demos, each with 14 faults")
    parser.add_argument(
        "--only", action="append", default=[], choices=sorted(FAULTS), help="a kind of fault; can be repeated"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folders of demos with which something was wrong")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "build" / "chaos.json")
    options = parser.parse_args(arguments)
    scratch = Path(tempfile.mkdtemp(prefix="provisioning-chaos-"))
    rows: list[Row] = []
    try:
        reference = undisturbed(scratch / "undisturbed")
        seed = options.seed
        while len(rows) < options.faults and (options.demos is None or seed < options.seed + options.demos):
            place = ChaosWorkplace(scratch / f"seed-{seed}")
            planned = plan(seed, FAULTS_A_DEMO, reference.order, options.only)
            found = disturb(place, reference, seed, planned)
            rows += found
            if not (options.keep and any(row.problems for row in found)):
                shutil.rmtree(place.folder)
            _write(options.output, rows)
            lost = sorted({problem for row in found for problem in row.problems})
            print(
                f"{seed:>6}      {len(found)} faults, {len(rows)} in all: {'; '.join(lost) or 'identical'}", flush=True
            )
            seed += 1
        print(table(rows))
    finally:
        if options.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return int(not rows or any(row.problems for row in rows))


def _write(output: Path, rows: Sequence[Row]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
