"""Why the agent showed a column that a question's query does not show."""

from datetime import date

import pytest

from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, CatalogTable
from provisioning_assets.agent.understanding.data_names import build_data_names
from provisioning_assets.agent.understanding.reading import read_question
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
        ("Riders by plan with ride length over 30", "minutes", "ride length > 30"),
        ("Number of riders by tariff", "riders_count", "riders"),
        ("Number of riders by tariff", "month", None),
    ],
)
def test_the_words_that_led_to_a_column_are_found(question: str, column: str, words: str | None) -> None:
    vocabulary = build_data_names(CATALOG, lambda _column, _most: [])
    reading = read_question(question, CATALOG, vocabulary, date(2026, 6, 30))
    assert words_behind(column, reading, CATALOG) == words
