"""The bytes do not depend on which processes generate the blocks, and a killed process loses nothing and leaves no block half
done."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis import workforce
from provisioning_assets.synthesis.engine import LOCK, STAGING_PREFIX, synthesise
from provisioning_assets.synthesis.generation import BlockTask, finished_block, generate
from provisioning_assets.synthesis.resources import TableWorkers
from provisioning_assets.synthesis.workforce import FRESH_POOLS, dask_cluster
from provisioning_assets_tests.synthesis.conftest import Generated, read
from provisioning_assets_tests.synthesis.dask_processes import Cluster, running_cluster
from provisioning_assets_tests.synthesis.retail_model import retail_model
from provisioning_assets_tests.synthesis.test_engine import SEVERAL_BLOCKS, digests
from provisioning_assets_tests.synthesis.test_numbering import freight_model

MANY_BLOCKS = 1_300_000
"""Order lines of a retail model whose orders take eight blocks: enough to kill a worker among them."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(2, tmp_path_factory.mktemp("dask")) as running:
        yield running


@pytest.mark.parametrize(
    "model", [retail_model(SEVERAL_BLOCKS), freight_model(SEVERAL_BLOCKS)], ids=["plain", "numbered"]
)
def test_a_cluster_of_two_workers_writes_the_same_bytes(model: DataModel, cluster: Cluster, tmp_path: Path) -> None:
    with dask_cluster(cluster.address) as executor:
        made = synthesise(model, tmp_path / "cluster", workers=executor)
    assert digests(made) == digests(synthesise(model, tmp_path / "alone"))
    assert sorted(path.name for path in (tmp_path / "cluster").iterdir()) == [LOCK, "tables"]


def test_a_worker_of_a_cluster_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    model = retail_model(MANY_BLOCKS)
    alive: list[int] = []
    with running_cluster(2, tmp_path / "dask") as cluster, dask_cluster(cluster.address) as executor:

        def kill_one(rows: int, expected: int) -> None:
            if rows > expected / 3 and not alive:
                cluster.workers[0].kill()
                alive.append(cluster.workers[1].pid)

        made = synthesise(model, tmp_path / "cluster", workers=executor, progress=kill_one)
        assert cluster.workers[0].wait() == -signal.SIGKILL
    assert alive
    assert digests(made) == digests(synthesise(model, tmp_path / "alone", workers=2))


def test_workers_that_do_not_see_the_store_say_so(cluster: Cluster, tmp_path: Path) -> None:
    with dask_cluster(cluster.address) as executor:
        future = executor.submit(generate, BlockTask(str(tmp_path / "on another machine"), "orders", 0))
        with pytest.raises(ProvisioningError, match=r"cannot read .*on another machine") as failure:
            future.result()
    assert "mounts at the same path" in failure.value.remedy


def test_a_model_takes_the_cluster_only_when_it_is_worth_it(cluster: Cluster) -> None:
    workers = TableWorkers(dask_scheduler=cluster.address)
    with workers.open(retail_model(20_000)) as few:
        assert few == 1
    with workers.open(retail_model(5_000_000)) as many:
        assert not isinstance(many, int)
        assert many.submit(os.getpid).result() in {process.pid for process in cluster.workers}


def test_a_cluster_that_does_not_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workforce, "SECONDS_TO_REACH_A_CLUSTER", 0.5)
    with pytest.raises(ProvisioningError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9"):
        dask_cluster("tcp://127.0.0.1:9").__enter__()


def test_dask_is_an_extra_that_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ProvisioningError, match=r"Dask is not installed on this machine.*provisioning-assets\[dask\]"):
        dask_cluster("tcp://127.0.0.1:8786").__enter__()


def children() -> set[int]:
    """The processes that generate tables for this one, those excepted that have ended meanwhile."""
    found = set()
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a process that is dead and not yet waited for is none either
            if "spawn_main" in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


def test_a_process_that_is_killed_is_replaced_and_loses_nothing(tmp_path: Path) -> None:
    model = retail_model(MANY_BLOCKS)
    killed: list[int] = []

    def kill_one(rows: int, expected: int) -> None:
        if rows > expected / 3 and not killed and (victims := children()):
            killed.append(victims.pop())
            os.kill(killed[0], signal.SIGKILL)

    made = synthesise(model, tmp_path / "two", workers=2, progress=kill_one)
    assert len(killed) == 1
    assert digests(made) == digests(synthesise(model, tmp_path / "alone"))


def test_processes_that_are_killed_again_and_again_are_reported_and_what_is_done_stays(tmp_path: Path) -> None:
    model = retail_model(MANY_BLOCKS)
    killed: set[int] = set()

    def kill_all(rows: int, expected: int) -> None:
        for victim in children() - killed:
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)

    with pytest.raises(ProvisioningError, match=f"were killed {1 + FRESH_POOLS} times"):
        synthesise(model, tmp_path, workers=2, progress=kill_all)
    assert not (tmp_path / "tables").exists()
    (staging,) = tmp_path.glob(f"{STAGING_PREFIX}*")
    assert finished_block(staging, "customers", 0) is not None


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from provisioning_assets.errors import ProvisioningError
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets_tests.synthesis.retail_model import retail_model

    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        synthesise(retail_model(40_000, seed=8), Path(sys.argv[1]), workers={workers})
    except ProvisioningError as error:
        print(error)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_reported_and_nothing_half_written_is_taken_for_done(tmp_path: Path, workers: int) -> None:
    before = synthesise(retail_model(2_000), tmp_path)
    # The system refuses to write on at this length of any file, as it does when the disk is full.
    script = textwrap.dedent(FULL_DISK.format(limit=300_000, workers=workers))
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "There is no room for" in run.stdout
    assert os.strerror(errno.EFBIG) in run.stdout
    assert "Free space or choose a smaller --size" in run.stdout
    assert read(tmp_path, "orders").height == next(table.rows for table in before.tables if table.name == "orders")
    (staging,) = tmp_path.glob(f"{STAGING_PREFIX}*")
    assert finished_block(staging, "products", 0) is not None
    assert finished_block(staging, "orders", 0) is None
    assert not list(staging.rglob("*.part"))
    after = synthesise(retail_model(40_000, seed=8), tmp_path)
    assert digests(after) == digests(synthesise(retail_model(40_000, seed=8), tmp_path / "fresh"))


@pytest.mark.parametrize("lost", ["tables/orders/part-00000.parquet", "exports/customers/part-00000.arrow"])
def test_a_file_that_a_power_cut_shortened_is_made_again(retail: Generated, tmp_path: Path, lost: str) -> None:
    def stop(rows: int, expected: int) -> None:
        if rows == expected or rows > retail.tables.rows - 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(retail.model, tmp_path, progress=stop)
    (staging,) = tmp_path.glob(f"{STAGING_PREFIX}*")
    os.truncate(staging / lost, 100)
    assert digests(synthesise(retail.model, tmp_path)) == digests(retail.tables)


def test_blocks_pass_through_an_object_store_alone(retail: Generated) -> None:
    folder = UPath("memory://bucket/blocks/shop_com")
    assert digests(synthesise(retail.model, folder)) == digests(retail.tables)
    assert sorted(path.name for path in folder.iterdir()) == ["tables"]
