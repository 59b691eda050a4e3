"""A table's own bounds of realism: written as an author writes them, and refused with what to do."""

import pytest
from pydantic import ValidationError

from provisioning_assets.data_model.generators import Reference
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.realism_bounds import RealismBounds
from provisioning_assets.data_model.rules.realism_bounds import realism_problems
from provisioning_assets.quality.realism_bars import EVERY_TABLE, KINDS
from provisioning_assets_tests.synthesis.retail_model import retail_model

BECAUSE = "every member pays one of three flat fees"


def test_bounds_are_read_as_they_are_written() -> None:
    own = RealismBounds.model_validate({"amount_tail": [1.2, 6], "one_time_share": [None, 0.4], "because": BECAUSE})
    assert own.bounds() == {"amount_tail": (1.2, 6), "one_time_share": (None, 0.4)}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (
            {"amount_tails": [1, 6], "because": BECAUSE},
            "'amount_tails' is not a realism check that can have a bound. Did you mean 'amount_tail'?",
        ),
        ({"growth": [0, 1], "because": BECAUSE}, "'growth' is not a realism check that can have a bound"),
        ({"amount_tail": [1, 6]}, "A table that sets bounds must give a reason"),
        ({"amount_tail": [1, 6], "because": "   "}, "A table that sets bounds must give a reason"),
        ({"amount_tail": [1, 6], "because": "flat"}, "at least 10 characters"),
        ({"because": BECAUSE}, "There is no bound"),
        ({"amount_tail": [6, 1], "because": BECAUSE}, "The lowest value 6 is above the highest 1"),
        ({"amount_tail": [None, None], "because": BECAUSE}, "open on both sides"),
    ],
)
def test_what_is_refused_says_what_to_do(written: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RealismBounds.model_validate(written)
    assert words in str(refused.value)


def test_every_check_that_may_have_its_own_bound_exists() -> None:
    measured = {check for kind in KINDS.values() for check in kind.bars} | set(EVERY_TABLE)
    assert set(RealismBounds.checks()) == measured - {"text_compression"}


def with_bounds(table: str, **bounds: object) -> DataModel:
    model = retail_model()
    tables = [
        each.model_copy(update={"realism": RealismBounds.model_validate({**bounds, "because": BECAUSE})})
        if each.name == table
        else each
        for each in model.tables
    ]
    return model.model_copy(update={"tables": tables})


def test_bounds_of_what_a_table_has_are_accepted() -> None:
    ok = with_bounds("orders", amount_tail=[1, 6], one_time_share=[0, 1], weekday_ratio=[1, 2], night_share=[0, 1])
    assert realism_problems(ok) == []
    assert realism_problems(with_bounds("products", price_endings=[0.5, 1], category_ratio=[1, 9])) == []


@pytest.mark.parametrize(
    ("table", "bounds", "words"),
    [
        ("customers", {"amount_tail": [1, 6]}, "the table has no stored amount. Name a stored column of numbers"),
        ("products", {"one_time_share": [0, 1]}, "the table has no stored rows that choose an entity"),
        ("products", {"weekday_ratio": [1, 2]}, "the table has no stored event time"),
        ("products", {"night_share": [0, 1]}, "the table has no stored DATETIME column"),
        ("orders", {"price_endings": [0, 1]}, "the table has no stored price"),
        ("orders", {"text_repeats": [0, 1]}, "the table has no stored column of free text"),
    ],
)
def test_a_bound_that_cannot_be_measured_is_a_problem(table: str, bounds: dict[str, object], words: str) -> None:
    (problem,) = realism_problems(with_bounds(table, **bounds))
    (check,) = bounds
    assert problem.place == ("tables", table, "realism", check)
    assert words in str(problem)


def test_the_entity_of_the_retail_orders_is_one_that_rows_choose() -> None:
    (orders,) = [table for table in retail_model().tables if table.name == "orders"]
    (entity,) = [column for column in orders.columns if column.name == orders.entity]
    assert isinstance(entity.generator, Reference)
