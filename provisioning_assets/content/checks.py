"""Checks of the booklet and of the finished demo."""

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.atomic_files import read_whole
from provisioning_assets.content.assets import demo_booklet as demo_booklet_asset
from provisioning_assets.content.assets import demo_scorecard as demo_scorecard_asset
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.store import DemoStore


@demo_check(
    asset=demo_booklet_asset,
    blocking=True,
    description="The booklet is complete in one file: it requests nothing, and runs only its own script and style sheet.",
)
def booklet_is_self_contained(
    context: dg.AssetCheckExecutionContext, store: DemoStore, demo_booklet: DemoBooklet
) -> dg.AssetCheckResult:
    from provisioning_assets.content.self_containment import containment_problems

    html, errors = _read(store, context.partition_key, demo_booklet)
    errors = errors or containment_problems(html)
    return dg.AssetCheckResult(passed=not errors, metadata={"errors": errors, "bytes": len(html.encode())})


@demo_check(
    asset=demo_booklet_asset,
    additional_ins={"demo_plan": dg.AssetIn("demo_plan")},
    description="Every scene of the plan is in the booklet and has at least one question that passed.",
)
def booklet_tells_every_scene(
    context: dg.AssetCheckExecutionContext, store: DemoStore, demo_booklet: DemoBooklet, demo_plan: DemoPlan
) -> dg.AssetCheckResult:
    from provisioning_assets.content.script_coverage import missing_scenes

    html, errors = _read(store, context.partition_key, demo_booklet)
    errors = errors or missing_scenes(html, [scene.title for scene in demo_plan.scenes])
    return dg.AssetCheckResult(
        passed=not errors,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"errors": errors, "scenes": len(demo_plan.scenes)},
    )


@demo_check(
    asset=demo_scorecard_asset,
    description="Every figure of the scorecard reaches its bar.",
)
def demo_is_ready(demo_scorecard: DemoScorecard) -> dg.AssetCheckResult:
    missed = [figure.name for figure in demo_scorecard.figures if figure.passed is False]
    return dg.AssetCheckResult(
        passed=demo_scorecard.ready and not missed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"errors": demo_scorecard.reasons, "missed_their_bar": missed, "notices": demo_scorecard.notices},
    )


@demo_check(
    asset=demo_scorecard_asset,
    description="A person looked at the words that came from the customer's website (provision review).",
)
def words_are_confirmed(demo_scorecard: DemoScorecard) -> dg.AssetCheckResult:
    """Warn until a person has confirmed the present words, because one false word can ruin the demo."""
    by = demo_scorecard.words_confirmed_by
    return dg.AssetCheckResult(
        passed=by is not None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "customer_words": demo_scorecard.customer_words,
            "confirmed_by": by or "not confirmed",
            "errors": [] if by else [f"not yet looked at: provision review {demo_scorecard.key}"],
        },
    )


def _read(store: DemoStore, key: str, booklet: DemoBooklet) -> tuple[str, list[str]]:
    """Return the booklet's HTML and an empty list, or an empty text and the reasons why it could not be read."""
    path = store.folder(key) / booklet.path
    try:
        return read_whole(path).decode(), []
    except (OSError, UnicodeDecodeError) as error:
        return "", [f"{path} cannot be read: {error}. Materialize demo_booklet again."]
