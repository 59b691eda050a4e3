"""Bytes and cost of the golden queries."""

from datetime import date

import pytest

from provisioning_assets.golden.query_costs import BytesCounted
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.prices import price_of, read_prices

TIB = 1024**4


def result(processed: int | None, billed: int | None) -> QueryResult:
    return QueryResult(columns=[], rows=[], row_count=0, seconds=0.0, bytes_processed=processed, bytes_billed=billed)


def test_bytes_of_all_queries_are_added_up_and_priced() -> None:
    answers = iter([result(100, TIB), result(0, 0), result(50, TIB // 2)])
    counted = BytesCounted(lambda _: next(answers))
    for sql in ("a", "b", "c"):
        counted(sql)
    metadata = counted.metadata("us")
    assert (metadata["bytes processed"], metadata["bytes billed"]) == (150, TIB + TIB // 2)
    assert str(metadata["cost"]).startswith("9.3750 USD at most")


def test_a_region_without_a_price_has_an_unknown_cost_not_none() -> None:
    counted = BytesCounted(lambda _: result(1, TIB))
    counted("a")
    assert counted.metadata("europe-west3")["cost"] == "unknown: no price is known for europe-west3"


def test_a_warehouse_that_does_not_bill_has_no_cost() -> None:
    counted = BytesCounted(lambda _: result(None, None))
    counted("a")
    assert counted.metadata("") == {}


def test_every_price_has_a_source_and_a_day() -> None:
    prices = read_prices()
    assert len({(price.id, price.region, price.above_prompt_tokens) for price in prices}) == len(prices)
    assert all(date(2026, 1, 1) <= price.date for price in prices)


@pytest.mark.parametrize(("name", "known"), [("bigquery_query", True), ("conversational_analytics_chat", False)])
def test_an_unknown_price_is_null_and_not_zero(name: str, known: bool) -> None:
    price = price_of(name, "US")
    assert price is not None
    assert (price.amount is not None) is known
    assert price_of("no_such_price", "US") is None


def test_the_price_of_bytes() -> None:
    storage = price_of("bigquery_storage", "US")
    assert storage is not None
    assert storage.of(3 * 1024**3) == pytest.approx(0.06)
    unknown = storage.model_copy(update={"amount": None})
    assert unknown.of(1024**3) is None
