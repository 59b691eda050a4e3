"""A model that cannot be generated here is refused before a row is, with all that is wrong; nothing is written."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from upath import UPath

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.validation import validate_model
from provisioning_assets_tests.synthesis.retail_model import retail_model, retail_tables


def test_every_problem_is_a_line_of_the_refusal_and_nothing_is_written(tmp_path: Path) -> None:
    tables = {table["name"]: table for table in retail_tables()}
    columns = {name: {column["name"]: column for column in table["columns"]} for name, table in tables.items()}
    columns["orders"]["channel"]["generator"]["weights"] = [1.0]
    columns["products"]["unit_cost"]["generator"]["sql"] = "price * 2"
    with pytest.raises(ProvisioningError) as refusal:
        synthesise(retail_model(tables=list(tables.values())), tmp_path)
    lines = [line for line in str(refusal.value).splitlines() if line.startswith("- ")]
    assert [line.split(":")[0] for line in lines] == [
        "- products.unit_cost.expression.sql",
        "- orders.channel.category.weights",
    ]
    assert "2 problems" in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_a_size_beyond_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=5_000_000))
    validate_model(retail_model(2_000), tmp_path / "not" / "there" / "yet")
    with pytest.raises(ProvisioningError, match=r"GB are free.*smaller --size"):
        validate_model(retail_model(2_000_000), tmp_path)
    validate_model(retail_model(2_000_000), UPath("memory://bucket/shop"))
