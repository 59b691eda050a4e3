"""Files that were cut short, changed or lost between two runs, with the real command on a store of this machine."""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from benchmarks.chaos_workplace import content_of
from provisioning_assets.content.models import DemoBooklet
from provisioning_assets.customers import CustomerRequest, build_request
from provisioning_assets.definitions import production_definitions
from provisioning_assets.lifecycle.runs import RunOutcome, artefact_kinds, run_stages, stages_to_run
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, Workplace

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
        ("demo_plan.json", cut_short),
        ("demo_plan.json", change_a_word),
        ("tables/orders/part-00000.parquet", cut_short),
        ("dataset.duckdb", cut_short),
        ("booklet/index.html", cut_short),
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


def test_a_file_that_was_cut_short_is_as_good_as_missing(store: DemoStore) -> None:
    page = Path(str(store.folder(KEY))) / "booklet" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(b"<html></html>")
    booklet = DemoBooklet(
        title="Acme", path="booklet/index.html", bytes=page.stat().st_size, sha256="0" * 64, scenes=1, questions=1
    )
    store.write(KEY, booklet)
    assert store.is_complete(KEY, DemoBooklet)
    cut_short(page)
    assert not store.is_complete(KEY, DemoBooklet)
