"""Generates and measures the tables of one seed. Each function runs in this process or in a separate one."""

import tempfile
from datetime import date
from functools import cache
from pathlib import Path

from provisioning_assets.authoring.models import SeedCheck, StrengthCheck
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.coherence import coherence, recent_days
from provisioning_assets.quality.insight_spread import seed_figures
from provisioning_assets.quality.insight_strength import insight_strength
from provisioning_assets.quality.realism import realism
from provisioning_assets.quality.trade_laws import trade_laws, trade_relations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables


def check_seed(plan: DemoPlan, model: DataModel) -> SeedCheck:
    """Generate the tables of a model into a temporary folder, and measure them.

    Raises:
        ProvisioningError: the model cannot be generated.
    """
    with tempfile.TemporaryDirectory(prefix="blueprint-check-") as folder:
        return measure_tables(plan, model, synthesise(model, Path(folder)), Path(folder))


def measure_tables(plan: DemoPlan, model: DataModel, tables: SyntheticTables, folder: Path) -> SeedCheck:
    """Measure tables that are already generated: rules, laws and relations, realism, and the insights' figures."""
    return SeedCheck(
        seed=model.seed,
        rows=tables.rows,
        coherence=[*coherence(model, tables, folder), *recent_days(model, tables, folder)],
        laws=trade_laws(model, tables, folder, _translate),
        relations=trade_relations(model, tables, folder, _translate),
        realism=realism(model, tables, folder),
        figures=seed_figures(plan, model, tables, folder, _translate, synthesise),
    )


def measure_strength(plan: DemoPlan, model: DataModel, tables: SyntheticTables, folder: Path) -> StrengthCheck:
    """Measure how clearly each insight differs from its own past, in tables that are already generated."""
    insights, unplanned, places = insight_strength(plan, model, tables, folder, _translate, synthesise)
    return StrengthCheck(insights=insights, unplanned=unplanned, places=places)


@cache
def _translate(sql: str, day: date) -> str:
    """Translate a query into DuckDB's SQL. Cached: all seeds use the same queries, and a translation takes about 50 ms."""
    return to_duckdb(sql, as_of=day)
