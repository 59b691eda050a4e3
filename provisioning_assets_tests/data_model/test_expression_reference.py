"""docs/row-expressions.md agrees with the code."""

import re

import polars as pl
import pytest

from provisioning_assets.data_model.expression_parser import parsed
from provisioning_assets.data_model.expression_reference import fields_table, functions_table
from provisioning_assets.data_model.expression_tree import BINARY_LEVELS, CAST_NAMES
from provisioning_assets.data_model.expression_types import type_of
from provisioning_assets.data_model.expressions import evaluate
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.data_model.row_expressions import WORKED_WITH

PAGE = (PROJECT_FOLDER / "docs" / "row-expressions.md").read_text(encoding="utf-8")

RECIPE_COLUMNS: dict[str, GoogleSqlType] = {
    **dict.fromkeys(["invoiced_on", "started_on", "ended_on", "born_on", "signed_on", "due_on"], "DATE"),
    **dict.fromkeys(["called_at", "answered_at"], "DATETIME"),
    **dict.fromkeys(["terms", "n"], "INT64"),
    "waiting_days": "FLOAT64",
}


def _section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


RECIPES = re.findall(r"^\|[^|]*\| `([^`]+)` \|$", _section("Recipes for dates"), re.MULTILINE)


def test_the_tables_are_those_of_the_code() -> None:
    assert functions_table() in PAGE, f"put this into docs/row-expressions.md:\n{functions_table()}"
    assert fields_table() in PAGE, f"put this into docs/row-expressions.md:\n{fields_table()}"


def test_every_operator_and_type_is_on_the_page() -> None:
    operators = (
        _section("Operators, weakest first").replace("&#124;", "|").replace("<code>", "`").replace("</code>", "`")
    )
    assert [operator for operator in BINARY_LEVELS if f"`{operator}`" not in operators] == []
    assert [kind for kind, name in CAST_NAMES.items() if f"| {kind} | `{name}` |" not in _section("Types")] == []


def test_the_recipes_are_read_from_the_page() -> None:
    assert len(RECIPES) == _section("Recipes for dates").count("\n| ") - 1


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_can_be_computed(recipe: str) -> None:
    assert type_of(recipe, RECIPE_COLUMNS)
    frame = pl.DataFrame(schema={name: WORKED_WITH[kind] for name, kind in RECIPE_COLUMNS.items()})
    assert evaluate(recipe, frame).to_list() == []


def test_the_written_values_are_read_as_they_are_meant() -> None:
    for written in re.findall(r"^\| (`.+`)[^|]*\|", _section("Values"), re.MULTILINE):
        for sql in re.findall(r"`([^`]+)`", written):
            assert sql.startswith(("--", "/*")) or parsed(sql)
