"""Asks the local agent in this process, with the same context, understanding and messages as through its server."""

import time
from pathlib import Path

from provisioning_assets.agent.asking import AgentAnswer, read_answer
from provisioning_assets.agent.comparison import extra_columns
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.evaluation import evaluate
from provisioning_assets.agent.fresh_questions import fresh_questions
from provisioning_assets.agent.local_server.api_errors import ApiError
from provisioning_assets.agent.local_server.chat import MOST_ROWS, answer_messages
from provisioning_assets.agent.local_server.context_limits import check_context
from provisioning_assets.agent.local_server.datasets import DuckDBData
from provisioning_assets.agent.local_server.resource_names import PROJECT
from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion
from provisioning_assets.agent.understanding.answering import QueryFailedError, Understanding, answer, read, understand
from provisioning_assets.agent.understanding.asked import Asked, UnreadableError
from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.duckdb_connection import KeptEngine
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.warehouse.models import DemoDataset

DATASET = "demo_sample_example"


def ask_agent(plan: DemoPlan, model: DataModel, golden: GoldenQueries, file: Path, kept: KeptEngine) -> AgentEvaluation:
    """Ask the agent every question, paraphrase and repeat, and compare its rows with the golden rows.

    Args:
        plan, model: the agent's context is made from them.
        golden: the questions with their executed results.
        file: the data set, a DuckDB file.
        kept: keeps the file's engine open between questions.

    Raises:
        ProvisioningError: the agent cannot be created from this plan and model.
    """
    dataset = DemoDataset(
        target="duckdb", dataset=DATASET, location=file.name, as_of=model.as_of, tables=[], bytes=file.stat().st_size
    )
    context = build_context(plan, model, golden, dataset, PROJECT)
    data = DuckDBData(file, model.as_of, version="1", kept=kept)
    try:
        check_context(context, "context")
        understanding = understand(context, data)
    except (ApiError, QueryFailedError) as error:
        raise ProvisioningError(
            f"The agent cannot be created: {error}.", "Change the text of the blueprint that the message names."
        ) from error

    answers: dict[str, AgentAnswer] = {}

    def ask(question: str) -> AgentAnswer:
        began = time.perf_counter()
        found = answer(question, understanding, data, most_rows=MOST_ROWS)
        seconds = time.perf_counter() - began
        answers[question] = read_answer(question, answer_messages(question, found, context), seconds)
        return answers[question]

    fresh = [
        (question, data.run(question.sql, MOST_ROWS).rows)
        for question in fresh_questions(model, plan.agent.default_filters)
    ]
    evaluation = evaluate(golden, plan.insights, lambda questions: [ask(each) for each in questions], fresh=fresh)
    queries = {query.id: query for query in golden.queries}
    asked = [
        _explained(each, queries[each.query_id], answers[each.asked], understanding)
        if each.problem and each.kind != "repeat" and each.asked in answers
        else each
        for each in evaluation.asked
    ]
    return evaluation.model_copy(update={"asked": asked})


def _explained(
    asked: AskedQuestion, query: GoldenQuery, given: AgentAnswer, understanding: Understanding
) -> AskedQuestion:
    """The question with the words that led to columns that should not be there, added to its problem."""
    if given.sql is None or not given.rows:
        return asked
    try:
        reading = read(asked.asked, understanding)[0]
    except UnreadableError:
        return asked
    words = {
        name: said
        for name in extra_columns(query, given.columns, given.rows)
        if (said := words_behind(name, reading, understanding.catalog)) is not None
    }
    if not words:
        return asked
    causes = ", ".join(f"“{said}” asks for {name}" for name, said in words.items())
    return asked.model_copy(update={"problem": f"{asked.problem} ({causes})"})


def words_behind(column: str, reading: Asked, catalog: Catalog) -> str | None:
    """Return the words of a question that made the agent show a column; None if no single words did.

    Args:
        column: the name of a column of the agent's result.
        reading: how the agent read the question.
        catalog: the tables that the agent knows.
    """
    groups = [
        (
            said,
            {meaning.column.name}
            if meaning.column is not None
            else {c.name for c in catalog.tables[meaning.table].columns},
        )
        for meaning, said in zip(reading.groups, reading.group_words, strict=True)
    ]
    filters = [(condition.said, {condition.column.name}) for condition in reading.conditions]
    figures = [(figure.said, _figure_names(figure.column, figure.table)) for figure in reading.figures]
    return next((said for said, names in [*groups, *filters, *figures] if said and column in names), None)


def _figure_names(column: CatalogColumn | None, table: str) -> set[str]:
    if column is None:
        return {f"{table}_count"}
    return {f"{prefix}{column.name}" for prefix in ("", "average_", "lowest_", "highest_", "total_", "median_")}
