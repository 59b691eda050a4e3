"""Checks a complete blueprint: its file, its tables over several seeds, its questions, its insights, and the agent.

The tables of the first seed are generated in this process. Other processes measure them, and generate and measure the other seeds,
at the same time. All tables are generated in temporary folders, which are removed.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from provisioning_assets.agent.models import AgentEvaluation
from provisioning_assets.authoring.growth import remarks_on_growth
from provisioning_assets.authoring.models import (
    BlueprintCheck,
    Fault,
    InsightCheck,
    MissedRequirement,
    QuestionCheck,
    SeedCheck,
    StrengthCheck,
)
from provisioning_assets.authoring.verdict import problems_of
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.duckdb_connection import KeptEngine
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import BlueprintError
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.quality.insight_spread import spread_of
from provisioning_assets.synthesis.models import SyntheticTables

Progress = Callable[[str], object]
"""Called with a few words on the step that begins."""

Value = TypeVar("Value")

FIRST_ROWS = 3
"""Number of rows of each table that are shown."""


def faulty(error: BlueprintError, file: str) -> BlueprintCheck:
    """Return the check of a file that has faults; no tables can be generated from it."""
    faults = [Fault(file=each.file, line=each.line, place=each.place, words=each.words) for each in error.mistakes]
    count = f"{len(faults)} fault{'s' * (len(faults) != 1)}"
    words = f"{file} has {count}. Correct them, then run the check again: the tables are generated only then."
    return BlueprintCheck(file=file, faults=faults, problems=[MissedRequirement(section="file", words=words)])


def check_blueprint(
    blueprint: Blueprint,
    file: str,
    *,
    size: str,
    seeds: Sequence[int],
    country: str,
    as_of: str | None,
    ask: bool,
    progress: Progress = lambda _words: None,
) -> BlueprintCheck:
    """Check a blueprint whose file has no faults.

    Args:
        blueprint: the blueprint, as read from its file.
        file: the name of the file, to be shown.
        size: small, medium, large or xlarge.
        seeds: at least one; the tables shown, the questions and the agent use the first one.
        country: home market of the sample customer, ISO 3166-1 alpha-2.
        as_of: the as-of date of the data as an ISO date; None for today.
        ask: whether the local agent is asked every question and paraphrase.
        progress: called with a few words about each step when it begins.

    Raises:
        ProvisioningError: a value is not accepted.
    """
    began = time.perf_counter()
    progress("Designing the tables")
    plan, model = sample_demo(blueprint, country, size=size, seed=str(seeds[0]), as_of=as_of)
    _, small = sample_demo(blueprint, country, size="small", seed=str(seeds[0]), as_of=as_of)
    found = BlueprintCheck(
        file=file,
        blueprint=blueprint.id,
        name=blueprint.name,
        country=model.country,
        size=model.size,
        as_of=model.as_of,
        remarks=remarks_on_growth(model, small),
    )
    try:
        measured = _measured(found, plan, model, seeds, ask=ask, progress=progress)
    except ProvisioningError as error:
        words = f"{error.problem.strip()} {error.remedy}"
        measured = found.model_copy(update={"problems": [MissedRequirement(section="tables", words=words)]})
    else:
        measured = measured.model_copy(update={"problems": problems_of(measured)})
    return measured.model_copy(update={"seconds": time.perf_counter() - began})


def _measured(
    found: BlueprintCheck, plan: DemoPlan, model: DataModel, seeds: Sequence[int], *, ask: bool, progress: Progress
) -> BlueprintCheck:
    from provisioning_assets.authoring.seed_check import check_seed, measure_strength, measure_tables
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets.synthesis.preview import preview_of

    processes = min(os.cpu_count() or 1, len(seeds) + 1)
    with (
        tempfile.TemporaryDirectory(prefix="blueprint-check-") as name,
        ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool,
    ):
        folder = Path(name)
        try:
            later = [pool.submit(check_seed, plan, model.model_copy(update={"seed": seed})) for seed in seeds[1:]]
            progress(f"Generating the tables of seed {model.seed}")
            tables = synthesise(model, folder)
            strength = pool.submit(measure_strength, plan, model, tables, folder)
            first = pool.submit(measure_tables, plan, model, tables, folder)
            shown = preview_of(model, f"blueprint {found.blueprint}", tables, folder, rows=FIRST_ROWS)
            golden, evaluation = execute_questions(plan, model, tables, folder, ask=ask, progress=progress)
            progress(f"Measuring the tables of {len(seeds)} seed{'s' * (len(seeds) != 1)}")
            checks = [_result(each) for each in (first, *later)]
            strong: StrengthCheck = _result(strength)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found.model_copy(
        update={
            "tables": shown,
            "seeds": checks,
            "questions": [question_check(query) for query in golden.queries],
            "kpis": golden.kpis,
            "insights": insight_checks(plan, checks, strong),
            "strength": strong,
            "agent": evaluation,
        }
    )


def execute_questions(
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: Path,
    *,
    ask: bool,
    progress: Progress = lambda _words: None,
) -> tuple[GoldenQueries, AgentEvaluation | None]:
    """Execute the questions in the tables, and return the results and the evaluation of the agent's answers."""
    from provisioning_assets.golden.golden_queries import ROWS_EXAMINED, execute_golden_queries
    from provisioning_assets.googlesql.duckdb_queries import run_query
    from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset

    file, kept = folder / FILE_NAME, KeptEngine()
    try:
        progress("Executing the questions")
        build_dataset(model, tables, folder=folder)
        golden = execute_golden_queries(
            plan,
            model,
            lambda sql: run_query(file, sql, as_of=model.as_of, most_rows=ROWS_EXAMINED, kept=kept),
            pictures=False,
        )
        if not ask:
            return golden, None
        progress("Asking the agent every question and paraphrase")
        from provisioning_assets.authoring.agent_check import ask_agent

        return golden, ask_agent(plan, model, golden, file, kept)
    finally:
        kept.close()


def question_check(query: GoldenQuery) -> QuestionCheck:
    """Return what the check says of an executed question."""
    return QuestionCheck(
        id=query.id,
        question=query.question,
        complexity=query.complexity,
        columns=[column.name for column in query.columns],
        row_count=query.row_count,
        first_row=query.rows[0] if query.rows else [],
        seconds=query.seconds,
        error=query.error,
        dull_because=query.dull_because,
        chart_problem=query.chart_problem,
    )


def insight_checks(plan: DemoPlan, checks: Sequence[SeedCheck], strong: StrengthCheck | None) -> list[InsightCheck]:
    """Return the figures of each insight over all seeds, and how clearly it stands out, if that was measured."""
    strengths = {strength.insight_id: strength for strength in strong.insights} if strong else {}
    return [
        InsightCheck(
            question=insight.query_id,
            spread=spread_of(insight, [check.figures[insight.id] for check in checks if insight.id in check.figures]),
            strength=strengths.get(insight.id),
        )
        for insight in plan.insights
    ]


def _result(future: "Future[Value]") -> Value:
    """Wait for another process and return what it measured.

    Raises:
        ProvisioningError: the tables cannot be generated, or the process was killed.
    """
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ProvisioningError(
            "A process that measures the tables was killed; most often there is too little memory.",
            "Free memory, or choose a smaller --size.",
        ) from error
