"""Rules about descriptions and synonyms, which an agent uses to find a column besides its name."""

from collections.abc import Iterator

from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.checked_column import column_place
from provisioning_assets.data_model.tables import Table

SHORTEST_DESCRIPTION = 8
"""Smallest number of characters of a description, that of "The town". Shorter ones only repeat the column's name."""


def description_problems(table: Table) -> Iterator[Problem]:
    """Report what is missing in the descriptions and synonyms of a table's stored columns."""
    stored = [column for column in table.columns if not column.internal]
    first_with: dict[str, str] = {}
    for column in stored:
        if len(column.description) < SHORTEST_DESCRIPTION:
            yield Problem(
                column_place(table.name, column.name, "description"),
                f"The description '{column.description}' is too short to say what a value means.",
                f"Write {SHORTEST_DESCRIPTION} characters or more.",
            )
        if not column.synonyms:
            yield Problem(
                column_place(table.name, column.name, "synonyms"),
                "The column has no synonyms.",
                "Write at least one other name that people use for it, or write the column under `helpers`: it is not stored then.",
            )
        for synonym in column.synonyms:
            other = first_with.setdefault(synonym.casefold(), column.name)
            if other != column.name:
                yield Problem(
                    column_place(table.name, column.name, "synonyms"),
                    f"'{synonym}' is also a synonym of {other}, so a question with this word could mean either column.",
                    "Keep it for one of them.",
                )
