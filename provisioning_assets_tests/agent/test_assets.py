"""The agent's assets and checks, run by Dagster over a real store and the local server."""

from pathlib import Path
from typing import Any

import pytest

from provisioning_assets.agent import checks
from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion, DataAgent, FreshAnswer
from provisioning_assets.agent.resources import LocalDataAgents
from provisioning_assets.store import DemoStore
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.agent import small_shop
from provisioning_assets_tests.production_runs import materialize, passed

KEY = "asset__shop_com"


@pytest.fixture(scope="module")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    folder = tmp_path_factory.mktemp("asset_store")
    small_shop.build_shop(folder, KEY)
    store = DemoStore(root=str(folder))
    golden = small_shop.golden_queries(folder, KEY)
    golden.queries = golden.queries[:3]
    for artefact in (small_shop.demo_plan(), small_shop.data_model(), golden):
        store.write(KEY, artefact)
    assert store.exists(KEY, DemoDataset)
    return store


@pytest.fixture(scope="module")
def result(demo_store: DemoStore) -> Any:
    return materialize(demo_store, KEY, "data_agent", "agent_evaluation")


def test_the_agent_and_its_evaluation_are_materialized(result: Any, demo_store: DemoStore) -> None:
    assert result.success
    agent = demo_store.read(KEY, DataAgent)
    assert agent.agent_id == "demo-asset--shop-com"
    evaluation = demo_store.read(KEY, AgentEvaluation)
    assert evaluation.scripted_pass_rate == 1
    assert len(evaluation.fresh) >= 10
    assert evaluation.fresh_counts().endswith(" 0 wrong")
    assert (Path(demo_store.root) / "_agents" / "demo-asset--shop-com.json").exists()
    assert demo_store.customer_keys() == [KEY]


def test_every_check_passes_on_a_good_agent(result: Any) -> None:
    assert passed(result) == dict.fromkeys(
        [
            "agent_has_context",
            "scripted_questions_pass",
            "paraphrases_not_wrong",
            "fresh_questions_not_wrong",
            "repeats_agree",
            "insights_in_answers",
        ],
        True,
    )


def test_metadata_shows_what_failed(result: Any) -> None:
    materialization = result.asset_materializations_for_node("agent_evaluation")[0]
    assert materialization.metadata["scripted_pass_rate"].value == 1
    assert "|" in materialization.metadata["questions"].value


def question(kind: Any, *, passed: bool, holds: bool | None = None) -> AskedQuestion:
    return AskedQuestion(
        query_id="q",
        asked="asked?",
        kind=kind,
        passed=passed,
        matched_query=True,
        sql="SELECT 1",
        row_count=1,
        answer="a",
        insight_measured=3.0,
        insight_holds=holds,
        problem=None if passed else "wrong rows",
        seconds=0,
    )


def test_checks_name_the_questions_that_failed() -> None:
    bad = AgentEvaluation(
        asked=[
            question("scripted", passed=False, holds=False),
            question("paraphrase", passed=False).model_copy(update={"misleads": True}),
            question("repeat", passed=False),
        ],
        fresh=[
            FreshAnswer(
                form="by", question="fresh?", outcome="wrong", answer="a", sql="SELECT 1", right_sql="SELECT 2"
            ),
            FreshAnswer(form="by", question="refused?", outcome="refused", answer="a", sql=None, right_sql="SELECT 2"),
        ],
        scripted_pass_rate=0.94,
        paraphrase_pass_rate=0.79,
        repeat_agreement=0.89,
        understood_rate=0,
        dropped_query_ids=["q"],
    )
    for check in (checks.scripted_questions_pass, checks.paraphrases_not_wrong, checks.repeats_agree):
        outcome: Any = check(bad)
        assert not outcome.passed
        assert outcome.metadata["errors"].value == ["q: asked? - wrong rows"]
    fresh: Any = checks.fresh_questions_not_wrong(bad)
    assert not fresh.passed
    assert fresh.metadata["errors"].value == ["fresh?"]
    assert bad.fresh_counts() == "0 right, 1 refused, 1 wrong"
    outcome = checks.insights_in_answers(bad)
    assert outcome.metadata["errors"].value == ["asked?: measured 3.0"]  # pyright: ignore[reportAttributeAccessIssue, reportOptionalSubscript]
    none = bad.model_copy(update={"asked": []})
    assert not checks.insights_in_answers(none).passed  # pyright: ignore[reportAttributeAccessIssue]


def test_an_agent_that_is_gone_blocks(demo_store: DemoStore) -> None:
    agent = demo_store.read(KEY, DataAgent).model_copy(
        update={"name": "projects/local/locations/global/dataAgents/gone"}
    )
    outcome: Any = checks.agent_has_context(agent, data_agents=LocalDataAgents(store=demo_store))
    assert not outcome.passed
    assert "does not exist" in outcome.metadata["errors"].value[0]


def test_a_running_server_is_used_when_it_is_named(demo_store: DemoStore) -> None:
    from provisioning_assets.agent.local_server.serving import running_server

    with (
        running_server(demo_store.base()) as address,
        LocalDataAgents(store=demo_store, endpoint=address).session() as session,
    ):
        names = [agent.name for agent in session.agent_client.list_data_agents(parent=session.parent)]
    assert f"{session.parent}/dataAgents/demo-asset--shop-com" in names
