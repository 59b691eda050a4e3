"""The asset and its checks, run by Dagster for an industry's own plan: faulty tables are found and not loaded."""

import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.quality import checks
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.production_runs import evaluations, materialize
from provisioning_assets_tests.quality.sample_report import sample_report

KEY = "acme_com"
CHECKS = [
    checks.tables_are_coherent,
    checks.relations_hold,
    checks.recent_days_populated,
    checks.data_are_lifelike,
    checks.insights_stand_out,
    checks.nothing_unplanned_stands_out,
]


def store_in(folder: Path) -> DemoStore:
    return DemoStore(root=str(folder))


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with plan, model and tables of a retailer about which nothing is known."""
    root = tmp_path_factory.mktemp("planned")
    store = store_in(root)
    plan, model = sample_demo(load_blueprint("retail_ecommerce"), "US", as_of="2026-06-30")
    store.write(KEY, plan)
    store.write(KEY, model)
    store.write(KEY, synthesise(model, store.folder(KEY)))
    return root


def checked(store: DemoStore, report: DataQualityReport) -> dict[str, dg.AssetCheckEvaluation]:
    """What the checks say of a report."""
    return evaluations(materialize(store, KEY, "data_quality_report", artefacts=[report], only_checks=True))


def errors_of(found: dg.AssetCheckEvaluation) -> list[str]:
    errors = found.metadata["errors"].value
    assert isinstance(errors, list)
    return [str(error) for error in errors]


def test_the_report_is_made_shown_and_lets_the_data_set_be_loaded(planned: Path) -> None:
    store = store_in(planned)
    result = materialize(store, KEY, "data_quality_report", "demo_dataset")
    assert result.success
    report = store.read(KEY, DataQualityReport)
    assert store.is_complete(KEY, DataQualityReport)
    found = evaluations(result)
    assert set(found) >= {check.check_key.name for check in CHECKS}
    assert found["tables_are_coherent"].passed
    assert found["recent_days_populated"].passed
    assert len(report.realism) > 10
    assert [insight.insight_id for insight in report.insights] == [
        insight.id for insight in store.read(KEY, DemoPlan).insights
    ]
    page = (store.folder(KEY) / report.page).read_text(encoding="utf-8")
    assert page.count("<img") >= len(report.insights)
    [made] = result.asset_materializations_for_node("data_quality_report")
    assert str(made.metadata["report"].value).endswith("acme_com/quality/index.html")
    assert report.insights[-1].headline in str(made.metadata["insights"].value)
    pictures = [value for name, value in made.metadata.items() if name.startswith(("Before", "How", "When"))]
    assert len(pictures) >= 3 + len(report.insights)
    assert all("(data:image/png;base64,iVBOR" in str(picture.value) for picture in pictures)
    assert result.asset_materializations_for_node("demo_dataset")


def test_tables_that_do_not_hold_together_are_reported_and_not_loaded(planned: Path, tmp_path: Path) -> None:
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    store = store_in(tmp_path)
    file = Path(str(store.folder(KEY))) / "tables" / "orders" / "part-00000.parquet"
    orders = pl.read_parquet(file)
    orders.head(orders.height - 400).write_parquet(file)
    shutil.rmtree(Path(str(store.folder(KEY))) / "quality", ignore_errors=True)
    (Path(str(store.folder(KEY))) / "dataset.duckdb").unlink(missing_ok=True)
    result = materialize(store, KEY, "data_quality_report", "demo_dataset")
    found = evaluations(result)
    assert not found["tables_are_coherent"].passed
    assert any(
        "every order_id of order_items is a order_id of orders" in e for e in errors_of(found["tables_are_coherent"])
    )
    assert not found["recent_days_populated"].passed
    assert store.is_complete(KEY, DataQualityReport)
    assert not result.asset_materializations_for_node("demo_dataset")
    assert not (Path(str(store.folder(KEY))) / "dataset.duckdb").exists()


def good(report: DataQualityReport) -> DataQualityReport:
    """The sample report with nothing wrong in it."""
    report.coherence[1].violations = 0
    report.realism[1].passed = True
    report.laws = report.laws[:1]
    report.relations = report.relations[:1]
    report.insights.pop()
    report.unplanned[0].corrected_z = -1.2
    return report


def test_checks_pass_on_a_good_report(tmp_path: Path) -> None:
    found = checked(store_in(tmp_path), good(sample_report()))
    assert {name: check.passed for name, check in found.items()} == {check.check_key.name: True for check in CHECKS}
    assert all(errors_of(check) == [] for check in found.values())


def break_a_rule(report: DataQualityReport) -> None:
    report.coherence[1].violations = 3


def break_a_law(report: DataQualityReport) -> None:
    report.laws[0].violations = 1


def write_a_law_that_fails(report: DataQualityReport) -> None:
    report.laws[0].violations, report.laws[0].error = None, "The query failed: no column card"


def relate_otherwise(report: DataQualityReport) -> None:
    report.relations[0].figure = 0.9


def write_a_relation_that_fails(report: DataQualityReport) -> None:
    report.relations[0].figure, report.relations[0].error = None, "The query failed: no column gold"


def leave_days_empty(report: DataQualityReport) -> None:
    report.coherence[2].violations = 1


def be_unlike_real_data(report: DataQualityReport) -> None:
    report.realism[1].passed = False


def drown_an_insight(report: DataQualityReport) -> None:
    report.insights[0].passed, report.insights[0].reason = False, "its z is 2.5"


def plant_by_accident(report: DataQualityReport) -> None:
    report.unplanned[0].corrected_z = -3.6


def be_louder_than_an_insight(report: DataQualityReport) -> None:
    report.insights[0].z, report.unplanned[0].corrected_z = 2.0, 2.4


@pytest.mark.parametrize(
    ("fault", "check", "severity", "words"),
    [
        (break_a_rule, "tables_are_coherent", "ERROR", "orders.shipped_at: no order ships early (broken 3 times)"),
        (break_a_law, "tables_are_coherent", "ERROR", "no_late_return: Nobody returns after a year: 1 row breaks it"),
        (write_a_law_that_fails, "tables_are_coherent", "ERROR", "this could not be checked. The query failed: no column card"),
        (relate_otherwise, "relations_hold", "ERROR", "gold_buys_more: Gold members buy more: it is 0.9 times, below the plausible "
         "1.2 to 3 times (experience). Change how the tables are generated"),
        (write_a_relation_that_fails, "relations_hold", "ERROR", "this could not be measured. The query failed: no column gold."),
        (leave_days_empty, "recent_days_populated", "ERROR", "the last days have rows (broken 1 times)"),
        (be_unlike_real_data, "data_are_lifelike", "WARN", "orders.customer_id: the top_hundredth_share of customers is "
         "0.0214, 0.5 to 0.85 accepted"),
        (drown_an_insight, "insights_stand_out", "WARN", "outdoor_returns: its z is 2.5"),
        (plant_by_accident, "nothing_unplanned_stands_out", "WARN", "orders of Whitby is 2105 where 1961 was expected"),
        (be_louder_than_an_insight, "nothing_unplanned_stands_out", "WARN", "(z 2.4, allowing for all figures that were searched)"),
    ],
)  # fmt: skip
def test_each_fault_fails_its_check_alone(
    tmp_path: Path, fault: Callable[[DataQualityReport], None], check: str, severity: str, words: str
) -> None:
    report = good(sample_report())
    fault(report)
    found = checked(store_in(tmp_path), report)
    assert [name for name, one in found.items() if not one.passed] == [check]
    assert found[check].severity.value == severity
    assert any(words in error for error in errors_of(found[check])), errors_of(found[check])


def test_the_artefacts_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.write(KEY, sample_report())
    assert store.read(KEY, DataQualityReport) == sample_report()
    assert sample_report().files() == ["quality/index.html"]
    assert sample_report().summary() == (
        "3 of 6 rules hold; 1 of 3 relations hold; 1 of 2 realism checks pass; 1 of 2 insights stand out"
    )
