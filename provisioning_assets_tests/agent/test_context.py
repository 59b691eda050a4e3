"""What the agent's context contains, and what it does not."""

from pathlib import Path
from typing import Any

from google.cloud import geminidataanalytics_v1 as gda

from provisioning_assets.agent.context import build_context, context_digest, left_out
from provisioning_assets.agent.local_server.context_limits import check_context
from provisioning_assets.agent.understanding.catalog import read_catalog
from provisioning_assets.planning.models import GlossaryTerm
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.agent import small_shop


def test_only_what_ran_and_returned_rows_is_verified_and_the_last_wording_is_held_back(context: Any) -> None:
    questions = [example.natural_language_question for example in context.example_queries]
    given = [(question.question, *question.paraphrases[:-1]) for question in small_shop.QUESTIONS[:3]]
    assert questions == [words for wordings in given for words in wordings]
    everything = gda.Context.to_json(context)
    assert not [question for question in small_shop.QUESTIONS if question.paraphrases[-1] in everything]


def test_tables_are_named_in_full_wherever_sql_names_them(context: Any) -> None:
    for example in context.example_queries:
        assert "`local`.`demo_small__shop_com`." in example.sql_query
    relationship = context.schema_relationships[0]
    prefix = "bigquery.googleapis.com/projects/local/datasets/demo_small__shop_com/tables/"
    assert relationship.left_schema_paths.table_fqn == f"{prefix}orders"
    assert relationship.right_schema_paths.table_fqn == f"{prefix}customers"


def test_roles_units_and_keys_travel_as_tags_and_come_back(context: Any) -> None:
    catalog = read_catalog(context)
    total = catalog.column("orders.order_total")
    assert (total.role, total.aggregation, total.unit) == ("measure", "sum", "EUR")
    assert catalog.tables["orders"].primary_key == ("order_id",)
    assert (catalog.tables["orders"].event_time, catalog.tables["orders"].amount) == ("ordered_at", "order_total")
    (path,) = catalog.paths("order_items", "stores")
    assert [r.references for r in path] == ["orders", "stores"]
    assert not catalog.reaches("stores", "orders")
    assert {term.name for term in catalog.terms} == {"Revenue", "Order value", "Average rating"}


def test_internal_columns_are_not_in_the_context(store: Path) -> None:
    model = small_shop.data_model()
    model.tables[0].columns[1].internal = True
    dataset = DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    built = build_context(small_shop.demo_plan(), model, small_shop.golden_queries(store), dataset, "local")
    fields = built.datasource_references.bq.table_references[0].schema.fields
    assert "store_name" not in [field.name for field in fields]


def test_the_same_inputs_have_the_same_digest(store: Path, context: Any) -> None:
    dataset = DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    golden = small_shop.golden_queries(store)
    again = build_context(small_shop.demo_plan(), small_shop.data_model(), golden, dataset, "local")
    assert context_digest(again) == context_digest(context)
    other = build_context(small_shop.demo_plan(), small_shop.data_model(), golden, dataset, "another")
    assert context_digest(other) != context_digest(context)


def test_long_texts_are_cut_to_what_the_api_takes(store: Path) -> None:
    plan = small_shop.demo_plan()
    plan.agent.rules = ["ü" * 200_000]
    plan.glossary = [GlossaryTerm(term="ß" * 300, definition="€" * 3_000)]
    golden = small_shop.golden_queries(store)
    golden.queries[0].question = "?" * 2_001
    golden.queries[1].paraphrases[0] = "?" * 2_001
    dataset = DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    built = build_context(plan, small_shop.data_model(), golden, dataset, "local")
    check_context(built, "published_context")
    assert len(built.system_instruction.encode()) <= 250_000
    given = [len(query.known_wordings) for query in golden.queries[1:3]]
    assert len(built.example_queries) == 2 + sum(given) - 1
    lines = left_out(plan, golden)
    assert [line for line in lines if "instruction is cut" in line]
    assert [line for line in lines if "term" in line]
    assert [line for line in lines if golden.queries[0].id in line]
    assert [line for line in lines if f"wording of {golden.queries[1].id}" in line]
    assert left_out(small_shop.demo_plan(), small_shop.golden_queries(store)) == []


def test_instructions_hold_persona_rules_and_default_filters(context: Any) -> None:
    assert context.system_instruction == (
        "You are the analyst of the shop.\n\nRules:\n- Amounts are in euros.\n\n"
        "Unless the question says otherwise:\n- Nothing is left out."
    )
