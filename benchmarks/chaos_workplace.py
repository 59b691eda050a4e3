"""A demo that faults are caused in: its store, its Dagster records, the command that makes it, and what must hold afterwards."""

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from benchmarks.child_process import REPOSITORY
from provisioning_assets.artefact import Artefact

URL = "https://www.harbourandpine.example"
KEY = "harbourandpine_example"
PAGES = REPOSITORY / "examples" / "harbour_and_pine"
AS_OF = "2026-06-30"
MARK = "PROVISIONING_CHAOS"
"""Variable in the environment of every process of one workplace, by which processes that outlive their parent are found."""

_FINISHED = re.compile(r"^  (?:ok|reused|failed) +(\w+) ", re.MULTILINE)
_BEGUN = "Provisioning "
_UNFINISHED_FILES = re.compile(r"\.part$|\.loading|\.spill$|^\.tables[-.](?!lock)")
_MEASURED_SECONDS = re.compile(rb"Answered in [0-9.]+ s")
"""What the booklet says about the machine and not about the demo."""
_SECONDS_TO_VANISH = 15.0


@dataclass
class Run:
    """One ``provision run`` that is at work, with the files that it writes its output to."""

    process: subprocess.Popen[bytes]
    said: Path
    made_before: frozenset[str]
    started: float = field(default_factory=time.monotonic)

    def output(self) -> str:
        """Return all that it has printed so far."""
        return self.said.read_text(encoding="utf-8", errors="replace")

    def finished(self) -> list[str]:
        """Return the stages that have ended in this run."""
        return _FINISHED.findall(self.output())

    def has_begun(self, stage: str, order: Sequence[str]) -> bool:
        """Return whether the stages before this one exist, so that it is at work, or the first one after it that is needed."""
        output = self.output()
        done = {*_FINISHED.findall(output), *self.made_before}
        return _BEGUN in output and done.issuperset(order[: order.index(stage)])

    def at_work(self, order: Sequence[str]) -> str:
        """Return the stage that is at work."""
        done = {*self.finished(), *self.made_before}
        return next((stage for stage in order if stage not in done), order[-1])

    def ended(self) -> bool:
        """Return whether the process has ended."""
        return self.process.poll() is not None

    def wait(self, seconds: float) -> int | None:
        """Return the exit status; None if it has not ended in this time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


class ChaosWorkplace:
    """A folder with a store and a Dagster home, in which one customer is provisioned by the real command.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.home = folder / "dagster_home"
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / "dagster.yaml", self.home / "dagster.yaml")
        self._mark = uuid.uuid4().hex
        self._runs = 0

    @property
    def demo(self) -> Path:
        """The customer's folder in the store."""
        return self.store / KEY

    def start(self) -> Run:
        """Start ``provision run`` and return at once."""
        self._runs += 1
        said = self.folder / f"run-{self._runs}.log"
        environment = {
            **os.environ,
            "PROVISIONING_STORE": str(self.store),
            "DAGSTER_HOME": str(self.home),
            "PYTHONPATH": str(REPOSITORY),
            "COLUMNS": "200",
            "NO_COLOR": "1",
            MARK: self._mark,
        }
        before = frozenset(path.stem for path in self.demo.glob("*.json"))
        with said.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the project's own command
                [sys.executable, "-m", "provisioning_assets.cli", "run", URL, "--saved-pages", str(PAGES), "--as-of", AS_OF],
                env=environment, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                # as in a terminal, also when chaos itself is in the background
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
        return Run(process, said, before)

    def processes(self) -> list[int]:
        """Return the processes of this workplace that are alive. Source: /proc of Linux; zombies have no environment."""
        wanted = f"{MARK}={self._mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    environment = (entry / "environ").read_bytes()
                except OSError:
                    continue
                if wanted in environment.split(b"\0"):
                    found.append(int(entry.name))
        return found

    def purpose_of(self, process: int) -> str:
        """Return what a process was started for: the last words of its command line; empty if it has ended."""
        try:
            words = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
        return words.strip()[-60:]

    def orphans(self) -> list[str]:
        """Return the command lines of processes that are still alive some time after their run has ended; they are ended."""
        deadline = time.monotonic() + _SECONDS_TO_VANISH
        while (alive := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        commands = []
        for process in alive:
            try:
                words = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                os.kill(process, signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue
            commands.append(words.strip()[:80])
        return commands

    def leftovers(self) -> list[str]:
        """Return files of the store that only exist while something is being written."""
        return sorted(
            str(path.relative_to(self.store)) for path in self.store.rglob("*") if _UNFINISHED_FILES.search(path.name)
        )

    def locks_held(self) -> list[str]:
        """Return the lock files that some process holds. The files themselves stay; the system frees the lock in them."""
        held = []
        for root in (self.store, self.home):
            for path in (*root.rglob("*.lock"), *root.rglob("*-lock")):
                try:
                    with FileLock(path, timeout=0):
                        pass
                except Timeout:
                    held.append(path.name)
        return held

    def unfinished_runs(self) -> list[str]:
        """Return the Dagster runs that are recorded as not ended."""
        database = self.home / "history" / "runs.db"
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            rows = connection.execute(
                "SELECT run_id, status FROM runs WHERE status NOT IN ('SUCCESS', 'FAILURE', 'CANCELED')"
            ).fetchall()
        finally:
            connection.close()
        return [f"{status} {run[:8]}" for run, status in rows]


@dataclass(frozen=True)
class DemoContent:
    """What a demo consists of, as digests: artefact or file -> digest."""

    digests: dict[str, str]

    def differences(self, other: "DemoContent") -> list[str]:
        """Return the names whose content differs, or that only one of both has."""
        names = sorted(self.digests.keys() | other.digests.keys())
        return [name for name in names if self.digests.get(name) != other.digests.get(name)]


def content_of(demo: Path, kinds: Mapping[str, type[Artefact]]) -> DemoContent:
    """Read a demo: each artefact's own digest, the bytes of tables and pages, the rows of the data set.

    Raises:
        ValueError: an artefact is not readable, or its file was not written whole.
    """
    digests: dict[str, str] = {}
    for name, kind in kinds.items():
        path = demo / f"{name}.json"
        if path.is_file():
            artefact = kind.model_validate_json(path.read_bytes())
            incidental = {"sha256": "", "bytes": 0} if name == "demo_booklet" else {}
            # the booklet's page, which is compared below, is recorded with its digest, seconds included
            digests[name] = artefact.model_copy(update=incidental).digest()
    for path in sorted((*demo.glob("tables/**/*.parquet"), *demo.glob("*/index.html"))):
        content = _MEASURED_SECONDS.sub(b"", path.read_bytes()) if path.suffix == ".html" else path.read_bytes()
        digests[str(path.relative_to(demo))] = hashlib.sha256(content).hexdigest()
    if (dataset := demo / "dataset.duckdb").is_file():
        digests.update(_rows_of(dataset))
    return DemoContent(digests)


def _rows_of(dataset: Path) -> Iterator[tuple[str, str]]:
    import duckdb

    with duckdb.connect(str(dataset), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
            # the sum does not depend on the order in which rows are stored
            row = connection.execute(f'SELECT count(*), sum(hash(t)::HUGEINT) FROM "{table}" t').fetchone()  # noqa: S608
            yield f"rows of {table}", str(row)
