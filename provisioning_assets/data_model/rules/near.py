"""Rules about addresses and references near a place."""

from collections.abc import Iterator

from provisioning_assets.data_model.generators import Address, Near, Reference
from provisioning_assets.data_model.lineage import generator_as
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.rules.checked_column import NUMBERS, CheckedColumn, column_problems, columns_by_name

MOST_NEAR_ROWS = 500
"""Most rows of a table among which a reference chooses by distance: every row is compared with each of them."""


def near_address_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of the place that an address is near to."""
    generator = generator_as(checked.column, Address)
    for other in checked.others.values():
        theirs = other.generator
        if isinstance(theirs, Address) and theirs.of == generator.of and theirs.near != generator.near:
            yield Problem(
                checked.setting("near"),
                f"{checked.column.name} and {other.name} are parts of one address, but not near the same place.",
                "Give all columns of an address the same `near`.",
            )
            return
    if generator.near is not None:
        yield from _own_place_problems(checked, generator.near)


def near_reference_problems(checked: CheckedColumn) -> Iterator[Problem]:
    """Report problems of a reference that prefers near rows; its table exists."""
    generator = generator_as(checked.column, Reference)
    near, lineage = generator.near, checked.lineage
    if near is None:
        return
    yield from _own_place_problems(checked, near)
    theirs, whose = columns_by_name(lineage.tables[generator.table]), f"a column of {generator.table}"
    yield from column_problems(checked.setting("near", "their_latitude"), near.their_latitude, theirs, whose, NUMBERS)
    yield from column_problems(checked.setting("near", "their_longitude"), near.their_longitude, theirs, whose, NUMBERS)
    rows = expected_rows(lineage, generator.table)
    if rows > MOST_NEAR_ROWS:
        yield Problem(
            checked.setting("near"),
            f"{generator.table} has about {rows:,.0f} rows; a reference can choose by distance among {MOST_NEAR_ROWS} at most.",
            f"Give {generator.table} a `maximum` of {MOST_NEAR_ROWS} rows, or drop `near`.",
        )


def _own_place_problems(checked: CheckedColumn, near: Near) -> Iterator[Problem]:
    where: Place = checked.setting("near")
    yield from column_problems((*where, "latitude"), near.latitude, checked.others, checked.whose, NUMBERS)
    yield from column_problems((*where, "longitude"), near.longitude, checked.others, checked.whose, NUMBERS)
