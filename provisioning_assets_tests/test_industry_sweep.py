"""The sweep over blueprints: what it measures of one, and the page that it writes."""

import re
from pathlib import Path

import pytest

from evaluation.industries import run as sweep
from provisioning_assets.planning.blueprint_sources import BLUEPRINTS, blueprint_ids

PAGE = f"# Industries\n\nBefore.\n\n{sweep.BEGIN}\n\nearlier\n\n{sweep.END}\n\nAfter.\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "industries.md"
    file.write_text(PAGE)
    monkeypatch.setattr(sweep, "PAGE", file)
    monkeypatch.setattr(sweep, "RESULTS", tmp_path / "sweep.json")
    return file


def result(industry: str, **more: object) -> sweep.Swept:
    return sweep.Swept.model_validate({"industry": industry, "name": industry, "digest": "0", "checks": 4, **more})


def test_one_industry_is_measured_and_its_row_written(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["fitness", "--sizes", "small", "--seeds", "1", "--insight-seeds", "2"]
    assert sweep.main(command) == 0
    assert "fitness: ready" in capsys.readouterr().out
    written = page.read_text()
    assert re.search(
        r"^\| fitness \| yes \| 12 \| [\d,]+ \| 14 \| \d+% \| 5 \| \d+\.\d \| 2 of 2 \|", written, re.MULTILINE
    )
    assert "### Fitness clubs (`fitness`)" in written
    assert "{measured}" not in written
    assert "earlier" not in written
    assert (written.startswith("# Industries\n\nBefore."), written.endswith("After.\n")) == (True, True)
    assert set(sweep.kept_results()) == {"fitness"}


def test_what_was_measured_of_another_file_is_not_shown(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep.keep({name: result(name) for name in ("fitness", "banking", "a_trade_that_is_gone")})
    monkeypatch.setattr(sweep, "blueprint_digest", lambda name: "0" if name == "banking" else "1")
    assert set(sweep.kept_results()) == {"banking"}


def test_a_check_that_does_not_pass_is_counted_and_told() -> None:
    failures = ["small, 2026-01-05: no rows", "small, 2026-01-05: no agent", "medium, 2024-02-29: no rows"]
    shown = sweep.table([result("fitness", failures=failures, insight_seeds=20, hold_in=19)])
    assert "| fitness | 2 of 4 |" in shown
    assert "| 19 of 20 |" in shown


def test_a_page_without_a_place_for_the_table_and_an_unknown_industry_are_told(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_text("# Industries\n")
    assert sweep.main(["pets", "--no-page"]) == 2
    assert "pets" in capsys.readouterr().err
    with pytest.raises(sweep.ProvisioningError, match="no place for the table"):
        sweep.with_table(page.read_text(), "")


def test_the_page_describes_every_industry() -> None:
    """Written by `make sweep`; a blueprint that was added since is missed here."""
    text = (BLUEPRINTS.parents[2] / "docs" / "industries.md").read_text(encoding="utf-8")
    assert {industry for industry in blueprint_ids() if f"(`{industry}`)" in text} == set(blueprint_ids())
