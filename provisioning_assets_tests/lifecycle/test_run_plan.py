"""The plan of a run: what it makes, what it costs at most, and what it has cost."""

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from provisioning_assets.customers import build_request
from provisioning_assets.lifecycle.run_plan import Cost, Place, RunPlan, plan_run
from provisioning_assets.lifecycle.run_plan_text import print_run_plan
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.plan_cost import expected_usage
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.prices import price_of
from provisioning_assets.store import DemoStore
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset

KEY = "acme_com"
DATASET = DemoDataset(
    target="bigquery", dataset=f"demo_{KEY}", location=f"p.demo_{KEY}", as_of=date(2026, 6, 30), tables=[], bytes=2**30
)


def planned(
    store: DemoStore,
    *,
    region: str = "US",
    stages: list[str] | None = None,
    industry: str = "retail_ecommerce",
    claude: Cost | None = None,
    **other: object,
) -> RunPlan:
    plan, model = sample_demo(load_blueprint(industry), "US", as_of="2026-06-30")
    place = {"target": "gcp", "has_dataset": False, "agents": (), **other}
    metadata = {"bytes billed": 500 * 1024**2} if place.pop("ran", False) else {}
    return plan_run(
        store,
        build_request(KEY, {"ttl_days": 30}, today=date(2026, 6, 30)),
        Place(dataset=f"p.demo_{KEY}", agent="demo-acme-com", region=region, **place),  # pyright: ignore[reportArgumentType]
        stages=["demo_dataset", "data_agent"] if stages is None else stages,
        plan=plan,
        model=model,
        basis="a retail_ecommerce demo",
        budget_usd=0.01,
        metadata=metadata,
        claude=claude,
        claude_tokens=1_000 if claude else 0,
    )


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path))


def test_what_exists_is_replaced_or_left_and_what_does_not_is_made(store: DemoStore) -> None:
    assert [thing.action for thing in planned(store).things] == ["create", "create", "create"]
    there = {"has_dataset": True, "agents": ("projects/p/locations/global/dataAgents/demo-acme-com-2",)}
    again = planned(store, **there)
    assert [thing.action for thing in again.things[:2]] == ["replace", "update"]
    assert again.things[1].name.endswith("demo-acme-com-2")
    assert [thing.action for thing in planned(store, stages=[], **there).things] == ["leave", "leave", "leave"]


def test_each_table_that_a_query_reads_bills_ten_megabytes_or_more(store: DemoStore) -> None:
    found = planned(store)
    queries, storage, chats = found.costs
    price = price_of("bigquery_query", "US")
    assert price is not None
    least = price.of(10 * 1024**2 * (16 + found.questions))
    assert queries.planned_usd is not None
    assert least is not None
    assert queries.planned_usd >= least
    assert 0 < (storage.planned_usd or 0) < 0.01
    assert chats.planned_usd is None
    assert found.rows == sum(table.rows for table in found.tables) > 30_000
    assert not found.is_within_budget


def test_a_price_that_is_not_known_is_not_counted_as_nothing(store: DemoStore) -> None:
    found = planned(store, region="africa-south1")
    assert [cost.planned_usd for cost in found.costs] == [None, None, None]
    console = Console(record=True, width=120)
    print_run_plan(console, found)
    assert console.export_text().count("price not known") == 3


def test_what_the_last_run_cost_stands_beside(store: DemoStore) -> None:
    store.write(KEY, DATASET)
    store.write(KEY, SyntheticTables(seed=1, as_of=date(2026, 6, 30), tables=[], rows=36_000, seconds=1))
    found = planned(store, ran=True)
    queries, storage, _ = found.costs
    assert (found.actual_rows, found.actual_bytes) == (36_000, 2**30)
    assert queries.actual_usd == pytest.approx(6.25 * 500 / 1024**2)
    assert storage.actual_usd == pytest.approx(0.02)
    console = Console(record=True, width=120)
    print_run_plan(console, found)
    text = console.export_text()
    assert "golden queries: 0.52 GB billed" in text
    assert "ABOVE the budget" in text


def test_this_machine_costs_nothing(store: DemoStore) -> None:
    found = planned(store, target="local", region="")
    assert found.costs == []
    console = Console(record=True, width=120)
    print_run_plan(console, found)
    assert "costs nothing" in console.export_text()


def test_a_table_of_several_sources_has_the_rows_of_all_of_them(store: DemoStore) -> None:
    rows = {table.name: table.rows for table in planned(store, industry="fitness").tables}
    assert rows["check_ins"] > 1_000


def test_what_claude_costs_is_shown_on_this_machine_too(store: DemoStore) -> None:
    expected = expected_usage(10_000, 80_000)
    cost = Cost(
        what="Claude (claude-sonnet-5-5)", quantity="about 10 calls", planned_usd=expected.usd("claude-sonnet-5-5")
    )
    found = planned(store, target="local", claude=cost)
    assert found.tokens == 1_000
    assert 0.05 < found.known_usd < 1.0
    console = Console(record=True, width=120)
    print_run_plan(console, found)
    told = console.export_text()
    assert "Claude (claude-sonnet-5-5)" in told
    assert "No language model" not in told
    assert expected.usd("claude-none") is None
