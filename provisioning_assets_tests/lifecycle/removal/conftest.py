"""A Dagster instance on SQLite and a store, for each test."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.targets import Target
from provisioning_assets_tests.lifecycle.removal.small_demo import target_in


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "dagster_home"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return target_in(tmp_path)
