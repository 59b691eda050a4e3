"""Google's own front end accepts every case of ``test_googlesql``, and its reference engine computes the same values."""

import re

import pytest

from provisioning_assets.googlesql.portability import schema_of
from provisioning_assets_tests.googlesql.test_portability import PORTABLE
from provisioning_assets_tests.googlesql.test_statements import QUERIES, VALUES
from provisioning_assets_tests.googlesql_analyzer import front_end, reference_values
from provisioning_assets_tests.warehouse.retail_dataset import retail_model

# Functions that BigQuery has and the open-source analyzer does not know.
BIGQUERY_ONLY = re.compile(
    r"CONTAINS_SUBSTR|APPROX_QUANTILES|APPROX_COUNT_DISTINCT|CORR|COVAR_|STDDEV|VAR_|VARIANCE|MAX_BY"
)


@pytest.mark.slow
def test_the_front_end_takes_every_case() -> None:
    refusal = front_end(schema_of(retail_model().tables))
    statements = [f"SELECT {expressions}" for expressions, _ in VALUES] + [sql for sql, _ in QUERIES] + PORTABLE
    refused = {sql: refusal(sql) for sql in statements if not BIGQUERY_ONLY.search(sql)}
    assert {sql: reason for sql, reason in refused.items() if reason} == {}


@pytest.mark.slow
def test_the_reference_implementation_computes_the_same_values() -> None:
    different = []
    for expressions, expected in VALUES:
        if "CURRENT_" in expressions or BIGQUERY_ONLY.search(expressions):
            continue
        found = [
            float(value) if isinstance(wanted, float) and isinstance(value, str) else value  # NUMERIC is text in JSON
            for value, wanted in zip(reference_values(expressions), expected, strict=True)
        ]
        if found != pytest.approx(expected):
            different.append((expressions, found, expected))
    assert different == []


@pytest.mark.slow
def test_the_judge_refuses_what_bigquery_refuses() -> None:
    refusal = front_end(schema_of(retail_model().tables))
    for sql in (
        "SELECT nothing FROM orders",
        "SELECT SUM(total) AS s, s / 2 AS h FROM orders",
        "SELECT status, COUNT(*) FROM orders",
        "SELECT MEDIAN(total) FROM orders",
        "SELECT status FROM orders QUALIFY ROW_NUMBER() OVER (ORDER BY total) = 1",
    ):
        assert refusal(sql)
