"""Emulators of Cloud Storage and BigQuery for tests, each a process on a free port of this machine that keeps its data in a
temporary folder.

``make emulators`` installs them. Without them a test that needs one fails in CI, and is skipped elsewhere.
"""

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import pytest

from provisioning_assets.settings import PROJECT_FOLDER

INSTALLED = PROJECT_FOLDER / "build" / "emulators"

SECONDS_TO_START = 60
"""bqemulator takes four seconds on two quiet cores; other tests may keep both busy."""

STORAGE_VARIABLE, BIGQUERY_VARIABLE = "STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST"


@dataclass(frozen=True)
class StorageEmulator:
    """A running emulator of Cloud Storage's JSON API."""

    address: str
    """For example http://127.0.0.1:9023, the value of ``STORAGE_EMULATOR_HOST``."""

    folder: Path
    """Where it keeps each object as the file ``<bucket>/<name>``."""

    def new_bucket(self) -> str:
        """Create a bucket and return its name. What is deleted from it is gone at once."""
        name = f"demos-{uuid.uuid4().hex[:12]}"
        created = httpx.post(f"{self.address}/storage/v1/b", json={"name": name})
        created.raise_for_status()
        kept = {"softDeletePolicy": {"retentionDurationSeconds": "0"}}
        httpx.patch(f"{self.address}/storage/v1/b/{name}", json=kept).raise_for_status()
        return name

    def objects(self, bucket: str) -> list[str]:
        """Return the names of the bucket's objects, sorted."""
        listed = httpx.get(f"{self.address}/storage/v1/b/{bucket}/o")
        listed.raise_for_status()
        return sorted(found["name"] for found in listed.json()["items"])


@dataclass(frozen=True)
class BigQueryEmulator:
    """A running emulator of BigQuery's REST API. It reads ``gs://`` addresses from the folder of the storage emulator."""

    address: str
    """For example http://127.0.0.1:9050, the value of ``BIGQUERY_EMULATOR_HOST``."""


@pytest.fixture(scope="session")
def storage_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageEmulator]:
    """One emulator of Cloud Storage for all tests of this process. It sets no environment variable."""
    folder = tmp_path_factory.mktemp("cloud-storage")
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ["-d", str(folder), "start", "-q", "-H", "127.0.0.1", "--port", str(port)]
    with _running("gcp-storage-emulator", arguments, {}, lambda: _answers(f"{address}/")):
        yield StorageEmulator(address, folder / ".cloudstorage")


@pytest.fixture(scope="session")
def bigquery_emulator(storage_emulator: StorageEmulator) -> Iterator[BigQueryEmulator]:
    """One emulator of BigQuery for all tests of this process. It sets no environment variable."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        "HOME": str(INSTALLED / "home"),  # where DuckDB looks for its extension
        "BQEMU_GCS_LOCAL_ROOT": str(storage_emulator.folder),
        "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false",  # they would be fetched from the network
    }
    arguments = ["start", "--ephemeral", "--rest-port", str(port), "--grpc-port", str(_free_port())]
    arguments += ["--log-level", "warning"]
    with _running("bqemulator", arguments, environment, lambda: _answers(f"{address}/readyz")):
        yield BigQueryEmulator(address)


@pytest.fixture
def bucket(storage_emulator: StorageEmulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket; ``STORAGE_EMULATOR_HOST`` is set for the test and for the processes that it starts."""
    monkeypatch.setenv(STORAGE_VARIABLE, storage_emulator.address)
    return storage_emulator.new_bucket()


@pytest.fixture(scope="module")
def module_bucket(storage_emulator: StorageEmulator) -> Iterator[str]:
    """As ``bucket``, one for all tests of a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORAGE_VARIABLE, storage_emulator.address)
        yield storage_emulator.new_bucket()


@contextmanager
def _running(
    program: str, arguments: list[str], environment: Mapping[str, str], is_up: Callable[[], bool]
) -> Iterator[None]:
    """Start an emulator, wait until it answers, and end it afterwards."""
    binary = INSTALLED / "bin" / program
    if not binary.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed. Run: make emulators")
    with TemporaryFile() as output:
        process = subprocess.Popen(
            [str(binary), *arguments], stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not is_up():
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    pytest.fail(f"{program} did not start: {output.read().decode(errors='replace')[-2000:]}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
