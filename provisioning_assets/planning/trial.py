"""What is tried of a plan that a stranger wrote, and who tries it. Planning is handed the means: it knows no room that follows."""

from collections.abc import Callable
from dataclasses import dataclass

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan


@dataclass(frozen=True)
class Trial:
    """What is to be generated and measured. The queries of the plan are always executed.

    Args:
        plan: with the questions and insights written so far.
        model: at the small size.
        tables: whether rules, laws, relations and realism of the tables are measured, and the figures of the insights.
        insights: whether it is measured how far the insights stand out, and whether anything else does.
        agent: whether the local agent is asked the plan's questions, and fresh ones.
        complete: whether the plan has all its questions, so that the share of results worth showing counts.
    """

    plan: DemoPlan
    model: DataModel
    tables: bool = False
    insights: bool = False
    agent: bool = False
    complete: bool = False


Measure = Callable[[Trial], list[str]]
"""Generates the tables of a trial, measures them, and returns what does not hold, each with its remedy."""
