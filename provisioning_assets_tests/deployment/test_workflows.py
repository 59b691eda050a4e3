"""The workflows: they parse, and run only what exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.deployment.test_containers import check_schema

WORKFLOWS = sorted((PROJECT_FOLDER / ".github" / "workflows").glob("*.yml"))


def steps(path: Path) -> list[Any]:
    """Return the steps of all jobs."""
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def commands(path: Path) -> str:
    """Return everything that the steps run."""
    return "\n".join(step["run"] for step in steps(path) if "run" in step)


def test_they_meet_the_schema_of_workflows() -> None:
    checked = check_schema("github-workflows", *WORKFLOWS)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_they_run_only_targets_and_files_that_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_FOLDER / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", commands(path))) <= targets
    named = re.findall(r"(?:^|[\s=])((?:\.ci|deployment|examples|scripts)/[\w./-]+)", path.read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (PROJECT_FOLDER / name.rstrip("/*").rstrip(",")).exists()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_they_may_only_read_and_end_by_themselves(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in workflow["jobs"].values())
    assert "secrets." not in path.read_text(encoding="utf-8")
    assert not [step["uses"] for step in steps(path) if re.search(r"@(main|master|latest)$", step.get("uses", ""))]


def test_the_gate_runs_on_every_python_that_is_supported() -> None:
    workflow = yaml.safe_load((PROJECT_FOLDER / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    found = (PROJECT_FOLDER / "scripts" / "find_pythons.sh").read_text(encoding="utf-8")
    listed = re.search(r"for version in ([\d. ]+);", found)
    assert listed
    assert sorted(versions) == sorted(listed[1].split())
    assert "bash .ci/run" in commands(PROJECT_FOLDER / ".github/workflows/ci.yml")
