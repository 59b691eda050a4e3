"""What Cloud Storage can answer, through the real client: each answer ends in the right content or in words that help."""

import json
import pickle
import subprocess
import sys
import tracemalloc
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from upath import UPath

from provisioning_assets.atomic_files import browser_address, read_whole, write_whole
from provisioning_assets.cloud_storage import BucketFileSystem
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle import assets as lifecycle_assets
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.emulators import STORAGE_VARIABLE
from provisioning_assets_tests.production_runs import materialize
from provisioning_assets_tests.storage_server import Fault, StorageServer, serving, shorten_retries

TODAY = date(2026, 3, 1)
DENIED = "anna@acme.com does not have storage.objects.create access to the Google Cloud Storage object."
SIX_ATTEMPTS = 6
"""How often gcsfs sends a request."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageServer]:
    """A server with one bucket, whose name no other test has used."""
    shorten_retries(monkeypatch)
    with serving(f"demos-{uuid.uuid4().hex[:8]}") as state:
        monkeypatch.setenv(STORAGE_VARIABLE, state.address)
        yield state


def bucket_of(server: StorageServer) -> str:
    (name,) = server.buckets
    return name


def store_on(server: StorageServer) -> DemoStore:
    return DemoStore(root=f"gs://{bucket_of(server)}/demos")


def a_request(**values: str) -> CustomerRequest:
    return build_request("acme_com", values, today=TODAY)


def of_another_process(path: UPath) -> BucketFileSystem:
    """A client that knows nothing of what this process has read."""
    return BucketFileSystem(skip_instance_cache=True)


# --- requests that are sent --------------------------------------------------------------------------------------------


def test_a_dozen_artefacts_are_looked_for_and_read_without_a_listing(server: StorageServer) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    server.asked.clear()
    for _ in range(12):
        assert store.exists("acme_com", CustomerRequest)
        assert store.find("acme_com", CustomerRequest) == a_request()
    assert not store.exists("other_com", CustomerRequest)
    assert store.find("other_com", CustomerRequest) is None
    assert len(server.asked) == 12 * 2 + 2
    assert not any(asked.lists() for asked in server.asked)


def test_customers_are_listed_with_one_request(server: StorageServer) -> None:
    store = store_on(server)
    for key in ("acme_com", "other_com"):
        store.write(key, build_request(key, {}, today=TODAY))
    write_whole(store.base() / "lost+found" / "x", b"x")
    server.asked.clear()
    assert store.customer_keys() == ["acme_com", "other_com"]
    assert len(server.asked) == 1


def test_demos_are_listed_with_two_requests_each_and_one_listing(server: StorageServer) -> None:
    store = store_on(server)
    for key in ("a_com", "b_com", "c_com"):
        store.write(key, build_request(key, {"owner": "ann@example.com"}, today=TODAY))
    server.asked.clear()
    assert [(demo.key, demo.owner, demo.ready) for demo in list_demos(store)] == [
        (key, "ann@example.com", None) for key in ("a_com", "b_com", "c_com")
    ]
    assert sum(asked.lists() for asked in server.asked) == 1
    assert len(server.asked) <= 1 + 2 * 3


def test_a_run_does_not_take_a_request_of_another_run_for_the_one_that_it_has_read(
    server: StorageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    other = a_request(owner="ann@example.com")

    def meanwhile(_store: DemoStore, _request: CustomerRequest) -> None:
        path = store.path("acme_com", CustomerRequest)
        of_another_process(path).pipe_file(path.path, other.model_dump_json().encode())

    monkeypatch.setattr(lifecycle_assets, "refuse_impossible_edits", meanwhile)
    assert not materialize(store, "acme_com", "customer_request").success
    assert store.read("acme_com", CustomerRequest) == other


def test_a_large_block_is_sent_from_the_memory_that_it_is_in(server: StorageServer) -> None:
    block = memoryview(bytes(24_000_000))
    path = store_on(server).folder("acme_com") / "block"
    write_whole(path, b"the client is imported")
    tracemalloc.start()
    try:
        write_whole(path, block)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read_whole(path) == block
    received = len(block)  # by the server, which is in this process too
    assert most < received + 4_000_000


def test_a_page_is_stored_as_one_that_a_browser_shows(server: StorageServer) -> None:
    page = store_on(server).folder("acme_com") / "booklet" / "index.html"
    write_whole(page, b"<p>words")
    assert server.objects[page.path].content_type == "text/html"
    assert (
        browser_address(page)
        == f"https://storage.cloud.google.com/{bucket_of(server)}/demos/acme_com/booklet/index.html"
    )


# --- two writers -------------------------------------------------------------------------------------------------------


def test_an_artefact_that_another_run_has_written_meanwhile_is_kept(server: StorageServer) -> None:
    store = store_on(server)
    path = store.write("acme_com", a_request())
    assert store.read("acme_com", CustomerRequest) == a_request()
    theirs = a_request(size="large").model_dump_json().encode()
    of_another_process(path).pipe_file(path.path, theirs)
    with pytest.raises(ProvisioningError, match="written by another run") as raised:
        store.write("acme_com", a_request(size="medium"))
    assert path.path in raised.value.problem
    assert server.objects[path.path].content == theirs
    # the next attempt starts from what is there now
    assert store.read("acme_com", CustomerRequest) == a_request(size="large")
    store.write("acme_com", a_request(size="medium"))
    assert store.read("acme_com", CustomerRequest) == a_request(size="medium")


def test_of_two_runs_that_find_no_request_only_one_creates_it(server: StorageServer) -> None:
    store = store_on(server)
    path = store.path("acme_com", CustomerRequest)
    assert store.find("acme_com", CustomerRequest) is None
    of_another_process(path).pipe_file(path.path, b"theirs")
    with pytest.raises(ProvisioningError, match="written by another run"):
        store.write("acme_com", a_request())
    assert server.objects[path.path].content == b"theirs"


def test_an_artefact_that_was_removed_meanwhile_does_not_come_back(server: StorageServer) -> None:
    store = store_on(server)
    path = store.write("acme_com", a_request())
    of_another_process(path).rm(path.path)
    with pytest.raises(ProvisioningError, match="written by another run"):
        store.write("acme_com", a_request(size="large"))
    assert server.objects == {}


def test_what_this_process_has_removed_it_may_write_again(server: StorageServer) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    assert store.remove("acme_com") == 1
    store.write("acme_com", a_request(size="large"))
    assert store.read("acme_com", CustomerRequest) == a_request(size="large")


def test_a_write_whose_answer_was_lost_is_no_conflict(server: StorageServer) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    server.faults.append(Fault(after=True, method="POST"))
    store.write("acme_com", a_request(size="large"))
    assert [asked.method for asked in server.asked[-3:]] == ["POST", "POST", "GET"]
    store.write("acme_com", a_request(size="medium"))
    assert store.read("acme_com", CustomerRequest) == a_request(size="medium")


# --- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(429, "slow down"), Fault(429, "slow down")],
        [Fault(503, "back soon")],
        [Fault(502)],
        [Fault(408)],
        [Fault()],
    ],
    ids=["throttled twice", "unavailable", "bad gateway", "timeout", "connection closed"],
)
def test_a_passing_fault_is_retried(server: StorageServer, faults: list[Fault]) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    server.asked.clear()
    server.faults += faults
    assert store.read("acme_com", CustomerRequest) == a_request()
    assert len(server.asked) == 1 + len(faults)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault(429, "slow down"), "limits the requests to the bucket BUCKET.*slow down"),
        (Fault(503, "back soon"), "failed to answer for the bucket BUCKET.*back soon"),
        (Fault(502), "failed to answer for the bucket BUCKET"),
        (Fault(), "could not be reached for the bucket BUCKET"),
    ],
)
def test_a_lasting_fault_is_told_after_six_attempts(server: StorageServer, fault: Fault, problem: str) -> None:
    server.faults += [fault] * 3 * SIX_ATTEMPTS
    with pytest.raises(ProvisioningError, match=problem.replace("BUCKET", bucket_of(server))):
        store_on(server).find_readable("acme_com", CustomerRequest)
    # below gcsfs, aiohttp sends a request again whose connection was closed
    assert SIX_ATTEMPTS <= len(server.asked) <= (1 if fault.status else 2) * SIX_ATTEMPTS


def test_a_service_that_says_nothing_is_asked_again(server: StorageServer) -> None:
    path = store_on(server).path("acme_com", CustomerRequest)
    write_whole(path, b"words")
    impatient = BucketFileSystem(
        requests_timeout=aiohttp.ClientTimeout(total=None, sock_read=0.1), skip_instance_cache=True
    )
    server.asked.clear()
    server.faults.append(Fault(200, seconds=1))
    assert impatient.cat_file(path.path) == b"words"
    assert len(server.asked) == 2
    server.faults += [Fault(200, seconds=1)] * SIX_ATTEMPTS
    with pytest.raises(ProvisioningError, match="could not be reached"):
        impatient.cat_file(path.path)


def test_denied_access_is_told_at_once_with_the_right_that_is_missing(server: StorageServer) -> None:
    store, bucket = store_on(server), bucket_of(server)
    for attempt in (
        lambda: store.write("acme_com", a_request()),
        lambda: store.find_readable("acme_com", CustomerRequest),
        lambda: store.exists("acme_com", CustomerRequest),
        store.customer_keys,
        lambda: store.remove("acme_com"),
        lambda: store.has_customer("acme_com"),
    ):
        server.asked.clear()
        server.faults.append(Fault(403, DENIED))
        with pytest.raises(ProvisioningError) as raised:
            attempt()
        assert bucket in raised.value.problem
        assert DENIED in raised.value.problem
        assert f"add-iam-policy-binding gs://{bucket}" in raised.value.remedy
        assert "roles/storage.objectAdmin" in raised.value.remedy
        assert len(server.asked) == 1


def test_a_denied_deletion_is_told_and_the_request_stays(server: StorageServer) -> None:
    store = store_on(server)
    store.write("acme_com", a_request())
    write_whole(store.folder("acme_com") / "tables" / "t" / "part-00000.parquet", b"x")
    server.faults.append(Fault(403, DENIED, method="DELETE"))
    with pytest.raises(ProvisioningError, match="was denied"):
        store.remove("acme_com")
    assert store.customer_keys() == ["acme_com"]
    assert store.exists("acme_com", CustomerRequest)


def test_a_missing_bucket_is_told_with_the_command_that_creates_it(server: StorageServer) -> None:
    store = DemoStore(root="gs://nowhere/demos")
    for attempt in (lambda: store.write("acme_com", a_request()), store.customer_keys):
        with pytest.raises(ProvisioningError, match="no bucket nowhere") as raised:
            attempt()
        assert "gcloud storage buckets create gs://nowhere" in raised.value.remedy


def test_a_store_elsewhere_is_refused() -> None:
    with pytest.raises(ProvisioningError, match="s3://bucket/x is neither"):
        DemoStore(root="s3://bucket/x").customer_keys()


def test_nothing_listens_where_the_emulator_should_be(server: StorageServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STORAGE_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(ProvisioningError, match=STORAGE_VARIABLE):
        store_on(server).customer_keys()


def test_a_path_is_opened_in_the_same_way_by_a_process_that_is_given_it(server: StorageServer) -> None:
    path = store_on(server).path("acme_com", CustomerRequest)
    write_whole(path, b"words")
    script = (
        "import pickle, sys; path = pickle.loads(bytes.fromhex(sys.argv[1])); print(path.read_bytes(), type(path.fs).__name__); "
        "print([name for name in sys.modules if name.startswith('google.cloud.storage_control')])"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, pickle.dumps(path).hex()], capture_output=True, text=True, check=False
    )
    assert process.stdout.splitlines() == ["b'words' BucketFileSystem", "[]"], process.stderr


# --- credentials -------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which nobody has signed in, and that is none of Google's."""
    shorten_retries(monkeypatch)
    for name in (STORAGE_VARIABLE, "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    BucketFileSystem.clear_instance_cache()
    yield
    BucketFileSystem.clear_instance_cache()


@pytest.mark.usefixtures("no_credentials")
def test_missing_credentials_are_told_with_the_command_that_signs_in() -> None:
    with pytest.raises(ProvisioningError, match="No credentials for the bucket my-demos") as raised:
        DemoStore(root="gs://my-demos/x").write("acme_com", a_request())
    assert "gcloud auth application-default login" in raised.value.remedy


@pytest.mark.usefixtures("no_credentials")
def test_a_key_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    with pytest.raises(ProvisioningError, match=r"my-demos.*gone\.json"):
        DemoStore(root="gs://my-demos/x").customer_keys()


@pytest.mark.usefixtures("no_credentials")
def test_credentials_that_are_not_accepted_any_more_are_told_without_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with serving() as tokens:  # it knows no tokens: every request for one is refused
        account = {
            "type": "service_account",
            "client_email": "demos@acme.iam.gserviceaccount.com",
            "private_key": secret,
            "token_uri": f"{tokens.address}/token",
        }
        tokens.faults += [Fault(400, "invalid_grant")] * 100
        (tmp_path / "key.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        with pytest.raises(ProvisioningError, match="did not accept the credentials for the bucket my-demos") as raised:
            DemoStore(root="gs://my-demos/x").customer_keys()
    assert "gcloud auth application-default login" in raised.value.remedy
    assert secret.splitlines()[1] not in str(raised.value)
