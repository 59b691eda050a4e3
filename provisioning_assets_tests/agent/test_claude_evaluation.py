"""The agent's assets and the command with a key for Claude in the environment, as a user has it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from typer.testing import CliRunner

from provisioning_assets.agent import assets
from provisioning_assets.agent.asking import ask
from provisioning_assets.agent.clients import connect
from provisioning_assets.agent.fresh_questions import fresh_questions
from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.claude.resources import Claude
from provisioning_assets.cli import app
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets_tests.agent import small_shop
from provisioning_assets_tests.claude_service import ClaudeService, Reply, claude_service
from provisioning_assets_tests.command_line import PROVISION
from provisioning_assets_tests.production_runs import materialize

KEY = "claude__shop_com"
MOST = 6
QUESTION = "Which sales channel should we be proudest of?"
BY_CHANNEL = "SELECT channel, ROUND(SUM(order_total), 2) AS revenue FROM orders GROUP BY channel ORDER BY revenue DESC"


def right_queries() -> dict[str, str]:
    """The fresh questions with their right SQL, whose columns have names as Claude gives them."""
    questions = fresh_questions(small_shop.data_model(), small_shop.demo_plan().agent.default_filters)
    return {question.question: _named(question.sql) for question in questions}


def _named(sql: str) -> str:
    query = sqlglot.parse_one(sql, read="bigquery")
    assert isinstance(query, exp.Select)
    named = [
        item if item.alias or isinstance(item, exp.Column) else exp.alias_(item, f"figure_{at}")
        for at, item in enumerate(query.expressions)
    ]
    query.set("expressions", named)
    return query.sql("bigquery")


def reply(body: dict[str, Any]) -> Reply:
    asked = body["messages"][0]["content"][-1]["text"]
    sql = next((sql for question, sql in right_queries().items() if f"\n{question}\n" in asked), "")
    if QUESTION in asked:
        sql = BY_CHANNEL
    return Reply({"sql": sql, "sentence": "", "reason": "" if sql else "It is not in the data"}, cache_read=4_000)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClaudeService]:
    with claude_service(reply) as running:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.address)
        yield running


@pytest.fixture
def demo_store(tmp_path: Path) -> DemoStore:
    small_shop.build_shop(tmp_path, KEY)
    store = DemoStore(root=str(tmp_path))
    golden = small_shop.golden_queries(tmp_path, KEY)
    golden.queries = golden.queries[:3]
    for artefact in (small_shop.demo_plan(), small_shop.data_model(), golden):
        store.write(KEY, artefact)
    return store


def evaluated(store: DemoStore, *, budget_usd: float = 1.0) -> tuple[AgentEvaluation, dict[str, Any]]:
    """Materialize agent and evaluation with Claude; returns the evaluation and its metadata."""
    claude = Claude(store=store, model="claude-sonnet-5-5", budget_usd=budget_usd)
    result = materialize(
        store, KEY, "data_agent", "agent_evaluation", target=local_target(store, claude=claude), raise_on_error=True
    )
    metadata = result.asset_materializations_for_node("agent_evaluation")[0].metadata
    return store.read(KEY, AgentEvaluation), {name: value.value for name, value in metadata.items()}


def test_an_evaluation_asks_claude_within_its_bound_and_counts_it(
    demo_store: DemoStore, service: ClaudeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MOST_FOR_CLAUDE", MOST)
    evaluation, metadata = evaluated(demo_store)
    assert evaluation.scripted_pass_rate == 1
    assert not [asked for asked in evaluation.asked if asked.kind in ("scripted", "wording") and asked.answered_by]
    by_claude = [answer for answer in evaluation.fresh if answer.answered_by == "claude"]
    assert by_claude
    assert {answer.outcome for answer in by_claude} == {"right"}
    assert evaluation.read_by["rules"] > 0
    assert evaluation.without_claude_because == f"At most {MOST} questions are put to Claude here."
    assert metadata["read_by_claude"] == evaluation.read_by["claude"]
    assert metadata["claude_calls"] == len(service.asked) == MOST
    # 1,000 tokens read, 4,000 from the cache, 200 written at the prices of Sonnet
    assert metadata["claude_usd"] == pytest.approx(MOST * (1_000 * 2 + 4_000 * 0.2 + 200 * 10) / 1e6)

    again, metadata = evaluated(demo_store)
    assert (metadata["claude_calls"], metadata["claude_usd"]) == (0, 0.0)
    assert len(service.asked) == MOST
    assert again.digest() == evaluation.digest()


def test_an_evaluation_ends_by_rules_when_the_budget_is_reached(
    demo_store: DemoStore, service: ClaudeService, capfd: pytest.CaptureFixture[str]
) -> None:
    evaluation, metadata = evaluated(demo_store, budget_usd=0.001)
    assert f"Rules read {metadata['read_by_rules']} questions in place of Claude" in capfd.readouterr().err
    assert service.asked == []
    assert metadata["read_by_claude"] == 0
    assert metadata["read_by_rules"] > 10
    assert "budget" in (evaluation.without_claude_because or "")
    assert evaluation.fresh_counts().endswith(" 0 wrong")


def test_without_a_key_the_evaluation_is_as_it_was(demo_store: DemoStore) -> None:
    """No field and no metadata is there that was not there before Claude could be asked."""
    result = materialize(demo_store, KEY, "data_agent", "agent_evaluation")
    assert result.success
    stored = (Path(demo_store.root) / KEY / "agent_evaluation.json").read_text()
    assert "claude" not in stored.replace(KEY, "")
    assert "answered_by" not in stored
    metadata = result.asset_materializations_for_node("agent_evaluation")[0].metadata
    assert not [name for name in metadata if "claude" in name or "rules" in name]


def test_a_served_agent_asks_claude_with_the_key_of_the_environment(
    demo_store: DemoStore, service: ClaudeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert materialize(demo_store, KEY, "data_agent").success
    monkeypatch.setenv("PROVISIONING_STORE", demo_store.root)
    name = demo_store.read(KEY, DataAgent).name
    with subprocess.Popen([PROVISION, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split(" on ")[1].split("/v1/")[0]
            answer = ask(connect(address).chat, name, QUESTION)
        finally:
            process.terminate()
    assert answer.answered_by == "claude"
    assert len(answer.rows) == 3
    assert len(service.asked) == 1


def test_the_command_asks_claude_with_the_key_of_the_environment(
    demo_store: DemoStore, service: ClaudeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert materialize(demo_store, KEY, "data_agent").success
    monkeypatch.setenv("PROVISIONING_STORE", demo_store.root)
    shown = CliRunner().invoke(app, ["ask", KEY, QUESTION])
    assert shown.exit_code == 0, shown.output
    assert "Query built for this question by Claude" in shown.output
    assert [body["model"] for body in service.asked] == ["claude-sonnet-5-5"]
    answer = json.loads(CliRunner().invoke(app, ["ask", KEY, QUESTION, "--json"]).output)
    assert answer["answered_by"] == "claude"
    assert len(service.asked) == 1

    service.answer = lambda _: Reply(status=401, message="invalid x-api-key")
    ruled = CliRunner().invoke(app, ["ask", KEY, "average rating by region this year"])
    assert ruled.exit_code == 0, ruled.output
    assert "Read by rules, without Claude: Claude's service refused the key" in " ".join(ruled.output.split())

    monkeypatch.delenv("ANTHROPIC_API_KEY")
    plain = CliRunner().invoke(app, ["ask", KEY, "average rating by region this year", "--json"])
    assert "answered_by" not in json.loads(plain.output)
