"""Asks the local agent in this process, with the same context, understanding and messages as through its server."""

import time
from pathlib import Path

from provisioning_assets.agent.asking import AgentAnswer, read_answer
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.evaluation import evaluate
from provisioning_assets.agent.local_server.api_errors import ApiError
from provisioning_assets.agent.local_server.chat import MOST_ROWS, answer_messages
from provisioning_assets.agent.local_server.context_limits import check_context
from provisioning_assets.agent.local_server.datasets import DuckDBData
from provisioning_assets.agent.local_server.resource_names import PROJECT
from provisioning_assets.agent.models import AgentEvaluation
from provisioning_assets.agent.understanding.answering import QueryFailedError, answer, understand
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.golden.models import GoldenQueries
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

    def ask(question: str) -> AgentAnswer:
        began = time.perf_counter()
        found = answer(question, understanding, data, most_rows=MOST_ROWS)
        return read_answer(question, answer_messages(question, found, context), time.perf_counter() - began)

    return evaluate(golden, plan.insights, ask)
