"""The store contains complete documents or none, and no key leads outside it."""

import signal
import subprocess
import sys
import textwrap
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from fsspec.implementations.local import LocalFileSystem
from upath import UPath

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.atomic_files import write_whole
from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.models import Brand, CustomerWebsite
from provisioning_assets.store import ArtefactIOManager, DemoStore, materialized
from provisioning_assets.synthesis.models import SyntheticTables, TableFile, TableManifest

TODAY = date(2026, 3, 1)


@pytest.fixture
def folder_store(tmp_path: Path) -> DemoStore:
    """A store in a folder of this machine."""
    return DemoStore(root=str(tmp_path / "store"))


@pytest.fixture(params=["folder", "memory", "bucket", "whole bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DemoStore:
    """An empty store in each place where a store can be."""
    if "bucket" in request.param:
        prefix = "" if request.param == "whole bucket" else "/some/demos"
        return DemoStore(root=f"gs://{request.getfixturevalue('bucket')}{prefix}")
    return DemoStore(root=str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_an_artefact_is_read_as_it_was_written(store: DemoStore) -> None:
    assert store.customer_keys() == []
    assert not store.has_customer("acme_com")
    request = build_request("acme_com", {"size": "medium"}, today=TODAY)
    path = store.write("acme_com", request)
    assert path.name == "customer_request.json"
    assert store.read("acme_com", CustomerRequest) == request
    assert store.customer_keys() == ["acme_com"]
    assert store.has_customer("acme_com")
    assert [file.name for file in path.parent.iterdir()] == ["customer_request.json"]
    larger = request.model_copy(update={"notes": "sells tea"})
    store.write("acme_com", larger)
    assert store.read("acme_com", CustomerRequest) == larger


@pytest.mark.parametrize("key", ["../acme_com", "/etc", "acme.com", ""])
def test_a_key_cannot_lead_outside_the_store(store: DemoStore, key: str) -> None:
    with pytest.raises(ProvisioningError, match="is not a customer key"):
        store.folder(key)


def test_a_missing_artefact_says_what_to_do(store: DemoStore) -> None:
    with pytest.raises(ProvisioningError, match=r"has no customer_request yet.*Materialize customer_request"):
        store.read("acme_com", CustomerRequest)
    assert store.find("acme_com", CustomerRequest) is None


def test_an_artefact_of_another_version_is_refused_by_name(store: DemoStore) -> None:
    path = store.write("acme_com", build_request("acme_com", {}, today=TODAY))
    write_whole(path, b'{"key": "acme_com", "colour": "red"}')
    with pytest.raises(ProvisioningError, match="is not a customer_request of this version: url"):
        store.read("acme_com", CustomerRequest)
    assert store.find_readable("acme_com", CustomerRequest) is None
    assert not store.is_complete("acme_com", CustomerRequest)


def test_an_artefact_is_complete_with_its_files(store: DemoStore) -> None:
    file = TableFile(path="tables/t/part-00000.parquet", rows=1, bytes=1, sha256=sha256(b"x").hexdigest())
    tables = SyntheticTables(
        seed=1, as_of=TODAY, tables=[TableManifest(name="t", rows=1, files=[file])], rows=1, seconds=0.1
    )
    store.write("acme_com", tables)
    assert not store.is_complete("acme_com", SyntheticTables)
    write_whole(store.folder("acme_com") / file.path, b"x")
    assert store.is_complete("acme_com", SyntheticTables)


def test_folders_that_are_not_customers_are_left_out(store: DemoStore) -> None:
    store.write("acme_com", build_request("acme_com", {}, today=TODAY))
    write_whole(store.base() / "lost+found" / "x", b"x")
    write_whole(store.base() / "readme_txt", b"a file")
    assert store.customer_keys() == ["acme_com"]


def test_a_process_killed_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "customer_request.json"
    target.write_bytes(b"old")
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from provisioning_assets import atomic_files
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
        atomic_files.write_whole(Path({str(target)!r}), b"new" * 1000)
    """)
    process = subprocess.run([sys.executable, "-c", script], check=False)
    assert process.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"
    write_whole(UPath(target), b"newer")
    assert target.read_bytes() == b"newer"
    assert target.stat().st_mode & 0o777 == 0o644


def _website(text: str) -> CustomerWebsite:
    return CustomerWebsite.model_validate(
        {"url": "https://acme.com", "fetched_at": text, "pages": [], "brand": Brand().model_dump()}
    )


def test_a_digest_depends_on_the_content_and_not_on_the_time() -> None:
    one, later = _website("2026-01-01T00:00:00Z"), _website("2026-01-02T00:00:00Z")
    assert one.digest() == later.digest()
    assert one.digest() != later.model_copy(update={"notes": "sells tea"}).digest()


def test_assets_pass_artefacts_on_and_an_error_has_a_readable_message(store: DemoStore) -> None:
    @demo_asset(group_name="request", kinds={"json"}, description="first", code_version="1")
    def customer_request(context: dg.AssetExecutionContext) -> dg.MaterializeResult[CustomerRequest]:
        return materialized(build_request(context.partition_key, {}, today=TODAY), {})

    @demo_asset(group_name="research", kinds={"json"}, description="second", code_version="1")
    def customer_website(customer_request: CustomerRequest) -> dg.MaterializeResult[CustomerWebsite]:
        raise ProvisioningError(f"{customer_request.url} cannot be read.", "Give --saved-pages.")

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(customers.name), ["acme_com"])
        result = dg.materialize(
            [customer_request, customer_website],
            instance=instance,
            partition_key="acme_com",
            resources={"io_manager": ArtefactIOManager(store=store)},
            raise_on_error=False,
        )
    assert store.exists("acme_com", CustomerRequest)
    failures = [event for event in result.all_events if event.is_step_failure]
    assert len(failures) == 1
    described = failures[0].step_failure_data.user_failure_data
    assert described is not None
    assert described.description == "https://acme.com cannot be read. Give --saved-pages."


def test_an_artefact_that_cannot_be_passed_on_fails_the_step_in_words(folder_store: DemoStore) -> None:
    @demo_asset(group_name="research", kinds={"json"}, description="second", code_version="1")
    def customer_website(customer_request: CustomerRequest) -> dg.MaterializeResult[CustomerWebsite]:
        raise AssertionError("it has no request")

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(customers.name), ["acme_com"])
        result = dg.materialize(
            [customer_website, dg.AssetSpec("customer_request", partitions_def=customers)],
            instance=instance,
            partition_key="acme_com",
            resources={"io_manager": ArtefactIOManager(store=folder_store)},
            raise_on_error=False,
        )
    [failure] = [event for event in result.all_events if event.is_step_failure]
    described = failure.step_failure_data.user_failure_data
    assert described is not None
    assert described.description is not None
    assert "has no customer_request yet" in described.description


def test_a_customer_is_removed_with_all_files_and_the_request_last(store: DemoStore) -> None:
    store.write("acme_com", build_request("acme_com", {}, today=TODAY))
    write_whole(store.folder("acme_com") / "tables" / "orders" / "part-00000.parquet", b"x")
    store.write("other_com", build_request("other_com", {}, today=TODAY))
    assert store.remove("acme_com") == 2
    assert store.remove("acme_com") is None
    assert store.customer_keys() == ["other_com"]


def test_a_removal_that_stops_half_way_is_still_listed(
    folder_store: DemoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_store.write("acme_com", build_request("acme_com", {}, today=TODAY))
    folder_store.write("acme_com", _website("2026-01-01T00:00:00Z"))
    remove = LocalFileSystem.rm

    def fails_at_the_request(self: LocalFileSystem, path: str, *arguments: Any, **named: Any) -> None:
        if path.endswith("customer_request.json"):
            raise OSError("the disk is gone")
        remove(self, path, *arguments, **named)

    monkeypatch.setattr(LocalFileSystem, "rm", fails_at_the_request)
    with pytest.raises(OSError, match="the disk is gone"):
        folder_store.remove("acme_com")
    assert folder_store.customer_keys() == ["acme_com"]
    assert folder_store.exists("acme_com", CustomerRequest)
    assert not folder_store.exists("acme_com", CustomerWebsite)
