"""Which unit the columns of a result have."""

import pytest
from sqlglot.errors import SqlglotError

from provisioning_assets.googlesql.units import units_of

UNITS = {
    "orders": {
        "total": "EUR",
        "shipping_fee": "EUR",
        "discount_pct": "percent",
        "weight": "kg",
        "wait": "minutes",
        "active": "days",
    },
    "targets": {"total": "USD"},
}


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        ("SUM(total)", "EUR"),
        ("ROUND(AVG(o.total), 2)", "EUR"),
        ("SUM(IF(weight > 3, total, 0))", "EUR"),
        ("SUM(CASE WHEN weight > 3 THEN total ELSE shipping_fee END)", "EUR"),
        ("COALESCE(MAX(total), 0)", "EUR"),
        ("SUM(total) - SUM(shipping_fee)", "EUR"),
        ("SUM(total * (1 - discount_pct / 100))", "EUR"),
        ("SAFE_DIVIDE(SUM(total), COUNT(DISTINCT customer_id))", "EUR"),
        ("SUM(total) / SUM(weight)", "EUR"),
        ("SUM(SUM(total)) OVER (ORDER BY customer_id)", "EUR"),
        ("APPROX_QUANTILES(total, 2)[OFFSET(1)]", "EUR"),
        ("SUM(weight)", "kg"),
        ("COUNT(total)", None),
        ("100 * SUM(shipping_fee) / SUM(total)", None),
        ("SAFE_DIVIDE(SUM(total) - SUM(shipping_fee), SUM(total))", None),
        ("SUM(total) + SUM(weight)", None),
        ("SUM(total * weight)", None),
        ("AVG(wait)", "minutes"),
        ("10 * SUM(wait)", "minutes"),
        ("SUM(wait) / 60", None),
        ("SAFE_DIVIDE(SUM(wait) / 60, COUNT(*))", None),
        ("ROUND(60 * SAFE_DIVIDE(SUM(wait), COUNT(*)), 1)", None),
        ("SUM(active) / COUNT(*)", "days"),
        ("SUM(active) / MAX(EXTRACT(DAY FROM LAST_DAY(ordered_on, MONTH)))", None),
        ("SUM(active) / DATE_DIFF(MAX(shipped_on), MIN(ordered_on), DAY)", None),
        ("AVG(DATE_DIFF(shipped_on, ordered_on, DAY))", "days"),
        ("EXTRACT(DAY FROM ordered_on)", None),
        ("7 * SUM(total)", "EUR"),
        ("SUM(weight * DATE_DIFF(shipped_on, ordered_on, DAY))", None),
        ("MAX(total) > 3", None),
        ("'EUR'", None),
    ],
)
def test_an_expression_has_the_unit_of_its_amounts(expression: str, unit: str | None):
    sql = f"SELECT customer_id, {expression} AS figure FROM orders AS o GROUP BY customer_id"
    assert units_of(sql, UNITS) == ({"figure": unit} if unit else {})


def test_units_are_followed_through_subqueries_stars_and_unions():
    sql = """
    WITH monthly AS (SELECT month, SUM(total) AS total, COUNT(*) AS orders FROM orders GROUP BY month),
    every AS (SELECT * FROM monthly UNION ALL SELECT * FROM monthly)
    SELECT e.month, e.total AS revenue, e.orders, part.*
    FROM every AS e JOIN (SELECT month, weight FROM orders) AS part USING (month)
    """
    assert units_of(sql, UNITS) == {"revenue": "EUR", "weight": "kg"}


def test_a_name_that_two_tables_have_takes_its_own_tables_unit():
    sql = "SELECT o.total AS reached, t.total AS aimed_at FROM orders AS o JOIN targets AS t ON t.month = o.month"
    assert units_of(sql, UNITS) == {"reached": "EUR", "aimed_at": "USD"}


def test_tables_may_be_named_with_project_and_dataset():
    assert units_of("SELECT SUM(total) AS revenue FROM `p`.`d`.`orders`", UNITS) == {"revenue": "EUR"}


def test_text_that_is_not_sql_is_an_error():
    with pytest.raises(SqlglotError):
        units_of("SELECT FROM WHERE", UNITS)
