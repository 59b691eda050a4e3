"""What makes a demo out of date: a change of what it was made from, and nothing else.

Seen by Dagster, which the UI shows, and by ``provision run``. The package is a copy whose files are edited, run in processes
of its own, as an author edits a checkout.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace

STATUSES = """
import json, sys
from datetime import UTC, datetime
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.definitions.temporal_context import TemporalContext
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.definitions import defs
from provisioning_assets.lifecycle.provisioning import dagster_instance
from provisioning_assets.lifecycle.runs import stages_to_run
from provisioning_assets.settings import read_settings
from provisioning_assets.store import DemoStore

key = sys.argv[1]
graph = defs.resolve_asset_graph()
with dagster_instance() as (instance, _):
    moment = TemporalContext(effective_dt=datetime.now(tz=UTC), last_event_id=None)
    view = AssetGraphView(temporal_context=moment, instance=instance, asset_graph=graph)
    resolver = CachingStaleStatusResolver(instance, graph, view)
    found = {}
    for asset in graph.toposorted_asset_keys:
        causes = resolver.get_stale_root_causes(asset, key)
        found[asset.path[-1]] = [resolver.get_status(asset, key).value, sorted({c.asset_key.path[-1] for c in causes})]
    store = DemoStore(root=read_settings().store_root)
    stages = stages_to_run(defs, instance, store, store.read(key, CustomerRequest), everything=False)
print(json.dumps([found, list(stages.to_run)]))
"""
"""Prints of each asset its status in Dagster and the assets where the cause lies, and the stages that a run may make."""

PLANNING = ["demo_blueprint", "data_model", "demo_plan"]
RESEARCH = ["customer_request", "customer_website", "customer_profile"]
FRESH, STALE = "FRESH", "STALE"


@dataclass(frozen=True)
class Checkout(Workplace):
    """A workplace with a copy of the package."""

    @property
    def package(self) -> Path:
        return self.folder / "checkout" / "provisioning_assets"

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PYTHONPATH": str(self.package.parent)}

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one place of a file of the package."""
        path = self.package / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {text.count(old)} of {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *more: str) -> tuple[list[str], list[str]]:
        """``provision run``: the stages it made and those it reused."""
        process = self.provision("run", EXAMPLE_URL, *more, "--json")
        assert process.returncode == 0, process.stderr
        stages = json.loads(process.stdout)["stages"]
        made, reused = ([stage["stage"] for stage in stages if stage["status"] == each] for each in ("made", "reused"))
        assert len(made) + len(reused) == len(stages) == len({*made, *reused})
        return made, reused

    def out_of_date(self) -> tuple[dict[str, tuple[str, list[str]]], list[str]]:
        """Asset -> its status in Dagster, and where the cause lies; and the stages that a run may have to make."""
        process = subprocess.run(
            [sys.executable, "-c", STATUSES, EXAMPLE_KEY],
            cwd=self.package.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found, stages = json.loads(process.stdout)
        return {name: (status, causes) for name, (status, causes) in found.items()}, stages

    def stale(self) -> list[str]:
        """Assets that are not up to date for Dagster."""
        return [name for name, (status, _) in self.out_of_date()[0].items() if status != FRESH]

    def written(self) -> dict[str, int]:
        """Document -> when it was last written."""
        folder = self.store / EXAMPLE_KEY
        return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workplace in which the example was provisioned."""
    place = Checkout(tmp_path_factory.mktemp("provisioned"))
    shutil.copytree(PROJECT_FOLDER / "provisioning_assets", place.package, ignore=shutil.ignore_patterns("__pycache__"))
    process = place.provision("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)
    assert process.returncode == 0, process.stdout + process.stderr
    return place.folder


@pytest.fixture
def checkout(provisioned: Path, tmp_path: Path) -> Checkout:
    shutil.copytree(provisioned, tmp_path / "copy")
    return Checkout(tmp_path / "copy")


def test_without_changes_no_stage_runs_again(checkout: Checkout) -> None:
    assert checkout.stale() == []
    before = checkout.written()
    made, _ = checkout.run()
    assert made == []
    assert checkout.written() == before


def test_a_changed_talk_track_makes_the_plan_again_and_keeps_the_tables(checkout: Checkout) -> None:
    before = checkout.written()
    checkout.edit(
        "planning/blueprints/retail_ecommerce.yaml",
        "Start with the question of every sales meeting",
        "Begin where every meeting",
    )
    assert checkout.out_of_date()[0]["demo_blueprint"] == (STALE, ["demo_blueprint"])
    assert not set(RESEARCH) & set(checkout.stale())
    made, reused = checkout.run()
    assert {"demo_blueprint", "demo_plan", "demo_booklet"} <= set(made)
    assert {*RESEARCH, "synthetic_tables", "demo_dataset"} <= set(reused)
    assert "Begin where every meeting" in (checkout.store / EXAMPLE_KEY / "demo_plan.json").read_text()
    after = checkout.written()
    tables = [name for name in before if name.endswith((".parquet", ".duckdb"))]
    assert tables
    assert [name for name in [*tables, "synthetic_tables.json"] if before[name] != after[name]] == []
    assert checkout.stale() == []


def test_a_changed_column_reaches_the_tables_and_all_that_rest_on_them(checkout: Checkout) -> None:
    growth = "ordered_at: {arrival: {growth: 0.14,"
    checkout.edit("planning/blueprints/retail_ecommerce.yaml", growth, growth.replace("0.14", "0.16"))
    assert checkout.out_of_date()[0]["demo_blueprint"] == (STALE, ["demo_blueprint"])
    made, reused = checkout.run()
    assert reused == RESEARCH
    assert {"data_model", "synthetic_tables", "data_quality_report", "demo_dataset", "golden_queries"} <= set(made)
    assert checkout.stale() == []


def test_another_industrys_file_is_looked_at_and_changes_nothing(checkout: Checkout) -> None:
    checkout.edit("planning/blueprints/saas.yaml", "name: Software and SaaS", "name: Software")
    checkout.edit("planning/blueprints/telecom.yaml", "history_days:", "# two years and more\nhistory_days:")
    assert checkout.out_of_date()[0]["demo_blueprint"] == (STALE, ["demo_blueprint"])
    made, _ = checkout.run()
    assert set(made) <= set(PLANNING)
    assert "demo_blueprint" in made
    assert checkout.stale() == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("planning/shared/rhythms.yaml", "  online_shopping:    [0.35,", "  online_shopping:    [0.55,"),
        ("planning/markets.yaml", "USD: {level: 1}", "USD: {level: 1.25}"),
    ],
)
def test_shared_words_rhythms_and_markets_are_part_of_what_a_demo_is_made_from(
    checkout: Checkout, file: str, old: str, new: str
) -> None:
    checkout.edit(file, old, new)
    statuses, stages = checkout.out_of_date()
    assert statuses["demo_blueprint"] == (STALE, ["demo_blueprint"])
    assert stages[: len(PLANNING)] == PLANNING


def test_another_version_of_the_engine_starts_at_the_tables(checkout: Checkout) -> None:
    checkout.edit("synthesis/assets.py", "CODE_VERSION = str(ENGINE_VERSION)", 'CODE_VERSION = "another"')
    statuses, stages = checkout.out_of_date()
    assert statuses["synthetic_tables"] == (STALE, ["synthetic_tables"])
    assert [name for name in (*RESEARCH, *PLANNING) if statuses[name][0] != FRESH] == []
    assert stages[0] == "synthetic_tables"
    assert not {*RESEARCH, *PLANNING} & set(stages)


@pytest.mark.slow
@pytest.mark.long
def test_the_ces_own_edit_of_a_text_leaves_the_tables_as_they_are(checkout: Checkout, tmp_path: Path) -> None:
    edits = tmp_path / "edits.yaml"
    edits.write_text('[{path: title, value: "Ready for the season"}]')
    made, reused = checkout.run("--edits", str(edits))
    assert {"customer_request", "demo_blueprint", "demo_plan", "demo_booklet"} <= set(made)
    assert {"customer_website", "synthetic_tables", "demo_dataset"} <= set(reused)
    assert "Ready for the season" in (checkout.store / EXAMPLE_KEY / "demo_plan.json").read_text()
    statuses, stages = checkout.out_of_date()
    assert {status for status, _ in statuses.values()} == {FRESH}
    assert stages == [], "the edits stay until others are given"


def test_an_edit_that_cannot_be_made_stores_nothing_and_keeps_the_demo(checkout: Checkout, tmp_path: Path) -> None:
    before = checkout.written()
    edits = tmp_path / "edits.yaml"
    edits.write_text("[{path: insights.late_trucks, value: null}, {path: kpis.0.sql, value: SELECT 1 AS one}]")
    process = checkout.provision("run", EXAMPLE_URL, "--edits", str(edits))
    assert process.returncode == 2
    assert "insights.late_trucks: There is no 'late_trucks' to remove." in " ".join(process.stderr.split())
    assert checkout.written() == before
    assert checkout.stale() == []


@pytest.mark.slow
@pytest.mark.long
def test_a_request_that_asks_for_the_same_pages_does_not_read_them_again(checkout: Checkout) -> None:
    website = checkout.store / EXAMPLE_KEY / "customer_website.json"
    read_at = json.loads(website.read_text())["fetched_at"]
    made, reused = checkout.run("--seed", "7")
    assert "customer_website" in reused
    assert "synthetic_tables" in made
    assert json.loads(website.read_text())["fetched_at"] == read_at
    made, _ = checkout.run("--seed", "8", "--refresh")
    assert "customer_website" in made
    assert json.loads(website.read_text())["fetched_at"] > read_at
    made, _ = checkout.run("--notes", "They also sell refurbished furniture.")
    assert "customer_website" in made
