"""Are the tables coherent, recent and lifelike, and do the planted insights - and nothing else - stand out?"""

from collections.abc import Sequence

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.quality.assets import data_quality_report as report_asset
from provisioning_assets.quality.models import CoherenceResult, DataQualityReport, LawResult
from provisioning_assets.quality_bars import LEAST_INSIGHT_Z, MOST_UNPLANNED_Z


@demo_check(
    asset=report_asset,
    blocking=True,
    description=(
        "Keys are unique, references resolve, totals equal their lines, nothing happens before its cause or after the "
        "as-of date, and no row breaks one of the trade's own laws: each is counted in the files, and must hold without exception."
    ),
)
def tables_are_coherent(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """Whoever joins two tables would find the fault."""
    return _counted(
        [rule for rule in data_quality_report.coherence if rule.kind != "last_days_populated"], data_quality_report.laws
    )


@demo_check(
    asset=report_asset,
    blocking=True,
    description=(
        "Figures of the finished files relate as they do in the trade: each relation that the blueprint states lies in its "
        "range. A relation that could not be measured does not hold."
    ),
)
def relations_hold(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """Whoever knows the trade looks at how things go together, and not at single columns."""
    from provisioning_assets.quality.report_text import relations_markdown

    relations, broken = data_quality_report.relations, data_quality_report.broken_relations()
    remedy = (
        "Change how the tables are generated, or the range if it is wrong; another --seed helps only against chance."
    )
    return dg.AssetCheckResult(
        passed=not broken,
        metadata={
            "relations": len(relations),
            "broken": len(broken),
            "errors": [f"{relation.failure().rstrip('.')}. {remedy}" for relation in broken],
            **({"measured": dg.MetadataValue.md(relations_markdown(relations))} if relations else {}),
        },
    )


@demo_check(
    asset=report_asset,
    blocking=True,
    description="The last days up to the as-of date have events: a question about last week has an answer.",
)
def recent_days_populated(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """With stale data, every question about "last month" has an empty answer."""
    return _counted([rule for rule in data_quality_report.coherence if rule.kind == "last_days_populated"])


@demo_check(
    asset=report_asset,
    description=(
        "Concentration, tails, seasons, hours, categories, texts and prices lie within the bounds of real data sets, "
        "wherever the business has such a thing."
    ),
)
def data_are_lifelike(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """A person who knows the business sees at once when all customers buy alike."""
    from provisioning_assets.quality.report_text import realism_failure, realism_markdown

    unlike = data_quality_report.unlike_real_data()
    return dg.AssetCheckResult(
        passed=not unlike,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": len(data_quality_report.realism_checks()),
            "errors": [realism_failure(result) for result in unlike],
            "measured": dg.MetadataValue.md(realism_markdown(data_quality_report.realism)),
        },
    )


@demo_check(
    asset=report_asset,
    description=(
        f"Each planted insight lies at least {LEAST_INSIGHT_Z:g} standard deviations from its question's own history "
        "without it, and comes first on drill-down."
    ),
)
def insights_stand_out(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """A finding that chance could have produced does not persuade."""
    from provisioning_assets.quality.report_text import insights_markdown

    weak = data_quality_report.weak_insights()
    return dg.AssetCheckResult(
        passed=not weak,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "insights": len(data_quality_report.insights),
            "weakest z": data_quality_report.weakest_z(),
            "errors": [f"{insight.insight_id}: {insight.reason}" for insight in weak],
            "measured": dg.MetadataValue.md(insights_markdown(data_quality_report.insights)),
        },
    )


@demo_check(
    asset=report_asset,
    description=(
        f"No figure that was not planted lies more than {MOST_UNPLANNED_Z:g} standard deviations from its own history, "
        "allowing for the number of figures that were searched, or stands out more than a planted insight."
    ),
)
def nothing_unplanned_stands_out(data_quality_report: DataQualityReport) -> dg.AssetCheckResult:
    """A visitor who explores would find it and ask for an explanation that does not exist."""
    from provisioning_assets.quality.insight_strength import unplanned_problems
    from provisioning_assets.quality.report_text import unplanned_markdown

    errors = unplanned_problems(data_quality_report.insights, data_quality_report.unplanned)
    return dg.AssetCheckResult(
        passed=not errors,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "figures searched": data_quality_report.places_looked_at,
            "strongest corrected z": data_quality_report.strongest_unplanned_z(),
            "errors": errors,
            "found": dg.MetadataValue.md(unplanned_markdown(data_quality_report.unplanned)),
        },
    )


def _counted(results: Sequence[CoherenceResult], laws: Sequence[LawResult] = ()) -> dg.AssetCheckResult:
    from provisioning_assets.quality.report_text import coherence_markdown, laws_markdown

    broken, broken_laws = [result for result in results if result.violations], [law for law in laws if not law.holds()]
    return dg.AssetCheckResult(
        passed=not broken and not broken_laws,
        metadata={
            "rules": len(results) + len(laws),
            "broken": len(broken) + len(broken_laws),
            "errors": [
                *(
                    f"{result.table}.{result.column}: {result.rule} (broken {result.violations:,} times)"
                    for result in broken
                ),
                *(law.failure() for law in broken_laws),
            ],
            "counted": dg.MetadataValue.md(coherence_markdown(results)),
            **({"the trade's own laws": dg.MetadataValue.md(laws_markdown(laws))} if laws else {}),
        },
    )
