"""The faults that chaos causes: each happens to a run that is at work, or to the files it has left."""

import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.chaos_workplace import ChaosWorkplace, Run

SECONDS_TO_END = 20.0
"""How long a run that was asked to end, or that met an error, may take; a busy machine included."""

Fault = Callable[[ChaosWorkplace, Run, random.Random], str]
"""Causes the fault and waits for the end of the run. Returns what happened, in a few words."""


class NotEndedError(Exception):
    """The run went on although it should have ended."""


def kill(_place: ChaosWorkplace, run: Run, _rng: random.Random) -> str:
    """End the process as a power cut or the kernel's out-of-memory killer does."""
    run.process.kill()
    run.process.wait()
    return "killed"


def kill_a_child(place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """Kill one of the processes that the run has started; the run itself if it has none."""
    children = [process for process in place.processes() if process != run.process.pid]
    if not children:
        return kill(place, run, rng)
    child = rng.choice(children)
    what = place.purpose_of(child)
    os.kill(child, signal.SIGKILL)
    return f"{what}, one of {len(children)} children, killed; {_end_of(run, 240)}"


def interrupt(_place: ChaosWorkplace, run: Run, _rng: random.Random) -> str:
    """Ctrl-C: SIGINT to the process."""
    return _end_by(signal.SIGINT, run)


def terminate(_place: ChaosWorkplace, run: Run, _rng: random.Random) -> str:
    """What `kill`, systemd and Docker send: SIGTERM."""
    return _end_by(signal.SIGTERM, run)


def no_room(_place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """From now on no file of the run may become larger than some bytes, as on a full disk or quota: writing fails."""
    limit = rng.randrange(0, 200_000)
    resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    return f"{limit:,} bytes; {_end_of(run, 240)}"


def store_away(place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """The store disappears while the run works, as a network folder does, and is back after the run has ended."""
    away = place.folder / "store-away"
    place.store.rename(away)
    try:
        said = _end_of(run, 240)
    finally:
        made_meanwhile = place.folder / f"store-meanwhile-{rng.randrange(10**9)}"
        if place.store.exists():
            place.store.rename(made_meanwhile)
        away.rename(place.store)
    return said


def shorten_a_file(place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """Kill the run, and cut a file of the demo short, as a disk does that lied about what it has written."""
    kill(place, run, rng)
    path = _some_file(place, rng)
    os.truncate(path, rng.randrange(path.stat().st_size or 1))
    return f"{path.relative_to(place.demo)} cut short"


def edit_an_artefact(place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """Kill the run, and change one value in an artefact, as a person with an editor does."""
    kill(place, run, rng)
    path = rng.choice(sorted(place.demo.glob("*.json")))
    document = json.loads(path.read_text(encoding="utf-8"))
    changed = _change_a_value(document, rng)
    path.write_text(json.dumps(document), encoding="utf-8")
    return f"{path.name}: {changed} changed"


def remove_a_file(place: ChaosWorkplace, run: Run, rng: random.Random) -> str:
    """Kill the run, and remove a file of the demo."""
    kill(place, run, rng)
    path = _some_file(place, rng)
    path.unlink()
    return f"{path.relative_to(place.demo)} removed"


FAULTS: dict[str, tuple[Fault, int]] = {
    "kill -9": (kill, 12),
    "kill -9 of a child": (kill_a_child, 2),
    "SIGINT": (interrupt, 2),
    "SIGTERM": (terminate, 2),
    "no room": (no_room, 2),
    "store away": (store_away, 1),
    "file cut short": (shorten_a_file, 2),
    "artefact edited": (edit_an_artefact, 1),
    "file removed": (remove_a_file, 1),
}
"""Name -> what it does, and how often it is chosen beside the others."""

DAMAGING = {"file cut short", "artefact edited", "file removed"}
"""After these, what is in the store differs from an undisturbed demo until the next run has repaired it."""


def _end_by(number: signal.Signals, run: Run) -> str:
    """Send a signal. The stage that is about to end may end, and no other one may begin and end."""
    before = len(run.finished())
    run.process.send_signal(number)
    said = _end_of(run, SECONDS_TO_END)
    after = len(run.finished()) - before
    if after > 1:
        raise NotEndedError(f"{after} stages ended after {number.name}; {said}")
    return f"{said}, {after} more stages ended"


def _end_of(run: Run, seconds: float) -> str:
    began = time.monotonic()
    status = run.wait(seconds)
    if status is None:
        run.process.kill()
        run.process.wait()
        raise NotEndedError(f"the run had not ended after {seconds:.0f} s")
    return f"status {status} after {time.monotonic() - began:.1f} s"


def _some_file(place: ChaosWorkplace, rng: random.Random) -> Path:
    files = [path for path in place.demo.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return rng.choice(sorted(files))


def _change_a_value(document: Any, rng: random.Random) -> str:
    """Change one text or number somewhere in the document; returns where."""
    places = [
        (holder, at)
        for holder in _holders(document)
        for at, value in (holder.items() if isinstance(holder, dict) else enumerate(holder))
        if isinstance(value, str | int | float) and not isinstance(value, bool) and at != "schema_version"
    ]
    holder, at = rng.choice(places)
    holder[at] = f"{holder[at]}x" if isinstance(holder[at], str) else holder[at] + 1
    return str(at)


def _holders(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(found for part in value.values() for found in _holders(part))]
    if isinstance(value, list):
        return [value, *(found for part in value for found in _holders(part))]
    return []
