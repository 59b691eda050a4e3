"""The list of demos."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from provisioning_assets.content.models import DemoScorecard, Figure
from provisioning_assets.customers import build_request
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.lifecycle.listing_text import print_demos
from provisioning_assets.store import DemoStore

TODAY = date(2026, 3, 1)


def test_demos_are_listed_with_their_state(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    assert list_demos(store) == []
    store.write("b_com", build_request("b_com", {"industry": "telecom", "ttl_days": 3}, today=TODAY))
    store.write("a_com", build_request("a_com", {}, today=TODAY))
    (tmp_path / "half_gone_com").mkdir()
    first, second = list_demos(store)
    assert [first.key, second.key] == ["a_com", "b_com"]
    assert second.industry == "telecom"
    assert second.state(TODAY) == "unfinished"
    assert second.state(TODAY + timedelta(days=3)) == "expired"
    listed = second.as_json(TODAY + timedelta(days=2))
    assert (listed["age_days"], listed["expires_on"], listed["ready"]) == (2, "2026-03-04", None)


def test_the_command_lists_demos_without_loading_dagster(tmp_path: Path) -> None:
    """Its import takes longer than reading thousands of demos."""
    DemoStore(root=str(tmp_path)).write("a_com", build_request("a_com", {}, today=TODAY))
    script = (
        "import sys; from provisioning_assets.cli import app; app(['list', '--json'], standalone_mode=False); "
        "print([name for name in ('dagster', 'pandas', 'polars', 'duckdb') if name in sys.modules])"
    )
    environment = {**os.environ, "PROVISIONING_STORE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    *listed, loaded = done.stdout.splitlines()
    assert json.loads("".join(listed))[0]["key"] == "a_com"
    assert loaded == "[]"


def scorecard(key: str, **other: object) -> DemoScorecard:
    """Of a demo that is ready, as large as a real one."""
    figures = [Figure(name=f"figure_{number}", value=0.5, unit="share", note="12 of 24") for number in range(35)]
    made = DemoScorecard(
        key=key, company_name="Acme [red]Ltd", industry="saas", blueprint="saas", ready=True, reasons=[], figures=figures,
        as_of=TODAY, created_at=datetime(2026, 3, 1, tzinfo=UTC), expires_on=TODAY,
    )  # fmt: skip
    return made.model_copy(update=other)


def test_a_demo_in_memory_or_in_a_folder_is_listed_with_owner_and_dates(tmp_path: Path) -> None:
    for root in (str(tmp_path), "memory://listing"):
        store = DemoStore(root=root)
        store.write("a_com", build_request("a_com", {"owner": "ann@example.com", "as_of": "2026-02-01"}, today=TODAY))
        store.write("a_com", scorecard("a_com", as_of=date(2026, 2, 1)))
        store.write("b_com", build_request("b_com", {}, today=TODAY))
        store.write("b_com", scorecard("b_com").withdrawn("golden_queries", datetime(2026, 3, 5, tzinfo=UTC)))
        fixed, withdrawn = list_demos(store)
        assert (fixed.owner, fixed.figures_of, fixed.keeps_its_date) == ("ann@example.com", date(2026, 2, 1), True)
        assert (fixed.company, fixed.state(TODAY)) == ("Acme [red]Ltd", "ready")
        assert (withdrawn.ready, withdrawn.state(TODAY)) == (False, "unfinished")
        assert (withdrawn.withdrawn_on, withdrawn.figures_of) == (date(2026, 3, 5), TODAY)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_list_shows_names_as_they_are(tmp_path: Path, terminal: bool) -> None:
    store = DemoStore(root=str(tmp_path))
    store.write("a_com", build_request("a_com", {"owner": "ann@example.com"}, today=TODAY))
    store.write("a_com", scorecard("a_com", company_name="Acme [red]\x1b[31mLtd"))
    shown = StringIO()
    console = Console(file=shown, width=200, force_terminal=terminal, color_system=None)
    print_demos(console, [(demo, date(2026, 3, 8)) for demo in list_demos(store)], TODAY)
    assert "Acme [red] [31mLtd" in shown.getvalue()
    assert "ann@example.com" in shown.getvalue()
    assert "2026-03-08" in shown.getvalue()


def test_a_pinned_demo_has_no_day_of_expiry(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    store.write("a_com", build_request("a_com", {"pinned": True}, today=TODAY))
    (demo,) = list_demos(store)
    assert demo.state(TODAY + timedelta(days=4000)) == "unfinished"
    listed = demo.as_json(TODAY)
    assert (listed["pinned"], listed["expires_on"]) == (True, None)
