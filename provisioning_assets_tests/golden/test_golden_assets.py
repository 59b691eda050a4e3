"""Golden queries and their checks as Dagster runs them, over a loaded data set."""

from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets.golden import checks
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan, Insight, Question
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.golden.test_golden_queries import insight, plan, question
from provisioning_assets_tests.production_runs import evaluations, materialize, passed
from provisioning_assets_tests.warehouse.retail_dataset import retail_frames, retail_model, write_tables

KEY = "acme_com"
GOOD: tuple[list[Question], list[Insight]] = (
    [
        question(
            "revenue_by_status",
            "SELECT status, SUM(total) AS revenue FROM orders GROUP BY status ORDER BY revenue DESC",
            chart=("bar", "status", "revenue"),
            insight="shipped_most",
        )
    ],
    [insight("shipped_most", "revenue_by_status", 1750, 20, "revenue", status="shipped")],
)


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def run(store: DemoStore, story: DemoPlan) -> dg.ExecuteInProcessResult:
    model, tables = retail_model(), write_tables(retail_frames(), Path(str(store.folder(KEY))))
    dataset = local_target(store).warehouse.load(KEY, model, tables)
    return materialize(store, KEY, "golden_queries", artefacts=[model, story, dataset])


def errors(result: dg.ExecuteInProcessResult, check: str) -> str:
    return str(evaluations(result)[check].metadata["errors"].value)


def test_good_queries_are_shown_and_pass(store: DemoStore) -> None:
    result = run(store, plan(*GOOD))
    assert result.success
    assert passed(result) == {"golden_queries_succeed": True, "golden_queries_interesting": True, "insights_hold": True}
    golden = store.read(KEY, GoldenQueries)
    assert golden.queries[0].proof is not None
    assert golden.queries[0].proof.holds
    [materialization] = result.asset_materializations_for_node("golden_queries")
    metadata = {name: value.value for name, value in materialization.metadata.items()}
    assert metadata["insights that hold"] == 1
    assert "revenue\\_by\\_status" in str(metadata["queries"]) or "revenue_by_status" in str(metadata["queries"])
    assert str(metadata["charts"]).startswith("![revenue_by_status](data:image/png;base64,")


def test_a_failing_query_fails_its_check_by_name_and_stops_what_follows(store: DemoStore) -> None:
    questions, insights = GOOD
    broken = [*questions, question("no_such_column", "SELECT nothing FROM orders")]
    empty = [*broken, question("no_rows", "SELECT status, total FROM orders WHERE total < 0")]
    result = run(store, plan(empty, insights))
    assert not passed(result)["golden_queries_succeed"]
    problems = errors(result, "golden_queries_succeed")
    assert "no_such_column: " in problems
    assert "no_rows: the result is empty" in problems
    assert "revenue_by_status" not in problems
    assert next(iter(checks.golden_queries_succeed.check_specs)).blocking
    assert len(store.read(KEY, GoldenQueries).queries) == 3


def test_dull_results_and_unproved_insights_are_named(store: DemoStore) -> None:
    dull = question("one_number", "SELECT SUM(total) AS revenue FROM orders", insight="too_high")
    undrawn = question(
        "undrawn", "SELECT status, COUNT(*) AS n FROM orders GROUP BY status", chart=("bar", "status", "x")
    )
    result = run(store, plan([dull, undrawn], [insight("too_high", "one_number", 5, 1, "revenue")]))
    assert passed(result) == {
        "golden_queries_succeed": True,
        "golden_queries_interesting": False,
        "insights_hold": False,
    }
    assert "one_number: " in errors(result, "golden_queries_interesting")
    assert "undrawn: " in errors(result, "golden_queries_interesting")
    assert "too_high (one_number): revenue is 3475 GBP" in errors(result, "insights_hold")
