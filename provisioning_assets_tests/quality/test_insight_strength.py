"""A planted insight stands out from the customer's own past, a weak one does not, and unplanted findings are found."""

import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.insight_strength import insight_strength, strength_against, unplanned_problems
from provisioning_assets.quality.models import InsightStrength, UnplannedFinding
from provisioning_assets.quality.unplanted_demo import MOST_FACT_ROWS, UnplantedDemo, unplanted_model
from provisioning_assets.quality_bars import LEAST_INSIGHT_Z, MOST_UNPLANNED_Z
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.planning.conftest import facts, planned, profile

REWORK = "rework_in_leading_line"
CANCELLATIONS = "website_cancellations"


def translate(sql: str, day: date) -> str:
    return to_duckdb(sql, as_of=day)


@dataclass(frozen=True)
class Made:
    """A demo's plan, model and tables, and the same demo without planted changes."""

    plan: DemoPlan
    model: DataModel
    tables: SyntheticTables
    folder: Path
    unplanted: UnplantedDemo

    def measured(
        self, unplanted: UnplantedDemo | None = None
    ) -> tuple[dict[str, InsightStrength], list[UnplannedFinding], int]:
        strengths, found, places = strength_against(
            unplanted or self.unplanted, self.plan, self.model, self.tables, self.folder, translate
        )
        return {strength.insight_id: strength for strength in strengths}, found, places

    def only(self, *insights: str) -> "Made":
        """The same demo with these insights and their questions alone: fewer questions are sooner asked."""
        kept = [insight for insight in self.plan.insights if insight.id in insights]
        asked = {insight.query_id for insight in kept}
        questions = [question for question in self.plan.questions if question.id in asked]
        return replace(self, plan=self.plan.model_copy(update={"insights": kept, "questions": questions}))


def made(customer: CustomerProfile, folder: Path, weaker: dict[str, float] | None = None) -> Made:
    """A demo, with the effects of some insights at another factor; ``weaker`` is insight -> factor."""
    plan, model = planned(customer)
    weaker = weaker or {}
    effects = [
        effect.model_copy(update={"factor": weaker[effect.insight_id], "operation": "multiply"})
        if effect.insight_id in weaker
        else effect
        for effect in model.effects
    ]
    model = model.model_copy(update={"effects": effects})
    without = unplanted_model(model)
    unplanted = UnplantedDemo(without, synthesise(without, folder / "unplanted"), folder / "unplanted")
    return Made(plan, model, synthesise(model, folder / "real"), folder / "real", unplanted)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(profile(industry="general_business"), tmp_path_factory.mktemp("demo"))


def test_every_planted_insight_stands_out_and_is_first(demo: Made):
    strengths, found, places = insight_strength(demo.plan, demo.model, demo.tables, demo.folder, translate, synthesise)
    assert [strength.insight_id for strength in strengths] == [insight.id for insight in demo.plan.insights]
    for strength in strengths:
        assert strength.passed, strength
        assert strength.reason is None
        assert abs(strength.z or 0) >= LEAST_INSIGHT_Z
        assert strength.rank == 1
        assert strength.groups >= 3
    assert unplanned_problems(strengths, found) == []
    assert places > 100
    assert [abs(finding.corrected_z) for finding in found] == sorted(
        (abs(finding.corrected_z) for finding in found), reverse=True
    )


def test_the_figure_is_that_of_the_question_and_without_it_that_of_the_unplanted_demo(demo: Made):
    strength = demo.only(REWORK).measured()[0][REWORK]
    assert strength.figure == pytest.approx(20, abs=7)
    assert strength.without == pytest.approx(4, abs=2)
    assert len(strength.history) == 13
    assert strength.z == pytest.approx(
        ((strength.figure or 0) - (strength.seasonal_baseline or 0)) / (strength.spread or 1)
    )


def test_an_insight_without_its_effect_fails_with_a_reason(tmp_path: Path):
    weak = made(profile(industry="general_business"), tmp_path, {REWORK: 1.05})
    strengths, _, _ = weak.only(REWORK, CANCELLATIONS).measured()
    assert not strengths[REWORK].passed
    assert "standard deviations from its seasonal baseline" in (strengths[REWORK].reason or "")
    assert abs(strengths[REWORK].z or 0) < LEAST_INSIGHT_Z
    assert strengths[CANCELLATIONS].passed


def test_an_insight_that_another_group_outshines_is_not_first(demo: Made, tmp_path: Path):
    """The effect is planted for one service line more: with three times the rework it is further from its past."""
    (planted,) = [effect for effect in demo.model.effects if effect.insight_id == REWORK]
    line = next(word for word in demo.plan.vocabulary["service_lines"] if word not in (planted.where or ""))
    decides = (planted.where or "").split(" = ")[0]
    more = planted.model_copy(update={"where": f"{decides} = '{line}'", "factor": 0.9})
    model = demo.model.model_copy(update={"effects": [*demo.model.effects, more]})
    outshone = Made(demo.plan, model, synthesise(model, tmp_path), tmp_path, demo.unplanted)
    strength = outshone.only(REWORK).measured()[0][REWORK]
    assert strength.rank == 2
    assert strength.reason == f"{line} is further from its own baseline"
    assert not strength.passed


def test_an_unplanted_finding_is_found(demo: Made, tmp_path: Path):
    """Half a year's jobs of one branch are rewritten to be cancelled, in the unplanted demo's own file."""
    path = demo.unplanted.folder / "tables" / "jobs" / "*.parquet"
    copy = tmp_path / "tables" / "jobs" / "part-00000.parquet"
    copy.parent.mkdir(parents=True)
    as_of = demo.model.as_of
    duckdb.execute(
        "COPY (SELECT * REPLACE (is_cancelled OR (booked_through = 'Phone' AND hash(job_id) % 3 = 0 "
        f"AND requested_at >= DATE '{as_of}' - 85) AS is_cancelled) FROM '{path}') TO '{copy}' (FORMAT parquet)"
    )
    for table in demo.unplanted.model.tables:
        if table.name != "jobs":
            shutil.copytree(demo.unplanted.folder / "tables" / table.name, tmp_path / "tables" / table.name)
    demo = demo.only(REWORK, CANCELLATIONS)
    clean_strengths, clean, _ = demo.measured()
    assert unplanned_problems(list(clean_strengths.values()), clean) == []
    strengths, found, _ = demo.measured(UnplantedDemo(demo.unplanted.model, demo.unplanted.tables, tmp_path))
    assert found[0].group == "Phone"
    assert found[0].column in ("cancelled_pct", "cancelled_jobs")
    assert found[0].corrected_z > MOST_UNPLANNED_Z
    problems = unplanned_problems(list(strengths.values()), found)
    assert any("cancelled_pct of Phone" in problem for problem in problems)


def test_a_missing_group_is_reported_as_a_reason_and_not_raised(demo: Made):
    demo = demo.only(REWORK)
    (insight,) = demo.plan.insights
    elsewhere = insight.assertion.model_copy(update={"where": {"service_line": "Nobody's line"}})
    insights = [insight.model_copy(update={"assertion": elsewhere})]
    changed = replace(demo, plan=demo.plan.model_copy(update={"insights": insights}))
    strength = changed.measured()[0][REWORK]
    assert not strength.passed
    assert strength.z is None
    assert strength.reason == "the result of the question has no rework_pct for it"


def test_a_history_that_is_too_short_is_reported_as_a_reason_and_not_raised(demo: Made):
    sql = "SELECT booked_through, COUNT(*) AS jobs, 100 * COUNTIF(is_cancelled) / COUNT(*) AS cancelled_pct FROM jobs "
    sql += "WHERE DATE(requested_at) >= DATE_SUB(CURRENT_DATE(), INTERVAL 790 DAY) GROUP BY booked_through"
    demo = demo.only(CANCELLATIONS)
    (question,) = demo.plan.questions
    questions = [question.model_copy(update={"sql": sql})]
    changed = replace(demo, plan=demo.plan.model_copy(update={"questions": questions}))
    strength = changed.measured()[0][CANCELLATIONS]
    assert not strength.passed
    assert "too few past days" in (strength.reason or "")


def test_a_customers_awkward_words_are_groups_like_any_other(tmp_path: Path):
    words = facts('Women\'s "best" \\ care', "x'; DROP TABLE jobs; --", "靴とバッグ", "Øl & vin", "9000-03-07")
    demo = made(profile(industry="general_business", product_categories=words, customer_segments=words[:3]), tmp_path)
    strengths, _, _ = demo.only(REWORK).measured()
    assert strengths[REWORK].passed, strengths[REWORK]


def test_the_unplanted_demo_is_the_same_customer_without_effects_and_no_larger_than_needed(demo: Made):
    unplanted = unplanted_model(demo.model.model_copy(update={"fact_rows": 50 * MOST_FACT_ROWS}))
    assert unplanted.effects == []
    assert unplanted.seed == demo.model.seed
    assert unplanted.fact_rows == MOST_FACT_ROWS
    assert not any(column.internal for table in unplanted.tables for column in table.columns)


def test_an_unplanned_finding_larger_than_the_weakest_planted_one_is_a_problem():
    finding = UnplannedFinding(
        query_id="q", group="North", column="late_pct", figure=9, expected=5, z=3.4, corrected_z=2.5
    )
    planted = InsightStrength(
        insight_id="a",
        headline="A",
        figure=9,
        without=5,
        seasonal_baseline=5,
        spread=2,
        z=2.0,
        rank=1,
        groups=4,
        history=[],
        passed=False,
    )
    assert unplanned_problems([planted.model_copy(update={"z": 5.0})], [finding]) == []
    assert len(unplanned_problems([planted], [finding])) == 1
    assert len(unplanned_problems([], [finding.model_copy(update={"corrected_z": 3.1})])) == 1


def test_a_group_that_is_a_number_is_found_however_it_is_written(demo: Made):
    """An assertion's ``2.0`` is the whole number 2 of an answer; the column then identifies groups and is not a figure."""
    demo = demo.only(CANCELLATIONS)
    (insight,), (question,) = demo.plan.insights, demo.plan.questions
    sql = (
        "SELECT CASE booked_through WHEN 'Website' THEN 2 WHEN 'Phone' THEN 1 ELSE 3 END AS way, COUNT(*) AS jobs, "
        "100 * COUNTIF(is_cancelled) / COUNT(*) AS cancelled_pct FROM jobs "
        "WHERE DATE(requested_at) >= DATE_SUB(CURRENT_DATE(), INTERVAL 90 DAY) GROUP BY way"
    )
    assertion = insight.assertion.model_copy(update={"where": {"way": "2.0"}})
    plan = demo.plan.model_copy(
        update={
            "insights": [insight.model_copy(update={"assertion": assertion})],
            "questions": [question.model_copy(update={"sql": sql, "chart": None})],
        }
    )
    strengths, found, _ = replace(demo, plan=plan).measured()
    assert strengths[CANCELLATIONS].passed, strengths[CANCELLATIONS]
    assert strengths[CANCELLATIONS].groups == 3
    assert {finding.column for finding in found} == {"jobs", "cancelled_pct"}
