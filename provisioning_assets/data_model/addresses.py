"""Which towns the addresses of a table can be in."""

from provisioning_assets.data_model.generators import Address
from provisioning_assets.data_model.tables import Table

CODED_PARTS = frozenset({"region", "postcode", "phone"})
"""Parts of an address that are not known of every town."""


def is_coded(table: Table, of: str) -> bool:
    """Whether one of the table's columns shows a part of the address ``of`` that is not known of every town."""
    return any(
        isinstance(column.generator, Address) and column.generator.of == of and column.generator.part in CODED_PARTS
        for column in table.columns
    )
