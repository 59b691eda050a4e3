"""The suite that gates a landing always draws the same examples, exploring draws new ones, and both print nothing afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning_assets.settings import PROJECT_FOLDER

PROPERTY = """
import importlib
import os

from hypothesis import given
from hypothesis import strategies as st

for module in os.environ["IMPORTED_BEFORE"].split():
    importlib.import_module(module)


@given(st.integers(), st.floats(), st.text())
def test_what_is_drawn(number, fraction, text):
    print("drawn", number, fraction, ascii(text))
"""


def drawn(folder: Path, *arguments: str, imported_before: str = "") -> list[str]:
    """The values that a property test draws in a separate process."""
    (folder / "test_drawing.py").write_text(PROPERTY)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "provisioning_assets_tests.conftest",
            "-q",
            "-s",
            *arguments,
            str(folder),
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT_FOLDER), "IMPORTED_BEFORE": imported_before},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return [line for line in ran.stdout.splitlines() if line.startswith("drawn")]


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The values that are drawn in the gate if no other test ran before."""
    return drawn(tmp_path_factory.mktemp("gate"))


def test_the_gate_draws_the_same_whatever_was_imported_and_keeps_nothing(tmp_path: Path, gate: list[str]) -> None:
    assert len(gate) == 100
    assert drawn(tmp_path, imported_before="provisioning_assets.customers provisioning_assets.planning.markets") == gate
    assert not (tmp_path / ".hypothesis" / "examples").exists()


def test_exploring_draws_more_and_something_else(tmp_path: Path, gate: list[str]) -> None:
    explored = drawn(tmp_path, "--hypothesis-profile", "explore")
    assert len(explored) > 5 * len(gate)
    assert len(set(explored) & set(gate)) < len(gate) / 2


def test_nothing_is_printed_after_the_last_test() -> None:
    room = "provisioning_assets_tests/agent"
    some = [
        f"{room}/test_data_agent.py::test_every_key_has_an_id_that_the_api_allows",
        f"{room}/test_plain_questions.py::test_there_are_enough_of_both",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *some],
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.stdout.splitlines()[-1].startswith("2 passed in")
    assert ran.stderr == ""
