"""Booklet and scorecard of a store in Cloud Storage, and the removal of such a customer."""

from provisioning_assets.atomic_files import read_whole, write_whole
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.content.test_assets_and_checks import KEY
from provisioning_assets_tests.content.test_scorecard import passing_demo
from provisioning_assets_tests.emulators import StorageEmulator
from provisioning_assets_tests.production_runs import materialize, passed


def test_a_booklet_is_written_checked_and_removed(bucket: str, storage_emulator: StorageEmulator) -> None:
    store = DemoStore(root=f"gs://{bucket}/demos")
    result = materialize(store, KEY, "demo_booklet", "demo_scorecard", artefacts=list(passing_demo()))
    assert result.success
    assert passed(result) == {
        "booklet_is_self_contained": True,
        "booklet_tells_every_scene": True,
        "demo_is_ready": True,
        "figures_are_recent": False,
        "words_are_confirmed": False,
    }
    booklet = store.read(KEY, DemoBooklet)
    assert store.is_complete(KEY, DemoBooklet)
    assert read_whole(store.folder(KEY) / booklet.path).startswith(b"<!doctype html>")
    assert store.read(KEY, DemoScorecard).ready
    for left in (
        ".tables-staging-0123456789abcdef/blocks/orders/00000.json",
        ".tables-lock",
        "tables/orders/p.parquet",
    ):
        write_whole(store.folder(KEY) / left, b"x")
    other = "harbourandpine_example2"
    write_whole(store.folder(other) / "customer_request.json", b"{}")
    files = len(storage_emulator.objects(bucket)) - 1
    assert store.remove(KEY) == files
    assert storage_emulator.objects(bucket) == [f"demos/{other}/customer_request.json"]
