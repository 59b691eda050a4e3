"""The checks of this machine, each with the fault that it is there for."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from provisioning_assets.customers import site_of_key
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.doctor.machine import (
    LARGE_DEMO_BYTES,
    SMALL_DEMO_BYTES,
    browser_finding,
    claude_finding,
    known_settings,
    settings_findings,
    space_finding,
    store_finding,
    unknown_settings,
)
from provisioning_assets.doctor.models import State
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_files import read_blueprint
from provisioning_assets.planning.blueprint_sources import BLUEPRINTS
from provisioning_assets.planning.data_model_design import FACT_ROWS
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.synthesis.generation import estimated_bytes
from provisioning_assets.synthesis.validation import DISK_MARGIN, by_source

#: Where nobody can make a file, not even root: a file system of the kernel.
READ_ONLY = "/proc"


# --- store and disk -----------------------------------------------------------------------------------------------


def test_a_store_that_works_keeps_nothing_of_the_check(tmp_path: Path) -> None:
    finding = store_finding(str(tmp_path))
    assert finding.state is State.OK
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_exist_yet_is_not_made(tmp_path: Path) -> None:
    finding = store_finding(str(tmp_path / "later" / "store"))
    assert finding.state is State.OK
    assert str(tmp_path) in finding.found
    assert list(tmp_path.iterdir()) == []


def test_an_object_store_is_written_and_read() -> None:
    assert store_finding("memory://doctor-test/demos").state is State.OK


@pytest.mark.skipif(not Path(READ_ONLY, "self").exists(), reason="there is no /proc here")
def test_a_store_that_cannot_be_written_is_missing() -> None:
    finding = store_finding(READ_ONLY)
    assert finding.state is State.MISSING
    assert READ_ONLY in finding.found
    assert "PROVISIONING_STORE" in finding.remedy


def test_a_store_below_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert store_finding(str(tmp_path / "file" / "store")).state is State.MISSING


def test_what_the_check_writes_cannot_be_a_customers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    write = Path.write_bytes
    monkeypatch.setattr(
        type(tmp_path), "write_bytes", lambda path, data: written.append(path.name) or write(path, data)
    )
    store_finding(str(tmp_path))
    assert written
    for name in written:
        with pytest.raises(ProvisioningError):
            site_of_key(name)


@pytest.mark.skipif(not Path(READ_ONLY, "self").exists(), reason="there is no /proc here")
def test_a_full_disk_is_missing_and_a_free_one_is_fine(tmp_path: Path) -> None:
    assert space_finding(Path(READ_ONLY)).state is State.MISSING  # it has no room at all
    assert space_finding(tmp_path / "later").found.endswith(f"free in {tmp_path}")


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (LARGE_DEMO_BYTES, State.OK),
        (LARGE_DEMO_BYTES - 1, State.WARNING),
        (SMALL_DEMO_BYTES, State.WARNING),
        (SMALL_DEMO_BYTES - 1, State.MISSING),
    ],
)
def test_free_space_is_held_against_the_sizes_of_demos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert space_finding(tmp_path).state is state


def test_the_sizes_are_those_that_the_generation_asks_for() -> None:
    blueprints = map(read_blueprint, sorted(BLUEPRINTS.glob("*.yaml")))
    models = [sample_demo(blueprint, "US", size="large")[1] for blueprint in blueprints]
    needed = max(estimated_bytes(Lineage(by_source(model))) * DISK_MARGIN for model in models)
    assert 0.8 * LARGE_DEMO_BYTES < needed <= LARGE_DEMO_BYTES
    assert FACT_ROWS["large"] / FACT_ROWS["small"] == LARGE_DEMO_BYTES / SMALL_DEMO_BYTES


# --- Chromium -----------------------------------------------------------------------------------------------------


def test_a_chromium_that_runs_scripts_is_fine(chromium: object) -> None:
    assert browser_finding().state is State.OK


@pytest.mark.parametrize("binary", ["/nowhere/chromium", "/bin/false"])
def test_a_chromium_that_is_missing_or_does_not_start_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, binary: str
) -> None:
    monkeypatch.setenv("PROVISIONING_CHROMIUM", binary)
    finding = browser_finding()
    assert finding.state is State.WARNING
    assert binary in finding.found
    assert "make browser" in finding.remedy


# --- keys and settings --------------------------------------------------------------------------------------------


def test_claude_is_no_condition_and_its_key_is_not_shown() -> None:
    without, with_key = claude_finding({}), claude_finding({"ANTHROPIC_API_KEY": "planted-secret"})
    assert (without.state, with_key.state) == (State.OK, State.OK)
    assert "not set" in without.found
    assert "claude-sonnet-5-5 writes demos" in with_key.found
    assert "planted-secret" not in str(with_key)


def test_a_model_without_a_price_is_a_warning() -> None:
    found = claude_finding({"ANTHROPIC_API_KEY": "planted-secret", "PROVISIONING_CLAUDE_MODEL": "claude-none"})
    assert found.state is State.WARNING
    assert "claude-none: price unknown" in found.found
    assert "PROVISIONING_CLAUDE_MODEL" in found.remedy


def test_a_misspelt_setting_is_a_warning_with_the_name_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = settings_findings({"PROVISIONING_STROE": "planted-secret"})
    assert finding.state is State.WARNING
    assert "PROVISIONING_STROE" in finding.found
    assert "PROVISIONING_STORE" in finding.remedy
    assert "planted-secret" not in str(finding)


def test_every_setting_of_the_readme_is_known() -> None:
    readme = (PROJECT_FOLDER / "README.md").read_text()
    named = {word.strip("`") for word in readme.split() if word.startswith("`PROVISIONING_")}
    assert len(named) >= 5
    assert unknown_settings([name.split("=")[0] for name in named], known_settings()) == []


def test_settings_of_others_are_not_looked_at() -> None:
    assert unknown_settings(["PATH", "GOOGLE_CLOUD_PROJECT", "provisioning_store"], known_settings()) == []
    assert unknown_settings(["PROVISIONING_ZZZZZZ"], known_settings()) == [("PROVISIONING_ZZZZZZ", None)]


@pytest.mark.parametrize(
    ("variable", "value"), [("PROVISIONING_DASK_SCHEDULER", "foo"), ("PROVISIONING_CRAWL_MAX_PAGES", "many")]
)
def test_a_value_that_is_not_accepted_is_missing(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    (finding,) = settings_findings({variable: value})
    assert finding.state is State.MISSING
    assert variable in finding.found
    assert finding.remedy
