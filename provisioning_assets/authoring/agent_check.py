"""Asks the local agent in this process, with the same context, understanding and messages as through its server."""

import time
from collections.abc import Iterable
from pathlib import Path

from provisioning_assets.agent.asking import AgentAnswer, read_answer
from provisioning_assets.agent.comparison import extra_columns
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.evaluation import evaluate
from provisioning_assets.agent.local_server.api_errors import ApiError
from provisioning_assets.agent.local_server.chat import MOST_ROWS, answer_messages
from provisioning_assets.agent.local_server.context_limits import check_context
from provisioning_assets.agent.local_server.datasets import DuckDBData
from provisioning_assets.agent.local_server.resource_names import PROJECT
from provisioning_assets.agent.models import AgentEvaluation, AskedQuestion
from provisioning_assets.agent.understanding.answering import QueryFailedError, Understanding, answer, understand
from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn
from provisioning_assets.agent.understanding.reading import AskedQuestion as Reading
from provisioning_assets.agent.understanding.reading import MeasureAsked, read_question
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

    evaluation = evaluate(golden, plan.insights, ask)
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
    reading = read_question(asked.asked, understanding.catalog, understanding.vocabulary, understanding.today)
    words = {
        name: said
        for name in extra_columns(query, given.columns, given.rows)
        if (said := words_behind(name, reading, understanding.catalog)) is not None
    }
    if not words:
        return asked
    causes = ", ".join(f"“{said}” asks for {name}" for name, said in words.items())
    return asked.model_copy(update={"problem": f"{asked.problem} ({causes})"})


def words_behind(column: str, reading: Reading, catalog: Catalog) -> str | None:
    """Return the words of a question that made the agent show a column; None if no single words did.

    Args:
        column: the name of a column of the agent's result.
        reading: how the agent read the question.
        catalog: the tables that the agent knows.
    """
    groups = [
        (dimension.words, {*_names(dimension.columns), *_names_of_tables(dimension.tables, catalog)})
        for dimension in reading.dimensions
    ]
    filters = [(asked.words, _names(column for column, _ in asked.choices)) for asked in reading.filters]
    figures = [(measure.words, _figures(measure)) for measure in reading.measures]
    return next((said for said, names in [*groups, *filters, *figures] if said and column in names), None)


def _names(columns: Iterable[CatalogColumn]) -> set[str]:
    return {name for column in columns for name in (column.name, f"{column.table}_{column.name}")}


def _names_of_tables(tables: Iterable[str], catalog: Catalog) -> set[str]:
    return {name for table in tables for name in _names(catalog.tables[table].columns)}


def _figures(measure: MeasureAsked) -> set[str]:
    names = {
        f"{prefix}{name}"
        for name in _names(measure.columns)
        for prefix in ("", "average_", "lowest_", "highest_", "total_")
    }
    return names | {f"{table}_count" for table in measure.tables}
