"""The other process gives the same measurements as this one would, and its errors are raised here."""

import os
import signal
from pathlib import Path

import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.quality import measuring_process
from provisioning_assets.quality.measuring_process import measure_realism, realism_beside
from provisioning_assets.quality.models import RealismResult
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.synthesis.conftest import Generated


def test_realism_is_measured_in_the_other_process(retail: Generated) -> None:
    with realism_beside(retail.model, retail.tables, retail.folder) as beside:
        realism = beside.result()
    assert realism
    assert realism == measure_realism(retail.model, retail.tables, retail.folder)


def test_an_error_in_the_other_process_is_raised_again_unchanged(retail: Generated, tmp_path: Path) -> None:
    with (
        realism_beside(retail.model, retail.tables, tmp_path) as beside,
        pytest.raises(Exception, match=r"part-00000\.parquet") as raised,
    ):
        beside.result()
    with pytest.raises(type(raised.value)):
        measure_realism(retail.model, retail.tables, tmp_path)


def killed(model: DataModel, tables: SyntheticTables, folder: Path) -> list[RealismResult]:
    """Stands for a measurement that the system ends for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("not reached")


def test_a_killed_process_is_reported_with_what_to_do(retail: Generated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring_process, "measure_realism", killed)
    with (
        realism_beside(retail.model, retail.tables, retail.folder) as beside,
        pytest.raises(ProvisioningError, match="too little memory") as raised,
    ):
        beside.result()
    assert "smaller --size" in raised.value.remedy
