"""Reads the short form of a roll-up: ``sum(order_items.line_total where quantity > 1)``, ``count(orders)``."""

import re

from provisioning_assets.data_model.problems import Place
from provisioning_assets.planning.blueprint_columns import BlueprintColumn, RollUpSettings
from provisioning_assets.planning.table_design.draft import DesignError

FORM = re.compile(
    r"(?P<function>sum|count|min|max|mean|first|last)\(\s*(?P<table>[a-z][a-z0-9_]*)"
    r"(?:\.(?P<column>[a-z][a-z0-9_.]*))?(?:\s+where\s+(?P<where>.+))?\s*\)",
    re.DOTALL,
)


def roll_up_of(column: BlueprintColumn, place: Place) -> RollUpSettings:
    """A column's roll-up in its long form.

    Raises:
        DesignError: the short form cannot be read.
    """
    written = column.rollup
    if isinstance(written, RollUpSettings):
        return written
    found = FORM.fullmatch((written or "").strip())
    if found is None:
        raise DesignError(
            place,
            f"'{written}' is not a roll-up.",
            "Write function(table.column) or count(table), with 'where condition' before the closing bracket if needed; "
            "functions: sum, count, min, max, mean, first, last.",
        )
    return RollUpSettings.model_validate(
        {name: value for name, value in found.groupdict().items() if value is not None}
    )
