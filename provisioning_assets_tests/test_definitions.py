"""The project as a whole: what Dagster loads, how the rooms depend on each other, and the rules for modules."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.artefact import Artefact
from provisioning_assets.customer_partitions import customers
from provisioning_assets.definitions import defs
from provisioning_assets.lifecycle.runs import artefact_kinds
from provisioning_assets.settings import PROJECT_FOLDER

PACKAGE = PROJECT_FOLDER / "provisioning_assets"

#: asset -> what it depends on directly, as in docs/architecture.md; assets read further upstream where they need to.
GRAPH = {
    "customer_request": None,
    "customer_website": "customer_request",
    "customer_profile": "customer_website",
    "demo_blueprint": "customer_profile",
    "demo_plan": "demo_blueprint",
    "data_model": "demo_blueprint",
    "synthetic_tables": "data_model",
    "data_quality_report": "synthetic_tables",
    "demo_dataset": "data_quality_report",
    "golden_queries": "demo_dataset",
    "data_agent": "golden_queries",
    "agent_evaluation": "data_agent",
    "demo_booklet": "agent_evaluation",
    "demo_scorecard": "demo_booklet",
}
#: Modules that may import dagster; everything else is plain Python that a test calls with plain values.
MAY_IMPORT_DAGSTER = {
    "assets.py", "checks.py", "sensors.py", "schedules.py", "jobs.py", "resources.py", "definitions.py", "store.py",
    "customer_partitions.py", "cli.py", "asset_decorators.py", "dagster_home.py", "intake.py", "runs.py", "run_planning.py",
    "provisioning.py",
    "demo_teardown.py", "customer_lock.py", "pools.py", "lost_interrupts.py",
    "dagster_records.py", "job_runs.py", "dead_runs.py", "reconciliation.py",
}  # fmt: skip
#: Each costs a new run between a third of a second and three seconds (python -X importtime).
HEAVY = {
    "anthropic", "playwright", "google.cloud", "pandas", "polars", "duckdb", "altair", "trafilatura", "faker",
    "sqlglot", "babel", "vl_convert", "lxml", "scipy", "statsmodels", "sdmetrics",
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPH)
def test_every_asset_explains_itself(name: str) -> None:
    asset = defs.resolve_assets_def(name)
    key = dg.AssetKey(name)
    spec = asset.specs_by_key[key]
    assert spec.description
    assert len(spec.description) > 40
    assert spec.group_name
    assert spec.group_name != "default"
    assert spec.kinds
    assert spec.owners
    assert asset.partitions_def == customers


def test_the_graph_matches_its_documentation() -> None:
    graph = defs.resolve_asset_graph()
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(GRAPH)
    for name, parent in GRAPH.items():
        parents = {key.path[-1] for key in graph.get(dg.AssetKey(name)).parent_keys}
        assert parent is None or parent in parents, name


def test_every_stage_has_a_check_and_blocking_ones_stand_where_later_work_would_be_pointless() -> None:
    graph = defs.resolve_asset_graph()
    checked = {check.asset_key.path[-1] for check in graph.asset_check_keys}
    blocking = {check.asset_key.path[-1] for check in graph.asset_check_keys if graph.get(check).blocking}
    assert checked == set(GRAPH)
    stages = {
        "customer_website",
        "demo_blueprint",
        "data_model",
        "synthetic_tables",
        "data_quality_report",
        "demo_dataset",
    }
    assert stages | {"golden_queries"} <= blocking


def test_an_assets_artefact_bears_its_name() -> None:
    kinds = artefact_kinds(defs)
    assert set(kinds) == set(GRAPH)
    for name, kind in kinds.items():
        assert issubclass(kind, Artefact)
        assert kind.asset_name() == name


def test_a_fresh_process_loads_the_code_location_without_the_heavy_libraries() -> None:
    script = (
        "import sys, json; import provisioning_assets.definitions; "
        f"print(json.dumps([name for name in {sorted(HEAVY)!r} if name in sys.modules]))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(process.stdout) == []


def test_dagster_validates_the_workspace(tmp_path: Path) -> None:
    process = subprocess.run(
        [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "All code locations passed validation" in process.stdout + process.stderr


def test_only_the_modules_dagster_sees_import_it() -> None:
    offenders = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.name not in MAY_IMPORT_DAGSTER and any(name.split(".")[0] == "dagster" for name in _imports(path))
    ]
    assert offenders == []


def test_no_module_has_a_name_without_meaning() -> None:
    nameless = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}
    assert [str(path) for path in PACKAGE.rglob("*.py") if path.name in nameless] == []


#: The rooms, in the order that data flows through them.
ROOMS = [
    "research.website",
    "research.profile",
    "planning",
    "synthesis",
    "quality",
    "warehouse",
    "golden",
    "agent",
    "content",
]
#: Languages: whoever speaks of tables, of SQL or of places may import them. They import no room.
LANGUAGES = {"data_model", "googlesql", "geography"}
#: These stand above all rooms: they may import every room, and no room imports them.
ABOVE_ALL_ROOMS = {"lifecycle", "authoring", "doctor", "cli", "definitions", "targets"}
#: The one exception: Dagster hands the resource of an earlier room to an asset or a check, which has to name its class.
SEES_RESOURCES = {"assets.py", "checks.py"}


def test_a_room_imports_only_models_of_earlier_rooms_and_nothing_of_later_ones() -> None:
    """The import rule of docs/architecture.md, for rooms, languages and the modules outside of both."""
    offenders = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in sorted(_imports(path))
        if not _may_import(path.relative_to(PACKAGE), name)
    ]
    assert offenders == []


@pytest.mark.parametrize(
    ("importer", "name", "allowed"),
    [
        ("research/profile/words.py", "research.website.models", True),
        ("research/profile/words.py", "research.website.pages", False),
        ("research/website/pages.py", "research.profile.models", False),
        ("golden/rules.py", "planning.models", True),
        ("golden/rules.py", "planning.models.DemoPlan", True),
        ("golden/rules.py", "planning.plan_report", False),
        ("golden/rules.py", "planning.resources", False),
        ("golden/assets.py", "warehouse.resources", True),
        ("golden/assets.py", "agent.resources", False),
        ("golden/assets.py", "planning.plan_report", False),
        ("warehouse/models.py", "golden.models", False),
        ("warehouse/models.py", "googlesql.results", True),
        ("agent/local_server/chat.py", "agent.asking", True),
        ("agent/local_server/chat.py", "warehouse.duckdb_dataset", False),
        ("agent/context.py", "lifecycle.runs", False),
        ("lifecycle/runs.py", "agent.context", True),
        ("cli.py", "lifecycle.runs", True),
        ("data_model/lineage.py", "planning.models", False),
        ("asset_decorators.py", "planning.models", False),
        ("asset_decorators.py", "customers", True),
    ],
)
def test_the_import_rule_allows_and_refuses_as_stated(importer: str, name: str, allowed: bool) -> None:
    assert _may_import(Path(importer), f"provisioning_assets.{name}") is allowed


def _may_import(importer: Path, name: str) -> bool:
    """Whether a module, named by its place in the package, may import ``provisioning_assets.<room>.<module>``."""
    package, _, inside = name.partition(".")
    room, module = _room(inside.split("."))
    own, _ = _room([part.removesuffix(".py") for part in importer.parts])
    if package != "provisioning_assets" or own in ABOVE_ALL_ROOMS or room == own:
        return True
    if room in ABOVE_ALL_ROOMS:
        return False
    if room not in ROOMS:
        return True
    if own not in ROOMS or ROOMS.index(room) > ROOMS.index(own):
        return False
    handed_over = {"models", "resources"} if importer.name in SEES_RESOURCES else {"models"}
    return module.split(".")[0] in handed_over


def _room(names: Sequence[str]) -> tuple[str, str]:
    """The room of a dotted name and the name inside it; a folder of rooms is not a room itself."""
    depth = 2 if ".".join(names[:2]) in ROOMS else 1
    return ".".join(names[:depth]), ".".join(names[depth:])


@cache
def _imports(path: Path) -> set[str]:
    """Modules that a file imports. ``from a import b`` gives ``a.b``: ``b`` may be a module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
