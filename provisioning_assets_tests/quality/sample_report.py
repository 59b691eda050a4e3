"""A data-quality report of the retail tables as it may turn out: one of everything, some of it failing."""

from datetime import date

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.event_patterns import AmountPattern, CalendarPattern, EntityPattern, EventPattern
from provisioning_assets.quality.models import (
    CoherenceResult,
    DataQualityReport,
    InsightStrength,
    LawResult,
    RealismResult,
    RelationResult,
    UnplannedFinding,
)
from provisioning_assets.synthesis.models import SyntheticTables, TableManifest
from provisioning_assets_tests.content.sample_demo import sample_demo

PATTERN = EventPattern(
    table="orders",
    rows=8_000,
    amounts=AmountPattern("order_total", [(10.0, 20.0, 0.2), (20.0, 40.0, 0.5), (40.0, 900.0, 0.3)], 30.0, 270.0),
    entities=EntityPattern("customer_id", [("1", 0.4), ("2", 0.3), ("3", 0.3)]),
    calendar=CalendarPattern([1.0] * 12, [1.0] * 7, [1.0] * 24),
)


def sample_plan() -> DemoPlan:
    """The plan whose insights and questions the report speaks of."""
    return sample_demo().plan


def sample_model() -> DataModel:
    """The model that goes with it."""
    return sample_demo().model


def sample_tables() -> SyntheticTables:
    """Manifests without files."""
    tables = [TableManifest(name=table.name, rows=100, files=[]) for table in sample_model().tables]
    return SyntheticTables(seed=42, as_of=date(2026, 6, 30), tables=tables, rows=100 * len(tables), seconds=0.5)


def sample_report() -> DataQualityReport:
    """One rule, property, key and insight that hold, and one of each that does not."""

    def insight(id_: str, z: float | None, reason: str | None) -> InsightStrength:
        measured = z is not None
        return InsightStrength(
            insight_id=id_, headline=f"Headline of {id_}", figure=31.4 if measured else None, without=8.1,
            seasonal_baseline=8.0 if measured else None, spread=0.5 if measured else None, z=z,
            rank=1 if measured else None, groups=6, history=[7.9, 8.3, None, 8.0], passed=reason is None, reason=reason,
        )  # fmt: skip

    def realism(check: str, measured: float, passed: bool) -> RealismResult:
        return RealismResult(
            check=check, table="orders", column="customer_id", says=f"the {check} of customers", measured=measured,
            lowest=0.5, highest=0.85, real_sets="0.68 / 0.75", source="around two sets", rows=1_500, passed=passed,
        )  # fmt: skip

    return DataQualityReport(
        coherence=[
            CoherenceResult(kind="key_unique", table="orders", column="order_id", rule="no key is repeated", violations=0),
            CoherenceResult(kind="in_order", table="orders", column="shipped_at", rule="no order ships early", violations=3),
            CoherenceResult(
                kind="last_days_populated", table="orders", column="ordered_at", rule="the last days have rows", violations=0
            ),
        ],
        laws=[
            LawResult(id="no_late_return", says="Nobody returns after a year", violations=0),
            LawResult(
                id="no_sale_closed", says="No store sells on a day it is closed", violations=1_204,
                columns=["store", "ordered_at"], examples=[["Whitby", "2026-05-31T10:12:00"], ["Leeds", "2026-05-31T11:00:00"]],
            ),
            LawResult(id="no_lost_card", says="No lost card is used", error="The query failed: no column card"),
        ],
        relations=[
            RelationResult(
                id="gold_buys_more", says="Gold members buy more", figure=1.42, parts={"gold_total": 71.0, "other_total": -50.0},
                unit="times", lowest=1.2, highest=3, source="experience",
            ),
            RelationResult(
                id="far_takes_longer", says="What goes far takes longer", figure=0.98, unit="times", lowest=1.3, highest=3,
                source="maps of carriers",
            ),
            RelationResult(
                id="late_costs", says="Who is late pays more", unit="EUR", lowest=5, highest=20, source="experience",
                error="The query failed: no column fee",
            ),
        ],
        realism=[realism("top_fifth_share", 0.71, passed=True), realism("top_hundredth_share", 0.0214, passed=False)],
        insights=[
            insight("outdoor_returns", 46.8, None),
            insight("quiet_trade", None, "its question does not show the group"),
        ],
        unplanned=[
            UnplannedFinding(
                query_id="orders_by_store", group="Whitby", column="orders", figure=2_105.0, expected=1_961.0, z=-4.9,
                corrected_z=-3.6,
            )
        ],
        places_looked_at=1_284,
    )  # fmt: skip
