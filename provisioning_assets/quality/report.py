"""Every measurement of a demo's tables in one report, with pictures of what was measured."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.coherence import coherence, recent_days
from provisioning_assets.quality.event_patterns import event_patterns
from provisioning_assets.quality.insight_strength import insight_strength
from provisioning_assets.quality.local_tables import local_tables
from provisioning_assets.quality.measuring_process import realism_beside
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.quality.report_page import Pictures, draw_insights, draw_patterns
from provisioning_assets.quality.trade_laws import trade_laws, trade_relations
from provisioning_assets.quality.unplanted_demo import Generate
from provisioning_assets.synthesis.models import SyntheticTables


def measure_quality(
    plan: DemoPlan,
    model: DataModel,
    tables: SyntheticTables,
    folder: UPath | Path,
    translate: Callable[[str, date], str],
    generate: Generate,
) -> tuple[DataQualityReport, Pictures]:
    """The report of the files under the customer's ``folder``, and its pictures.

    Realism is measured in another process at the same time.

    Args:
        plan: the questions and insights to be found in the data.
        model, tables, folder: what was modelled, and its files.
        translate: GoogleSQL and the date of its CURRENT_DATE() -> DuckDB's SQL.
        generate: generates the tables of a model under a local folder; needed for the demo without planted changes.

    Raises:
        ProvisioningError: the other process was killed; or, in an object store, a file is missing or is another one.
    """
    with local_tables(tables, folder) as local, realism_beside(model, tables, local) as beside:
        insights, unplanned, places = insight_strength(plan, model, tables, local, translate, generate)
        rules = [*coherence(model, tables, local), *recent_days(model, tables, local)]
        laws = trade_laws(model, tables, local, translate)
        relations = trade_relations(model, tables, local, translate)
        patterns = event_patterns(model, tables, local)
        before_and_after = draw_insights(insights)
        realism = beside.result()
    report = DataQualityReport(
        coherence=rules,
        laws=laws,
        relations=relations,
        realism=realism,
        insights=insights,
        unplanned=unplanned,
        places_looked_at=places,
    )
    return report, Pictures(before_and_after, draw_patterns(patterns, realism))
