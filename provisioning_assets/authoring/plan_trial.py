"""Tries a plan as ``provision blueprint check`` tries a file: generates its tables at the small size and measures them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from provisioning_assets.authoring.blueprint_check import execute_questions, insight_checks, question_check
from provisioning_assets.authoring.models import BlueprintCheck, SeedCheck
from provisioning_assets.authoring.seed_check import check_seed, measure_strength, measure_tables
from provisioning_assets.authoring.verdict import problems_of
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.trial import Trial
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.worker_processes import end_with_parent


def faults_of(trial: Trial) -> list[str]:
    """Return what does not hold of a trial, each with its remedy; empty if a demo can be made from it.

    Raises:
        ProvisioningError: the tables cannot be generated, or the agent cannot be made.
    """
    plan, model = trial.plan, trial.model
    check = BlueprintCheck(file="")
    with tempfile.TemporaryDirectory(prefix="plan-trial-") as name:
        folder = Path(name)
        tables = synthesise(model, folder)
        golden, check.agent = execute_questions(plan, model, tables, folder, ask=trial.agent)
        check.questions = [question_check(query) for query in golden.queries]
        if not trial.complete:
            check.questions = [each.model_copy(update={"dull_because": None}) for each in check.questions]
        check.kpis = golden.kpis
        if trial.tables:
            check.seeds = [measure_tables(plan, model, tables, folder), *_figures_at_other_seeds(plan, model)]
        if trial.insights:
            check.strength = measure_strength(plan, model, tables, folder)
    check.insights = insight_checks(plan, check.seeds, check.strength)
    return [each.words for each in problems_of(check)]


def _figures_at_other_seeds(plan: DemoPlan, model: DataModel) -> Iterator[SeedCheck]:
    """The figures of insights and relations at a second seed: they have to hold every week, when the figures are others."""
    if plan.insights or model.relations:
        found = check_seed(plan, model.model_copy(update={"seed": model.seed + 1, "rules": []}))
        yield found.model_copy(update={"coherence": [], "realism": []})


def begin() -> None:
    """Prepare a process in which trials are made."""
    end_with_parent()
