"""Asks the agent of sixteen demos questions that people of such companies would ask, and counts right and wrong answers.

``make eval-agent`` builds the demos and asks; ``--store`` asks those of an existing store. A wrong answer is a figure that the
agent gave with confidence and that none of the right queries gives. With ``--claude`` and a key, Claude reads what no verified
query answers; each demo's questions are paid from its own budget (``PROVISIONING_BUDGET_USD``).
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml
from google.cloud import geminidataanalytics_v1 as gda

from evaluation.demos import DEMOS, build
from provisioning_assets.agent.claude_answers.answering import shared_texts
from provisioning_assets.agent.claude_answers.questions_to_claude import QuestionsToClaude
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.local_server.chat import MOST_ROWS
from provisioning_assets.agent.local_server.datasets import DuckDBData
from provisioning_assets.agent.resources import LocalDataAgents
from provisioning_assets.agent.row_matching import is_right
from provisioning_assets.agent.understanding.answering import (
    Answer,
    Understanding,
    answer,
    understand,
)
from provisioning_assets.claude.resources import Claude
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.googlesql.duckdb_connection import KeptEngine
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.settings import PROJECT_FOLDER, read_settings
from provisioning_assets.store import DemoStore
from provisioning_assets.warehouse.models import DemoDataset

_HERE = Path(__file__).parent
Outcome = Literal["right", "refused", "asked back", "wrong"]


@dataclass(frozen=True)
class Agent:
    """A demo's agent: its published context, read; its data; its folder; and who asks Claude, if anyone does."""

    context: gda.Context
    understood: Understanding
    data: DuckDBData
    folder: Path
    claude: QuestionsToClaude | None

    def answer(self, questions: list[str]) -> Answer:
        """Answer the last question of a conversation."""
        *history, question = questions
        if self.claude is None:
            return answer(question, self.understood, self.data, history)
        return self.claude.answer(
            self.folder.name, self.context, question, self.understood, self.data, history, MOST_ROWS
        )


@dataclass(frozen=True)
class Asked:
    """A question with its outcome."""

    question: str
    outcome: Outcome
    text: str
    sql: str | None
    rows: str = ""


def main() -> None:
    """Build the demos, ask the questions and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="ask the demos of this store instead of building them")
    parser.add_argument("--only", choices=[demo.name for demo in DEMOS], help="one demo")
    parser.add_argument("--questions", type=Path, default=_HERE / "questions", help="folder of question files")
    parser.add_argument("--wrong", action="store_true", help="list the wrong answers")
    parser.add_argument("--all", action="store_true", help="list every answer")
    parser.add_argument("--show-unseen", action="store_true", help="list answers to unseen questions too")
    parser.add_argument("--claude", action="store_true", help="let Claude read the questions; needs ANTHROPIC_API_KEY")
    parser.add_argument("--sizes", action="store_true", help="ask nothing; print how large the contexts for Claude are")
    options = parser.parse_args()
    store = options.store or PROJECT_FOLDER / "build" / "eval_agent"
    claude = _claude(store) if options.claude else None
    total: dict[str, Counter[Outcome]] = {"seen": Counter(), "unseen": Counter()}
    for demo in DEMOS:
        if options.only not in (None, demo.name):
            continue
        if options.store is None:
            build(demo, store)
        agent = load(store / demo.key, claude)
        if options.sizes:
            print(
                f"{demo.name:12} {sum(len(t.encode()) for t in shared_texts(agent.context, agent.understood)):,} bytes"
            )
            continue
        for part, folder_of_part in (("seen", options.questions), ("unseen", options.questions / "unseen")):
            file = folder_of_part / f"{demo.name}.yaml"
            if not file.exists():
                continue
            asked = [judge(case, agent) for case in yaml.safe_load(file.read_text("utf-8"))]
            counts: Counter[Outcome] = Counter(each.outcome for each in asked)
            total[part].update(counts)
            print(f"{demo.name:12} {part:7} {_shown(counts)}")
            if part == "seen" or options.show_unseen:
                _list(asked, wrong=options.wrong, everything=options.all)
        if claude is not None:
            print(f"{demo.name:12} claude  {claude.usage(demo.key).told()}")
    for part, counts in total.items():
        if counts:
            print(f"{'all':12} {part:7} {_shown(counts)}")


def load(folder: Path, claude: QuestionsToClaude | None) -> Agent:
    """Prepare a demo's agent from its artefacts."""
    plan = DemoPlan.model_validate_json((folder / "demo_plan.json").read_bytes())
    model = DataModel.model_validate_json((folder / "data_model.json").read_bytes())
    golden = GoldenQueries.model_validate_json((folder / "golden_queries.json").read_bytes())
    dataset = DemoDataset.model_validate_json((folder / "demo_dataset.json").read_bytes())
    context = build_context(plan, model, golden, dataset, "local")
    data = DuckDBData(folder / dataset.location, dataset.as_of, "1", KeptEngine())
    return Agent(context, understand(context, data), data, folder, claude)


def _claude(store: Path) -> QuestionsToClaude:
    """Return the resource that asks Claude for the demos of a store. Exits with a message if there is no key."""
    settings = read_settings()
    demos = DemoStore(root=str(store))
    model = settings.claude_model if settings.anthropic_api_key.get_secret_value().strip() else ""
    asked = LocalDataAgents(
        store=demos, claude=Claude(store=demos, model=model, budget_usd=settings.budget_usd)
    ).questions_to_claude()
    if asked is None:
        sys.exit("--claude needs a key: set ANTHROPIC_API_KEY.")
    return asked


def judge(case: dict[str, Any], agent: Agent) -> Asked:
    """Ask one question, or one conversation of which the last question is meant."""
    questions = [case["q"]] if isinstance(case["q"], str) else list(case["q"])
    found = agent.answer(questions)
    shown = " / ".join(questions)
    if found.kind == "unclear":
        return Asked(shown, "asked back", found.text, None)
    if found.result is None:
        return Asked(shown, "refused", found.text, found.sql)
    if case.get("sql") is None:
        return Asked(shown, "wrong", found.text, found.sql, "cannot be answered")
    expected = [
        rows
        for sql in (case["sql"], *case.get("sql_also", ()))
        for rows in _expected(sql, agent.folder, agent.understood)
    ]
    outcome: Outcome = "right" if any(is_right(rows, found.result.rows) for rows in expected) else "wrong"
    return Asked(
        shown,
        outcome,
        found.text,
        found.sql,
        f"expected {str(expected[0][:4])[:300]}, found {str(found.result.rows[:4])[:300]}",
    )


def _expected(sql: str, folder: Path, understood: Understanding) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a right query: as it is written, and without the rows that the demo leaves out by default."""
    written = sql
    catalog = understood.catalog
    for standing in catalog.standing_filters:
        flag = f"{'' if standing.kept else 'not '}s.{standing.column}"
        replaced = {standing.table: f"(select s.* from {standing.table} s where {flag})"}  # noqa: S608
        for relationship in catalog.relationships:
            if relationship.references == standing.table and catalog.tables[relationship.table].time is None:
                on = f"t.{relationship.columns[0]} = s.{relationship.references_columns[0]}"
                replaced[relationship.table] = (
                    f"(select t.* from {relationship.table} t join {standing.table} s on {on} where {flag})"  # noqa: S608
                )
        sql = re.sub(
            rf"\b(from|join)\s+({'|'.join(replaced)})\b(?P<alias>\s+(?:as\s+)?(?!(?:where|join|left|group|order|using|on|limit|inner)\b)\w+)?",
            lambda m, r=replaced: f"{m[1]} {r[m[2].lower()]}{m['alias'] or f' as {m[2]}'}",
            sql,
            flags=re.I,
        )
    with duckdb.connect(str(folder / "dataset.duckdb"), read_only=True) as connection:
        for each in dict.fromkeys((written, sql)):
            yield connection.execute(each).fetchall()


def _shown(counts: Counter[Outcome]) -> str:
    outcomes: tuple[Outcome, ...] = ("right", "refused", "asked back", "wrong")
    total = sum(counts.values())
    return "   ".join(f"{name} {counts[name]:3} ({counts[name] / total:.0%})" for name in outcomes)


def _list(asked: list[Asked], *, wrong: bool, everything: bool) -> None:
    for each in asked:
        if everything or (wrong and each.outcome == "wrong"):
            print(f"  [{each.outcome}] {each.question}\n      {each.text[:260]}")
            if each.outcome == "wrong":
                print(f"      {' '.join((each.sql or '').split())}\n      {each.rows}")


if __name__ == "__main__":
    main()
