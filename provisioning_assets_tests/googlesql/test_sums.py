"""Which columns of a result can be added."""

import pytest

from provisioning_assets.googlesql.sums import summed_columns


@pytest.mark.parametrize(
    ("expression", "adds_up"),
    [
        ("SUM(amount)", True),
        ("COUNT(*)", True),
        ("COUNTIF(late)", True),
        ("ROUND(SUM(amount) / 1000, 1)", True),
        ("SUM(amount) - SUM(refund)", True),
        ("COALESCE(SUM(amount), 0)", True),
        ("ROUND(100 * SUM(amount) / SUM(SUM(amount)) OVER (PARTITION BY month), 1)", True),
        ("SAFE_DIVIDE(COUNT(*), SUM(COUNT(*)) OVER ())", True),
        ("AVG(amount)", False),
        ("MAX(amount)", False),
        ("APPROX_QUANTILES(amount, 2)[OFFSET(1)]", False),
        ("100 * SAFE_DIVIDE(COUNTIF(late), COUNT(*))", False),
        ("SUM(amount) / COUNT(*)", False),
        ("SUM(amount) * SUM(refund)", False),
        ("month", False),
        ("SUM(SUM(amount)) OVER (ORDER BY month)", False),
    ],
)
def test_sums_and_parts_of_a_whole_can_be_added_and_rates_and_means_cannot(expression: str, adds_up: bool) -> None:
    sql = f"SELECT month, region, {expression} AS figure FROM orders GROUP BY month, region"
    assert ("figure" in summed_columns(sql)) == adds_up


def test_sums_are_followed_through_subqueries_stars_and_unions() -> None:
    sql = """
    WITH monthly AS (SELECT month, region, SUM(total) AS revenue, AVG(total) AS basket FROM orders GROUP BY month, region),
    every AS (SELECT * FROM monthly UNION ALL SELECT month, region, revenue, basket FROM monthly)
    SELECT m.*, m.revenue AS turnover, other.revenue / m.revenue AS growth FROM every AS m JOIN monthly AS other USING (month)
    """
    assert summed_columns(sql) == {"revenue", "turnover"}
