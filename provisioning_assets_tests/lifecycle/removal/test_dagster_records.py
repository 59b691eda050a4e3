"""What Dagster remembers of a customer is forgotten in PostgreSQL, too, and only of that customer."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.event_api import PartitionKeyFilter

from provisioning_assets import clock
from provisioning_assets.lifecycle.removal.dagster_records import forget_partition, remembered_of
from provisioning_assets.targets import Target
from provisioning_assets_tests.deployment.compose_file import DOCKER
from provisioning_assets_tests.deployment.postgresql_server import PostgresqlServer, find_binaries, postgresql_server
from provisioning_assets_tests.lifecycle.removal.small_demo import KEY, REQUEST, make_demo


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server for the tests of this file. Without one installed they fail in CI and are skipped elsewhere."""
    binaries = find_binaries()
    if binaries is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no PostgreSQL server is installed: run `make postgresql`"
        )
    with postgresql_server(binaries) as running:
        yield running


@contextlib.contextmanager
def in_postgresql(server: PostgresqlServer, home: Path) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        (home / "dagster.yaml").write_text((DOCKER / "postgresql_storage.yaml").read_text())
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance


def mentions(server: PostgresqlServer, text: str) -> list[str]:
    """Every table in whose rows the text stands."""
    tables = [str(row[0]) for row in server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return [
        table
        for table in sorted(tables)
        if server.query(f"SELECT count(*) FROM \"{table}\" r WHERE strpos(r::text, '{text}') > 0")[0][0]
    ]


def test_a_customer_is_forgotten_and_another_one_is_not(server: PostgresqlServer, home: Path, target: Target) -> None:
    check = dg.AssetCheckKey(dg.AssetKey("customer_profile"), "is_certain")
    with in_postgresql(server, home) as instance:
        make_demo(target, instance, clock.today(), "other_com")
        make_demo(target, instance, clock.today())
        others = mentions(server, "other_com")
        assert {"asset_check_executions", "event_logs", "runs"} <= set(mentions(server, KEY))
        said = remembered_of(instance, KEY)
        assert said is not None
        assert said.startswith("1 run, ")
        forget_partition(instance, KEY)
        assert remembered_of(instance, KEY) is None
        assert mentions(server, KEY) == ["dynamic_partitions"]
        assert set(others) <= set(mentions(server, "other_com"))
        storage = instance.event_log_storage
        assert storage.get_latest_asset_check_execution_by_key([check], PartitionKeyFilter(key=KEY)) == {}
        assert storage.get_latest_asset_check_execution_by_key([check], PartitionKeyFilter(key="other_com"))
        latest = instance.get_latest_materialization_event(dg.AssetKey(REQUEST))
        assert latest is not None
        assert latest.asset_materialization is not None
        assert latest.asset_materialization.partition == "other_com"
        forget_partition(instance, KEY)  # twice is once
