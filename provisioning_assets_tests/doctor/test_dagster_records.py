"""Dagster's records, each with the fault that the check is there for."""

import sqlite3
import textwrap
from pathlib import Path

import pytest

from provisioning_assets.doctor.dagster_records import dagster_findings
from provisioning_assets.doctor.models import Finding, State
from provisioning_assets.settings import PROJECT_FOLDER


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home without a configuration."""
    folder = tmp_path / "dagster_home"
    folder.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


def records_and_limits() -> tuple[Finding, Finding]:
    records, limits = dagster_findings()
    return records, limits


def test_the_projects_own_configuration_is_fine(home: Path) -> None:
    (home / "dagster.yaml").write_bytes((PROJECT_FOLDER / "dagster.yaml").read_bytes())
    assert [finding.state for finding in records_and_limits()] == [State.OK, State.OK]


def test_a_home_without_limits_is_told_what_to_add(home: Path) -> None:
    records, limits = records_and_limits()
    assert (records.state, limits.state) == (State.OK, State.WARNING)
    assert "concurrency.runs.tag_concurrency_limits" in limits.remedy
    assert str(home / "dagster.yaml") in limits.remedy


@pytest.mark.parametrize(
    ("configuration", "lacking"),
    [
        ("run_monitoring: {enabled: true}", "tag_concurrency_limits"),
        ("run_coordinator: {module: dagster.core.run_coordinator, class: DefaultRunCoordinator}", "tag_concurrency_limits"),
        (
            "concurrency: {runs: {tag_concurrency_limits: [{key: dagster/partition, limit: 1}]}}",
            "tag_concurrency_limits",  # one run at all at a time is not one run a customer
        ),
        (
            "concurrency: {runs: {tag_concurrency_limits: "
            "[{key: dagster/partition, value: {applyLimitPerUniqueValue: true}, limit: 1}]}}\n"
            "run_monitoring: {enabled: false}",
            "run_monitoring",
        ),
        ("run_monitoring: {enabled: true}", "concurrency.pools"),
        ("run_monitoring: {enabled: true}", "free_slots_after_run_end_seconds"),
    ],
)  # fmt: skip
def test_each_limit_that_is_lacking_is_named(home: Path, configuration: str, lacking: str) -> None:
    (home / "dagster.yaml").write_text(configuration)
    _, limits = records_and_limits()
    assert limits.state is State.WARNING
    assert lacking in limits.found


def test_limits_in_the_older_form_count(home: Path) -> None:
    (home / "dagster.yaml").write_text(
        textwrap.dedent("""
        run_coordinator:
          module: dagster.core.run_coordinator
          class: QueuedRunCoordinator
          config:
            tag_concurrency_limits:
              - {key: dagster/partition, value: {applyLimitPerUniqueValue: true}, limit: 1}
        concurrency: {default_op_concurrency_limit: 1}
        run_monitoring: {enabled: true, free_slots_after_run_end_seconds: 30}
        """)
    )
    assert records_and_limits()[1].state is State.OK


def test_a_home_that_is_not_a_folder_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
    (finding,) = dagster_findings()
    assert finding.state is State.MISSING
    assert "nowhere" in finding.found


def test_records_that_are_damaged_are_missing(home: Path) -> None:
    (home / "history").mkdir()
    (home / "history" / "runs.db").write_bytes(b"this is no database" * 100)
    (finding,) = dagster_findings()
    assert finding.state is State.MISSING
    assert sqlite3.DatabaseError.__name__ in finding.found
    assert str(home) in finding.remedy


def test_a_configuration_that_is_not_accepted_is_missing_and_not_quoted(home: Path) -> None:
    (home / "dagster.yaml").write_text(
        "storage: {postgres: {password: planted-secret}}\nno_such_section: planted-secret\n"
    )
    (finding,) = dagster_findings()
    assert finding.state is State.MISSING
    assert "planted-secret" not in str(finding)


def test_a_database_that_cannot_be_used_is_missing(home: Path) -> None:
    (home / "dagster.yaml").write_text(
        "run_storage: {module: no_such_package, class: RunStorage, config: {password: planted-secret}}\n"
    )
    (finding,) = dagster_findings()
    assert finding.state is State.MISSING
    assert "planted-secret" not in str(finding)
    assert "no_such_package" in finding.found
    assert finding.remedy.startswith("Install")
