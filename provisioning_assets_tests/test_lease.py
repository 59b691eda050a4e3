"""A lock in Cloud Storage has one holder, and frees itself when that was killed."""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from upath import UPath

from provisioning_assets import lease
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lease import LEASE_SECONDS, held
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.emulators import STORAGE_VARIABLE
from provisioning_assets_tests.storage_server import Fault, StorageServer, serving, shorten_retries


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageServer]:
    """A server with one bucket, whose name no other test has used. Its clock is a day ahead of this machine's."""
    shorten_retries(monkeypatch)
    with serving(f"demos-{uuid.uuid4().hex[:8]}") as state:
        state.clock_ahead = timedelta(days=1)
        monkeypatch.setenv(STORAGE_VARIABLE, state.address)
        yield state


@pytest.fixture
def lock(server: StorageServer) -> UPath:
    """Where the lock is."""
    (bucket,) = server.buckets
    return UPath(f"gs://{bucket}/demos/acme_com/.lock")


def test_the_lock_has_one_holder_and_is_gone_afterwards(server: StorageServer, lock: UPath) -> None:
    with held(lock, "generating tables"):
        assert list(server.objects) == [lock.path]
        with pytest.raises(ProvisioningError, match=r"Another run is generating tables \(process \d+ on ") as raised:
            held(lock, "generating tables").__enter__()
        assert re.search(r"free in (5\d|60) seconds", raised.value.remedy)
    assert server.objects == {}
    with held(lock, "generating tables"):
        pass


def test_a_failure_inside_frees_the_lock(server: StorageServer, lock: UPath) -> None:
    with pytest.raises(KeyboardInterrupt), held(lock, "generating tables"):
        raise KeyboardInterrupt
    assert server.objects == {}


def test_a_lock_that_was_not_renewed_in_time_is_taken_and_its_holder_is_told(
    server: StorageServer, lock: UPath
) -> None:
    with held(lock, "generating tables") as slow:
        server.clock_ahead += timedelta(seconds=LEASE_SECONDS - 5)
        with pytest.raises(ProvisioningError, match="Another run"):
            held(lock, "generating tables").__enter__()
        server.clock_ahead += timedelta(seconds=10)
        with held(lock, "generating tables") as second:
            theirs = server.objects[lock.path].content
            with pytest.raises(ProvisioningError, match="Another run took"):
                slow.confirm()
            slow.release()
            assert server.objects[lock.path].content == theirs
            second.confirm()


def test_the_lock_of_a_killed_process_of_this_machine_is_free_at_once(server: StorageServer, lock: UPath) -> None:
    script = (
        "import os, signal, sys; from upath import UPath; from provisioning_assets.lease import held; "
        "lock = held(UPath(sys.argv[1]), 'generating tables'); lock.__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)}
    subprocess.run([sys.executable, "-c", script, str(lock)], check=False, env=environment)
    theirs = json.loads(server.objects[lock.path].content)
    with held(lock, "generating tables"):
        assert json.loads(server.objects[lock.path].content)["process"] == os.getpid()
    # the same number on another machine says nothing
    for other in ({**theirs, "host": "elsewhere"}, {**theirs, "boot": "another"}, {**theirs, "boot": ""}):
        lock.fs.pipe_file(lock.path, json.dumps(other).encode())
        with pytest.raises(ProvisioningError, match="Another run"):
            held(lock, "generating tables").__enter__()


def test_commands_of_two_machines_do_not_work_on_one_customer(server: StorageServer) -> None:
    (bucket,) = server.buckets
    store = DemoStore(root=f"gs://{bucket}/demos")
    with store.reserved("acme_com"), store.reserved("other_com"):
        with pytest.raises(ProvisioningError, match="working on acme_com in gs://"):
            store.reserved("acme_com").__enter__()
        assert store.customer_keys() == []
    assert server.objects == {}
    with pytest.raises(ProvisioningError, match="is not a customer key"):
        store.reserved("../acme_com").__enter__()


def test_a_lock_is_renewed_while_it_is_held(
    server: StorageServer, lock: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.4)
    with held(lock, "generating tables"):
        first = server.objects[lock.path].generation
        time.sleep(1)
        assert server.objects[lock.path].generation > first
        with pytest.raises(ProvisioningError, match="Another run"):
            held(lock, "generating tables").__enter__()
    assert server.objects == {}


def test_an_outage_between_two_renewals_does_not_lose_the_lock(
    server: StorageServer, lock: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.4)
    with held(lock, "generating tables") as mine:
        server.faults += [Fault(503)] * 8  # more than one renewal tries
        time.sleep(1)
        assert server.faults == []
        mine.confirm()


@pytest.mark.parametrize("renewed", [False, True])
def test_a_lost_answer_is_not_taken_for_another_holder(server: StorageServer, lock: UPath, renewed: bool) -> None:
    if not renewed:
        server.faults.append(Fault(after=True, method="POST"))
    with held(lock, "generating tables") as mine:
        if renewed:
            server.faults.append(Fault(after=True, method="POST"))
        mine.confirm()
        mine.confirm()
        assert server.faults == []
    assert server.objects == {}
