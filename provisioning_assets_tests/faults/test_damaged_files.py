"""Files that were cut short, changed or lost between two runs, with the real command on a store of this machine."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import dagster as dg
import pytest

from benchmarks.chaos_workplace import content_of
from provisioning_assets.artefact import Artefact
from provisioning_assets.content.models import DemoBooklet
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.runs import RunOutcome, artefact_kinds, run_stages, stages_to_run
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables, TableFile, TableManifest
from provisioning_assets.targets import local_target
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace
from provisioning_assets_tests.quality.sample_report import sample_report

COMMAND = ("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), *AS_OF)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A finished demo. Each test damages it and has it repaired."""
    place = Workplace(tmp_path_factory.mktemp("damaged"))
    made = place.provision(*COMMAND)
    assert made.returncode == 0, made.stderr
    return place


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def change_a_byte(path: Path) -> None:
    """As a disk does that is going bad: the length stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_a_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "Harbour" in text
    path.write_text(text.replace("Harbour", "Harbor", 1), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("customer_request.json", cut_short),
        pytest.param("demo_plan.json", cut_short, marks=pytest.mark.long),
        ("demo_plan.json", change_a_word),
        pytest.param("tables/orders/part-00000.parquet", cut_short, marks=pytest.mark.long),
        ("tables/orders/part-00000.parquet", change_a_byte),
        ("dataset.duckdb", cut_short),
        pytest.param("dataset.duckdb", change_a_byte, marks=pytest.mark.long),
        pytest.param("quality/index.html", cut_short, marks=pytest.mark.long),
        ("booklet/index.html", change_a_byte),
    ],
)
def test_a_damaged_file_is_noticed_and_made_again(workplace: Workplace, name: str, damage) -> None:
    demo = workplace.store / EXAMPLE_KEY
    kinds = artefact_kinds(production_definitions(local_target(DemoStore(root=str(workplace.store)))))
    before = content_of(demo, kinds)
    damage(demo / name)
    repaired = workplace.provision(*COMMAND)
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert "every stage is up to date" not in repaired.stdout
    assert "Traceback" not in repaired.stdout + repaired.stderr
    assert before.differences(content_of(demo, kinds)) == []


KEY = "acme_com"
DAY = date(2026, 3, 1)


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path / "store"))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def store_the_request(store: DemoStore, instance: dg.DagsterInstance, request: CustomerRequest) -> RunOutcome:
    definitions = production_definitions(local_target(store))
    return run_stages(definitions, instance, request, ["customer_request"], lambda _entry: None)


def test_an_artefact_whose_file_was_edited_is_made_again(store: DemoStore, instance: dg.DagsterInstance) -> None:
    request = build_request(KEY, {"seed": 7}, today=date(2026, 3, 1))
    assert store_the_request(store, instance, request).success
    definitions = production_definitions(local_target(store))
    stages = stages_to_run(definitions, instance, store, store.read(KEY, CustomerRequest), everything=False)
    assert "customer_request" in stages.up_to_date
    path = Path(str(store.path(KEY, CustomerRequest)))
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"seed": 8}))
    stages = stages_to_run(definitions, instance, store, store.read(KEY, CustomerRequest), everything=False)
    assert stages.to_run["customer_request"] == "its file was changed since"


def test_a_request_that_cannot_be_read_is_replaced_by_one_with_values(
    store: DemoStore, instance: dg.DagsterInstance
) -> None:
    request = build_request(KEY, {"seed": 7}, today=date(2026, 3, 1))
    assert store_the_request(store, instance, request).success
    cut_short(Path(str(store.path(KEY, CustomerRequest))))
    assert store_the_request(store, instance, request).success
    assert store.read(KEY, CustomerRequest).seed == 7


def test_a_request_that_was_edited_to_name_a_field_that_does_not_exist_cannot_be_read(
    store: DemoStore, instance: dg.DagsterInstance
) -> None:
    request = build_request(KEY, {"seed": 7}, today=DAY)
    assert store_the_request(store, instance, request).success
    path = Path(str(store.path(KEY, CustomerRequest)))
    path.write_text(path.read_text().replace('"seed"\n', '"seedx"\n'))
    assert "seedx" in path.read_text()
    assert store.find_readable(KEY, CustomerRequest) is None
    assert store_the_request(store, instance, request).success
    assert store.read(KEY, CustomerRequest).asked == ["seed"]


def test_a_request_that_cannot_be_read_is_not_replaced_by_defaults(
    store: DemoStore, instance: dg.DagsterInstance
) -> None:
    assert store_the_request(store, instance, build_request(KEY, {"seed": 7}, today=date(2026, 3, 1))).success
    cut_short(Path(str(store.path(KEY, CustomerRequest))))
    outcome = store_the_request(store, instance, build_request(KEY, {}, today=date(2026, 3, 1)))
    assert not outcome.success
    assert "Give the values of the request again" in (outcome.problem or "")


def test_what_a_killed_process_was_writing_is_removed(store: DemoStore) -> None:
    path = Path(str(store.write(KEY, build_request(KEY, {}, today=date(2026, 3, 1)))))
    half = path.with_name(f".{path.name}.k3j2.part")
    half.write_text("{", encoding="utf-8")
    assert store.remove_half_written(KEY) == 1
    assert not half.exists()
    assert path.exists()
    assert store.remove_half_written("other_com") == 0


def _dataset(path: str, size: int, digest: str) -> DemoDataset:
    return DemoDataset(
        target="duckdb", dataset="d", location=path, as_of=DAY, tables=[], bytes=size, file_sha256=digest
    )


def _booklet(path: str, size: int, digest: str) -> DemoBooklet:
    return DemoBooklet(title="Acme", path=path, bytes=size, sha256=digest, scenes=1, questions=1)


def _report(_path: str, _size: int, digest: str) -> DataQualityReport:
    return sample_report().model_copy(update={"file_sha256": digest})


def _tables(path: str, size: int, digest: str) -> SyntheticTables:
    file = TableFile(path=path, rows=1, bytes=size, sha256=digest)
    return SyntheticTables(
        seed=1, as_of=DAY, tables=[TableManifest(name="t", rows=1, files=[file])], rows=1, seconds=0.1
    )


@pytest.mark.parametrize("damage", [cut_short, change_a_byte, Path.unlink])
@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("tables/t/part-00000.parquet", _tables),
        ("quality/index.html", _report),
        ("dataset.duckdb", _dataset),
        ("booklet/index.html", _booklet),
    ],
)
def test_a_damaged_file_is_as_good_as_missing(
    store: DemoStore, name: str, recorded: Callable[[str, int, str], Artefact], damage: Callable[[Path], object]
) -> None:
    path = Path(str(store.folder(KEY))) / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"some bytes")
    artefact = recorded(name, path.stat().st_size, sha256(path.read_bytes()).hexdigest())
    store.write(KEY, artefact)
    assert store.is_complete(KEY, type(artefact))
    damage(path)
    assert not store.is_complete(KEY, type(artefact))


def test_the_digest_of_a_file_says_nothing_about_the_content_of_an_artefact() -> None:
    """DuckDB does not write the same bytes for the same rows, and demos of earlier versions have no digest."""
    assert _dataset("dataset.duckdb", 1, "").digest() == _dataset("dataset.duckdb", 2, "0" * 64).digest()
    assert _report("", 0, "").digest() == _report("", 0, "0" * 64).digest()
