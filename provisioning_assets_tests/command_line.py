"""Runs the real command in a separate process, with a separate store and Dagster instance.

A command that is waited for is forked from a process that has imported the libraries, and nothing of the project: a start takes
half a second instead of three.
"""

import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from provisioning_assets.settings import PROJECT_FOLDER

PROVISION = str(Path(sys.executable).with_name("provision"))
EXAMPLE_URL = "https://www.harbourandpine.example"
EXAMPLE_KEY = "harbourandpine_example"
EXAMPLE_PAGES = PROJECT_FOLDER / "examples" / "harbour_and_pine"
GERMAN_URL = "https://www.nordlicht-spedition.example"
GERMAN_KEY = "nordlicht__spedition_example"
GERMAN_PAGES = PROJECT_FOLDER / "examples" / "nordlicht_spedition"
AS_OF = ("--as-of", "2026-06-30")
"""For the runs of tests: the demo's figures, and whether they stand out, must not depend on the day of testing."""

SECONDS = 600
"""That a command may take, on a machine that is busy with other tests."""

LIBRARIES = [
    "dagster", "typer", "rich.console", "yaml", "upath", "filelock", "pydantic_settings", "duckdb", "sqlglot.optimizer",
    "polars", "pyarrow.parquet", "altair", "babel", "google.cloud.geminidataanalytics", "lxml.html", "starlette",
    "uvicorn", "jinja2", "pygments", "holidays", "faker", "trafilatura", "phonenumbers",
]  # fmt: skip
"""None of them reads the environment that a command is given, or has a thread after its import."""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(LIBRARIES)


def _command(arguments: list[str], environment: dict[str, str], printed: Path) -> None:
    """What a forked process does: be ``provision`` with this environment, and print into two files."""
    os.environ.clear()
    os.environ.update(environment)
    for stream, name in ((sys.stdout, "stdout"), (sys.stderr, "stderr")):
        os.dup2(os.open(printed / name, os.O_WRONLY | os.O_CREAT), stream.fileno())
    sys.argv = [PROVISION, *arguments]
    # this module has imported a part of the project; the command takes the one that its environment names
    for name in [name for name in sys.modules if name.split(".")[0] == "provisioning_assets"]:
        del sys.modules[name]
    sys.path[:0] = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    from provisioning_assets.cli import main

    main()


@dataclass(frozen=True)
class Workplace:
    """A folder with a store and a Dagster home."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def environment(self) -> dict[str, str]:
        home = self.folder / "dagster_home"
        home.mkdir(exist_ok=True)
        return {
            **os.environ,
            "PROVISIONING_STORE": str(self.store),
            "DAGSTER_HOME": str(home),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }

    def provision(self, *arguments: str, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run ``provision`` and wait for its end, at most so long."""
        with TemporaryDirectory() as printed:
            process = _PROCESSES.Process(target=_command, args=(list(arguments), self.environment, Path(printed)))
            process.start()
            process.join(seconds)
            if process.is_alive():
                process.kill()
                process.join()
                raise subprocess.TimeoutExpired(arguments, seconds)
            stdout, stderr = (
                path.read_text() if (path := Path(printed, name)).exists() else "" for name in ("stdout", "stderr")
            )
            return subprocess.CompletedProcess([PROVISION, *arguments], process.exitcode or 0, stdout, stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``provision`` and go on."""
        return subprocess.Popen(
            [PROVISION, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def document(self, key: str, asset: str) -> dict[str, Any]:
        """One artefact as plain JSON."""
        return json.loads((self.store / key / f"{asset}.json").read_text())
