"""An insight's figure over seeds: the figure that its question shows for each seed, with and without the planted effects."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.insight_spread import InsightSpread, insight_spread
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.planning.conftest import planned, profile, request_for

SEEDS = [1, 2, 3]
CANCELLATIONS = "website_cancellations"


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


def make(seed: int) -> tuple[DemoPlan, DataModel]:
    return planned(profile(industry="general_business"), request_for(seed=seed))


@pytest.fixture(scope="module")
def measured() -> dict[str, InsightSpread]:
    return {spread.insight_id: spread for spread in insight_spread(make, SEEDS, translate, synthesise)}


def test_every_insight_is_measured_for_every_seed(measured: dict[str, InsightSpread]) -> None:
    plan, _ = make(SEEDS[0])
    assert list(measured) == [insight.id for insight in plan.insights]
    for insight in plan.insights:
        spread = measured[insight.id]
        assert [each.seed for each in spread.seeds] == SEEDS
        figures = [each.figure for each in spread.seeds if each.figure is not None]
        assert len(figures) == len(SEEDS)
        assert len(set(figures)) > 1, "other seeds give other figures"
        assert spread.mean == pytest.approx(np.mean(figures))
        assert spread.standard_deviation == pytest.approx(np.std(figures, ddof=1))
        within = [abs(figure - insight.expected) <= insight.tolerance for figure in figures]
        assert spread.share_within_tolerance == pytest.approx(np.mean(within))
        assert spread.share_within_tolerance == 1.0


def test_the_figure_without_effects_is_far_from_the_planted_one(measured: dict[str, InsightSpread]) -> None:
    spread = measured[CANCELLATIONS]
    assert spread.mean is not None
    assert spread.mean_without_effects is not None
    assert abs(spread.mean - spread.mean_without_effects) > spread.tolerance


def only(plan: DemoPlan, **assertion: object) -> DemoPlan:
    """The plan with one insight, whose assertion has other fields."""
    (insight,) = [insight for insight in plan.insights if insight.id == CANCELLATIONS]
    changed = insight.model_copy(update={"assertion": insight.assertion.model_copy(update=assertion)})
    return plan.model_copy(update={"insights": [changed]})


@pytest.mark.parametrize(
    ("assertion", "reason"),
    [
        ({"column": "canceled"}, "has no column canceled; it has "),
        ({"where": {"channel": "Website"}}, "has no column channel; it has "),
        ({"where": {"booked_through": "Pigeon"}}, "has no row where booked_through = Pigeon"),
    ],
)
def test_a_cell_that_is_not_there_is_a_reason(assertion: dict[str, object], reason: str) -> None:
    (spread,) = insight_spread(
        lambda seed: (only(make(seed)[0], **assertion), make(seed)[1]), [1], translate, synthesise
    )
    assert spread.seeds[0].figure is None
    assert reason in (spread.seeds[0].reason or "")
    assert (spread.mean, spread.standard_deviation, spread.share_within_tolerance) == (None, None, 0.0)


def test_a_query_that_fails_is_a_reason() -> None:
    def broken(seed: int) -> tuple[DemoPlan, DataModel]:
        plan, model = make(seed)
        questions = [question.model_copy(update={"sql": "SELECT nothing FROM jobs"}) for question in plan.questions]
        return only(plan).model_copy(update={"questions": questions}), model

    (spread,) = insight_spread(broken, [1], translate, synthesise)
    assert "failed" in (spread.seeds[0].reason or "")


def test_nothing_is_left_on_the_disk() -> None:
    folders: list[Path] = []

    def noted(model: DataModel, folder: Path) -> SyntheticTables:
        folders.append(folder)
        return synthesise(model, folder)

    def one(seed: int) -> tuple[DemoPlan, DataModel]:
        plan, model = make(seed)
        return only(plan), model

    (spread,) = insight_spread(one, [7], translate, noted)
    assert len(folders) == 2
    assert not any(folder.exists() for folder in folders)
    assert spread.standard_deviation is None


def test_the_figure_is_the_cell_that_the_question_shows(tmp_path: Path) -> None:
    plan, model = make(1)
    synthesise(model, tmp_path)
    (spread,) = insight_spread(lambda _: (only(plan), model), [1], translate, synthesise)
    (insight,) = only(plan).insights
    (question,) = [question for question in plan.questions if question.id == insight.query_id]
    connection = duckdb.connect()
    for table in model.tables:
        connection.read_parquet(str(tmp_path / "tables" / table.name / "*.parquet")).create_view(table.name)
    answer = connection.sql(translate(question.sql, model.as_of)).pl()
    wanted = [pl.col(name).cast(pl.String) == text for name, text in insight.assertion.where.items()]
    row = answer.filter(*wanted) if wanted else answer.head(1)
    assert spread.seeds[0].figure == pytest.approx(float(row[insight.assertion.column][0]))


def test_seeds_are_needed() -> None:
    with pytest.raises(ValueError, match="No seed is given"):
        insight_spread(make, [], translate, synthesise)
