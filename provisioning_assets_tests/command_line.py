"""Runs the real command in a separate process, with a separate store and Dagster instance."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
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

    def provision(self, *arguments: str, seconds: float = 240) -> subprocess.CompletedProcess[str]:
        """Run ``provision`` and wait for its end, at most so long."""
        return subprocess.run(
            [PROVISION, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=seconds
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``provision`` and go on."""
        return subprocess.Popen(
            [PROVISION, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def document(self, key: str, asset: str) -> dict[str, Any]:
        """One artefact as plain JSON."""
        return json.loads((self.store / key / f"{asset}.json").read_text())
