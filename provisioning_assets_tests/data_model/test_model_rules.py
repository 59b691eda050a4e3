"""The rules together: all problems at once, in the document's order, and none of a good model."""

import re
from datetime import date

import pytest

from provisioning_assets.data_model.rules.model_rules import generation_problems, model_problems, table_count_problems
from provisioning_assets_tests.data_model import (
    test_case_values,
    test_effects,
    test_expressions,
    test_generators,
    test_histories,
    test_names_and_keys,
    test_populations,
    test_references,
)
from provisioning_assets_tests.data_model.broken_models import (
    history_problems,
    of_column,
    of_table,
    places,
    retail_problems,
    rows,
    setting,
)
from provisioning_assets_tests.synthesis.history_model import history_model
from provisioning_assets_tests.synthesis.retail_model import retail_model, with_effect

UNWANTED = re.compile(
    r"\bis no\b|\bmend\b|per_parent|per_period|\bscaled\b|polars|dtype|lineage|\bString\b|Int64|Float64|Boolean|<class|\bNone\b",
)
"""Words that say nothing to an author of a blueprint."""


@pytest.mark.parametrize("model", [retail_model(), history_model()], ids=["retail", "history"])
def test_a_good_model_has_no_problem(model) -> None:
    assert model_problems(model) == []
    assert table_count_problems(model) == []


def test_problems_of_every_kind_come_at_once_and_in_the_order_of_the_document() -> None:
    found = retail_problems(
        setting("returns.requested_at", base="sent_at"),
        rows("returns", where="lost"),
        of_table("orders", event_time="placed_at"),
        of_column("orders.is_cancelled", description="x"),
        setting("orders.channel", weights=[1.0]),
        setting("products.unit_cost", sql="price * 2"),
        effects=with_effect(table="orders", column="mood", factor=-1),
        history_days=100_000,
    )
    assert places(found) == [
        "history_days",
        "tables.products.columns.unit_cost.expression.sql",
        "tables.orders.event_time",
        "tables.orders.columns.channel.category.weights",
        "tables.orders.columns.is_cancelled.description",
        "tables.returns.rows.where",
        "tables.returns.columns.requested_at.after.base",
        "insights.planted.effects.0.factor",
        "insights.planted.effects.0.column",
    ]


def test_what_depends_on_a_wrong_name_is_not_reported_as_well() -> None:
    assert places(retail_problems(setting("orders.customer_id", table="people"))) == [
        "tables.orders.columns.customer_id.reference.table"
    ]
    assert places(retail_problems(rows("returns", parent="parcels"))) == ["tables.returns.rows.parent"]


def test_a_model_without_words_can_be_generated_but_not_asked_about() -> None:
    model = retail_model()
    model.tables[4].columns[6].synonyms.clear()
    model.tables[4].columns[6].description = ""
    assert places(model_problems(model)) == [
        "tables.returns.columns.reason.description",
        "tables.returns.columns.reason.synonyms",
    ]
    assert generation_problems(model) == []


def test_the_number_of_tables_of_a_demo() -> None:
    model = retail_model()
    few = model.model_copy(update={"tables": model.tables[:4]})
    many = model.model_copy(update={"tables": model.tables * 3})
    assert [places(table_count_problems(each)) for each in (few, model, many)] == [["tables"], [], ["tables"]]


def test_a_model_needs_rows_and_a_history_that_calendars_know() -> None:
    assert places(retail_problems(fact_rows=0)) == ["fact_rows"]
    assert places(retail_problems(as_of=date(1850, 1, 1))) == ["history_days"]


def test_every_problem_says_in_plain_words_what_is_wrong_and_what_to_do() -> None:
    found = []
    for module in (test_names_and_keys, test_expressions):
        found += [problem for change, _ in module.CASES.values() for problem in retail_problems(change)]
    for module in (test_populations, test_references, test_case_values):
        found += [problem for changes, _ in module.CASES.values() for problem in retail_problems(*changes)]
    found += [problem for change, _ in test_generators.RETAIL.values() for problem in retail_problems(change)]
    found += [problem for change, _ in test_histories.CASES.values() for problem in history_problems(change)]
    for effect, _ in test_effects.RETAIL.values():
        found += retail_problems(effects=with_effect(**effect))
    assert len(found) > 150
    for problem in found:
        assert re.fullmatch(r"(?s)\S.*\.", problem.message), problem
        assert re.fullmatch(r"(?s)[A-Z].*\.", problem.remedy), problem
        assert not UNWANTED.search(problem.words), problem
