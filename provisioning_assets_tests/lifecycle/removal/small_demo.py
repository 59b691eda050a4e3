"""A small demo with all that a real one leaves behind: files, data set, agent, runs, checks, events, partition."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.data_agent import provision_agent, removable_agents
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import build_request
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.runs import run_stages
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import Target, local_target

KEY = "acme_com"
OWNER = "ann@acme.com"
REQUEST = "customer_request"


def target_in(folder: Path) -> Target:
    """The target of a store below the folder."""
    return local_target(DemoStore(root=str(folder / "store")))


def make_demo(target: Target, instance: dg.DagsterInstance, today: date, key: str = KEY, **asked: Any) -> None:
    """Make the demo."""
    request = build_request(key, {"owner": OWNER, **asked}, today=today)
    outcome = run_stages(production_definitions(target), instance, request, [REQUEST], lambda _event: None)
    assert outcome.success
    target.store.write(key, request)
    with duckdb.connect(str(target.store.folder(key) / "dataset.duckdb")) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 1 AS order_id")
    with target.data_agents.session() as session:
        context = gda.Context(system_instruction="Answer questions about the shop.")
        table = gda.BigQueryTableReference(project_id="local", dataset_id=f"demo_{key}", table_id="orders")
        context.datasource_references.bq.table_references.append(table)
        provision_agent(
            session.agent_client,
            session.parent,
            key,
            display_name="A shop",
            description="Orders",
            context=context,
            store=session.store,
        )
    asset = dg.AssetKey("customer_profile")
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=key))
    check = dg.AssetCheckEvaluation(asset_key=asset, check_name="is_certain", passed=False, partition=key, metadata={})
    instance.report_runless_asset_event(check)


def left_of(target: Target, instance: dg.DagsterInstance, key: str = KEY) -> list[str]:
    """What is there of the demo, in the order in which a teardown removes it."""
    with target.data_agents.session() as session:
        agents = removable_agents(session.agent_client, session.parent, key)
    found = {
        "agent": bool(agents),
        "data set": target.warehouse.exists(key),
        "artefacts": target.store.has_customer(key),
        "runs": bool(instance.get_runs(filters=dg.RunsFilter(tags={"dagster/partition": key}))),
        "partition": instance.has_dynamic_partition(str(customers.name), key),
    }
    return [name for name, there in found.items() if there]


def mentions(home: Path, text: str) -> list[str]:
    """Every place of Dagster's SQLite files in which the text stands: file, table, column."""
    found: list[str] = []
    for file in sorted(home.rglob("*.db")):
        with sqlite3.connect(file) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                for column in [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]:
                    query = f'SELECT count(*) FROM "{name}" WHERE instr(CAST("{column}" AS TEXT), ?)'
                    if connection.execute(query, [text]).fetchone()[0]:
                        found.append(f"{file.relative_to(home)}: {name}.{column}")
    return found
