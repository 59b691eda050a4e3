"""Figures of the business follow the size, and the check names those that stay."""

from typing import Any

import pytest

from provisioning_assets.authoring.growth import remarks_on_growth
from provisioning_assets.data_model.generators import Expression
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import parse_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets_tests.planning.conftest import FORMAT_PAGE
from provisioning_assets_tests.planning.trial_designs import with_column, written


@pytest.fixture(scope="module")
def example() -> Blueprint:
    """The documented example; its stations are as many at every size."""
    page = FORMAT_PAGE.read_text(encoding="utf-8")
    return parse_blueprint(page[page.index("```yaml\nid: ") + 8 : page.rindex("```")], "bike_rental.yaml")


def model(blueprint: Blueprint, size: str) -> DataModel:
    return sample_demo(blueprint, "US", size=size, seed="1", as_of="2026-06-30")[1]


def remarks(blueprint: Blueprint, size: str = "medium") -> list[str]:
    """The columns that are named, each as ``table.column``."""
    return [remark.split()[0] for remark in remarks_on_growth(model(blueprint, size), model(blueprint, "small"))]


def sql(found: DataModel, table: str, column: str) -> str:
    columns = next(each.columns for each in found.tables if each.name == table)
    generator = next(each.generator for each in columns if each.name == column)
    assert isinstance(generator, Expression)
    return generator.sql


@pytest.mark.parametrize(("size", "scale"), [("small", "1.0"), ("medium", "10.0"), ("large", "100.0")])
def test_scale_is_how_many_times_a_small_demo_it_is(example: Blueprint, size: str, scale: str) -> None:
    grown = with_column(example, "stations.capacity", expression="docks * {scale}")
    assert sql(model(grown, size), "stations", "capacity") == f"docks * {scale}"


def test_a_rule_may_name_the_scale_and_a_question_may_not(example: Blueprint) -> None:
    rules = {"full": {"says": "No station is full", "sql": "SELECT * FROM stations WHERE docks > 900 * {scale}"}}
    assert model(written(example, {"rules": rules}), "medium").rules[0].sql.endswith("900 * 10.0")
    asked = written(example, {"kpis.0.sql": "SELECT COUNT(*) * {scale} AS value FROM rentals"})
    with pytest.raises(ProvisioningError, match="scale"):
        model(asked, "small")


def test_figures_of_fixed_rows_that_stay_are_named(example: Blueprint) -> None:
    adds_up = written(example, {"tables.stations.columns.docks.aggregation": "sum"})
    assert remarks(adds_up) == ["stations.docks"]
    assert remarks(adds_up, "small") == []
    assert remarks(example) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"expression": "docks * 2"}, True),
        ({"expression": "docks * {scale}"}, False),
        ({"lognormal": {"median": 500, "sigma": 0.3}, "aggregation": "sum"}, True),
        ({"lognormal": {"median": 500, "sigma": 0.3, "times": "{scale}"}, "aggregation": "sum"}, False),
        ({"lognormal": {"median": 500, "sigma": 0.3}, "aggregation": "avg"}, False),
    ],
)
def test_a_figure_that_grows_or_does_not_add_up_is_not_named(
    example: Blueprint, settings: dict[str, Any], named: bool
) -> None:
    changed = with_column(example, "stations.spend", **({"role": "measure", "aggregation": "sum"} | settings))
    assert ("stations.spend" in remarks(changed)) is named


def test_a_table_whose_rows_grow_is_not_named(example: Blueprint) -> None:
    changed = with_column(example, "riders.visits", poisson={"mean": 3}, role="measure", aggregation="sum")
    assert "riders.visits" not in remarks(changed)
