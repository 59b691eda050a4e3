"""What a collector of logs reads from a run: one JSON object a line, with customer, run and stage, and no secret."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import Settings, read_settings
from provisioning_assets.telemetry.log_lines import PROJECT_LOGGER, RECORDS_LOGGER, configure_logging
from provisioning_assets_tests.telemetry.small_graph import KEY, PASSWORD, run


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (PROJECT_LOGGER, RECORDS_LOGGER)]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    yield
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def told(found: list[dict[str, Any]], event: str, stage: str | None = None) -> dict[str, Any]:
    [line] = [line for line in found if line["event"] == event and line.get("stage") == stage]
    return line


def test_each_stage_leaves_a_line_at_its_beginning_and_its_end(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="json"))
    result = run(instance)
    found = lines(capsys.readouterr().err)
    for stage in ("first_stage", "second_stage"):
        for event in ("stage started", "stage ended"):
            line = told(found, event, stage)
            assert (line["customer"], line["run"], line["level"]) == (KEY, result.run_id, "info")
            assert datetime.fromisoformat(line["at"]).tzinfo is not None
    ended = told(found, "stage ended", "first_stage")
    assert ended["rows"] == 1234
    assert 0 <= ended["seconds"] < 60
    assert "rows" not in told(found, "stage ended", "second_stage")
    line = told(found, "run ended")
    assert (line["customer"], line["run"], line["status"], line["job"]) == (KEY, result.run_id, "SUCCESS", "make")
    assert line["seconds"] > 0


def test_warnings_of_modules_threads_stages_and_checks_say_where_they_belong(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="json"))
    run_id = run(instance).run_id
    found = lines(capsys.readouterr().err)
    warnings = [line for line in found if line["level"] == "warning"]
    assert len(warnings) == 3
    for line in warnings:
        assert (line["customer"], line["run"], line["stage"]) == (KEY, run_id, "first_stage")
    said = {line["event"] for line in warnings}
    assert {"stand-ins were used", "check failed"} < said
    assert any(event.startswith("a thread\nsays") for event in said)
    check = told(found, "check failed", "first_stage")
    assert (check["check"], check["severity"], check["problem"]) == ("has_rows", "WARN", "no row in May")


def test_a_users_mistake_has_a_remedy_and_a_crash_has_a_stack(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="json"))
    run(instance, "mistake")
    line = told(lines(capsys.readouterr().err), "stage failed", "second_stage")
    assert line["remedy"] == "Make room."
    assert "is full" in line["problem"]
    assert "exception" not in line
    run(instance, "crash")
    found = lines(capsys.readouterr().err)
    assert "Traceback" in told(found, "stage failed", "second_stage")["exception"]
    assert told(found, "run ended")["status"] == "FAILURE"


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("ends", ["mistake", "crash"])
def test_no_secret_is_written(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str], form: str, ends: str
) -> None:
    configure_logging(Settings.model_validate({"log_format": form, "log_level": "debug"}))
    run(instance, ends)
    printed = capsys.readouterr().err
    assert "***" in printed
    assert PASSWORD not in printed


def test_what_others_wrote_moves_no_cursor_and_begins_no_line(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="text"))
    run(instance)
    printed = capsys.readouterr().err
    assert "\x1b" not in printed
    [line] = [line for line in printed.splitlines() if "a thread" in line]
    assert "says" in line
    assert f"warning {KEY} first_stage" in line


@pytest.mark.parametrize("ends", ["well", "crash"])
def test_by_default_a_terminal_shows_warnings_of_modules_only(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.delenv("PROVISIONING_LOG_FORMAT", raising=False)
    monkeypatch.delenv("PROVISIONING_LOG_LEVEL", raising=False)
    configure_logging(read_settings())
    run(instance, ends)
    [line] = capsys.readouterr().err.splitlines()
    assert "a thread" in line


def test_a_level_that_is_chosen_shows_the_stages_as_text_too(
    instance: dg.DagsterInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_level="info"))
    run(instance)
    printed = capsys.readouterr().err
    assert f"info {KEY} first_stage: stage ended seconds=" in printed
    assert "check failed" in printed


def test_configured_twice_it_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        configure_logging(Settings(log_format="json"))
    logging.getLogger("provisioning_assets.warehouse").warning("once")
    assert len(lines(capsys.readouterr().err)) == 1


def test_seconds_and_rows_are_figures_on_the_assets_page(instance: dg.DagsterInstance) -> None:
    result = run(instance)
    [made] = result.asset_materializations_for_node("first_stage")
    assert made.metadata["dagster/row_count"].value == 1234
    assert isinstance(made.metadata["stage seconds"].value, float)


@pytest.mark.parametrize(("variable", "value"), [("LOG_FORMAT", "xml"), ("LOG_LEVEL", "loud")])
def test_a_form_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"PROVISIONING_{variable}", value)
    with pytest.raises(ProvisioningError, match=rf"PROVISIONING_{variable} is '{value}'.*Set it to"):
        read_settings()
