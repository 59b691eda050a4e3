"""Tables as they were on an earlier day: without later events, and on the last day exactly as generated."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioning_assets.data_model.generators import After, Expression, LeftAt
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.sources import parts_of
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.quality.as_it_stood import AsItStood, as_it_stood, observable
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.planning.conftest import planned, profile

EARLIER = 100
"""Days before the as-of date of the earlier day that is looked at."""

A_ROUNDING = 1.01
"""Steps of the last decimal by which two engines may differ: one rounds the same half up, the other down."""


class Stood:
    """A blueprint's tables and the engine that sets them to a day."""

    def __init__(self, industry: str, folder: Path) -> None:
        _, model = planned(profile(industry=industry))
        self.model: DataModel = observable(model)
        self.tables = synthesise(self.model, folder)
        self.folder = folder
        self.day: date = self.model.as_of - timedelta(days=EARLIER)


@pytest.fixture(scope="module", params=blueprint_ids())
def stood(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stood:
    return Stood(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsItStood]:
    built = Stood("retail_ecommerce", tmp_path_factory.mktemp("retail"))
    with as_it_stood(built.model, built.tables, built.folder) as engine:
        engine.set_day(built.day)
        yield engine


def one(engine: AsItStood, sql: str) -> Any:
    row = engine.connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_on_the_as_of_date_the_tables_are_what_was_generated(stood: Stood):
    with as_it_stood(stood.model, stood.tables, stood.folder) as engine:
        engine.set_day(stood.model.as_of)
        for table in stood.model.tables:
            rows = one(engine, f'SELECT count(*) FROM "{table.name}"')
            assert rows == next(made.rows for made in stood.tables.tables if made.name == table.name)
            key = " AND ".join(f'a."{name}" = b."{name}"' for name in table.primary_key)
            for column in table.columns:
                differs = f'a."{column.name}" IS DISTINCT FROM b."{column.name}"'
                if column.type in ("FLOAT64", "NUMERIC"):
                    decimals = column.generator.decimals if isinstance(column.generator, Expression) else None
                    step = A_ROUNDING * 10.0 ** -(2 if decimals is None else decimals)
                    differs += f' AND abs(a."{column.name}" - b."{column.name}") > {step}'
                stored = " UNION ALL BY NAME ".join(f'FROM stored."{part.name}"' for part in parts_of(table))
                pairs = f'"{table.name}" a JOIN ({stored}) b ON {key}'
                differing = one(engine, f"SELECT count(*) FROM {pairs} WHERE {differs}")
                assert differing == 0, (table.name, column.name)


def test_on_an_earlier_day_nothing_later_has_happened(stood: Stood):
    with as_it_stood(stood.model, stood.tables, stood.folder) as engine:
        engine.set_day(stood.day)
        for table in stood.model.tables:
            assert one(engine, f'SELECT count(*) FROM "{table.name}"') > 0
            moments = {column.name for column in table.columns if isinstance(column.generator, After | LeftAt)}
            for name in moments | ({table.event_time} if table.event_time else set()):
                latest = one(engine, f'SELECT max(CAST("{name}" AS DATE)) FROM "{table.name}"')
                assert latest is None or latest <= stood.day, (table.name, name)
            for key in table.foreign_keys:
                orphans = (
                    f'SELECT count(*) FROM "{table.name}" t WHERE t."{key.columns[0]}" IS NOT NULL AND NOT EXISTS '
                    f'(SELECT 1 FROM "{key.references_table}" o WHERE o."{key.references_columns[0]}" = t."{key.columns[0]}")'
                )
                assert one(engine, orphans) == 0, (table.name, key.columns)


def test_exactly_the_orders_placed_by_then_are_there_with_all_their_lines(retail: AsItStood):
    day = one(retail, "SELECT CAST(getvariable('as_it_stood_on') AS DATE)")
    placed = f"CAST(ordered_at AS DATE) <= DATE '{day}'"
    assert one(retail, "SELECT count(*) FROM orders") == one(
        retail, f"SELECT count(*) FROM stored.orders WHERE {placed}"
    )
    lines = (
        f"SELECT count(*) FROM stored.order_items WHERE order_id IN (SELECT order_id FROM stored.orders WHERE {placed})"
    )
    assert one(retail, "SELECT count(*) FROM order_items") == one(retail, lines)


def test_what_was_under_way_is_open_again(retail: AsItStood):
    """Orders that were delivered since were then on their way, and say so."""
    reopened = (
        "SELECT {} FROM orders o JOIN stored.orders later USING (order_id) "
        "WHERE later.delivered_at IS NOT NULL AND o.delivered_at IS NULL"
    )
    assert one(retail, reopened.format("count(*)")) > 0
    assert one(retail, reopened.format("count(*) FILTER (o.order_status NOT IN ('shipped', 'processing'))")) == 0


def test_returns_that_were_asked_for_later_are_absent(retail: AsItStood):
    day = one(retail, "SELECT CAST(getvariable('as_it_stood_on') AS DATE)")
    then = f"SELECT count(*) FROM stored.returns WHERE CAST(requested_at AS DATE) <= DATE '{day}'"
    assert 0 < one(retail, "SELECT count(*) FROM returns") == one(retail, then)


def test_a_membership_that_ended_since_was_the_current_one(retail: AsItStood):
    tiers = "SELECT customer_id, tier FROM loyalty_memberships WHERE is_current"
    assert one(retail, f"SELECT count(*) - count(DISTINCT customer_id) FROM ({tiers})") == 0
    differ = f"SELECT count(*) FROM customers c JOIN ({tiers}) t USING (customer_id) WHERE c.loyalty_tier <> t.tier"
    assert one(retail, differ) == 0
    changed = "SELECT count(*) FROM customers c JOIN stored.customers s USING (customer_id) WHERE c.loyalty_tier <> s.loyalty_tier"
    assert one(retail, changed) > 0


def test_only_what_a_query_mentions_is_made(tmp_path: Path):
    built = Stood("general_business", tmp_path)
    with as_it_stood(built.model, built.tables, tmp_path, {"jobs", "job_id", "job_status"}) as engine:
        engine.set_day(built.day)
        tables = engine.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
        assert tables == [("jobs",)]
        columns = engine.connection.execute("DESCRIBE jobs").fetchall()
        assert {column[0] for column in columns} == {"job_id", "job_status"}
