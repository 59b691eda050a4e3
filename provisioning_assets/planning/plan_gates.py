"""What each part of Claude's blueprint is held against: the checks of an author's file, as far as they concern that part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from provisioning_assets.customers import CustomerRequest, DemoSize
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.sources import by_source
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint, BlueprintScene
from provisioning_assets.planning.blueprint_files import validation_problems
from provisioning_assets.planning.blueprint_rules import filled_problems, missing_entries, query_problems
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import customer_words, market_of_customer
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.models import DemoBlueprint, DemoPlan, PartName
from provisioning_assets.planning.plan_parts import PARTS
from provisioning_assets.planning.plan_texts import agent_problems, new_text_problems
from provisioning_assets.quality_bars import FEWEST_TABLES, MOST_TABLES

MOST_ROWS = 250_000
"""Of all tables at the small size; the project's blueprints have 40,000 to 80,000. More would be slow at the larger sizes."""


@dataclass(frozen=True)
class Trial:
    """What is to be generated and measured. The queries of the plan are always executed.

    Args:
        plan: with the questions and insights written so far.
        model: at the small size.
        tables: whether rules, laws and realism of the tables are measured, and the figures of the insights.
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


class Gates:
    """Judges the parts of one customer's blueprint.

    Args:
        prior: the customer's blueprint without Claude.
        request: the customer's.
        measure: generates and measures.
    """

    def __init__(self, prior: DemoBlueprint, request: CustomerRequest, measure: Measure) -> None:
        self._prior = prior
        self._document = prior.blueprint.model_dump(mode="json")
        self._request = trial_request(request)
        self._measure = measure

    def faults(self, part: PartName, document: Mapping[str, Any]) -> list[str]:
        """All faults of a part that are found at one stage: form, then rules, then queries, then what is measured.

        Args:
            part: that was written last.
            document: of the blueprint, with the parts written so far.
        """
        try:
            blueprint = Blueprint.model_validate(document)
        except ValidationError as failure:
            return _told(validation_problems(failure))
        except RecursionError:
            return ["It is nested too deeply."]
        try:
            return self._judged(part, blueprint, document)
        except ProvisioningError as error:
            return [f"{error.problem} {error.remedy}"]
        except Exception as error:  # noqa: BLE001  # what a stranger wrote must not end the run, whatever it breaks
            return [f"It cannot be tried: {type(error).__name__}: {str(error)[:300]}. Write it in a simpler way."]

    def _judged(self, part: PartName, blueprint: Blueprint, document: Mapping[str, Any]) -> list[str]:
        made = self._prior.model_copy(update={"blueprint": cut_down(blueprint, part)})
        words, market = customer_words(made), market_of_customer(made.customer)
        problems = [
            *new_text_problems(document, self._document),
            *(each for each in filled_problems(made.blueprint, words, market) if _concerns(part, each)),
            *self._own_rules(part, blueprint, made),
        ]
        if problems or part == "story":
            return _told(problems)
        problems = query_problems(made.blueprint, words, market)
        if problems:
            return _told(problems)
        return self._measured(part, made)

    def _own_rules(self, part: PartName, blueprint: Blueprint, made: DemoBlueprint) -> list[Problem]:
        problems = [each for each in missing_entries(blueprint) if each.place[0] in PARTS[part].sections]
        if part == "tables" and not FEWEST_TABLES <= len(blueprint.tables) <= MOST_TABLES:
            count = f"There are {len(blueprint.tables)} tables."
            problems.append(Problem(("tables",), count, f"{FEWEST_TABLES} to {MOST_TABLES} are accepted."))
        if part == "scenes":
            tables = design_data_model(made, self._request).tables
            problems += agent_problems(blueprint, self._prior.blueprint, tables)
        return problems

    def _measured(self, part: PartName, made: DemoBlueprint) -> list[str]:
        model = design_data_model(made, self._request)
        lineage = Lineage(by_source(model))
        rows = {name: round(expected_rows(lineage, name)) for name in lineage.tables}
        if sum(rows.values()) > MOST_ROWS:
            largest = max(rows, key=lambda name: rows[name])
            return [
                f"The tables would have about {sum(rows.values()):,} rows at the small size, most of them {largest} "
                f"({rows[largest]:,}). Generate at most {MOST_ROWS:,} in all."
            ]
        return self._measure(
            Trial(
                plan_demo(made),
                model,
                tables=part in ("tables", "insights"),
                insights=part in ("insights", "questions"),
                agent=part in ("tables", "questions", "scenes"),
                complete=part in ("questions", "scenes"),
            )
        )


def trial_request(request: CustomerRequest) -> CustomerRequest:
    """The request with which parts are tried: small, and as of a day that stays the same.

    A demo is made again every week with the day's date. Were it tried as of that day, a figure could miss its bar by chance, and a
    part that was written long ago would be asked for again.
    """
    day = request.as_of if "as_of" in request.asked else request.created_on
    return request.model_copy(update={"size": DemoSize.SMALL, "as_of": day})


def cut_down(blueprint: Blueprint, part: PartName) -> Blueprint:
    """The blueprint without what is written after a part, so that this part can be judged alone."""
    proofs = {insight.question for insight in blueprint.insights.values()}
    asked = {
        "tables": {},
        "insights": {name: each for name, each in blueprint.questions.items() if name in proofs},
        "story": {name: each for name, each in blueprint.questions.items() if name in proofs},
    }.get(part, blueprint.questions)
    without: dict[str, Any] = {"questions": asked}
    if part == "tables":
        without["insights"] = {}
    if part != "scenes":
        everything = {"title": "All", "minutes": 1, "talk_track": "All.", "questions": [*asked]}
        without["scenes"] = {"all": BlueprintScene.model_validate(everything)} if asked else {}
    if part in ("tables", "insights", "story"):
        without["kpis"] = []
    if part in ("tables", "insights", "questions"):
        without["challenges"] = []
    return blueprint.model_copy(update=without)


def _concerns(part: PartName, problem: Problem) -> bool:
    """Whether a problem of the blueprint is one of this part. A part is judged on top of others that have passed."""
    if part in ("tables", "insights", "story") and problem.place == ("questions",):
        return False  # there are too few, because the others are yet to come
    if part == "story":
        return problem.place[:1] in {(section,) for section in PARTS["story"].sections}
    return True


def _told(problems: list[Problem]) -> list[str]:
    return [f"{'.'.join(str(part) for part in each.place)}: {each.words}" for each in problems]
