"""Comparison with Misata: what the report says about its speed, and what it says if Misata is not installed."""

import json
import os
from pathlib import Path

import pytest

from benchmarks import third_party
from benchmarks.third_party import (
    JudgeUnavailableError,
    misata_figures,
    misata_generation,
    misata_judgement,
    monthly_orders,
)
from provisioning_assets_tests.synthesis.retail_model import ROWS_PER_FACT_ROW, retail_tables


def test_without_misata_its_figures_are_left_out_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(third_party, "INTERPRETER", tmp_path / "judges" / "bin" / "python")
    with pytest.raises(JudgeUnavailableError, match="make judges"):
        misata_judgement(tmp_path)
    assert misata_figures(tmp_path, 1, engine_rows_a_second=1e6) == []
    assert "make judges" in capsys.readouterr().err


def test_the_engines_speed_is_compared_with_misatas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An interpreter that says what Misata's would: what is tested is what becomes of it.
    said = json.dumps({"rows": 300_000, "generate_seconds": 3.0})
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\necho '{said}'\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(third_party, "INTERPRETER", interpreter)
    speed, times, own_speed, own_times = misata_figures(tmp_path, 2, engine_rows_a_second=4_000_000, bar=50)
    assert (speed.value, speed.unit, speed.bar) == (100_000, "rows/s", None)
    assert (times.value, times.bar, times.verdict) == (40, 50, "MISSED by 20%")
    # with its own calendar Misata has less work, so that speed is only reported; the bar applies to the same months
    assert (own_speed.value, own_times.value, own_times.bar) == (100_000, 40, None)
    assert misata_figures(tmp_path, 1, engine_rows_a_second=4_000_000)[1].bar is None


def test_the_months_of_the_orders_are_the_engines_own() -> None:
    months = monthly_orders()
    assert sum(months.values()) == pytest.approx(1)
    assert list(months) == sorted(months)
    assert max(months, key=lambda month: months[month]) == "2025-11"


@pytest.mark.slow
@pytest.mark.parametrize("months", [{}, monthly_orders()], ids=["its own calendar", "the same months"])
def test_misata_makes_as_many_related_rows_as_the_engine(tmp_path: Path, months: dict[str, float]) -> None:
    if not third_party.INTERPRETER.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Misata is not installed: make judges")
    report = misata_generation(tmp_path, 5_000, months).report
    assert report["rows"] == pytest.approx(5_000 * ROWS_PER_FACT_ROW, rel=0.05)
    assert {path.stem for path in tmp_path.glob("*.parquet")} == {table["name"] for table in retail_tables()}
