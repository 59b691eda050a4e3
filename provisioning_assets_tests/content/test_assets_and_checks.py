"""The room as Dagster runs it: the real assets and checks over a real store."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.content import assets
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.content.sample_demo import AS_OF, sample_demo
from provisioning_assets_tests.content.test_scorecard import passing_demo
from provisioning_assets_tests.production_runs import evaluations, materialize

KEY = "harbourandpine_example"


def make(
    demo: Demo, root: Path, *assets: str, only_checks: bool = False
) -> tuple[dg.ExecuteInProcessResult, DemoStore]:
    store = DemoStore(root=str(root))
    names = assets or ("demo_booklet", "demo_scorecard")
    return materialize(store, KEY, *names, artefacts=list(demo), only_checks=only_checks), store


def test_a_good_demo_becomes_a_booklet_and_a_ready_scorecard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(AS_OF, datetime.min.time(), UTC))
    result, store = make(passing_demo(), tmp_path)
    assert result.success
    booklet = store.read(KEY, DemoBooklet)
    assert (store.folder(KEY) / booklet.path).read_bytes().startswith(b"<!doctype html>")
    assert store.is_complete(KEY, DemoBooklet)
    assert store.read(KEY, DemoScorecard).ready
    assert {name: check.passed for name, check in evaluations(result).items()} == {
        "booklet_is_self_contained": True,
        "booklet_tells_every_scene": True,
        "demo_is_ready": True,
        "figures_are_recent": True,
        "words_are_confirmed": False,
    }
    [event] = result.asset_materializations_for_node("demo_booklet")
    assert str(event.metadata["booklet"].value).endswith("booklet/index.html")
    assert str(event.metadata["open"].value).startswith("file:///")
    assert "data:image/png;base64,iVBOR" in str(event.metadata["schema"].value)
    [event] = result.asset_materializations_for_node("demo_scorecard")
    assert "Ready to show" in str(event.metadata["scorecard"].value)


def test_a_demo_that_is_not_ready_says_so_and_is_kept(tmp_path: Path) -> None:
    demo = sample_demo()
    demo.plan.scenes[3].question_ids = ["delivery_delay"]
    result, store = make(demo, tmp_path)
    assert result.success
    found = evaluations(result)
    assert not found["demo_is_ready"].passed
    assert found["demo_is_ready"].severity == dg.AssetCheckSeverity.ERROR
    assert not found["booklet_tells_every_scene"].passed
    assert "no question of the scene «Spend the next pound better» passed" in str(
        found["booklet_tells_every_scene"].metadata["errors"].value
    )
    assert not store.read(KEY, DemoScorecard).ready


def test_the_checks_find_a_booklet_that_was_changed_or_lost(tmp_path: Path) -> None:
    demo = passing_demo()
    _, store = make(demo, tmp_path)
    booklet = store.read(KEY, DemoBooklet)
    path = store.folder(KEY) / booklet.path
    html = path.read_text(encoding="utf-8")

    def errors_found() -> dict[str, str]:
        """The results of the booklet's checks for the files in the store."""
        found = evaluations(make(demo, tmp_path, "demo_booklet", only_checks=True)[0])
        assert all(check.passed is (check.metadata["errors"].value == []) for check in found.values())
        return {name: str(check.metadata["errors"].value) for name, check in found.items()}

    path.write_text(html.replace("</main>", '<img src="https://evil.example/x.png"></main>'), encoding="utf-8")
    assert "https://evil.example/x.png" in errors_found()["booklet_is_self_contained"]
    path.write_text(html.replace(demo.plan.scenes[2].title, "Another"), encoding="utf-8")
    assert "is missing" in errors_found()["booklet_tells_every_scene"]
    path.write_text("", encoding="utf-8")
    assert all("is empty" in errors for errors in errors_found().values())
    path.unlink()
    assert all("cannot be read" in errors for errors in errors_found().values())


@pytest.mark.parametrize("asset", [assets.demo_booklet, assets.demo_scorecard])
def test_every_asset_is_described_owned_and_grouped(asset: dg.AssetsDefinition) -> None:
    [spec] = asset.specs
    assert spec.group_name == "content"
    assert spec.owners
    assert spec.description
    assert spec.kinds
