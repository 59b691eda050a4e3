"""Rules about contracts, moments, grids, cases and states. They only need valid tables and parents."""

from collections.abc import Iterator

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.during_problems import (
    effect_during_problems,
    period_during_problems,
    reference_during_problems,
)
from provisioning_assets.data_model.rules.moment_problems import moment_problems
from provisioning_assets.data_model.rules.number_problems import number_case_problems
from provisioning_assets.data_model.rules.renewal_problems import renewal_effect_problems, renewal_problems


def construct_problems(lineage: Lineage) -> Iterator[Problem]:
    """Report problems of a model whose tables, keys and parents are valid."""
    for table in lineage.model.tables:
        yield from period_during_problems(lineage, table)
        for column in table.columns:
            yield from reference_during_problems(lineage, table, column)
            yield from moment_problems(lineage, table, column)
            yield from renewal_problems(lineage, table, column)
            yield from number_case_problems(lineage, table, column)
    for effect in lineage.model.effects:
        yield from renewal_effect_problems(lineage, effect)
        yield from effect_during_problems(lineage, effect)
