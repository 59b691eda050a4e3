"""Why the agent showed a column that a question's query does not show."""

from datetime import date

import pytest

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, CatalogTable
from provisioning_assets.agent.understanding.grammar import readings
from provisioning_assets.agent.understanding.meaning import build_names
from provisioning_assets.agent.understanding.parts import read_parts
from provisioning_assets.authoring.agent_check import words_behind

RIDERS = CatalogTable(
    name="riders",
    project="p",
    dataset="d",
    columns=(
        CatalogColumn("riders", "rider_id", "INT64", role="key", primary_key=True),
        CatalogColumn("riders", "rider_name", "STRING", synonyms=("customer",)),
        CatalogColumn("riders", "plan", "STRING", synonyms=("tariff",)),
        CatalogColumn("riders", "has_helmet", "BOOL", synonyms=("own helmet",)),
        CatalogColumn("riders", "minutes", "INT64", synonyms=("ride length",), role="measure", aggregation="avg"),
    ),
)
CATALOG = Catalog(tables={"riders": RIDERS}, relationships=(), examples=(), terms=())


@pytest.mark.parametrize(
    ("question", "column", "words"),
    [
        ("Number of riders by tariff", "plan", "tariff"),
        ("Average ride length per plan", "average_minutes", "ride length"),
        ("Riders by plan with ride length over 30", "minutes", "ride length over 30"),
        ("Number of riders by tariff", "riders_count", "riders"),
        ("Number of riders by tariff", "month", None),
    ],
)
def test_the_words_that_led_to_a_column_are_found(question: str, column: str, words: str | None) -> None:
    names = build_names(CATALOG, lambda _column, _most: [])
    parts, unknown = read_parts(question, names, date(2026, 6, 30))
    assert not unknown
    assert words_behind(column, readings(parts, CATALOG)[0], CATALOG) == words
